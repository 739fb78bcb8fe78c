"""ISO 15118-20 on AC, both ways."""

from dataclasses import replace

import pytest
from msgspec import structs

from seccstack.messages import iso20_ac
from seccstack.session.events import (
    ContactorChanged,
    DischargeWanted,
    LimitChanged,
    PilotChanged,
)
from seccstack.session.iso20.rational import plain
from tests.session.iso20.vehicle import (
    ANY,
    CHARGER,
    DYNAMIC,
    Ev,
    ac,
    detail,
    loop,
    number,
    power,
    profile,
    scheduled,
)

BOTH_WAYS = replace(CHARGER, discharge_amps=10.0)
AC_BPT = 5
BACK = {"ev_maximum_discharge_power": number(11, 3), "ev_minimum_discharge_power": number(0)}
ASKED = ac().ac_cpd_req_energy_transfer_mode
SCHEDULED_LOOP = iso20_ac.BPT_Scheduled_AC_CLReqControlMode(ev_present_active_power=number(0))
DYNAMIC_LOOP = iso20_ac.BPT_Dynamic_AC_CLReqControlMode(
    ev_target_energy_request=number(20, 3),
    ev_maximum_energy_request=number(40, 3),
    ev_minimum_energy_request=number(0),
    ev_maximum_charge_power=number(11, 3),
    ev_minimum_charge_power=number(1380),
    ev_present_active_power=number(0),
    ev_present_reactive_power=number(0),
    **BACK,
)


def both_ways(**changes):
    known = {name: getattr(ASKED, name) for name in ASKED.__struct_fields__}
    mode = iso20_ac.BPT_AC_CPDReqEnergyTransferMode(**{**known, **BACK, **changes})
    return iso20_ac.AC_ChargeParameterDiscoveryReq(
        header=ANY, ac_cpd_req_energy_transfer_mode=mode
    )


def selected(parameter_set=1, amps=16.0):
    ev = Ev(BOTH_WAYS).told(LimitChanged(amps), PilotChanged(True), ContactorChanged(True))
    return ev.select(AC_BPT, parameter_set)


def charging(parameter_set=1, amps=16.0):
    ev = selected(parameter_set, amps)
    ev.ask(both_ways())
    ev.ask(scheduled() if parameter_set % 2 else DYNAMIC)
    ev.ask(power("Start", profile(tuple_id=1 if parameter_set % 2 else None)))
    return ev


def target(ev, **changes):
    told = ev.ask(loop(structs.replace(DYNAMIC_LOOP, **changes))).cl_res_control_mode
    return plain(told.evse_target_active_power)


def test_it_is_offered_where_the_owner_lets_energy_back():
    for charger, services in ((BOTH_WAYS, [1, AC_BPT]), (CHARGER, [1])):
        offer = Ev(charger).discover().answer().energy_transfer_service_list.service
        assert [one.service_id for one in offer] == services


def test_it_has_parameters_of_its_own_and_no_more_than_codecs_bear():
    [first, *_] = (
        Ev(BOTH_WAYS).discover().ask(detail(AC_BPT)).service_parameter_list.parameter_set
    )
    names = [one.name for one in first.parameter]
    back = ["BPTChannel", "GeneratorMode", "GridCodeIslandingDetectionMethod"]
    assert names[-3:] == back
    assert len(names) == 8


def test_it_is_told_what_may_go_back():
    told = selected().ask(both_ways()).ac_cpd_res_energy_transfer_mode
    assert plain(told.evse_maximum_discharge_power) == 2300
    assert plain(told.evse_maximum_discharge_power_l3) == 2300
    assert plain(told.evse_maximum_charge_power) == 16 * 230


@pytest.mark.parametrize(
    ("least", "code"), [(12_000, "FAILED_WrongChargeParameter"), (-2000, "OK")]
)
def test_its_own_limits_are_to_be_in_order_whatever_their_sign(least, code):
    assert selected().code(both_ways(ev_minimum_discharge_power=number(least))) == code


def test_parameters_of_one_way_are_refused():
    assert selected().code(ac()) == "FAILED_WrongChargeParameter"


def test_one_that_decides_is_told_the_limit_of_the_moment():
    told = charging().ask(loop(SCHEDULED_LOOP)).cl_res_control_mode
    assert plain(told.evse_target_active_power) == 16 * 230


def test_one_that_lets_the_charger_decide_is_charged():
    assert target(charging(2)) == 3666


def test_it_gives_what_is_wanted_within_every_limit():
    ev = charging(2).told(DischargeWanted(3000.0))
    assert target(ev) == -1000
    ev.told(DischargeWanted(30_000.0))
    assert target(ev) == -2300
    assert target(ev, ev_maximum_discharge_power=number(-3300)) == -1100
    ev.told(LimitChanged(6.0))
    assert target(ev) == -6 * 230
    ev.told(LimitChanged(0.0))
    assert target(ev) == 0


@pytest.mark.parametrize("other", [loop(), loop(SCHEDULED_LOOP)])
def test_a_turn_of_another_mode_is_refused(other):
    assert charging(2).code(other) == "FAILED"


def test_the_loop_of_both_ways_is_refused_of_one_way():
    ev = Ev().told(LimitChanged(16.0)).charge()
    assert ev.code(loop(SCHEDULED_LOOP)) == "FAILED"
