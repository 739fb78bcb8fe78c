"""The plug is pulled, or the pilot line breaks down, at any moment of a charge."""

from functools import cache

import pytest

from seccstack.events import CloseStream, StreamOpened
from seccstack.pilot import limits
from seccstack.pilot.port import Digital, PilotState, Steady
from tests.scenarios.scene import Scene, character

MOMENTS = 60
SHORT = {"loops": 8}  # turns of the charging loop: most moments are of the way there


@cache
def moments():
    """When something happens in a whole charge, from the plug-in until after its end."""
    scene = Scene(car=character(wishes=SHORT)).plug_in().wait(15)
    assert scene.ended() == ["stopped"]
    times = sorted({now for now, _, _ in scene.steps if now > 1})
    assert len(times) > MOMENTS
    return [times[n * len(times) // MOMENTS] for n in range(MOMENTS)]


def at_moment(n):
    """A charge that has come so far, and just behind it."""
    scene = Scene(car=character(wishes=SHORT)).plug_in()
    scene.wait(moments()[n] + 0.0001 - scene.now)
    return scene


def assert_it_is_all_over(scene, before):
    """The contactor opens, the stream is closed, the key is another, nothing is left."""
    assert not scene.witness.closed
    opened = [event.stream for _, event, _ in scene.steps if isinstance(event, StreamOpened)]
    assert {action.stream for _, action in scene.done(CloseStream)} == set(opened)
    assert scene.noted("unplugged")[-1]["plug_in"] == scene.noted("plugged in")[-1]["plug_in"]
    assert len(scene.keys) > before
    assert len(set(scene.keys)) == len(scene.keys)
    scene.wait(0.1)
    assert not scene.world.pilot.closed
    assert scene.world.drawn == 0
    assert scene.world.line.modems["evse"].network_key == scene.keys[-1]
    assert scene.signal == Steady()


def assert_the_next_plug_in_charges(scene, within=10.0):
    plug_ins, sessions = len(scene.noted("plugged in")), len(scene.exchanged("SessionSetupRes"))
    scene.charge(within)
    assert len(scene.noted("plugged in")) == plug_ins + 1
    assert len(scene.exchanged("SessionSetupRes")) == sessions + 1
    assert scene.signal == Digital()


@pytest.mark.parametrize("n", range(MOMENTS))
def test_a_plug_that_is_pulled_at_any_moment_ends_everything_and_the_next_charges(n):
    scene = at_moment(n)
    keys, ended = len(scene.keys), scene.ended()
    scene.unplug()
    assert_it_is_all_over(scene, keys)
    assert scene.ended() == ended  # that it was unplugged says it
    scene.wait(2)
    assert_the_next_plug_in_charges(scene)


@pytest.mark.parametrize("n", range(0, MOMENTS, 4))
def test_a_plug_that_is_put_back_at_once_charges_too(n):
    scene = at_moment(n).unplug()
    assert_the_next_plug_in_charges(scene, within=15.0)


@pytest.mark.parametrize("state", [PilotState.SHORTED, PilotState.UNAVAILABLE])
@pytest.mark.parametrize("n", range(MOMENTS))
def test_a_pilot_fault_at_any_moment_ends_everything_and_the_next_plug_in_charges(n, state):
    scene = at_moment(n)
    keys = len(scene.keys)
    scene.tell(limits.PilotChanged(state))
    assert scene.noted("pilot fault") == [{"state": state.value}]
    assert_it_is_all_over(scene, keys)
    scene.unplug().wait(2)
    assert_the_next_plug_in_charges(scene)


@pytest.mark.parametrize("n", range(0, MOMENTS * 3 // 4, 5))
def test_a_vehicle_that_stays_plugged_in_over_a_fault_is_greeted_anew_after_10_seconds(n):
    scene = at_moment(n)
    scene.tell(limits.PilotChanged(PilotState.SHORTED)).wait(0.5)
    scene.tell(limits.PilotChanged(PilotState.CONNECTED))
    scene.wait_until(lambda: len(scene.noted("plugged in")) == 2)
    assert scene.now >= moments()[n] + 9.9
    scene.wait_until(lambda: scene.drawing)


def test_a_charge_that_was_ended_by_a_fault_needs_a_new_authorisation():
    scene = Scene("card").hold_card().charge()
    scene.tell(limits.PilotChanged(PilotState.SHORTED)).wait(0.1)
    scene.tell(limits.PilotChanged(PilotState.CONNECTED)).wait(40)
    assert len(scene.noted("plugged in")) == 2
    assert not scene.drawing
    assert scene.hold_card().wait(5).drawing


def test_every_plug_in_has_a_key_of_its_own(scene):
    for _ in range(5):
        scene.charge().unplug().wait(1)
    assert len(set(scene.keys)) == 6
