"""ISO 15118-20 on DC: parameters, cable check, pre-charge, the loop, and the end."""

from dataclasses import replace

import pytest
from msgspec import structs

from seccstack.auth.decision import Pending
from seccstack.messages.codec import Schema, decode, encode
from seccstack.messages.iso20_common import ChargingSession, SessionStopReq
from seccstack.messages.iso20_types import Processing
from seccstack.session.dc import CHECK_TIME, SWITCH_TIME
from seccstack.session.events import CheckInsulation, Meter, StopCharging, Stopped
from seccstack.session.iso20 import dc, exchange, schedules
from seccstack.session.iso20.rational import plain
from seccstack.session.iso20.record import Control, State
from seccstack.session.plant import Charger
from tests.session.iso20 import vehicle as ev
from tests.session.iso20.dc_requests import (
    CABLE_CHECK,
    HEADER,
    SUPPLY,
    WELDING,
    dynamic,
    parameters,
    pre_charge,
    scheduled,
    session,
)

DYNAMIC = Control.DYNAMIC
STOP = SessionStopReq(header=HEADER, charging_session=ChargingSession.TERMINATE)


def answered(handler, request, known):
    """The response, as the vehicle has it."""
    reply = handler(request, known)
    encoded = encode(Schema.ISO20_DC, reply.response)
    assert decode(Schema.ISO20_DC, encoded).message == reply.response
    return reply.response


def code(handler, request, known):
    return answered(handler, request, known).response_code.value


def demanded(request, known):
    [action] = dc.charge_loop(request, known).actions
    return action.volts, action.amps


# Parameters.


def test_what_the_supply_can_is_announced_whatever_the_limit_of_the_moment():
    told = answered(dc.charge_parameters, parameters(), session(amps=6.0))
    mode = told.dc_cpd_res_energy_transfer_mode
    assert plain(mode.evse_maximum_charge_power) == 50_000
    assert plain(mode.evse_maximum_charge_current) == 125
    assert plain(mode.evse_maximum_voltage) == 500
    assert plain(mode.evse_minimum_voltage) == 150
    assert plain(mode.evse_minimum_charge_power) == 150


def test_so_is_what_it_takes_back():
    told = answered(dc.charge_parameters, parameters(both_ways=True), session(both_ways=True))
    mode = told.dc_cpd_res_energy_transfer_mode
    assert plain(mode.evse_maximum_discharge_power) == 10_000
    assert plain(mode.evse_maximum_discharge_current) == 40


@pytest.mark.parametrize("both_ways", [False, True])
def test_parameters_of_another_service_are_refused(both_ways):
    asked = parameters(both_ways=not both_ways)
    known = session(both_ways=both_ways)
    assert code(dc.charge_parameters, asked, known) == "FAILED_WrongChargeParameter"


def test_parameters_of_dc_are_refused_on_ac():
    known = session()
    known.charger = Charger(evse_id="DE*ABC*E1")
    assert code(dc.charge_parameters, parameters(), known) == "FAILED_WrongChargeParameter"


@pytest.mark.parametrize(
    "changes",
    [
        {"ev_maximum_charge_power": -1},
        {"ev_minimum_charge_current": 201},
        {"ev_minimum_voltage": 451},
        {"ev_maximum_voltage": 149, "ev_minimum_voltage": 0},
        {"ev_maximum_voltage": 0, "ev_minimum_voltage": 0},
        {"ev_maximum_voltage": 900, "ev_minimum_voltage": 501},
    ],
)
def test_limits_that_leave_nothing_to_charge_with_are_refused(changes):
    asked = parameters(**changes)
    assert code(dc.charge_parameters, asked, session()) == "FAILED_WrongChargeParameter"


def test_so_are_such_limits_of_what_goes_back():
    asked = parameters(both_ways=True, ev_minimum_discharge_power=21_000)
    known = session(both_ways=True)
    assert code(dc.charge_parameters, asked, known) == "FAILED_WrongChargeParameter"


def test_what_goes_back_may_be_written_as_less_than_nothing():
    asked = parameters(
        both_ways=True, ev_maximum_discharge_power=-20_000, ev_maximum_discharge_current=-30
    )
    assert code(dc.charge_parameters, asked, session(both_ways=True)) == "OK"


def test_what_was_found_of_the_cable_before_is_void():
    known = session(insulated=True)
    dc.charge_parameters(parameters(), known)
    assert known.plant.insulated is None


# Cable check.


