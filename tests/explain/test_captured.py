"""Accounts of what was recorded: by our charger, or on a wire of which no more is known."""

from dataclasses import replace

import pytest

from seccstack.capture.case import Failure
from seccstack.capture.reader import read_capture
from seccstack.capture.sessions import sessions_of
from seccstack.capture.trace import read_trace
from seccstack.explain.captured import _blamed, of_recording, of_session
from tests.recording.desk import WALL, Desk
from tests.scenarios.scene import MAC, Scene, character
from tests.scenarios.test_dc import dc_scene


def sidecars(scene, script):
    """The sidecars of the plug-ins of a scene, each as lines."""
    desk = Desk(scene)
    script(scene)
    desk.close()
    return [sidecar.splitlines(keepends=True) for _, sidecar, _ in desk.done]


def recorded(scene, script):
    return [of_recording(lines) for lines in sidecars(scene, script)]


def test_a_recording_tells_how_it_was_before_the_vehicle_went():
    script = lambda scene: scene.plug_in().wait(10).unplug().wait(3)  # noqa: E731
    [[account]] = recorded(Scene("card"), script)
    assert account["answer"]["cause"] == "card awaited"
    assert account["since"] == pytest.approx(WALL / 1e9, abs=60)
    assert account["until"] - account["since"] == pytest.approx(10)
    assert account["steps"][0]["says"] == "a vehicle is plugged in"


def test_one_that_goes_on_tells_how_it_is_at_its_end():
    [[account]] = recorded(Scene("card"), lambda scene: scene.plug_in().wait(10))
    assert account["until"] is None
    assert account["answer"]["cause"] == "card awaited"


def test_the_limit_that_stood_before_is_known():
    def script(scene):
        scene.limit(0).plug_in().wait(10).unplug().wait(3)
        scene.plug_in().wait(30).unplug().wait(3)

    first, [second] = recorded(Scene(), script)
    assert first[0]["answer"]["cause"] == "limit"
    assert second["answer"]["says"].startswith("The limit is 0 A, set by owner")


def test_direct_current_is_known_as_such():
    silent = dc_scene(car=character(speaks=False))
    [[account]] = recorded(silent, lambda scene: scene.plug_in().wait(200).unplug().wait(3))
    assert account["answer"]["says"].startswith("Direct current needs ISO 15118")


def test_a_line_that_cannot_be_read_is_passed_over():
    script = lambda scene: scene.plug_in().wait(10).unplug().wait(3)  # noqa: E731
    [lines] = sidecars(Scene("card"), script)
    lines.insert(5, b"{\n")
    [account] = of_recording(lines)
    assert account["answer"]["cause"] == "card awaited"


def test_a_note_that_does_not_say_what_it_ought_to_is_passed_over():
    script = lambda scene: scene.plug_in().wait(10).unplug().wait(3)  # noqa: E731
    [lines] = sidecars(Scene("card"), script)
    noted = '{"t": 5.0, "event": null, "deadline": null, "actions": [{"Noted": %s}]}\n'
    lines.insert(-20, (noted % '{"event": "supply", "details": {}}').encode())
    lines.insert(
        -20,
        (noted % '{"event": "session ended", "details": {"how": "broken", "why": 7}}').encode(),
    )
    [account] = of_recording(lines)
    assert account["answer"]["cause"] == "card awaited"


def test_what_does_not_begin_tells_nothing():
    script = lambda scene: scene.plug_in().wait(10).unplug().wait(3)  # noqa: E731
    [lines] = sidecars(Scene("card"), script)
    assert of_recording([]) == of_recording(lines[1:]) == []


# Of a wire alone.


@pytest.fixture
def heard(tmp_path):
    """Return what a capture has of a scene's plug-in, without the sidecar."""

    def session_of(scene, script):
        desk = Desk(scene)
        script(scene)
        desk.close()
        [(_, _, packets)] = desk.done
        path = tmp_path / "wire.pcapng"
        path.write_bytes(packets)
        [session] = sessions_of(read_trace("wire", read_capture(path), None))
        return session

    return session_of


@pytest.mark.parametrize(
    ("whose", "turn"),
    [
        ("ev", "vehicle"),
        ("evse", "owner"),
        ("line", "electrician"),
        ("unclear", "nobody"),
        ("capture", "nobody"),
    ],
)
def test_whose_doing_it_was_decides_whose_turn_it_is(whose, turn):
    told = _blamed(Failure(whose, "why"))
    assert (told.cause, told.turn.value) == (f"failed: {whose}", turn)
    assert told.says.endswith(": why.")


def test_a_charge_that_went_well_is_told_as_one(heard):
    scene = Scene("autocharge", known=[MAC], car=character(wishes={"loops": 5}))
    account = of_session(heard(scene, lambda scene: scene.charge().wait(60)), 1)
    assert account["answer"]["cause"] == "charged"
    assert account["answer"]["says"].startswith("It charged, and nothing failed: ")
    assert account["charged"] is None
    assert account["steps"][0]["says"].startswith("vehicle: asks for a match")


def test_a_refusal_is_told_with_who_refused(heard):
    scene = Scene("card", access={"card_wait_seconds": 3.0})
    account = of_session(heard(scene, lambda scene: scene.plug_in().wait(30)), 1)
    assert account["answer"]["cause"] == "failed: evse"
    assert account["answer"]["says"].startswith("It failed on the charger's side: ")


def test_where_nothing_failed_and_nothing_charged_no_more_is_said(heard):
    session = heard(Scene("card"), lambda scene: scene.plug_in().wait(10).unplug().wait(9))
    account = of_session(replace(session, failure=None), 2)
    assert account["plug_in"] == 2
    assert account["answer"]["says"].startswith("Nothing failed that can be seen: ")


def test_of_a_real_car_it_is_told_why_it_did_not_charge(shared):
    name = "opel-mokka-e-iso-15118-2-ac-not-supported-2023-04-14-1421-3-config-ac-iso2.pcap"
    trace = read_trace(name, read_capture(shared / "captures" / name), None)
    [account] = [of_session(session, 1) for session in sessions_of(trace)]
    assert account["answer"]["says"] == (
        "It failed on the vehicle's side: the vehicle closed the connection after "
        "PaymentServiceSelection, without having asked for energy: the charger offers only "
        "AC_three_phase_core, AC_single_phase_core."
    )
