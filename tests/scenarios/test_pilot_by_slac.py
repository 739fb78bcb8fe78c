"""Where the pilot follows what SLAC does, and SLAC what the pilot shows."""

import pytest

from seccstack.homeplug.messages import (
    AttenCharRsp,
    AttenProfileInd,
    SlacMatchReq,
    StartAttenCharInd,
    ValidateReq,
)
from seccstack.pilot.limits import Apply, SetContactor
from seccstack.pilot.port import Digital, Fault, Limit, Steady
from seccstack.pilot.settings import Current, LinkLoss, Start
from seccstack.pilot.signal import CONNECTED_OHMS, READY_OHMS
from seccstack.sim.pilot import VehicleConnected
from seccstack.sim.world import EVSE_MAC, EVSE_MODEM
from seccstack.slac.validation import Validation
from tests.scenarios.scene import MAC, Scene, character

LETTER = {"when_authorised": Start.NOMINAL}
NOMINAL = {"start": Start.NOMINAL}
LONG = {"loops": 1000}
NEIGHBOUR = bytes.fromhex("02AABBCCDD02")
RUN = bytes(8)


def signals(scene):
    return [action.signal for at, action in scene.done(Apply) if at >= 1]


# Authorised while it is being matched.


def test_a_car_that_is_authorised_before_its_session_charges_by_it_on_top_of_pulses():
    scene = Scene("card", car=character(sdp_seconds=5.0, wishes=LONG), pilot=LETTER).plug_in()
    scene.wait_until(lambda: scene.noted("link ready")).hold_card()
    scene.wait_until(lambda: scene.exchanged("ChargingStatusRes"))
    assert signals(scene)[:3] == [Digital(), Steady(), Limit(16)]
    assert scene.wait(20).drawing
    assert len(scene.noted("matched")) == 1


def test_one_that_is_authorised_in_its_session_stays_at_5_percent():
    scene = Scene("card", car=character(wishes=LONG), pilot=LETTER).plug_in()
    scene.wait_until(lambda: scene.exchanged("AuthorizationRes")).hold_card()
    scene.wait_until(lambda: scene.drawing)
    assert signals(scene) == [Digital()]


def test_a_session_that_is_quicker_than_x1_is_lost_and_the_car_charges_all_the_same():
    scene = Scene("card", car=character(sdp_seconds=0.5, wishes=LONG), pilot=LETTER).plug_in()
    scene.wait_until(lambda: scene.noted("link ready")).hold_card()
    scene.wait_until(lambda: scene.drawing)
    assert scene.code("PowerDeliveryRes") == "FAILED_PowerDeliveryNotApplied"
    assert signals(scene) == [Digital(), Steady(), Limit(16)]


# A link that is lost.


@pytest.mark.parametrize("loss", LinkLoss)
def test_a_link_lost_on_top_of_pulses_restarts_all_or_nothing(loss):
    car = character(wakes_by_pilot=False, wishes=LONG)
    scene = Scene(car=car, pilot=NOMINAL | {"link_loss": loss}).charge(within=5)
    scene.appetite(True).wait_until(lambda: scene.exchanged("ChargingStatusRes")).wait(5)
    scene.world.line.modems["ev"].restart()
    scene.wait_until(lambda: scene.noted("link lost")).wait(20)
    assert (Fault() in signals(scene)) == (loss is LinkLoss.RESTART)
    assert scene.drawing


def test_its_network_is_left():
    scene = Scene(car=character(wishes=LONG)).charge().wait(5)
    scene.world.line.modems["ev"].restart()
    scene.wait_until(lambda: scene.noted("link lost")).wait(1)
    assert len(scene.keys) == 2


def test_a_linked_car_that_asks_in_mid_session_is_not_believed():
    scene = Scene(car=character(wishes=LONG)).charge().wait(5)
    for _ in range(10):
        scene.ask_as(MAC).wait(0.5)
    assert scene.noted("link lost") == []
    assert scene.ended() == []


def test_a_paused_car_that_sleeps_without_its_link_keeps_its_place():
    scene = Scene(car=character(pauses=1, pause_seconds=100.0, wishes={"loops": 10})).plug_in()
    scene.wait_until(scene.ended)
    scene.world.line.attenuate("evse", "ev", 255)
    scene.wait(20)
    assert len(scene.noted("link lost")) == 1
    assert len(scene.keys) == 1
    assert scene.signal == Steady()


# Toggles.


def get_chosen(scene):
    """Have a car come so far as to choose, by what it says alone."""
    scene.ask_as(MAC, RUN)
    scene.say_on_line(StartAttenCharInd(forwarding_station=MAC, run_id=RUN))
    profile = AttenProfileInd(ev_mac=MAC, attenuations=bytes([20]) * 58)
    for _ in range(10):
        scene.say_on_line(profile, EVSE_MODEM)
    scene.say_on_line(AttenCharRsp(source_address=MAC, run_id=RUN), to=EVSE_MAC)
    return scene


def test_a_toggle_at_pulse_width_closes_no_contactor():
    quiet = character(speaks=False)
    scene = Scene(car=quiet, pilot=NOMINAL, slac={"validation": Validation.ON})
    scene.world.line.attach("ev", scene.world.line.modems["evse"])
    scene.world.turn(VehicleConnected(CONNECTED_OHMS))
    get_chosen(scene.wait(1))
    assert scene.signal == Limit(16)
    for timer in (0, 19):
        scene.say_on_line(ValidateReq(timer=timer), to=EVSE_MAC)
    for ohms in (READY_OHMS, CONNECTED_OHMS) * 2:
        scene.world.turn(VehicleConnected(ohms))
        scene.wait(0.3)
    assert scene.witness.closings == 0
    choice = SlacMatchReq(ev_mac=MAC, evse_mac=EVSE_MAC, run_id=RUN)
    scene.wait(0.81).say_on_line(choice, to=EVSE_MAC)
    assert scene.noted("matched")[0]["toggles"] == 2
    scene.world.turn(VehicleConnected(READY_OHMS))
    assert scene.done(SetContactor)[-1][1].closed


# A DC outlet's pilot.


def test_a_dc_outlet_offers_no_pulses_but_5_percent():
    scene = Scene(
        "card", car=character(speaks=False), pilot={"current": Current.DC}
    ).hold_card()
    scene.plug_in().wait(200)
    assert set(signals(scene)) == {Digital(), Fault(), Steady()}
    assert scene.signal == Steady()


def test_a_card_makes_it_ask_again():
    scene = Scene("card", car=character(speaks=False), pilot={"current": Current.DC})
    scene.plug_in().wait(200).hold_card().wait(5)
    assert scene.signal == Digital()


# Others on the line.


def test_a_neighbours_car_is_told_of_when_ours_is_matched(scene):
    scene.plug_in()
    scene.ask_as(NEIGHBOUR)
    start = StartAttenCharInd(forwarding_station=NEIGHBOUR, run_id=bytes(8))
    scene.say_on_line(start, NEIGHBOUR)
    profile = AttenProfileInd(ev_mac=NEIGHBOUR, attenuations=bytes([38]) * 58)
    scene.say_on_line(profile, EVSE_MODEM).wait(5)
    assert scene.noted("matched")
    assert scene.noted("neighbour") == [{"ev_mac": "02AABBCCDD02", "attenuation_db": 38.0}]


def test_a_match_is_told_with_the_attenuation_of_every_group_and_their_mean(scene):
    scene.plug_in().wait(5)
    [matched] = scene.noted("matched")
    assert (matched["groups_db"], matched["attenuation_db"]) == ([20] * 58, 20.0)
    assert matched["toggles"] is None
