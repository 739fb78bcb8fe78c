"""Where ISO 15118 does not come about, or breaks off, the car charges by pulse width."""

import pytest

from seccstack.events import StreamOpened
from seccstack.homeplug.messages import SlacMatchCnf
from seccstack.pilot import limits
from seccstack.pilot.port import Digital, Fault, Limit, Steady
from seccstack.pilot.settings import Fallback, Start
from seccstack.sim.powerline import ModemRestarted
from tests.scenarios.scene import Scene, character

DIN = "urn:din:70121:2012:MsgDef"
REQUESTS = [
    "supportedAppProtocolReq", "SessionSetupReq", "ServiceDiscoveryReq",
    "PaymentServiceSelectionReq", "AuthorizationReq", "ChargeParameterDiscoveryReq",
    "PowerDeliveryReq", "ChargingStatusReq",
]  # fmt: skip
NEIGHBOUR = bytes.fromhex("02AABBCCDD02")
SILENCE = "no CM_SLAC_PARM.REQ came within 50 s"


def signals(scene):
    """What the line has carried since the plug-in, each with its time."""
    return [(round(now - 1, 3), a.signal) for now, a in scene.done(limits.Apply) if now >= 1]


def charges_by_pulses(scene):
    return scene.drawing and scene.signal == Limit(16)


def test_a_car_without_iso_15118_is_told_by_state_f_and_charges_by_pulses():
    scene = Scene(car=character(speaks=False)).charge(within=80)
    assert signals(scene) == [(0, Digital()), (50, Fault()), (54, Limit(16))]
    assert scene.reasons() == [SILENCE]


def test_where_state_f_is_not_borne_it_is_told_by_3_seconds_without_pulses():
    scene = Scene(car=character(speaks=False), pilot={"fallback": Fallback.STEADY})
    scene.charge(within=80)
    assert signals(scene) == [(0, Digital()), (50, Steady()), (53, Limit(16))]


def test_how_long_it_may_take_is_the_owners_choice():
    scene = Scene(car=character(speaks=False), slac_init_seconds=20).charge(within=80)
    assert scene.reasons() == ["no CM_SLAC_PARM.REQ came within 20 s"]


def test_a_car_that_needs_half_a_minute_to_wake_up_still_charges_by_its_session():
    scene = Scene(car=character(slac={"start_seconds": 30.0})).charge(within=60)
    assert scene.reasons() == []
    assert scene.signal == Digital()


def test_under_card_a_silent_car_is_asked_to_speak_twice_more_and_charges_with_a_card():
    scene = Scene("card", car=character(speaks=False)).plug_in().wait(200)
    assert scene.reasons() == [SILENCE] * 3
    assert scene.signal == Steady()
    scene.hold_card().wait(5)
    assert charges_by_pulses(scene)


def test_a_card_for_a_silent_car_ends_the_asking_at_once():
    scene = Scene("card", car=character(speaks=False)).plug_in().wait(30)
    scene.hold_card().wait(5)
    assert charges_by_pulses(scene)
    assert signals(scene)[1:] == [(30.005, Fault()), (34.005, Limit(16))]
    assert scene.reasons() == ["the vehicle may charge, and was silent for 10 s"]


def test_but_a_car_has_its_10_seconds_to_begin_speaking():
    scene = Scene("card", car=character(slac={"start_seconds": 9.0})).plug_in().wait(1)
    scene.hold_card().wait_until(lambda: scene.drawing)
    assert scene.signal == Digital()
    assert scene.reasons() == []


def test_a_neighbours_car_that_speaks_in_its_stead_holds_it_up_for_10_seconds_more():
    scene = Scene("card", car=character(speaks=False)).plug_in().wait(30)
    scene.ask_as(NEIGHBOUR).wait(1).hold_card().wait(10)
    assert scene.signal == Fault()


def test_where_pulses_come_first_the_car_may_speak_on_top_of_them():
    scene = Scene(pilot={"start": Start.NOMINAL}, car=character(wakes_by_pilot=False))
    scene.charge(within=5).appetite(True)
    scene.wait_until(lambda: scene.exchanged("ChargingStatusRes"))
    assert charges_by_pulses(scene)


def test_a_car_that_matches_and_then_looks_for_no_secc_goes_by_pulse_width():
    scene = Scene(car=character(sdp_seconds=1000.0)).charge(within=60)
    assert charges_by_pulses(scene)
    assert scene.reasons() == ["no session within 20 s of the link"]


def test_and_may_match_anew_on_top_of_the_pulses():
    scene = Scene(car=character(sdp_seconds=1000.0, wakes_by_pilot=False)).charge(within=60)
    assert len(set(scene.keys)) == 2  # the network was left
    scene.appetite(True).wait(5)
    assert len(scene.noted("matched")) == 2


