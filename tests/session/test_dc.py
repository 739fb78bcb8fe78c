"""DC in all protocols: what is found of a cable, and what is passed on."""

from enum import Enum
from types import SimpleNamespace

import pytest

from seccstack.auth.decision import Granted
from seccstack.messages.din import DC_EVErrorCode, PhysicalValue
from seccstack.session import dc
from seccstack.session.events import CheckInsulation, DemandOutput, Renegotiate, StopCharging
from seccstack.session.plant import Charger, Plant
from tests.session.dc_vehicle import SUPPLY

CHARGER = Charger(evse_id="DE*ABC*E1", supply=SUPPLY)


class State(Enum):
    OWING = "owing"


def session(now=0.0, **known):
    plant = Plant(decision=Granted("open"), **known)
    return SimpleNamespace(plant=plant, now=now, check=dc.CableCheck())


def volts(value, multiplier=0):
    return PhysicalValue(multiplier=multiplier, value=value)


def waiting_for(closed, one):
    return dc.await_switch(one, closed, 1.5, State.OWING, lambda _: "then", lambda _: "late")


@pytest.mark.parametrize("closed", [True, False])
def test_a_response_is_owed_until_the_switch_is_as_it_has_to_be(closed):
    one = session(ready=not closed)
    owed = waiting_for(closed, one)
    assert (owed.deadline, owed.state) == (1.5, State.OWING)
    one.plant.ready = closed
    assert owed.resume(one) == "then"


def test_a_switch_that_is_late_is_refused_and_one_that_is_there_never():
    assert waiting_for(True, session(now=1.5)) == "late"
    assert waiting_for(True, session(now=1.5, ready=True)) == "then"


def test_the_insulation_is_asked_for_once_and_anew_after_it_is_forgotten():
    one = session()
    assert dc.measure(one) == (CheckInsulation(),)
    assert dc.measure(one) == ()
    one.plant.insulated = True
    assert dc.measure(one) == ()
    dc.forget_check(one)
    assert dc.measure(one) == (CheckInsulation(),)


@pytest.mark.parametrize(
    ("known", "why"),
    [
        ({"insulated": True}, ""),
        ({}, ""),
        ({"insulated": False}, "not good"),
        ({"fault": "hot"}, "hot"),
    ],
)
def test_a_cable_has_failed_for_a_reason_or_not(known, why):
    found = dc.check_failed(session(**known))
    assert why in found
    assert bool(found) is bool(why)


def test_a_cable_whose_insulation_never_gets_known_has_failed_in_time():
    one = session()
    dc.begin_check(one)
    one.now = dc.CHECK_TIME
    assert "not known" in dc.check_failed(one)


@pytest.mark.parametrize(
    ("error", "given"), [("NO_ERROR", 400.0), ("FAILED_EVRESSMalfunction", 0.0)]
)
def test_a_vehicle_in_error_demands_nothing(error, given):
    wanted = dc.demand(DC_EVErrorCode(error), volts(400), volts(100, -1))
    assert wanted == (DemandOutput(given, 10.0) if given else dc.NOTHING)


@pytest.mark.parametrize(("amps", "watts"), [(None, 0.0), (16.0, 11_040.0), (1000.0, 50_000.0)])
def test_a_power_is_that_of_the_grid_and_never_above_the_supplys(amps, watts):
    assert dc.watts(CHARGER, SUPPLY, amps) == watts


def test_what_is_wanted_of_the_vehicle_is_said_with_what_is_the_matter():
    plant = Plant()
    assert (dc.notification(plant), dc.status_code(plant, True)[5:14]) == ("None", "Isolation")
    plant.renegotiation = Renegotiate("more")
    assert dc.notification(plant) == "ReNegotiation"
    plant.stop = StopCharging("owner")
    assert (dc.notification(plant), dc.status_code(plant, True)) == (
        "StopCharging",
        "EVSE_Shutdown",
    )
    plant.fault = "hot"
    assert dc.status_code(plant, False) == "EVSE_Malfunction"