def test_the_cable_check_is_ongoing_until_the_insulation_is_known():
    known = session()
    reply = dc.cable_check(CABLE_CHECK, known)
    assert reply.response.evse_processing is Processing.ONGOING
    assert (reply.next, reply.actions) == (State.CHECKING, (CheckInsulation(),))
    assert dc.cable_check(CABLE_CHECK, known).actions == ()
    known.plant.insulated = True
    reply = dc.cable_check(CABLE_CHECK, known)
    assert reply.response.evse_processing is Processing.FINISHED
    assert reply.next is State.CHECKED


@pytest.mark.parametrize(
    "plant", [{"insulated": False}, {"fault": "hot"}, {"decision": Pending()}]
)
def test_a_cable_that_may_not_be_live_is_refused(plant):
    assert code(dc.cable_check, CABLE_CHECK, session(**plant)) == "FAILED"


def test_a_check_that_takes_too_long_is_given_up():
    known = session()
    dc.cable_check(CABLE_CHECK, known)
    known.now += CHECK_TIME
    assert code(dc.cable_check, CABLE_CHECK, known) == "FAILED"


def test_the_vehicle_has_its_time_to_close_its_switch():
    known = session(ready=False)
    owed = dc.cable_check(CABLE_CHECK, known)
    assert owed.state is State.CONNECTING
    assert dc.still_owed(CABLE_CHECK, known) is None
    known.plant.ready = True
    assert owed.resume(known).next is State.CHECKING


def test_one_that_never_does_is_refused():
    known = session(ready=False)
    owed = dc.cable_check(CABLE_CHECK, known)
    known.now += SWITCH_TIME
    assert owed.resume(known).response.response_code.value == "FAILED"


# Pre-charge.


def test_pre_charge_passes_the_voltage_on_and_tells_what_is_there():
    reply = dc.pre_charge(pre_charge(380), session(output_volts=123.456))
    assert plain(reply.response.evse_present_voltage) == 123.46
    [action] = reply.actions
    assert (action.volts, action.amps) == (380, 2)
    assert reply.next is State.PRECHARGED


def test_a_voltage_below_nothing_is_refused():
    assert code(dc.pre_charge, pre_charge(-1), session()) == "FAILED"


def test_nobody_is_pre_charged_who_may_not_charge():
    assert code(dc.pre_charge, pre_charge(), session(decision=Pending())) == "FAILED"


# The loop.


def test_a_vehicle_that_decides_gets_what_it_demands():
    assert demanded(scheduled(380, 90), session()) == (380, 90)


def test_it_is_told_what_is_at_the_plug_and_what_limits_hold():
    told = answered(
        dc.charge_loop, scheduled(), session(amps=20.0, output_volts=399.5, output_amps=34.5)
    )
    assert plain(told.evse_present_voltage) == 399.5
    assert plain(told.evse_present_current) == 34.5
    assert plain(told.cl_res_control_mode.evse_maximum_charge_power) == 20 * 230 * 3
    assert told.evse_power_limit_achieved
    assert not told.evse_current_limit_achieved


def test_no_limit_of_the_loop_is_above_what_was_announced():
    told = answered(dc.charge_loop, scheduled(), session(amps=1000.0)).cl_res_control_mode
    assert plain(told.evse_maximum_charge_power) == 50_000
    assert plain(told.evse_maximum_charge_current) == 125


@pytest.mark.parametrize(
    ("request_", "reached"),
    [
        (scheduled(400, 10), (False, False, False)),
        (scheduled(400, 125), (True, True, False)),
        (scheduled(600, 10), (False, False, True)),
    ],
)
def test_it_is_told_which_limits_it_has_reached(request_, reached):
    told = answered(dc.charge_loop, request_, session())
    assert reached == (
        told.evse_power_limit_achieved,
        told.evse_current_limit_achieved,
        told.evse_voltage_limit_achieved,
    )


@pytest.mark.parametrize(
    ("request_", "known"),
    [
        (scheduled(), session(DYNAMIC)),
        (dynamic(), session()),
        (scheduled(both_ways=True), session()),
        (scheduled(), session(both_ways=True)),
        (dynamic(both_ways=True), session(DYNAMIC)),
        (scheduled(-1, 0), session()),
        (scheduled(400, -1), session()),
    ],
)
def test_a_turn_in_another_mode_or_of_nonsense_is_refused(request_, known):
    assert code(dc.charge_loop, request_, known) == "FAILED"


@pytest.mark.parametrize("trouble", [{"fault": "hot"}, {"decision": Pending()}])
def test_a_charger_that_may_give_nothing_gives_nothing(trouble):
    assert demanded(scheduled(), session(**trouble)) == (0, 0)


@pytest.mark.parametrize("trouble", [{"fault": "hot"}, {"stop": StopCharging("enough")}])
def test_it_says_so_with_the_status(trouble):
    told = answered(dc.charge_loop, scheduled(), session(**trouble))
    assert told.evse_status.evse_notification.value == "Terminate"


