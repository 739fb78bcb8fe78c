"""Cars that sleep when there was nothing to be had, and are woken when there is."""

from seccstack.pilot.settings import Fallback, Start
from seccstack.sim.habits import Habits
from tests.scenarios.scene import Scene, character


def asleep(pilot=None, **habits):
    """A car by pulses that has had nothing for ten minutes, and could have all again."""
    car = character(speaks=False, habits=Habits(sleeps_after=300.0, **habits))
    scene = Scene(car=car, pilot={"start": Start.NOMINAL, **(pilot or {})}).charge()
    return scene.wait(20).limit(0).wait(600).limit(16)


def ways(scene):
    return [note["by"] for note in scene.noted("wake")]


def test_one_that_sleeps_lightly_needs_nobody():
    scene = asleep().wait(60)
    assert scene.drawing
    assert ways(scene) == []


def test_one_that_wants_a_second_edge_is_given_it():
    scene = asleep(edges=2).wait(60)
    assert scene.drawing
    assert ways(scene) == ["pulses"]
    assert scene.noted("wake ended") == [{"worked": True, "times": 1}]


def test_one_that_wants_state_f_is_shown_it():
    scene = asleep(edges=None, faults=1).wait(150)
    assert scene.drawing
    assert ways(scene) == ["pulses", "state F"]


def test_and_after_the_next_pause_at_once():
    scene = asleep(edges=None, faults=1).wait(150).limit(0).wait(600).limit(16).wait(200)
    assert scene.drawing
    assert ways(scene) == ["pulses", "state F", "state F"]


def test_one_that_does_not_wake_up_is_left_alone_after_a_while():
    scene = asleep(edges=None).wait(3600)
    assert not scene.drawing
    assert len(ways(scene)) == 3


def test_where_state_f_is_not_wanted_it_is_not_shown():
    scene = asleep({"fallback": Fallback.STEADY}, edges=None).wait(3600)
    assert set(ways(scene)) == {"pulses"}


def test_a_full_one_is_not_poked():
    car = character(speaks=False)
    scene = Scene(car=car, pilot={"start": Start.NOMINAL}).charge().wait(20).appetite(False)
    scene.wait(10).limit(0).wait(600).limit(16).wait(600)
    assert ways(scene) == []
