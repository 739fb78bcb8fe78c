"""`seccstack drive`, as people and scripts see it."""

import json

import pytest
import typer
from typer.testing import CliRunner

from seccstack.capture.sessions import sessions_of
from seccstack.cli_drive import drive
from seccstack.messages import iso2
from tests.capture.files import pcap
from tests.capture.scene import STOP, Scene, exi
from tests.drive.recording import capture_of, charge, recorded

ID = "02AA00000001"


def invoke(*words):
    app = typer.Typer()
    app.command()(drive)
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def write(tmp_path):
    def write(octets, name="car.pcap"):
        path = tmp_path / name
        path.write_bytes(octets)
        return path

    return write


@pytest.fixture(scope="module")
def charged():
    return capture_of(recorded())


@pytest.fixture(scope="module")
def parted():
    """A charge whose charger refused the stop."""
    refusal = iso2.SessionStopRes(response_code=iso2.ResponseCode.FAILED_SEQUENCE_ERROR)
    return capture_of(recorded([*charge()[:-1], ("evse", exi(refusal))]))


# For scripts.


def test_json_is_one_object_per_session_with_the_keys_of_a_replay_and_ours(write, charged):
    path = write(charged)
    result = invoke(path, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    [session] = [json.loads(line) for line in result.stdout.splitlines()]
    [replayed] = sessions_of(recorded().trace())
    ours = ["decision", "limits", "contactor", "partings"]
    assert list(session) == [*replayed.to_json(), *ours]
    assert session["source"] == str(path)
    assert session["partings"] == []


def test_a_parting_is_an_object_of_its_own(write, parted):
    [line] = invoke(write(parted), "--json").stdout.splitlines()
    [parting] = json.loads(line)["partings"]
    assert list(parting) == ["t", "message", "ours", "theirs", "why"]
    assert (parting["ours"], parting["theirs"]) == ("OK", "FAILED_SequenceError")


def test_every_file_is_driven(write, charged, parted):
    result = invoke(write(charged, "a.pcap"), write(parted, "b.pcap"), "--json")
    assert [json.loads(line)["identity"]["evccid"] for line in result.stdout.splitlines()] == [
        ID,
        ID,
    ]


# For people.


def test_people_see_that_nothing_parted(write, charged):
    result = invoke(write(charged))
    assert result.exit_code == 0
    assert f"vehicle   {ID}, claims consistent: True" in result.stdout
    assert "attenuation 20.0 dB" in result.stdout
    assert "no parting: our charger lets the car do all that it did then" in result.stdout


def test_people_see_where_it_parted_and_why(write, parted):
    text = invoke(write(parted)).stdout
    assert "SessionStopRes: ours OK; theirs FAILED_SequenceError; ours grants" in text
    assert "no parting" not in text


def test_what_did_not_come_and_what_was_not_compared_are_said_as_that(write):
    scene = Scene()
    scene.ask()
    scene.answer()
    scene.choose()
    scene.confirm()
    text = invoke(write(capture_of(scene))).stdout
    assert "vehicle   unknown, claims consistent: None" in text
    assert "matched   not" in text
    assert "CM_SLAC_MATCH.CNF: ours nothing; theirs not compared; our charger said" in text


def test_a_car_without_matching_has_no_line_about_it(write):
    scene = Scene()
    scene.discover()
    text = invoke(write(capture_of(scene))).stdout
    assert "matched" not in text


def test_the_name_of_a_file_is_no_markup(write, charged):
    assert "[red]car.pcap" in invoke(write(charged, "[red]car.pcap")).stdout


# Files that are none, or hold nothing.


def line_of(result):
    assert result.exit_code == 1
    assert result.stdout == ""
    [line] = result.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"", "the file is empty"),
        (b"GIF89a" * 10, "neither pcap nor pcapng: it begins with 47 49 46 38"),
        (b"\x1f\x8b\x08\x00", "the compressed file is cut short"),
    ],
)
def test_what_is_no_capture_is_exit_code_1_and_one_line(write, octets, why):
    path = write(octets)
    assert line_of(invoke(path)).startswith(f"seccstack: {path}: {why}")


def test_a_file_that_is_not_there_is_exit_code_1_and_one_line(tmp_path):
    path = tmp_path / "none.pcap"
    assert line_of(invoke(path)) == f"seccstack: {path}: No such file or directory"
    assert line_of(invoke(tmp_path)) == f"seccstack: {tmp_path}: Is a directory"


def test_a_capture_without_a_car_is_exit_code_1_and_one_line(write):
    path = write(pcap([bytes(60)]))
    assert line_of(invoke(path, "--json")) == f"seccstack: {path}: no car is in it"


def test_a_car_that_nobody_knows_is_named_as_that(write):
    scene = Scene()
    talk = scene.connect(hosts={"ev": "fe80::1", "evse": "fe80::2"})
    talk.say("ev", STOP)
    octets = [packet.octets[14:] for packet in scene.packets]  # no Ethernet header
    path = write(pcap(octets, link_type=229))
    assert line_of(invoke(path)) == (
        f"seccstack: {path}: nothing says who the car was; not driven: 1"
    )


def test_a_capture_that_is_cut_is_driven_as_far_as_it_goes(write, charged):
    whole = json.loads(invoke(write(charged), "--json").stdout)
    result = invoke(write(charged[:-700]), "--json")
    assert result.exit_code == 0
    session = json.loads(result.stdout)
    assert 0 < len(session["messages"]) < len(whole["messages"])
    assert session["partings"] == []


def test_one_bad_file_does_not_keep_the_others_from_being_driven(write, charged):
    result = invoke(write(b"", "bad.pcap"), write(charged), "--json")
    assert result.exit_code == 1
    assert len(result.stdout.splitlines()) == 1
    assert len(result.stderr.splitlines()) == 1


def test_an_option_that_nobody_knows_is_exit_code_2(write, charged):
    assert invoke(write(charged), "--nonsense").exit_code == 2
