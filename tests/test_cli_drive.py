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


# Recording a test.


@pytest.fixture
def car(write, charged):
    return write(charged)


@pytest.fixture
def card(car, tmp_path):
    """A card of a car, and the capture where the card finds it."""
    assert invoke(car, "--record", "a-car", "--into", tmp_path, "--json").exit_code == 0
    return tmp_path / "a-car.toml"


def test_what_came_of_a_drive_is_kept_by_one_command(car, tmp_path):
    result = invoke(car, "--record", "a-car", "--into", tmp_path)
    assert result.exit_code == 0
    assert result.stderr == f"recorded: {tmp_path}/a-car.toml, a-car.json\n"
    [report] = json.loads((tmp_path / "a-car.json").read_text())["drive"]
    assert report["ended"] == "the vehicle stopped the session; unplugged"


def test_what_is_said_of_it_is_on_the_card(car, tmp_path):
    words = ("--what", "a car", "--origin", "a lab", "--licence", "CC0-1.0", "--copy")
    assert invoke(car, "--record", "a-car", "--into", tmp_path, *words).exit_code == 0
    text = (tmp_path / "a-car.toml").read_text()
    assert 'what = "a car"\norigin = "a lab"\nlicence = "CC0-1.0"\n' in text
    assert (tmp_path / "a-car.pcap").read_bytes() == car.read_bytes()


def test_a_card_that_is_driven_comes_to_what_was_accepted(card):
    result = invoke(card)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "a-car: as accepted\n", "")


def test_what_has_changed_is_said_with_how_to_accept_it(card, tmp_path):
    results = tmp_path / "a-car.json"
    right = results.read_text()
    results.write_text(right.replace("SessionStop: OK", "SessionStop: FAILED"))
    result = invoke(card)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == "a-car: changed"
    assert "SessionStop: FAILED became SessionStop: OK" in result.stdout
    assert result.stderr == f"seccstack: if that is right: seccstack drive {card} --accept\n"

    result = invoke(card, "--accept")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "a-car: accepted now"
    assert results.read_text() == right


def test_a_card_without_an_accepted_drive_gets_one(card, tmp_path):
    (tmp_path / "a-car.json").write_text('{"replay": []}')
    assert "no drive of it was accepted before" in invoke(card, "--accept").stdout
    assert list(json.loads((tmp_path / "a-car.json").read_text())) == ["replay", "drive"]
    assert invoke(card).stdout == "a-car: as accepted\n"


def test_to_accept_what_has_not_changed_changes_nothing(card, tmp_path):
    before = (tmp_path / "a-car.json").stat()
    assert invoke(card, "--accept").stdout == "a-car: as accepted\n"
    assert (tmp_path / "a-car.json").stat().st_mtime_ns == before.st_mtime_ns


def test_the_sessions_of_a_card_are_json_too(card):
    result = invoke(card, "--json")
    assert json.loads(result.stdout)["identity"]["evccid"] == ID
    assert result.stderr == "a-car: as accepted\n"


def test_a_card_without_its_capture_is_exit_code_1_and_one_line(card, car):
    car.unlink()
    assert "no car.pcap beside the card" in line_of(invoke(card))


def test_what_is_no_card_is_exit_code_1_and_one_line(write):
    assert "no card: " in line_of(invoke(write(b"x", "card.toml")))


def test_nothing_is_recorded_where_no_car_is(write, tmp_path):
    path = write(pcap([bytes(60)]))
    assert invoke(path, "--record", "none", "--into", tmp_path).exit_code == 1
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_to_is_said(car, tmp_path):
    (tmp_path / "a-car.toml").symlink_to("nowhere")
    result = invoke(car, "--record", "a-car", "--into", tmp_path)
    assert result.exit_code == 1
    assert result.stderr == f"seccstack: not recorded: {tmp_path}/a-car.toml: File exists\n"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--record", "A Car"], "a name is 1 to 64 of a-z"),
        (["--record", "x", "--into", "/nonexistent"], "/nonexistent: no such folder"),
        (["--record", "x", "--into", "/", "--copy"], "say by --licence which"),
        (["--copy"], "--copy: it goes with --record NAME"),
        (["--licence", "x"], "--licence: it goes with --record NAME"),
        (["--accept"], "--accept: it is for cards, NAME.toml"),
        (["other.pcap", "--record", "x", "--into", "/"], "it is for one capture at a time"),
    ],
)
def test_options_that_do_not_go_together_are_exit_code_2_before_any_work(car, words, why):
    result = invoke(car, *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert why in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_name_that_is_taken_loses_nothing(car, card, tmp_path):
    before = (tmp_path / "a-car.json").read_text()
    result = invoke(car, "--record", "a-car", "--into", tmp_path)
    assert result.exit_code == 2
    assert f"seccstack drive {card} --accept" in result.stderr
    assert (tmp_path / "a-car.json").read_text() == before


def test_the_argument_is_named_once_in_the_help():
    lines = invoke("--help").stdout.splitlines()
    [line] = [line for line in lines if "pcap or pcapng" in line]
    assert line.upper().count("CAPTURE") == 1


def test_the_same_file_comes_to_the_same_each_time(car):
    assert invoke(car, "--json").stdout == invoke(car, "--json").stdout
