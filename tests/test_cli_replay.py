"""`seccstack replay`, as people and scripts see it."""

import json
import os
import re
from functools import partial
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from seccstack.capture import trace
from seccstack.capture.sessions import Session, sessions_of
from seccstack.cli_jobs import jobs_for
from seccstack.cli_replay import replay
from seccstack.cli_telling import Wanted, tell
from seccstack.v2gtp import EXI, encode
from tests.capture.files import enhanced, interface, pcap, section
from tests.capture.scene import STOP, STOPPED, Scene, choice, exi, offer
from tests.tls.oracle import speak

ONE = "02AA00000001"


@pytest.fixture
def invoke():
    app = typer.Typer()
    app.command()(replay)
    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def capture(tmp_path):
    scene = Scene()
    for _ in range(2):
        scene.match()
        scene.discover()
        scene.connect().set_up().exchange(STOP, STOPPED)
    path = tmp_path / "two.pcap"
    path.write_bytes(pcap([packet.octets for packet in scene.packets]))
    return path


@pytest.fixture
def empty(tmp_path):
    path = tmp_path / "empty.pcap"
    path.write_bytes(pcap([bytes(60)]) + b"\xff" * 16)
    return path


def test_json_is_one_object_per_session(invoke, capture):
    result = invoke(capture, "--json")
    assert result.exit_code == 0
    sessions = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(Path(s["source"]).name, s["protocol"], len(s["messages"])) for s in sessions] == [
        ("two.pcap", "iso2", 6),
        ("two.pcap", "iso2", 6),
    ]


def test_people_get_a_timeline(invoke, capture):
    result = invoke(capture)
    assert result.exit_code == 0
    assert f"vehicle {ONE}, iso2, and all that it says of itself agrees" in result.stdout
    assert "SessionStop: Terminate" in result.stdout
    assert result.stdout.count("ended: the vehicle stopped the session") == 2


def test_what_is_no_capture_is_named_and_the_others_are_read(invoke, capture, tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("hello")
    result = invoke(other, tmp_path / "absent", tmp_path, capture, "--json")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 2
    assert result.stderr.splitlines() == [
        f"seccstack: {other}: neither pcap nor pcapng: it begins with 68 65 6C 6C",
        f"seccstack: {tmp_path / 'absent'}: No such file or directory",
        f"seccstack: {tmp_path}: Is a directory",
    ]


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_capture_without_a_vehicle_says_what_it_has(invoke, empty, options):
    result = invoke(empty, *options)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == (
        f"seccstack: {empty}: no vehicle in it, in 1 packets; "
        "16 octets at 100 to the end are damaged\n"
    )


@pytest.mark.parametrize("arguments", [(), ("x", "--keylog", "y"), ("x", "--htm", "y")])
def test_wrong_usage_is_exit_code_2(invoke, arguments):
    assert invoke(*arguments).exit_code == 2


def test_claims_that_disagree_are_told_first(invoke, tmp_path):
    scene = Scene()
    scene.match()
    scene.connect(ev=bytes.fromhex("02DD00000001")).set_up()
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap([packet.octets for packet in scene.packets]))
    assert "the vehicle goes by different MAC addresses" in invoke(path).stdout


def test_a_vehicle_without_a_name_is_unknown(invoke, tmp_path):
    scene = Scene()
    scene.connect(opened=False).say("ev", b"\x80\xff\xff")
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap([packet.octets for packet in scene.packets]))
    assert "vehicle unknown, no protocol" in invoke(path).stdout


def test_a_page_is_written_instead_of_the_timeline(invoke, capture, tmp_path):
    result = invoke(capture, "--html", tmp_path / "page.html")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert (tmp_path / "page.html").read_text("utf-8").startswith("<!doctype html>")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.html", "two.pcap"]


def test_a_page_is_written_beside_the_json(invoke, capture, tmp_path):
    result = invoke(capture, "--html", tmp_path / "page.html", "--json")
    assert len(result.stdout.splitlines()) == 2
    assert (tmp_path / "page.html").is_file()


