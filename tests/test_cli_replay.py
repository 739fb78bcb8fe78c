"""`seccstack replay`, as people and scripts see it."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from seccstack.cli_replay import replay
from tests.capture.files import pcap
from tests.capture.scene import STOP, STOPPED, Scene

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


def test_a_capture_without_a_vehicle_says_what_it_has(invoke, empty):
    result = invoke(empty, "--json")
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
