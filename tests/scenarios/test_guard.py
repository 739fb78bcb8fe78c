"""No energy without all of it: a ready vehicle, its PowerDelivery, its authorisation, 6 A.

That the contactor is never told to close without them is watched by the witness in every scene;
here it is made to want to.
"""

import pytest

from seccstack.pilot import limits
from seccstack.pilot.port import Digital, PilotState
from seccstack.pilot.signal import READY_OHMS
from seccstack.sim import pilot
from tests.scenarios.scene import Scene, character
from tests.session.vehicle import power


def test_a_plug_in_is_greeted_with_5_percent(scene):
    scene.plug_in()
    assert scene.signal == Digital()
    assert scene.noted("plugged in") == [{"plug_in": 1}]


def test_the_contactor_closes_once_and_only_after_power_delivery(scene):
    scene.charge()
    [(closed_at, _)] = [(t, a) for t, a in scene.done(limits.SetContactor) if a.closed]
    [(asked_at, _)] = scene.exchanged("PowerDeliveryReq")
    assert closed_at == asked_at


def test_the_response_to_power_delivery_waits_for_the_contactor(scene):
    scene.charge()
    [(answered_at, _)] = scene.exchanged("PowerDeliveryRes")
    [closed_at] = [t for t, e, _ in scene.steps if e == limits.ContactorChanged(True)]
    assert answered_at == closed_at


def test_a_vehicle_in_state_c_is_given_nothing_before_power_delivery(scene):
    scene.plug_in()
    scene.wait_until(lambda: scene.exchanged("ChargeParameterDiscoveryRes"))
    scene.tell(limits.PilotChanged(PilotState.READY)).wait(0.03)
    assert not scene.exchanged("PowerDeliveryReq")
    assert scene.witness.closings == 0


def test_a_vehicle_that_never_becomes_ready_is_refused_after_1_5_seconds():
    scene = Scene(car=character(wishes={"silent_at": "PowerDeliveryReq"})).plug_in()
    scene.wait_until(lambda: scene.exchanged("ChargeParameterDiscoveryRes"))
    scene.say(power("Start")).wait(3)
    assert scene.code("PowerDeliveryRes") == "FAILED_PowerDeliveryNotApplied"
    times = [scene.exchanged(f"PowerDelivery{kind}")[0][0] for kind in ("Req", "Res")]
    assert times[1] - times[0] == pytest.approx(1.5)


def test_a_contactor_that_is_stuck_is_told_of_and_nothing_flows(scene):
    scene.world.turn(pilot.DefectInjected(pilot.ContactorDefect.STUCK_OPEN))
    scene.plug_in().wait(60)
    assert scene.code("PowerDeliveryRes") == "FAILED_ContactorError"
    assert scene.noted("contactor fault") == [{"welded": False}]
    assert not scene.drawing


def test_a_contactor_that_is_welded_ends_the_plug_in(scene):
    scene.charge()
    scene.world.turn(pilot.DefectInjected(pilot.ContactorDefect.WELDED))
    scene.tell(limits.PilotChanged(PilotState.CONNECTED)).wait(2)
    assert scene.noted("contactor fault") == [{"welded": True}]
    assert scene.noted("unplugged") == [{"plug_in": 1}]
    assert scene.noted("pilot fault") == [{"state": "F"}]


@pytest.mark.parametrize("amps", [0, 5.9])
def test_below_6_amperes_power_delivery_is_refused(scene, amps):
    scene.limit(amps).plug_in()
    scene.wait_until(lambda: scene.exchanged("PowerDeliveryRes"))
    assert scene.code("PowerDeliveryRes") == "FAILED_PowerDeliveryNotApplied"
    assert scene.wait(60).witness.closings == 0


def test_a_stop_that_is_wanted_before_the_start_is_heeded_by_session_and_pulses(scene):
    scene.plug_in().wait(1).stop()
    scene.wait(120)
    assert scene.code("PowerDeliveryRes") == "FAILED_PowerDeliveryNotApplied"
    assert scene.witness.closings == 0


def test_power_delivery_without_an_authorisation_is_a_sequence_error():
    scene = Scene("card").plug_in()
    scene.wait_until(lambda: scene.exchanged("AuthorizationRes"))
    scene.say(power("Start"))
    assert scene.code("PowerDeliveryRes") == "FAILED_SequenceError"
    assert scene.witness.closings == 0


def test_a_vehicle_without_s2_goes_by_pulse_width_from_the_start():
    scene = Scene()
    scene.world.turn(pilot.VehicleConnected(READY_OHMS))
    scene.wait(1)
    assert scene.world.pilot.closed
    assert scene.decision["granted"] is True


def test_the_rating_of_the_outlet_is_no_limit_that_a_message_may_raise(scene):
    scene.limit(80, source="installation").charge()
    assert scene.draws[-1][1] == 16
    assert scene.ignored()[0][0] == "limit of installation"
