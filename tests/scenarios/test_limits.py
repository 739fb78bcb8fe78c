"""The limit, from before the first offer to a stop: told, heeded, and never exceeded."""

import pytest

from seccstack.events import Ignored, LimitPlanned
from seccstack.messages.iso2 import EVSENotification
from seccstack.pilot import limits
from seccstack.pilot.port import Digital, Limit, PilotState, Steady
from seccstack.pilot.settings import Start
from tests.scenarios.scene import Scene, character

START = Start.NOMINAL
PATIENT = {"loops": 1000}


def charging(**wishes):
    return Scene(car=character(wishes=PATIENT | wishes)).charge().wait(5)


def amps_of(value):
    return value.value * 10.0**value.multiplier


def told_since(scene, when):
    """What the car was told after that moment, message by message."""
    statuses = scene.exchanged("ChargingStatusRes")
    return [amps_of(body.evse_max_current) for now, body in statuses if now > when]


@pytest.mark.parametrize(("amps", "watts"), [(16, 11_040), (10.5, 7_245), (6, 4_140)])
def test_the_first_offer_is_the_limit_that_holds(amps, watts):
    scene = Scene().limit(amps).charge()
    offer = scene.last("ChargeParameterDiscoveryRes")
    assert amps_of(offer.evse_charge_parameter.evse_max_current) == pytest.approx(amps)
    [entry] = offer.sa_schedules.sa_schedule_tuple[0].p_max_schedule.p_max_schedule_entry
    assert amps_of(entry.p_max) == watts
    assert scene.draws[-1][1] == pytest.approx(amps)


def test_a_limit_that_changes_during_the_setup_is_in_the_first_offer(scene):
    scene.plug_in()
    scene.wait_until(lambda: scene.exchanged("AuthorizationRes"))
    scene.limit(8).wait(5)
    assert scene.draws[0][1] == 8


@pytest.mark.parametrize("amps", [13, 10.2, 6])
def test_a_changed_limit_is_in_the_very_next_response_and_obeyed_soon_after(amps):
    scene = charging()
    changed_at = scene.now
    scene.limit(amps).wait(3)
    assert told_since(scene, changed_at)[0] == pytest.approx(amps)
    told_at = next(now for now, _ in scene.exchanged("ChargingStatusRes") if now > changed_at)
    [(obeyed_at, drawn)] = [draw for draw in scene.draws if draw[0] > changed_at]
    assert drawn == pytest.approx(amps)
    assert obeyed_at - told_at < 0.5


def test_the_car_never_draws_more_than_it_was_told_last():
    scene = charging()
    for amps in (12, 6, 16, 7.5, 3, 16, 6, 14):
        scene.limit(amps).wait(1.5)
        told = told_since(scene, 0)[-1]
        assert scene.world.drawn <= (told if told >= 6 else 0)


def test_a_limit_that_is_raised_again_is_used_again():
    scene = charging().limit(8).wait(3)
    scene.limit(14).wait(3)
    assert scene.draws[-1][1] == 14


def test_a_limit_that_is_withdrawn_leaves_the_rating():
    scene = charging().limit(8).wait(3)
    scene.limit(None).wait(3)
    assert scene.draws[-1][1] == 16


def test_a_limit_that_is_none_is_ignored_and_the_old_one_holds():
    scene = charging()
    scene.limit(-1).limit(float("nan")).wait(3)
    assert [what for what, _ in scene.ignored()] == ["limit of owner"] * 2
    assert scene.world.drawn == 16


def test_below_6_amperes_the_session_goes_on_and_the_car_decides():
    scene = charging(min_amps=3).limit(3).wait(30)
    assert scene.draws[-1][1] == 3
    assert scene.world.pilot.closed
    assert scene.ended() == []


def test_but_a_car_that_opens_its_switch_below_6_amperes_gets_no_mains_until_there_are_6():
    scene = charging(min_amps=3).limit(3).wait(5)
    for state in (PilotState.CONNECTED, PilotState.READY):
        scene.tell(limits.PilotChanged(state)).wait(0.2)
    assert not scene.world.pilot.closed
    scene.limit(6).wait(0.2)
    assert scene.world.pilot.closed


def test_at_0_amperes_the_car_rests_in_its_session_and_draws_again_when_it_may():
    scene = charging().limit(0).wait(50)
    assert scene.draws[-1][1] == 0
    assert scene.ended() == []
    scene.limit(16).wait(3)
    assert scene.draws[-1][1] == 16


def test_after_a_minute_at_0_amperes_it_is_asked_to_stop_and_stops_in_order():
    scene = charging().limit(0)
    stopped_from = scene.now + 60
    scene.wait_until(lambda: scene.ended() == ["stopped"], within=70)
    assert scene.now == pytest.approx(stopped_from, abs=2)
    notification = scene.last("ChargingStatusRes").ac_evse_status.evse_notification
    assert notification is EVSENotification.STOP_CHARGING
    assert scene.signal == Steady()
    assert not scene.world.pilot.closed