def test_a_key_that_never_reaches_the_car_ends_in_pulses_with_the_reason(scene):
    scene.world.line.deaf = frozenset({SlacMatchCnf})
    scene.charge(within=120)
    assert charges_by_pulses(scene)
    assert scene.reasons() == ["the EV has our key but did not join our network"]


def test_sounds_that_the_modem_does_not_report_end_in_pulses():
    scene = Scene(line={"profile_loss": 1.0}).charge(within=120)
    assert charges_by_pulses(scene)
    assert len(scene.reasons()) == 1


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_car_that_falls_silent_loses_its_session_and_then_charges_by_pulses(request_):
    scene = Scene(car=character(wishes={"silent_at": request_})).plug_in()
    scene.wait_until(scene.ended, within=90)
    assert scene.ended() == ["broken"]
    assert not scene.witness.closed
    opened = [now for now, event, _ in scene.steps if isinstance(event, StreamOpened)]
    answered = [now for now, _ in scene.exchanged("SessionSetupRes", "ChargingStatusRes")]
    since, wait = (scene.exchanged()[-1][0], 60) if answered else (opened[0], 18)
    assert scene.now - since == pytest.approx(wait, abs=0.02)
    scene.wait(0.1)
    assert not scene.world.pilot.closed
    scene.wait_until(lambda: charges_by_pulses(scene), within=20)
    assert f"within {wait} s" in scene.reasons()[0]


@pytest.mark.parametrize("request_", ["PowerDeliveryReq", "SessionStopReq"])
def test_a_car_that_falls_silent_at_its_end_loses_its_session_too(request_):
    wishes = {"loops": 5, "silent_at": request_}
    scene = Scene(car=character(wishes=wishes)).plug_in().wait(120)
    assert scene.ended() == ["broken"]


def test_a_car_that_speaks_din_only_is_refused_and_charges_by_pulses():
    scene = Scene(car=character(wishes={"namespace": DIN})).charge(within=30)
    assert scene.code("supportedAppProtocolRes") == "Failed_NoNegotiation"
    assert charges_by_pulses(scene)
    assert scene.reasons() == ["no protocol in common"]


def test_such_a_car_charges_within_15_seconds():
    scene = Scene(car=character(wishes={"namespace": DIN})).charge(within=30)
    assert scene.now - 1 < 15


# The modem and its interface.


def test_with_a_dead_modem_the_car_charges_by_pulses_and_the_reason_is_told():
    scene = Scene().let_modem_live(False).wait(20).charge(within=20)
    assert charges_by_pulses(scene)
    assert "the modem is silent" in scene.reasons()[0]


def test_a_modem_that_dies_while_it_is_needed_is_noticed_within_seconds():
    scene = Scene(car=character(slac={"start_seconds": 10.0})).plug_in()
    scene.let_modem_live(False)
    scene.wait_until(lambda: charges_by_pulses(scene), within=25)
    assert "the modem is silent" in scene.reasons()[0]


def test_a_modem_that_comes_back_serves_the_next_plug_in(scene):
    scene.let_modem_live(False).wait(20).charge(within=20)
    scene.let_modem_live(True).wait(10)
    assert scene.noted("powerline recovered")
    scene.unplug().wait(5)
    scene.charge()
    assert scene.signal == Digital()


def test_a_modem_that_comes_back_in_mid_charge_lets_the_car_match_on_top_of_the_pulses():
    scene = Scene(car=character(wakes_by_pilot=False)).let_modem_live(False)
    scene.wait(20).charge(within=20).wait(60)
    scene.let_modem_live(True).wait(20).appetite(True)
    scene.wait_until(lambda: scene.exchanged("ChargingStatusRes"))
    assert charges_by_pulses(scene)


def test_a_session_that_dies_with_its_modem_is_given_up_within_seconds():
    scene = Scene(car=character(wishes={"loops": 1000})).charge().wait(5)
    scene.let_modem_live(False)
    died_at = scene.now
    scene.wait_until(scene.ended, within=10)
    assert not scene.witness.closed
    assert "the modem is silent" in scene.reasons()[0]
    scene.wait_until(lambda: charges_by_pulses(scene), within=20)
    assert scene.now - died_at < 20


def test_one_that_has_paused_is_not_and_goes_on_when_its_modem_is_back():
    sleeper = character(pauses=1, pause_seconds=60.0, wishes={"loops": 10})
    scene = Scene(car=sleeper).plug_in()
    scene.wait_until(scene.ended).let_modem_live(False).wait(5).let_modem_live(True)
    scene.wait_until(lambda: scene.drawing, within=90)
    assert scene.ended() == ["paused"]


