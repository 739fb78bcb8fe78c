"""`seccstack replay` of what our own charger recorded."""

import json

import pytest
import typer
from typer.testing import CliRunner

from seccstack.cli_recording import account_of
from seccstack.cli_replay import replay
from tests.recording.desk import Desk
from tests.scenarios.scene import MAC, Scene, character


@pytest.fixture
def invoke():
    app = typer.Typer()
    app.command()(replay)
    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


def recording(folder, scene, name="one"):
    """Write the pair of the plug-in that the scene has just had."""
    [(_, sidecar, packets)] = scene
    (folder / f"{name}.jsonl").write_bytes(sidecar)
    (folder / f"{name}.pcapng").write_bytes(packets)
    return folder / f"{name}.pcapng"


@pytest.fixture
def charge(tmp_path):
    scene = Scene("autocharge", known=[MAC])
    desk = Desk(scene)
    scene.charge().limit(10).wait(3).unplug().wait(3)
    return recording(tmp_path, desk.done)


@pytest.fixture
def silent(tmp_path):
    """A vehicle that does not speak, and charges by pulse width."""
    scene = Scene(car=character(speaks=False))
    desk = Desk(scene)
    scene.charge(within=80).unplug().wait(3)
    return recording(tmp_path, desk.done, "silent")


def test_json_has_what_no_wire_shows(invoke, charge):
    result = invoke(charge, "--json")
    assert result.exit_code == 0
    [session] = map(json.loads, result.stdout.splitlines())
    assert session["decision"]["by"] == "autocharge"
    assert [limit["amps"] for limit in session["limits"]] == [16.0, 10.0]
    assert [change["closed"] for change in session["contactor"]] == [True, False]
    assert session["rerun"]["identical"] is True
    assert session["source"] == str(charge)


def test_people_see_both_sides_in_one_timeline(invoke, charge):
    lines = [line.split() for line in invoke(charge).stdout.splitlines()]
    times = [float(line[0]) for line in lines if len(line) > 2 and line[1] in SIDES]
    assert {line[1] for line in lines if len(line) > 2} >= SIDES
    assert times == sorted(times)


SIDES = {"outlet", "vehicle", "charger"}


def test_and_whether_it_runs_again(invoke, charge):
    assert "with identical actions" in invoke(charge).stdout


def change(capture, old, new):
    sidecar = capture.with_suffix(".jsonl")
    sidecar.write_text(sidecar.read_text().replace(old, new, 1))


def test_a_difference_is_told_and_is_no_failure_unless_asked_for(invoke, charge):
    change(charge, '"rated_amps":16.0', '"rated_amps":8.0')
    result = invoke(charge)
    assert result.exit_code == 0
    assert "are DONE differently" in result.stdout
    assert "told differently on PilotChanged: Noted.details.amps: then 16.0, now 8.0" in (
        result.stdout
    )
    assert invoke(charge, "--strict-rerun").exit_code == 1


def test_a_difference_that_is_only_told_passes_the_strict(invoke, charge):
    change(charge, '"why":"unplugged"', '"why":"unplugged"')
    change(charge, '{"Noted":{"event":"plugged in","details":{"plug_in":1}}}',
           '{"Noted":{"event":"plugged in","details":{"plug_in":1,"by":"me"}}}')  # fmt: skip
    result = invoke(charge, "--strict-rerun")
    assert (result.exit_code, "1 only told differently" in result.stdout) == (0, True)


def test_one_that_breaks_off_says_so(invoke, charge):
    sidecar = charge.with_suffix(".jsonl")
    sidecar.write_bytes(sidecar.read_bytes()[:9000])
    assert "the recording breaks off" in invoke(charge).stdout


def test_one_of_which_nothing_can_be_compared_says_so(invoke, charge):
    change(charge, '"unknown":""', '"unknown":"it was in a hurry"')
    told = invoke(charge).stdout
    assert "nothing of it could be compared" in told
    assert "part 0 has no state: it was in a hurry" in told


def test_a_charge_by_pulse_width_is_told_by_the_outlet_alone(invoke, silent):
    result = invoke(silent)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "outlet  goes on by pulse width" in result.stdout
    [session] = map(json.loads, invoke(silent, "--json").stdout.splitlines())
    assert session["messages"] == []
    assert [change["closed"] for change in session["contactor"]] == [True, False]


def test_a_capture_without_a_sidecar_is_a_capture(charge):
    charge.with_suffix(".jsonl").unlink()
    assert account_of(charge) is None


def test_a_file_of_that_name_that_is_no_sidecar_is_left_alone(invoke, charge):
    charge.with_suffix(".jsonl").write_text('{"something":"else"}\n')
    assert account_of(charge) is None
    assert "run again" not in invoke(charge).stdout


def test_a_capture_of_another_format_has_none(charge):
    assert account_of(charge.rename(charge.with_suffix(".pcap"))) is None


def test_a_sidecar_that_cannot_be_read_is_said_and_the_capture_is_told(invoke, charge):
    sidecar = charge.with_suffix(".jsonl")
    sidecar.write_bytes(b'{"recording":{"format":9}}\n')
    result = invoke(charge)
    assert (result.exit_code, "run again" in result.stdout) == (0, False)
    assert f"vehicle {MAC.hex().upper()}" in result.stdout


def test_who_hangs_up_because_the_plug_is_pulled_has_not_failed(invoke, tmp_path):
    scene = Scene("autocharge", known=[MAC], car=character(wishes={"loops": 10_000}))
    desk = Desk(scene)
    scene.charge().wait(3).unplug().wait(3)
    path = recording(tmp_path, desk.done)
    session = json.loads(invoke(path, "--json").stdout)
    assert session["failure"] is None
    assert session["ended"].endswith("; unplugged")
    assert "failed, by" not in invoke(path).stdout