def test_and_is_woken_when_the_limit_comes_back():
    scene = charging().limit(0).wait(120)
    assert scene.ended() == ["stopped"]
    scene.limit(10).wait(10)
    assert scene.drawing
    assert len(scene.exchanged("SessionSetupRes")) == 2


def test_a_car_that_does_not_heed_the_request_loses_its_pulses_and_then_the_mains():
    scene = charging(heeds_stop=False).limit(0)
    began = scene.now
    scene.wait_until(lambda: scene.signal == Steady(), within=120)
    assert scene.now - began == pytest.approx(90, abs=1)
    scene.wait(6.1)
    assert not scene.world.pilot.closed


def test_a_stop_is_told_at_once_and_ends_the_charge_in_order():
    scene = charging()
    asked_at = scene.now
    scene.stop().wait(3)
    statuses = [body for now, body in scene.exchanged("ChargingStatusRes") if now > asked_at]
    assert statuses[0].ac_evse_status.evse_notification is EVSENotification.STOP_CHARGING
    assert scene.ended() == ["stopped"]
    assert not scene.world.pilot.closed
    assert scene.said == ["ends the session: stopped"]


def test_after_a_stop_the_car_charges_no_more_until_it_is_replugged():
    scene = charging().stop().wait(10)
    scene.limit(6).wait(5).limit(16).wait(60)
    scene.appetite(True).wait(120)
    assert scene.witness.closings == 1
    scene.unplug().wait(2)
    scene.charge()


def test_a_stop_without_a_vehicle_is_no_stop_of_the_next_one(scene):
    scene.stop().wait(1)
    scene.charge()


def test_by_pulse_width_the_pulses_follow_the_limit_and_never_exceed_it():
    scene = Scene(car=character(speaks=False), pilot={"start": START})
    scene.charge().wait(10)
    scene.limit(8).wait(2)
    assert scene.signal == Limit(8)
    assert scene.draws[-1][1] <= 8
    scene.limit(16).wait(10)
    assert scene.signal == Limit(16)
    assert scene.draws[-1][1] == pytest.approx(16, abs=0.1)


def test_by_pulse_width_0_amperes_end_the_pulses_and_the_mains():
    scene = Scene(car=character(speaks=False), pilot={"start": START})
    scene.charge().wait(10)
    scene.limit(0).wait(7)
    assert scene.signal == Steady()
    assert not scene.world.pilot.closed
    scene.limit(16).wait(15)
    assert scene.drawing


def test_with_5_percent_the_signal_never_says_anything_of_the_limit():
    scene = charging().limit(8).wait(5).limit(12).wait(5)
    signals = {action.signal for now, action in scene.done(limits.Apply) if now >= 1}
    assert signals == {Digital()}


def test_a_forecast_becomes_the_schedule_that_the_car_is_offered(scene):
    scene.tell(LimitPlanned("owner", ((3600.0, 8.0), (7200.0, 32.0)))).plug_in()
    scene.wait_until(lambda: scene.exchanged("ChargeParameterDiscoveryRes"))
    tuples = scene.last("ChargeParameterDiscoveryRes").sa_schedules.sa_schedule_tuple
    assert [len(one.p_max_schedule.p_max_schedule_entry) for one in tuples] == [3, 1]


def test_what_is_planned_holds_when_it_is_due_and_is_told_before():
    scene = charging()
    scene.tell(LimitPlanned("owner", ((scene.now + 60, 8.0), (scene.now + 120, 16.0))))
    [told] = scene.noted("forecast")
    assert told["steps"] == [{"seconds": 60, "amps": 8.0}, {"seconds": 120, "amps": 16.0}]
    scene.wait(50)
    assert scene.draws[-1][1] > 8
    scene.wait(15)
    assert scene.draws[-1][1] <= 8
    scene.wait(60)
    assert scene.draws[-1][1] > 8


def test_what_is_planned_anew_is_negotiated_anew_while_the_car_charges():
    scene = charging().wait(65)
    scene.tell(LimitPlanned("owner", ((scene.now + 3600, 8.0),))).wait(10)
    offers = scene.exchanged("ChargeParameterDiscoveryRes")
    assert len(offers) == 2


def test_a_plan_that_is_none_is_ignored_and_said(scene):
    scene.tell(LimitPlanned("owner", ()))
    scene.tell(LimitPlanned("installation", ((1.0, 6.0),)))
    assert [action.why for _, action in scene.done(Ignored)] == [
        "a plan has 1 to 96 steps, one after the other",
        "it is the outlet's own",
    ]
