"""A car whose session has ended, and which wants more without being replugged."""

from dataclasses import replace

import pytest

from seccstack.pilot import limits
from seccstack.pilot.port import Digital, Limit, Steady
from tests.scenarios.scene import Scene, character

BY_PILOT = {"wakes_by_pilot": True}
BY_CALL = {"wakes_by_pilot": False}
SHORT = {"loops": 10}


def codes(scene):
    return [body.response_code.value for _, body in scene.exchanged("SessionSetupRes")]


def ids(scene):
    """The session id of every session, one after the other."""
    return [
        action.message.header.session_id
        for _, action in scene.actions
        if getattr(action, "name", "") == "SessionSetupRes"
    ]


# After a pause.


@pytest.mark.parametrize("waking", [BY_PILOT, BY_CALL])
def test_a_car_that_paused_joins_its_old_session_again_and_again(waking):
    scene = Scene(car=character(pauses=4, wishes=SHORT, **waking)).plug_in().wait(160)
    assert codes(scene) == ["OK_NewSessionEstablished"] + ["OK_OldSessionJoined"] * 4
    assert len(set(ids(scene))) == 1
    assert scene.ended() == ["paused"] * 4 + ["stopped"]
    assert len(scene.noted("matched")) == 1
    assert scene.witness.closings == 5


def test_while_it_sleeps_there_are_no_pulses_and_the_key_stays():
    scene = Scene(car=character(pauses=1, wishes=SHORT)).plug_in()
    scene.wait_until(scene.ended).wait(10)
    assert scene.signal == Steady()
    assert len(scene.keys) == 1
    assert scene.reasons() == []


def test_a_car_that_sleeps_for_an_hour_is_neither_disturbed_nor_forgotten():
    scene = Scene(car=character(pauses=1, pause_seconds=3600.0, wishes=SHORT))
    scene.plug_in().wait(60)
    before = len(scene.done(limits.Apply))
    scene.wait(3600 - 120)
    assert len(scene.done(limits.Apply)) == before
    scene.wait_until(lambda: scene.drawing, within=120)
    assert codes(scene)[-1] == "OK_OldSessionJoined"


def test_a_car_that_wakes_up_finds_the_limit_of_now():
    scene = Scene(car=character(pauses=1, wishes=SHORT)).plug_in()
    scene.wait_until(scene.ended).limit(9)
    scene.wait_until(lambda: scene.drawing)
    assert scene.draws[-1][1] == 9


def test_a_car_that_was_sent_to_sleep_by_0_amperes_is_woken_when_they_are_over():
    sleeper = character(pauses=1, pause_seconds=10_000.0, wishes={"loops": 1000})
    scene = Scene(car=sleeper).charge().limit(0)
    scene.wait_until(scene.ended, within=90).wait(100)
    assert scene.ended() == ["paused"]
    scene.limit(16).wait_until(lambda: scene.drawing)
    assert codes(scene) == ["OK_NewSessionEstablished", "OK_OldSessionJoined"]


def test_a_car_that_lost_its_link_while_it_slept_is_matched_anew():
    scene = Scene(car=character(pauses=1, wishes=SHORT)).plug_in()
    scene.wait_until(scene.ended)
    scene.world.line.modems["ev"].restart()
    scene.wait_until(lambda: scene.drawing, within=120)


def test_a_link_that_proves_to_be_gone_as_the_car_wakes_up_is_waited_for_6_seconds():
    scene = Scene(car=character(pauses=1, wishes=SHORT)).plug_in()
    scene.wait_until(scene.ended).wait_until(lambda: scene.signal == Digital(), within=60)
    scene.world.line.attenuate("evse", "ev", 255)
    scene.wait_until(scene.reasons, within=12)
    assert scene.reasons() == ["the link was not back within 6 s of waking up"]
    assert len(scene.noted("link lost")) == 1


def test_a_link_that_flickers_while_the_car_sleeps_costs_it_nothing():
    scene = Scene(car=character(pauses=1, pause_seconds=90.0, wishes=SHORT)).plug_in()
    scene.wait_until(scene.ended)
    scene.world.line.attenuate("evse", "ev", 255)
    scene.wait(10)
    scene.world.line.attenuate("evse", "ev", 20)
    scene.wait_until(lambda: scene.drawing, within=120)
    assert len(scene.noted("link lost")) == 1
    assert len(scene.keys) == 1
    assert codes(scene)[-1] == "OK_OldSessionJoined"


def test_a_car_that_wakes_up_and_then_says_nothing_goes_by_pulse_width():
    scene = Scene(car=character(pauses=1, wishes=SHORT)).plug_in()
    scene.wait_until(scene.ended)
    scene.world.car.character = replace(scene.world.car.character, sdp_seconds=1000.0)
    scene.wait_until(lambda: scene.drawing, within=80)
    assert scene.reasons() == ["no session within 20 s of the link"]