def test_a_page_that_cannot_be_written_is_named(invoke, capture, tmp_path):
    result = invoke(capture, "--html", tmp_path / "absent" / "page.html")
    assert (result.exit_code, result.stderr) == (
        1,
        f"seccstack: --html {tmp_path / 'absent' / 'page.html'}: No such file or directory\n",
    )


def test_a_folder_is_not_replaced_by_a_page(invoke, capture, tmp_path):
    result = invoke(capture, "--html", tmp_path)
    assert (result.exit_code, result.stderr) == (
        1,
        f"seccstack: --html {tmp_path}: Is a directory\n",
    )


def test_a_page_replaces_the_file_that_a_link_names(invoke, capture, tmp_path):
    target, link = tmp_path / "page.html", tmp_path / "link.html"
    link.symlink_to(target)
    target.write_text("old")
    assert invoke(capture, "--html", link).exit_code == 0
    assert link.is_symlink()
    assert target.read_text("utf-8").startswith("<!doctype html>")


def test_no_page_is_written_of_what_cannot_be_read(invoke, tmp_path):
    assert invoke(tmp_path / "absent", "--html", tmp_path / "page.html").exit_code == 1
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def spoken():
    said = [("client", encode(EXI, exi(offer()))), ("server", encode(EXI, exi(choice())))]
    return speak("ECDHE-ECDSA-AES128-SHA256", said=said)


@pytest.fixture
def sealed(tmp_path, spoken):
    scene = Scene()
    talk = scene.connect()
    for who, octets in spoken.sent:
        talk.send({"client": "ev", "server": "evse"}[who], octets)
    path = tmp_path / "sealed.pcap"
    path.write_bytes(pcap([packet.octets for packet in scene.packets]))
    return path


def key_log(path, lines):
    path.write_bytes(lines)
    return "--keylog", path


