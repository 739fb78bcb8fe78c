"""When the charger asks for another negotiation, and when it rather does not."""

import pytest

from seccstack.session.events import (
    ContactorChanged,
    ForecastChanged,
    LimitChanged,
    PilotChanged,
)
from seccstack.session.iso2.notices import APART, LASTING
from tests.session.dc_vehicle import DcEv, dc_parameters, demand
from tests.session.vehicle import STATUS, Ev, parameters, power

HOUR = 3600


def wanted(ev):
    response = ev.ask(STATUS if type(ev) is Ev else demand(400, 1))
    status = getattr(response, "ac_evse_status", None) or response.dc_evse_status
    return status.evse_notification.value


def wait(ev, seconds):
    """Let time pass while the vehicle goes on asking."""
    said = [wanted(ev)]
    for _ in range(int(seconds // 10)):
        ev.wait(10)
        said.append(wanted(ev))
    return said[-1]


def test_a_limit_that_falls_is_told_and_not_negotiated():
    ev = Ev().charge().told(LimitChanged(8.0))
    assert wait(ev, 2 * APART) == "None"


def test_a_limit_that_rises_above_the_offer_is_offered_anew_once_it_lasts():
    ev = Ev().charge()
    wait(ev, APART)
    ev.told(LimitChanged(32.0))
    assert wait(ev, LASTING - 10) == "None"
    assert wait(ev, 10) == "ReNegotiation"


def test_a_rise_that_does_not_last_is_forgotten():
    ev = Ev().charge()
    wait(ev, APART)
    wait(ev.told(LimitChanged(32.0)), LASTING - 10)
    wait(ev.told(LimitChanged(16.0)), 10)
    assert wait(ev.told(LimitChanged(32.0)), LASTING - 10) == "None"


def test_a_rise_that_is_not_worth_it_is_left():
    ev = Ev().charge().told(LimitChanged(17.5))
    assert wait(ev, 5 * APART) == "None"


def test_the_wish_goes_with_the_negotiation_and_does_not_come_at_once_again():
    ev = Ev().charge().told(LimitChanged(20.0))
    assert wait(ev, 2 * APART) == "ReNegotiation"
    ev.ask(power("Renegotiate"))
    ev.ask(parameters())
    ev.ask(power("Start"))
    ev.told(LimitChanged(32.0))
    assert wait(ev, APART - 10) == "None"
    assert wait(ev, 10) == "ReNegotiation"


def planned(ev, *steps, plans=1):
    """Have it foreseen, counted from now; ``plans`` tells one plan from another."""
    return ev.told(ForecastChanged(tuple((ev.now + at, amps) for at, amps in steps), plans))


@pytest.mark.parametrize("amps", [0.0, 15.0, 18.0, 32.0])
def test_what_is_planned_anew_is_offered_anew(amps):
    ev = planned(Ev().charge(), (HOUR, amps))
    assert wait(ev, APART - 10) == "None"
    assert wait(ev, 10) == "ReNegotiation"
    ev.ask(power("Renegotiate"))
    schedule = ev.ask(parameters()).sa_schedules.sa_schedule_tuple[0].p_max_schedule
    assert [e.time_interval.start for e in schedule.p_max_schedule_entry] == [0, HOUR - APART]
    ev.ask(power("Start"))
    assert wait(ev, 5 * APART) == "None"


@pytest.mark.parametrize(
    "steps",
    [
        [(HOUR, 17.0)],  # not worth it
        [(HOUR, 8.0), (HOUR + 30, 16.0)],  # too short
        [(25 * HOUR, 8.0)],  # after the end of the offer
        [],
    ],
)
def test_a_plan_that_makes_no_difference_to_a_vehicle_is_not(steps):
    assert wait(planned(Ev().charge(), *steps), 5 * APART) == "None"


def test_nor_is_a_plan_that_is_said_again_later():
    ev = planned(Ev(), (HOUR, 8.0), (2 * HOUR, 32.0)).charge()
    wait(ev, 2 * APART)
    left = HOUR - 2 * APART
    planned(ev, (left + 0.4, 8.0), (left + HOUR - 0.4, 32.0), (left + 25 * HOUR, 6.0), plans=2)
    assert wait(ev, 5 * APART) == "None"


def test_nor_what_is_foreseen_otherwise_because_some_limit_has_changed():
    ev = planned(Ev(), (HOUR, 8.0)).charge()
    planned(ev, (HOUR, 6.0))
    assert wait(ev, 5 * APART) == "None"


def test_a_vehicle_that_should_be_gone_is_left_with_its_offer():
    ev = Ev().told(PilotChanged(True), ContactorChanged(True))
    ev.agree(request=parameters(departure_time=600)).ask(power("Start"))
    wait(ev, 610)
    assert wait(planned(ev, (HOUR, 8.0)), 2 * APART) == "None"


def test_on_dc_a_rise_is_negotiated_too():
    ev = DcEv().agree(10.0)
    from seccstack.session.events import InsulationChecked
    from tests.session.dc_vehicle import CABLE_CHECK, pre_charge

    ev.told(PilotChanged(True)).ask(CABLE_CHECK)
    ev.told(InsulationChecked(True)).ask(CABLE_CHECK)
    ev.ask(pre_charge())
    ev.ask(power("Start"))
    ev.told(LimitChanged(100.0))
    assert wait(ev, 2 * APART) == "ReNegotiation"
    assert ev.code(power("Renegotiate")) == "OK"
    assert ev.code(dc_parameters()) == "OK"


@pytest.mark.parametrize(("amps", "code"), [(8.0, "ReNegotiation"), (16.0, "None")])
def test_a_limit_below_the_offer_is_negotiated_with_a_contract_at_once(amps, code):
    ev = Ev().charge()
    session = ev.session._dialogue._session
    session.payment.chosen = True
    assert wanted(ev.told(LimitChanged(amps))) == code