def test_the_authorisation_outlives_a_pause_and_the_pause_does_not_outlive_the_plug_in():
    scene = Scene("card", car=character(pauses=2, wishes=SHORT)).hold_card().charge()
    scene.wait_until(scene.ended).wait_until(lambda: scene.drawing)
    assert len(scene.noted("decision")) == 1
    scene.wait_until(lambda: len(scene.ended()) == 2)
    scene.unplug().wait(1).plug_in().wait(30)
    assert codes(scene)[-1] == "OK_NewSessionEstablished"
    assert not scene.drawing


# After a stop.


def test_after_a_stop_the_network_is_left_within_a_second_and_not_before_the_response(scene):
    scene.charge().appetite(False)
    scene.wait_until(scene.ended)
    assert len(scene.keys) == 1
    scene.wait(1)
    assert len(set(scene.keys)) == 2
    assert scene.said == ["ends the session: charged"]
    assert scene.world.line.linked("evse", scene.now) == []


def test_a_full_car_is_left_alone(scene):
    scene.charge().appetite(False).wait(5)
    before = len(scene.actions)
    scene.wait(600)
    kinds = {type(action).__name__ for _, action in scene.actions[before:]}
    # Asking our own modem how it is, and the registry whether its owner has blocked it.
    assert kinds <= {"SendFrame", "LookUpVehicle"}


def test_a_car_that_wants_more_after_a_stop_wakes_the_charger_and_charges_again(scene):
    scene.charge().appetite(False).wait(600)
    scene.appetite(True).wait_until(lambda: scene.drawing, within=20)
    assert codes(scene) == ["OK_NewSessionEstablished"] * 2
    assert len(set(ids(scene))) == 2
    assert len(scene.noted("matched")) == 2
    assert scene.signal == Digital()


def test_a_car_that_opens_a_new_session_at_once_charges_again_in_the_same_network():
    scene = Scene(car=character(wakes_by_pilot=False, sdp_seconds=0.1)).charge()
    scene.appetite(False).wait_until(scene.ended)
    scene.appetite(True).wait_until(lambda: len(codes(scene)) == 2, within=2)
    scene.wait_until(lambda: scene.drawing, within=10)
    assert len(scene.noted("matched")) == 1
    assert scene.world.line.linked("evse", scene.now) == ["ev"]


def test_it_needs_no_new_authorisation():
    scene = Scene("card").hold_card().charge()
    scene.appetite(False).wait(60).appetite(True).wait_until(lambda: scene.drawing)
    assert len(scene.noted("decision")) == 1


def test_a_car_that_is_full_by_pulses_and_wants_more_has_more():
    scene = Scene(car=character(speaks=False)).charge(within=80)
    scene.appetite(False).wait(60)
    assert not scene.world.pilot.closed
    scene.appetite(True).wait_until(lambda: scene.drawing)


def test_after_a_session_on_top_of_pulses_more_is_had_by_pulses():
    scene = Scene(car=character(wakes_by_pilot=True, sdp_seconds=1000)).charge(within=60)
    assert scene.signal == Limit(16)
    scene.appetite(False).wait(30).appetite(True)
    scene.wait_until(lambda: scene.drawing)


# After a session that broke.


def test_after_a_session_that_broke_the_car_goes_on_by_pulses_without_a_new_card():
    scene = Scene("card", car=character(wishes={"silent_at": "ChargingStatusReq"})).hold_card()
    scene.plug_in().wait_until(scene.ended, within=80)
    assert scene.ended() == ["broken"]
    scene.wait(1).wait_until(lambda: scene.drawing, within=15)
    assert scene.signal == Limit(16)
    assert len(scene.noted("decision")) == 1


def test_a_car_that_loses_its_stream_may_open_another_on_top_of_the_pulses():
    scene = Scene(car=character(wakes_by_pilot=False, wishes={"loops": 1000})).charge()
    scene.lose_stream().wait(15)
    assert scene.ended() == ["broken"]
    assert scene.drawing
    scene.appetite(True).wait_until(lambda: len(codes(scene)) == 2)
    scene.wait(5)
    assert scene.drawing
    assert scene.limit(10).wait(5).draws[-1][1] == 10


def test_an_unauthorised_car_whose_session_broke_is_asked_to_speak_again_and_does():
    scene = Scene("card", car=character(wishes={"loops": 1000})).plug_in()
    scene.wait_until(lambda: scene.exchanged("AuthorizationRes"))
    scene.lose_stream()
    scene.wait_until(lambda: len(codes(scene)) == 2, within=30)
    assert scene.hold_card().wait(2).drawing
    assert scene.signal == Digital()
