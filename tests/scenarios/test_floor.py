"""Vehicles that follow less than 6 A, and such as do not: in the sun, by ISO 15118-2."""

import pytest

from seccstack.events import Show
from seccstack.indication import words
from seccstack.pilot.port import Limit
from seccstack.pilot.settings import Start
from seccstack.sim.habits import Below, Habits
from tests.scenarios.scene import character
from tests.scenarios.sun import SunnyScene

PATIENT = {"loops": 100_000}


def sunny(least, below=Below.RESTS, wishes=None, **others):
    """A car that has charged with much sun, of which little is left."""
    car = character(
        wishes={**PATIENT, **(wishes or {})}, habits=Habits(least_amps=least, below=below)
    )
    scene = SunnyScene(car=car, **others).wait(90).charge()
    return scene.wait(5).shine(2.0)


def found(scene):
    return [(note["amps"], note["final"]) for note in scene.noted("least current found")]


def test_one_that_follows_to_2_75_amperes_is_found_out_and_charges_on_with_them():
    scene = sunny(2.75).shine(2.9).wait(600)
    assert scene.world.drawn == pytest.approx(2.8)
    assert scene.ended() == []
    assert scene.witness.closings == 1


def test_and_where_less_is_to_be_had_it_is_given_back_what_it_follows():
    scene = sunny(2.75).wait(130)
    assert found(scene) == [(2.8, True)]
    assert scene.wait(10).world.drawn == pytest.approx(2.8)


def test_the_next_time_it_is_charged_with_them_at_once():
    scene = sunny(2.75).wait(140).unplug().wait(90)
    scene.shine(3.5).wait(90).charge(120)
    assert scene.world.drawn == 3
    assert len(found(scene)) == 1
    assert words(scene.done(Show)[-1][1].light) == "blue, breathing"


def test_one_that_needs_6_amperes_rests_a_moment_and_is_never_asked_again():
    scene = sunny(6.0).wait(30)
    assert found(scene) == [(6.0, True)]
    assert scene.wait(10).world.drawn == 6
    assert scene.ended() == []
    scene.unplug().wait(10).shine(16.0).wait(90).charge(120).shine(2.0).wait(50)
    assert scene.world.drawn == 6
    assert len(found(scene)) == 1


def test_one_that_opens_its_switch_below_4_amperes_is_charged_with_4_again():
    scene = sunny(4.0, Below.OPENS).shine(3.7).wait(120)
    assert found(scene) == [(4.0, True)]
    assert scene.wait(30).world.drawn == pytest.approx(4.0)


def test_one_that_ends_its_session_below_6_amperes_is_not_asked_for_less_again():
    scene = sunny(6.0, Below.ENDS).wait(30)
    assert found(scene)[-1] == (6.0, True)
    assert scene.ended() == ["stopped"]
    scene.unplug().wait(10).shine(16.0).wait(90).charge(120).shine(2.0).wait(50)
    assert scene.world.drawn == 6
    assert scene.ended() == ["stopped"]


def test_nothing_is_tried_where_there_is_enough():
    scene = sunny(2.75).shine(6.5).wait(300)
    assert scene.world.drawn == 6
    assert found(scene) == []


def test_nor_where_its_owner_does_not_want_it():
    scene = sunny(2.75, floor={"search": False}).wait(50)
    assert scene.world.drawn == 6
    assert not scene.noted("least current")


def test_by_pulses_there_is_nothing_to_be_searched():
    car = character(speaks=False, habits=Habits(least_amps=2.75))
    scene = SunnyScene(car=car, pilot={"start": Start.NOMINAL}).wait(90).charge(60)
    scene.wait(20).shine(2.0).wait(50)
    assert scene.signal == Limit(6.0)
    assert not scene.noted("least current")


def test_one_that_declares_7_amperes_is_given_no_less():
    scene = sunny(7.0, wishes={"min_amps": 7}).wait(50)
    assert scene.world.drawn == 7


def test_what_it_refuses_is_nothing_to_it_and_it_is_paused_in_order():
    scene = sunny(2.75).wait(140)
    scene.limit(2.0, "network operator").wait(2)
    assert scene.world.drawn == 0
    scene.wait(70)
    assert scene.ended() == ["stopped"]
    scene.shine(3.5).limit(None, "network operator").wait(120)
    assert scene.world.drawn == 3
