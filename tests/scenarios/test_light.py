"""What the light of a whole outlet shows, and what is heard there."""

import pytest

from seccstack.auth.enrolment_events import Beep, BeepPattern
from seccstack.events import Show
from seccstack.indication import words
from tests.scenarios.scene import CARD, MAC, Scene, character
from tests.scenarios.test_dc import charging, dc_scene

STRANGER = "04998877665544"
PATIENT = {"loops": 10_000}


def lights(scene):
    return [words(action.light) for _, action in scene.done(Show)]


def beeps(scene):
    return [action.pattern for _, action in scene.done(Beep)]


def test_a_charge_breathes_and_what_comes_before_and_after_does_not():
    scene = Scene("open").charge().wait(3).unplug().wait(3)
    assert lights(scene) == ["blue, running", "blue", "blue, breathing", "blue"]


def test_dc_breathes_too():
    scene = dc_scene(wishes=PATIENT).plug_in()
    scene.wait_until(lambda: charging(scene))
    assert lights(scene)[-1] == "blue, breathing"


def test_a_limit_of_nothing_is_a_suspension():
    scene = Scene("open", car=character(wishes=PATIENT)).charge().limit(0).wait(5)
    assert lights(scene)[-1] == "blue, running"
    scene.limit(16).wait(15)
    assert lights(scene)[-1] == "blue, breathing"


def test_a_dead_modem_is_seen_in_standby_and_while_charging():
    scene = Scene("open").let_modem_live(False).wait(60)
    assert lights(scene)[-1] == "S1-S3 blue; S4 red"
    scene.plug_in().wait(60)
    assert scene.drawing
    assert lights(scene)[-1] == "S1-S3 blue, breathing; S4 red"


def first_lights(known):
    """All that is seen of a vehicle until it is decided upon, with the times."""
    scene = Scene("autocharge", known=known).plug_in()
    scene.wait_until(lambda: scene.noted("decision"), 30)
    return [(round(now, 3), words(action.light)) for now, action in scene.done(Show)]


def test_until_the_decision_a_stranger_and_a_known_vehicle_look_alike():
    assert first_lights([MAC]) == first_lights([])


@pytest.mark.parametrize(
    ("uid", "heard"), [(CARD, BeepPattern.SHORT), (STRANGER, BeepPattern.REFUSED)]
)
def test_whoever_holds_a_card_up_hears_whether_it_is_good(uid, heard):
    scene = Scene("card").plug_in().wait(10).hold_card(uid).wait(3)
    assert beeps(scene) == [heard]


def test_the_card_that_is_asked_about_again_while_it_charges_is_not_heard_again():
    car = character(wishes=PATIENT)
    scene = Scene("card", car=car).plug_in().wait(10).hold_card().wait(60)
    assert scene.drawing
    assert beeps(scene) == [BeepPattern.SHORT]


def test_a_card_that_stops_the_charge_is_heard():
    scene = Scene("card", car=character(wishes=PATIENT)).plug_in().wait(10)
    scene.hold_card().wait(30).hold_card().wait(10)
    assert beeps(scene) == [BeepPattern.SHORT, BeepPattern.LONG]
    assert lights(scene)[-1] == "blue"


def test_a_card_held_on_and_on_right_after_plugging_in_stops_nothing():
    scene = Scene("card", car=character(wishes=PATIENT)).plug_in().wait(10)
    for _ in range(20):
        scene.hold_card().wait(0.5)
    assert scene.wait(20).drawing
    assert beeps(scene) == [BeepPattern.SHORT]