def test_a_key_log_opens_tls(invoke, sealed, spoken, tmp_path):
    first = key_log(tmp_path / "1.log", b"CLIENT_RANDOM " + b"00" * 32 + b" " + b"00" * 48)
    second = key_log(tmp_path / "2.log", spoken.key_log)
    result = invoke(sealed, *first, *second, *second, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert len(json.loads(result.stdout)["messages"]) == 2
    assert "supportedAppProtocol: urn:iso" in invoke(sealed, *second).stdout


def test_without_a_key_log_it_says_that_one_is_needed(invoke, sealed):
    assert "can't be read: no key log (--keylog) has its secrets" in invoke(sealed).stdout


def test_a_line_that_can_not_be_read_is_named_and_the_others_are_used(
    invoke, sealed, spoken, tmp_path
):
    log = key_log(tmp_path / "a.log", spoken.key_log + b"CLIENT_RANDOM 12")
    result = invoke(sealed, *log)
    assert result.exit_code == 0
    assert f"--keylog {tmp_path / 'a.log'}: line 2: CLIENT_RANDOM needs" in result.stderr
    assert "supportedAppProtocol: urn:iso" in result.stdout


@pytest.mark.parametrize("lines", [b"", b"# nothing", b"\x7fELF" + bytes(range(256))])
def test_what_is_no_key_log_is_wrong_usage(invoke, sealed, tmp_path, lines):
    result = invoke(sealed, *key_log(tmp_path / "a.log", lines))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no TLS secret in it; its lines must be like" in result.stderr


def test_a_key_log_that_is_not_there_is_wrong_usage(invoke, sealed, tmp_path):
    result = invoke(sealed, "--keylog", tmp_path / "absent")
    assert result.exit_code == 2
    assert result.stderr.endswith("absent: No such file or directory\n")


@pytest.mark.parametrize("how", [["--json"], []])
def test_several_processes_say_the_same_as_one(invoke, capture, empty, how):
    alone, shared = (
        invoke(capture, empty, capture, *how, "--jobs", jobs) for jobs in ("1", "2")
    )
    assert (shared.stdout, shared.stderr) == (alone.stdout, alone.stderr)
    assert alone.stdout.count("02AA00000001") >= 4


def test_a_page_is_drawn_by_several_processes_too(invoke, capture, empty, tmp_path):
    pages = [tmp_path / "one.html", tmp_path / "two.html"]
    for jobs, page in enumerate(pages, 1):
        assert invoke(capture, empty, "--html", page, "--jobs", jobs).exit_code == 0
    assert pages[0].read_text() == pages[1].read_text()


def test_no_more_processes_are_started_than_there_are_captures_or_processors():
    assert jobs_for([Path("one")], 8) == 1
    assert jobs_for([Path("one")] * 1000, None) == len(os.sched_getaffinity(0))


def test_whose_failure_a_session_was_is_told_with_its_packets(invoke, capture):
    told = invoke(capture).stdout
    why = "failed, by unclear: the vehicle stopped after SessionSetup, before any energy flowed"
    assert told.count(why) == 2
    assert re.search(r"flowed \(packets \d+, \d+\)", told)


def test_a_time_that_no_calendar_has_is_told_as_a_number(invoke, tmp_path):
    scene = Scene()
    scene.match()
    octets = section() + interface()
    for packet in scene.packets:
        octets += enhanced(packet.octets, ticks=2**63)
    path = tmp_path / "late.pcapng"
    path.write_bytes(octets)
    result = invoke(path)
    assert result.exit_code == 0
    assert "9223372036855 s after 1970" in result.stdout


def test_what_was_not_read_to_its_end_is_named_and_the_exit_code_is_1(
    invoke, capture, monkeypatch
):
    few = partial(trace.read_trace, most_items=20)
    monkeypatch.setattr(trace, "read_trace", few)
    result = invoke(capture, "--json", "--jobs", "1")
    assert (result.exit_code, len(result.stdout.splitlines())) == (1, 1)
    assert "after 20 happenings; cut it into smaller captures" in result.stderr


def test_the_argument_is_named_once_in_the_help(invoke):
    lines = invoke("--help").stdout.splitlines()
    line = next(line for line in lines if "pcap or pcapng" in line)
    assert line.upper().count("CAPTURE") == 1


def test_a_key_log_is_read_to_its_end_however_long_it_is(invoke, tmp_path):
    line = b"CLIENT_RANDOM %s %s\n" % (b"AB" * 32, b"CD" * 48)
    path = tmp_path / "long.log"
    path.write_bytes((b"#" * 4000 + b"\n") * 17_000 + line)
    result = invoke(tmp_path / "absent", "--keylog", path)
    assert result.exit_code == 1  # that there is no capture, and not 2


def test_a_fault_of_ours_in_one_file_loses_no_other(invoke, capture, empty, monkeypatch):
    def fail(trace):
        if trace.source == str(empty):
            raise KeyError("state")
        return sessions_of(trace)

    monkeypatch.setattr("seccstack.capture.sessions.sessions_of", fail)
    result = invoke(empty, capture, "--json", "--jobs", 1)
    assert (result.exit_code, len(result.stdout.splitlines())) == (1, 2)
    said = f"fault of seccstack itself reading {empty}: KeyError: 'state'; please report"
    assert result.stderr.splitlines() == [f"seccstack: {said}"]


@pytest.mark.parametrize("how", [["--json"], []])
def test_sessions_are_printed_one_by_one_and_not_kept_as_text(capture, how):
    told = tell(capture, Wanted(json=bool(how)))
    assert next(iter(told.text)).count("\n" if how else "ended:") == 1


def test_a_fault_in_making_a_piece_is_said(capture, monkeypatch):
    told = tell(capture, Wanted(json=True))
    monkeypatch.setattr(Session, "to_json", None)
    assert [*told.text] == []
    assert (told.readable, len(told.complaints)) == (False, 1)
