"""`seccstack why`: of a running charger, of recordings, of captures."""

import json

import pytest
from typer.testing import CliRunner

from seccstack.cli import app
from seccstack.cli_why import lines
from tests.programs import SECCSTACK, Program, seccstack
from tests.recording.desk import Desk
from tests.scenarios.scene import Scene


def invoke(*words):
    return CliRunner().invoke(app, ["why", *(str(word) for word in words)])


@pytest.fixture
def recording(tmp_path):
    """A capture of our own with its sidecar, of a vehicle that waited for a card in vain."""
    scene = Scene("card")
    desk = Desk(scene)
    scene.plug_in().wait(10).unplug().wait(3)
    [(_, sidecar, packets)] = desk.done
    (tmp_path / "one.jsonl").write_bytes(sidecar)
    (tmp_path / "one.pcapng").write_bytes(packets)
    return tmp_path / "one.pcapng"


@pytest.mark.parametrize("suffix", [".pcapng", ".jsonl"])
def test_a_recording_of_ours_is_explained_by_its_sidecar(recording, suffix):
    result = invoke(recording.with_suffix(suffix))
    assert result.exit_code == 0
    heading, says, do, *steps = result.stdout.splitlines()
    assert heading.startswith(f"{recording.with_suffix(suffix)} Plug-in 1, from 2023-11-1")
    assert heading.endswith("; before it was unplugged:")
    assert says == "It waits for a card to be held to the reader."
    assert do == "  -> hold a registered card to the reader"
    assert steps[0].endswith("  a vehicle is plugged in")
    assert any(step.endswith(" times)") for step in steps)


def test_without_its_sidecar_it_is_a_capture_like_any_other(recording):
    recording.with_suffix(".jsonl").unlink()
    result = invoke(recording)
    assert result.exit_code == 0
    says = (
        "Nothing failed that can be seen: the capture ends after AuthorizationRes; unplugged."
    )
    assert result.stdout.splitlines()[1] == says


def test_a_file_of_that_name_that_is_no_sidecar_is_left_alone(recording):
    recording.with_suffix(".jsonl").write_text("{}\n")
    [account] = map(json.loads, invoke(recording, "--json").stdout.splitlines())
    assert account["charged"] is None


def test_json_has_an_account_per_line_with_its_source(recording):
    result = invoke(recording, "--json")
    [account] = map(json.loads, result.stdout.splitlines())
    assert account["source"] == str(recording)
    assert account["answer"] == {
        "cause": "card awaited",
        "says": "It waits for a card to be held to the reader.",
        "turn": "driver",
        "do": ["hold a registered card to the reader"],
    }


def test_what_cannot_be_read_is_exit_code_1_and_costs_the_others_nothing(recording, tmp_path):
    (tmp_path / "empty.pcap").write_bytes(
        bytes.fromhex("d4c3b2a1020004000000000000000000ffff000001000000")
    )
    result = invoke(tmp_path / "none.pcap", tmp_path / "empty.pcap", recording)
    assert result.exit_code == 1
    missing, empty = result.stderr.splitlines()
    assert missing == f"seccstack: {tmp_path}/none.pcap: No such file or directory"
    assert empty == f"seccstack: {tmp_path}/empty.pcap: no vehicle in it"
    assert "It waits for a card" in result.stdout


def test_without_a_charger_nobody_can_say(tmp_path):
    config = tmp_path / "secc.toml"
    config.write_text(f'[control]\nsocket = "{tmp_path}/none.sock"\n')
    result = invoke("--config", config)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "no charger answers" in result.stderr


@pytest.mark.parametrize("words", [("--nonsense",), ("--config", "none.toml")])
def test_wrong_use_is_exit_code_2(words):
    assert invoke(*words).exit_code == 2


def test_a_running_charger_says_why(tmp_path):
    (tmp_path / "secc.toml").write_text('[access]\npolicy = "card"\n')
    command = [*SECCSTACK, "run", "--config", "secc.toml"]
    ask = ("why", "--config", "secc.toml")
    with Program(command, tmp_path, lines_on="stderr") as program:
        program.expect(event="ready")
        assert "No vehicle is plugged in." in seccstack(*ask, folder=tmp_path)
        seccstack("tell", "plug", "--config", "secc.toml", folder=tmp_path)
        program.expect(event="decision")
        said = seccstack(*ask, folder=tmp_path)
        assert "It waits for a card to be held to the reader.\n  -> hold a registered" in said
        seccstack("tell", "unplug", "--config", "secc.toml", folder=tmp_path)
        program.expect(event="unplugged")
        told = [
            json.loads(line) for line in seccstack(*ask, "--json", folder=tmp_path).splitlines()
        ]
        assert [account["answer"]["cause"] for account in told] == [
            "no vehicle",
            "card awaited",
        ]
        assert told[1]["until"] > told[1]["since"] > 1_700_000_000
        assert program.end() == 0


def test_times_that_nobody_has_and_what_commands_a_terminal_are_told_all_the_same():
    account = {
        "plug_in": 1, "since": 1e15, "until": None, "left_out": 3, "also": ["a\x1bb"],
        "answer": {"says": "\x1b[2J", "do": []},
        "steps": [{"t": 0.0, "says": "x", "times": 1}],
    }  # fmt: skip
    head, says, also, _, left_out, _ = lines(account)
    assert head == "Plug-in 1, from 1000000000000000 s after 1970:"
    assert (says, also) == ("\\x1b[2J", "  also: a\\x1bb")
    assert left_out == "  (3 steps in the middle were not kept)"
