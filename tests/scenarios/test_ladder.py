"""Vehicles that keep to no limit: each rung of the ladder, its time, and how it ends."""

import pytest

from seccstack.chronicle import Chronicle
from seccstack.events import CurrentLost, LimitOffered, Noted
from seccstack.messages.iso2 import EVSENotification
from seccstack.pilot.limits import Apply, SetContactor
from seccstack.pilot.port import Steady
from seccstack.pilot.settings import Start
from seccstack.session.events import Exchanged
from seccstack.sim.onboard import Heeds
from tests import lab as labs
from tests.scenarios import test_contracts as contracts
from tests.scenarios.scene import Scene, character
from tests.scenarios.test_dc import charging as gives_all
from tests.scenarios.test_dc import dc_scene, orders

PATIENT = {"loops": 10_000, "heeds_stop": False}
BY_PULSES = {"start": Start.NOMINAL}
NOTED, ANEW, STOP, X1 = "noted", "asked to negotiate anew", "asked to stop", "X1"
OBEYED, OFF, TRIP = "obeyed", "power is off", "over-current"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


def charging(heeds, pilot=None, wishes=None, amps=13.0, watchdog=None, **changes):
    """A car that has drawn 16 A for a while, when its limit falls."""
    car = character(wishes={**PATIENT, **(wishes or {})}, heeds=heeds, **changes)
    scene = Scene(car=car, pilot=pilot, watchdog=watchdog).charge().wait(5)
    scene.fell_at = scene.now
    return scene.limit(amps)


def times(scene, is_meant):
    """How long after the limit fell something was done."""
    return [
        now - scene.fell_at for now, a in scene.actions if is_meant(a) and now >= scene.fell_at
    ]


def noted(action):
    return isinstance(action, Noted) and action.event == "limit ignored"


def is_status(action):
    return isinstance(action, Exchanged) and action.name == "ChargingStatusRes"


def steps(scene):
    return [details["step"] for details in scene.noted("limit ignored")]


def notifications(scene):
    statuses = [body for _, body in scene.exchanged("ChargingStatusRes")]
    told = [status.ac_evse_status.evse_notification for status in statuses]
    return [one for one, before in zip(told, [None, *told], strict=False) if one is not before]


def dark(scene):
    """No current flows, and none comes back."""
    scene.wait(300)
    return scene.world.drawn == 0 and not scene.world.pilot.closed


# By pulses.


def test_by_pulses_it_is_noted_then_loses_them_then_the_mains():
    scene = charging(Heeds.NOTHING, BY_PULSES).wait(60)
    assert steps(scene) == [NOTED, X1, OFF]
    assert dark(scene)
    assert scene.signal == Steady()


def test_and_each_of_it_in_its_time():
    scene = charging(Heeds.NOTHING, BY_PULSES).wait(60)
    assert times(scene, noted) == pytest.approx([5, 10, 16])
    assert times(scene, lambda a: isinstance(a, Apply)) == pytest.approx([0, 10])
    assert times(scene, lambda a: a == SetContactor(False)) == pytest.approx([16])


def test_a_car_that_heeds_pulses_knows_nothing_of_it():
    scene = charging(Heeds.PULSES, BY_PULSES, speaks=False).wait(120)
    assert scene.world.drawn == 13
    assert steps(scene) == []


def test_a_car_that_takes_8_s_over_it_is_noted_and_goes_on():
    scene = charging(Heeds.ALL, BY_PULSES, speaks=False, follow_seconds=8.0).wait(120)
    assert scene.world.drawn == 13
    assert steps(scene) == [NOTED, OBEYED]


def test_when_it_is_back_it_is_given_as_long_as_it_takes():
    scene = charging(Heeds.ALL, follow_seconds=8.0).wait(60).unplug().wait(10)
    before = len(steps(scene))
    scene.limit(16.0).charge(60).wait(20).limit(13.0).wait(60)
    assert scene.world.drawn == 13
    assert len(steps(scene)) == before == 3
    assert scene.noted("reaction")[-1]["seconds"] == 13


def test_one_that_can_read_no_pulses_below_6_amperes_is_let_go_by_the_pilot_alone():
    scene = charging(Heeds.NOTHING, BY_PULSES, amps=3.0).wait(60)
    assert steps(scene) == [NOTED, OFF]
    assert not scene.noted("stop wanted")


# In a session.


def test_in_a_session_it_is_asked_twice_before_that():
    scene = charging(Heeds.NOTHING).wait(120)
    assert steps(scene) == [NOTED, ANEW, STOP, X1, OFF]
    assert notifications(scene)[:3] == [
        EVSENotification.NONE,
        EVSENotification.RE_NEGOTIATION,
        EVSENotification.NONE,
    ]
    assert EVSENotification.STOP_CHARGING in notifications(scene)
    assert dark(scene)


def test_and_each_rung_has_its_time():
    scene = charging(Heeds.NOTHING).wait(120)
    told = scene.now - 120 - scene.fell_at + times(scene, is_status)[0]
    assert 0 < told < 1
    assert times(scene, noted) == pytest.approx([told + s for s in (5, 5, 15, 25, 31)])
    assert times(scene, lambda a: a == SetContactor(False)) == pytest.approx([told + 31])