def test_the_meter_is_shown_first_and_when_asked_for():
    known = session(meter=Meter("meter", 1234))
    assert answered(dc.charge_loop, scheduled(), known).meter_info.meter_id == "meter"
    assert answered(dc.charge_loop, scheduled(), known).meter_info is None
    assert answered(dc.charge_loop, scheduled(metered=True), known).meter_info is not None


# Who lets the charger decide.


def test_a_vehicle_that_lets_the_charger_decide_gets_all_there_is():
    assert demanded(dynamic(), session(DYNAMIC)) == (450, 125)
    assert demanded(dynamic(), session(DYNAMIC, amps=20.0)) == (450, 34.5)


def test_it_gets_no_more_than_it_can_take():
    assert demanded(dynamic(ev_maximum_charge_power=8000), session(DYNAMIC)) == (450, 20)
    assert demanded(dynamic(ev_maximum_charge_current=7), session(DYNAMIC)) == (450, 7)
    assert demanded(dynamic(ev_maximum_charge_current=-7), session(DYNAMIC)) == (450, 0)


def test_a_voltage_that_cannot_be_is_not_divided_by():
    known = session(DYNAMIC, supply=replace(SUPPLY, min_volts=0))
    assert demanded(dynamic(volts=0), known) == (450, 200)


# Energy that goes back.


def test_a_vehicle_that_decides_may_give():
    assert demanded(scheduled(400, -20, both_ways=True), session(both_ways=True)) == (400, -20)


def test_it_is_told_what_is_taken():
    told = answered(dc.charge_loop, scheduled(400, -25, True), session(both_ways=True))
    assert plain(told.cl_res_control_mode.evse_maximum_discharge_power) == 10_000
    assert plain(told.cl_res_control_mode.evse_maximum_discharge_current) == 40
    assert told.evse_power_limit_achieved


def test_a_limit_bounds_both_directions():
    told = answered(dc.charge_loop, scheduled(400, -5, True), session(both_ways=True, amps=6.0))
    assert plain(told.cl_res_control_mode.evse_maximum_discharge_power) == 6 * 230 * 3
    assert plain(told.cl_res_control_mode.evse_maximum_charge_power) == 6 * 230 * 3


def test_one_that_lets_the_charger_decide_gives_what_is_wanted():
    known = session(DYNAMIC, both_ways=True, discharge_watts=4000)
    told = answered(dc.charge_loop, dynamic(both_ways=True), known)
    assert plain(told.cl_res_control_mode.evse_maximum_discharge_power) == 10_000
    assert demanded(dynamic(both_ways=True), known) == (450, -10)
    less = dynamic(both_ways=True, ev_maximum_discharge_current=-8)
    assert demanded(less, known) == (450, -8)


def test_it_is_charged_where_nothing_is_wanted():
    assert demanded(dynamic(both_ways=True), session(DYNAMIC, both_ways=True)) == (450, 125)


# The end.


def test_the_voltage_that_is_left_is_told():
    reply = dc.welding_detection(WELDING, session(ready=False, output_volts=3.0))
    assert plain(reply.response.evse_present_voltage) == 3.0
    assert reply.next is State.UNLOADING


@pytest.mark.parametrize(
    ("handler", "request_"), [(dc.welding_detection, WELDING), (dc.session_stop, STOP)]
)
def test_the_vehicle_has_its_time_to_open_its_switch(handler, request_):
    known = session()
    owed = handler(request_, known)
    assert owed.state is State.PARTING
    known.now += SWITCH_TIME
    assert owed.resume(known).response.response_code.value == "FAILED"


def test_a_session_ends_once_it_has():
    known = session()
    owed = dc.session_stop(STOP, known)
    known.plant.ready = False
    assert owed.resume(known).how == Stopped()


# The schedule.


def test_a_profile_of_all_that_was_offered_is_within_it():
    known = session()
    asked = ev.scheduled(most=12)
    told = exchange.schedule_exchange(asked, known).response
    [offered] = told.scheduled_se_res_control_mode.schedule_tuple
    schedule = offered.charging_schedule.power_schedule
    [entry] = schedule.power_schedule_entries.power_schedule_entry
    assert plain(entry.power) == 50_000
    profile = ev.profile((entry.duration, 5000), anchor=schedule.time_anchor)
    [listed] = profile.ev_power_profile_entries.ev_power_profile_entry
    entries = structs.replace(
        profile.ev_power_profile_entries,
        ev_power_profile_entry=(structs.replace(listed, power=entry.power),),
    )
    all_of_it = structs.replace(profile, ev_power_profile_entries=entries)
    assert schedules.within(all_of_it, known.offered[1], known)