def test_a_modem_that_answers_again_at_once_costs_the_session_nothing():
    scene = Scene(car=character(wishes={"loops": 1000})).charge().wait(5)
    scene.world.line.modems["evse"].silent = True
    scene.wait(3)
    assert scene.noted("powerline trouble")
    scene.world.line.modems["evse"].silent = False
    scene.wait(20)
    assert scene.ended() == []
    assert scene.drawing


def test_a_modem_that_falls_silent_in_mid_session_does_not_end_a_session_that_goes_on():
    scene = Scene(car=character(wishes={"loops": 1000})).charge()
    scene.world.line.modems["evse"].silent = True
    scene.wait(60)
    assert scene.noted("powerline trouble")
    assert scene.ended() == []
    assert scene.drawing


def test_a_modem_that_restarts_is_given_its_key_again(scene):
    scene.world.line.receive(ModemRestarted("evse"), scene.now)
    scene.wait(1)
    assert [note["in_force"] for note in scene.noted("key")] == [True, False, True]
    scene.charge()


@pytest.mark.parametrize("port", ["evse", "ev"])
def test_a_link_that_is_lost_in_mid_session_ends_it_and_the_car_goes_on_by_pulses(port):
    scene = Scene(car=character(wishes={"loops": 1000})).charge().wait(5)
    scene.world.line.modems[port].restart()
    lost_at = scene.now
    scene.wait_until(lambda: scene.noted("link lost"))
    assert scene.now - lost_at < 2
    scene.wait(0.1)
    assert not scene.world.pilot.closed
    assert scene.ended() == ["broken"]
    assert scene.reasons() == ["the powerline link is lost"]
    scene.wait_until(lambda: charges_by_pulses(scene), within=30)


def test_an_unauthorised_car_that_loses_its_link_has_as_long_as_the_first_time_to_match():
    slow = character(slac={"start_seconds": 30.0}, sdp_seconds=15.0)
    scene = Scene("card", car=slow).plug_in()
    scene.wait_until(lambda: scene.noted("link ready")).wait(3)
    scene.world.line.modems["ev"].restart()
    scene.wait_until(lambda: scene.exchanged("AuthorizationRes"), within=90)
    assert scene.reasons() == ["the powerline link is lost"]


def test_an_interface_that_goes_down_in_mid_session_ends_it_with_the_reason():
    scene = Scene(car=character(wishes={"loops": 1000})).charge().wait(5)
    scene.world.lose_powerline("eth1 went down")
    assert scene.ended() == ["broken"]
    assert scene.noted("powerline trouble") == [{"why": "eth1 went down"}]
    assert scene.noted("network lost") == [{"why": "eth1 went down"}]
    scene.wait_until(lambda: charges_by_pulses(scene), within=30)


def test_without_an_interface_a_car_charges_by_pulses_at_once(scene):
    scene.world.lose_powerline("eth1 went down")
    scene.charge(within=15)
    assert charges_by_pulses(scene)
    assert scene.reasons() == ["eth1 went down"]


def test_an_interface_that_never_came_is_no_reason_not_to_charge():
    scene = Scene(car=character(speaks=False), opens=False).charge(within=15)
    assert scene.reasons() == ["the powerline is not open"]


def test_a_car_that_is_there_before_the_interface_is_served_by_iso_15118():
    """As after a restart of the charger, with a vehicle at it."""
    scene = Scene(car=character(slac={"start_seconds": 5.0}), opens=False).plug_in().wait(1)
    scene.world.open_powerline()
    scene.wait_until(lambda: scene.exchanged("ChargingStatusRes"), within=30)
    assert (scene.signal, scene.reasons()) == (Digital(), [])


def test_an_interface_that_comes_later_than_that_finds_it_at_pulse_width():
    scene = Scene(car=character(speaks=False), opens=False).charge(within=15)
    scene.world.open_powerline()
    assert charges_by_pulses(scene.wait(5))


def test_without_an_interface_an_unauthorised_car_is_not_left_at_5_percent():
    scene = Scene("card", opens=False).plug_in().wait(60)
    assert scene.signal == Steady()
    assert scene.hold_card().wait(5).drawing


def test_an_interface_that_comes_back_serves_the_next_plug_in(scene):
    scene.world.lose_powerline("eth1 went down")
    scene.charge(within=15).unplug()
    scene.world.open_powerline()
    scene.wait(2).charge()
    assert scene.signal == Digital()
    assert scene.noted("powerline recovered") == [{}]


def test_an_interface_that_comes_back_before_the_session_serves_this_plug_in():
    scene = Scene(car=character(slac={"start_seconds": 5.0})).plug_in().wait(1)
    scene.world.lose_powerline("eth1 went down")
    scene.wait(0.5)
    scene.world.open_powerline()
    scene.wait_until(lambda: scene.exchanged("ChargingStatusRes"))
    assert scene.drawing