def test_what_is_only_agreed_upon_is_agreed_upon():
    scene = charging(Heeds.NEGOTIATED).wait(120)
    assert steps(scene) == [NOTED, ANEW, OBEYED]
    assert scene.world.drawn == 13


def test_who_heeds_a_stop_alone_is_stopped_by_it_in_order():
    scene = charging(Heeds.PULSES, wishes={"heeds_stop": True}).wait(120)
    assert steps(scene) == [NOTED, ANEW, STOP, OFF]
    assert scene.ended() == ["stopped"]
    assert dark(scene)


def test_below_6_amperes_it_is_stopped_until_there_is_enough():
    scene = charging(Heeds.PULSES, wishes={"heeds_stop": True}, amps=3.0).wait(120)
    assert steps(scene) == [NOTED, ANEW, STOP, OFF]
    assert scene.ended() == ["stopped"]
    scene.limit(16.0).wait(30)
    assert scene.world.drawn == 16


def test_and_one_that_does_not_stop_is_given_x1_and_is_not_barred_either():
    scene = charging(Heeds.NOTHING, amps=3.0).wait(60)
    assert steps(scene) == [NOTED, ANEW, STOP, X1, OFF]
    assert not scene.noted("stop wanted")
    assert dark(scene)


def test_a_meter_that_falls_silent_holds_the_ladder():
    scene = charging(Heeds.NOTHING).wait(8)
    scene.tell(CurrentLost()).wait(300)
    assert steps(scene) == [NOTED, ANEW]


def test_far_too_much_for_too_long_ends_at_once_whatever_the_ladder_does():
    scene = charging(Heeds.NOTHING, amps=7.0, watchdog={"trip_seconds": 12.0}).wait(60)
    assert steps(scene) == [NOTED, ANEW, TRIP, OFF]
    assert times(scene, lambda a: a == SetContactor(False)) == pytest.approx([12.0])
    assert dark(scene)


def test_the_limits_of_a_session_say_when_it_was_told_and_when_it_obeyed():
    chronicle = Chronicle("scene")
    car = character(wishes=PATIENT, heeds=Heeds.NEGOTIATED)
    scene = Scene(car=car)
    scene.world.observers.append(chronicle.observe)
    scene.charge().wait(5).limit(13.0)
    fell_at = scene.now
    chronicle.close(scene.wait(60).now)
    *_, limit = chronicle.sessions[-1]["limits"]
    assert limit["t"] == pytest.approx(fell_at)
    assert fell_at < limit["told"] < fell_at + 1
    assert fell_at + 5 < limit["obeyed"] < fell_at + 7


def test_one_that_disobeys_again_is_borne_with_less():
    scene = charging(Heeds.NEGOTIATED, wishes={"heeds_stop": True}).wait(20)
    scene.limit(16.0).wait(120).limit(12.0).wait(60)
    assert steps(scene) == [NOTED, ANEW, OBEYED, NOTED, STOP, OFF]


# By contract.


def by_contract(lab, heeds, **wishes):
    """What was done, and when, by a charger whose limit falls for a car with a contract."""
    car = character(wishes={**PATIENT, **wishes}, heeds=heeds)
    scene = contracts.Scene(lab, contracts.wallet(lab), car=car)
    world, done = scene.world, []
    world.observers.append(lambda now, _, actions: done.extend((now, a) for a in actions))
    world.run(30)
    assert world.drawn == 16
    world.tell(LimitOffered("owner", 13.0))
    world.run(130)
    return world, [(now - 30, action) for now, action in done]


def test_by_contract_a_new_negotiation_comes_first_and_is_enough(lab):
    world, done = by_contract(lab, Heeds.ALL)
    assert world.drawn == 13
    statuses = [a.message.body for _, a in done if is_status(a)]
    assert {status.evse_max_current for status in statuses} == {None}
    told = {status.ac_evse_status.evse_notification for status in statuses}
    assert EVSENotification.RE_NEGOTIATION in told
    assert not any(noted(action) for _, action in done)


def test_one_that_agrees_and_does_not_keep_to_it_climbs_the_ladder(lab):
    world, done = by_contract(lab, Heeds.NOTHING)
    assert [a.details["step"] for _, a in done if noted(a)] == [NOTED, ANEW, STOP, X1, OFF]
    agreed_at = next(
        now
        for now, a in done
        if now > 0 and isinstance(a, Exchanged) and a.name == "ChargeParameterDiscoveryRes"
    )
    taken_at = [now for now, action in done if noted(action)]
    assert taken_at == pytest.approx([agreed_at + s for s in (5, 5, 15, 25, 31)])
    assert not world.pilot.closed
    assert world.drawn == 0


# On DC.


def test_on_dc_the_supply_itself_is_watched():
    scene = dc_scene(wishes=PATIENT).plug_in()
    scene.wait_until(lambda: gives_all(scene))
    scene.world.supply.obedient = False
    scene.limit(10.0).wait(120)
    # To negotiate anew it goes off, and then begins as before.
    assert steps(scene) == [NOTED, ANEW, OFF, NOTED, STOP, X1, OFF]
    assert orders(scene)[-1].volts == 0
    assert scene.world.supply.given.volts == 0


def test_one_that_obeys_is_left_alone():
    scene = dc_scene(wishes=PATIENT).plug_in()
    scene.wait_until(lambda: gives_all(scene))
    scene.limit(10.0).wait(120)
    assert steps(scene) == []
