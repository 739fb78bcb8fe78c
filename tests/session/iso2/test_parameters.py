"""What a vehicle can, and what it is offered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.messages.iso2 import EnergyTransferMode
from seccstack.session import scaled
from seccstack.session.events import LimitChanged, Renegotiate, StopCharging
from seccstack.session.iso2.record import State
from seccstack.session.iso2.schedules import DAY, LATEST
from seccstack.session.plant import Charger
from tests.session.vehicle import (
    DC_PARAMETER,
    ONE,
    THREE,
    Ev,
    ac_parameter,
    parameters,
    value,
)


@pytest.fixture
def ev():
    ev = Ev().authorize()
    ev.tell(LimitChanged(16.0))
    return ev


def entries(response):
    (offered,) = response.sa_schedules.sa_schedule_tuple
    return [
        (e.time_interval.start, e.time_interval.duration, scaled.milli(e.p_max) / 1000)
        for e in offered.p_max_schedule.p_max_schedule_entry
    ]


def test_a_vehicle_is_offered_the_limit_as_one_schedule_for_a_day(ev):
    response = ev.ask(parameters())
    assert response.response_code.value == "OK"
    assert response.evse_processing.value == "Finished"
    assert response.sa_schedules.sa_schedule_tuple[0].sa_schedule_tuple_id == 1
    assert entries(response) == [(0, 86400, 11040)]
    assert ev.session.state is State.AGREED


def test_the_charger_says_its_voltage_its_current_and_that_all_is_well(ev):
    offered = ev.ask(parameters()).evse_charge_parameter
    assert offered.evse_nominal_voltage == value(230, "V")
    assert offered.evse_max_current == value(160, "A", -1)
    assert offered.ac_evse_status.evse_notification.value == "None"
    assert offered.ac_evse_status.rcd is False


@pytest.mark.parametrize(
    ("mode", "amps", "watts"),
    [
        (THREE, 6, 4140),
        (THREE, 8.3, 5727),
        (THREE, 32, 22080),
        (THREE, 63, 43470),
        (THREE, 0, 0),
        (ONE, 6, 1380),
        (ONE, 32, 7360),
    ],
)
def test_p_max_is_the_limit_times_the_phases(ev, mode, amps, watts):
    ev.tell(LimitChanged(amps))
    assert entries(ev.ask(parameters(mode))) == [(0, 86400, watts)]


@pytest.mark.parametrize(
    ("departure", "most", "expected"),
    [
        (None, None, [(0, 86400)]),
        (0, None, [(0, 86400)]),
        (1, None, [(0, 1)]),
        (7200, 1, [(0, 7200)]),
        (86400, 12, [(0, 86400)]),
        (86401, 12, [(0, None), (1, 86400)]),
        (200_000, None, [(0, None), (113_600, 86400)]),
        (200_000, 1, [(0, 86400)]),
        (200_000, 0, [(0, 86400)]),
        (16_777_214, None, [(0, None), (16_690_814, 86400)]),
        (16_777_215, None, [(0, None), (16_690_815, 86400)]),
        (4_294_967_295, None, [(0, None), (16_777_214, 86400)]),
    ],
)
def test_the_schedule_covers_the_time_until_departure(ev, departure, most, expected):
    response = ev.ask(parameters(most=most, departure_time=departure))
    assert [entry[:2] for entry in entries(response)] == expected


@given(st.integers(1, 2**32 - 1), st.integers(0, 65535))
def test_intervals_are_what_the_schema_allows_and_no_more_than_asked(seconds, most):
    ev = Ev().authorize().told(LimitChanged(16.0))
    response = ev.ask(parameters(most=most, departure_time=seconds))
    [offer] = response.sa_schedules.sa_schedule_tuple
    found = [entry.time_interval for entry in offer.p_max_schedule.p_max_schedule_entry]
    assert found[0].start == 0
    assert len(found) <= max(most, 1)
    assert all(i.start <= LATEST and (i.duration or 0) <= DAY for i in found)
    covered = found[-1].start + found[-1].duration
    assert covered == min(seconds, DAY if most < 2 else LATEST + DAY)


@pytest.mark.parametrize("mode", [m for m in EnergyTransferMode if m not in (THREE, ONE)])
@pytest.mark.parametrize("parameter", [DC_PARAMETER, None])
def test_a_mode_that_is_not_offered_is_refused(ev, mode, parameter):
    response = ev.ask(parameters(mode, parameter=parameter))
    assert response.response_code.value == "FAILED_WrongEnergyTransferMode"
    assert response.sa_schedules is None
    assert ev.session.state is State.ENDED


def test_a_charger_with_one_phase_refuses_three():
    ev = Ev(Charger(evse_id="DE*ABC*E1", phases=1)).authorize()
    ev.tell(LimitChanged(16.0))
    assert ev.code(parameters(THREE)) == "FAILED_WrongEnergyTransferMode"


def test_a_dc_parameter_with_an_ac_mode_is_the_wrong_mode(ev):
    code = ev.code(parameters(THREE, parameter=DC_PARAMETER))
    assert code == "FAILED_WrongEnergyTransferMode"


@pytest.mark.parametrize(
    "changes",
    [
        {"e_amount": value(20, "W", 3)},
        {"e_amount": value(-1, "Wh")},
        {"ev_max_voltage": value(400, "A")},
        {"ev_max_voltage": value(-400, "V")},
        {"ev_max_current": value(32, "W")},
        {"ev_max_current": value(-32, "A")},
        {"ev_min_current": value(6, "V")},
        {"ev_min_current": value(-6, "A")},
        {"ev_min_current": value(321, "A", -1)},
        {"ev_min_current": value(1, "A", 2)},
    ],
)
def test_impossible_parameters_are_refused(ev, changes):
    assert ev.code(parameters(**changes)) == "FAILED_WrongChargeParameter"


@pytest.mark.parametrize(
    "changes",
    [
        {"e_amount": value(0, "Wh")},
        {"e_amount": value(32767, "Wh", 3)},
        {"ev_max_voltage": value(4130, "V", -1), "ev_max_current": value(3500, "A", -1)},
        {"ev_max_current": value(32000, "A", -3)},
        {"ev_min_current": value(320, "A", -1)},
        {"ev_min_current": value(0, "A")},
    ],
)
def test_odd_but_possible_parameters_are_taken(ev, changes):
    assert ev.code(parameters(**changes)) == "OK"


def test_the_vehicle_asks_again_while_the_limit_is_not_known():
    ev = Ev().authorize()
    response = ev.ask(parameters())
    assert response.response_code.value == "OK"
    assert response.evse_processing.value == "Ongoing"
    assert response.sa_schedules is None
    assert response.evse_charge_parameter.evse_max_current == value(0, "A", -1)
    ev.tell(LimitChanged(10.0))
    assert entries(ev.ask(parameters())) == [(0, 86400, 6900)]


def test_it_is_not_asked_to_do_so_for_ever():
    ev = Ev().authorize()
    for _ in range(11):
        assert ev.code(parameters()) == "OK"
        ev.wait(5.0)
    assert ev.code(parameters()) == "FAILED"
    assert ev.session.state is State.ENDED


def test_a_charger_that_wants_to_stop_says_so_with_its_parameters(ev):
    ev.tell(StopCharging("the owner says so"))
    offered = ev.ask(parameters()).evse_charge_parameter
    assert offered.ac_evse_status.evse_notification.value == "StopCharging"


def test_a_renegotiation_that_was_wanted_before_the_offer_is_done_with_it(ev):
    ev.tell(Renegotiate("the limit rose"))
    offered = ev.ask(parameters()).evse_charge_parameter
    assert offered.ac_evse_status.evse_notification.value == "None"


def test_a_parameter_of_a_vehicle_is_compared_exactly():
    assert scaled.milli(ac_parameter().ev_max_current) == 32_000
