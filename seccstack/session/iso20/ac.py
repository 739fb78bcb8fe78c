"""ISO 15118-20 on AC: what each side can, and the loop in which the vehicle gets its target.

The target is the limit of the moment, of each phase, in either control mode: so a limit reaches
the vehicle with its next turn of the loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seccstack.messages import iso20_ac
from seccstack.messages.iso20_ac import (
    AC_ChargeLoopReq,
    AC_ChargeLoopRes,
    AC_ChargeParameterDiscoveryReq,
    AC_ChargeParameterDiscoveryRes,
)
from seccstack.messages.iso20_types import RationalNumber, ResponseCode
from seccstack.session.iso20 import bpt, loop, power, promises, rational
from seccstack.session.iso20.record import Chosen, Control, Reply, Service, Session, State
from seccstack.session.iso20.refusal import refused

WRONG = ResponseCode.FAILED_WRONG_CHARGE_PARAMETER
LEAST_AMPS = 6.0  # what a pilot can say, and with that, the least that is offered
FREQUENCY = RationalNumber(exponent=0, value=50)  # hertz; European grids

PARAMETERS: Mapping[Service, type[Any]] = {  # of each service: what a vehicle says it can
    Service.AC: iso20_ac.AC_CPDReqEnergyTransferMode,
    Service.AC_BPT: iso20_ac.BPT_AC_CPDReqEnergyTransferMode,
}
LOOPS: Mapping[tuple[Service, Control], tuple[type[Any], type[Any]]] = {  # and in the loop
    (Service.AC, Control.SCHEDULED): (
        iso20_ac.Scheduled_AC_CLReqControlMode,
        iso20_ac.Scheduled_AC_CLResControlMode,
    ),
    (Service.AC, Control.DYNAMIC): (
        iso20_ac.Dynamic_AC_CLReqControlMode,
        iso20_ac.Dynamic_AC_CLResControlMode,
    ),
    (Service.AC_BPT, Control.SCHEDULED): (
        iso20_ac.BPT_Scheduled_AC_CLReqControlMode,
        iso20_ac.BPT_Scheduled_AC_CLResControlMode,
    ),
    (Service.AC_BPT, Control.DYNAMIC): (
        iso20_ac.BPT_Dynamic_AC_CLReqControlMode,
        iso20_ac.BPT_Dynamic_AC_CLResControlMode,
    ),
}


def charge_parameter_discovery(
    request: AC_ChargeParameterDiscoveryReq, session: Session
) -> Reply:
    """AC_ChargeParameterDiscoveryReq: what the vehicle can, in the words of its service."""
    chosen, asked = session.chosen, request.ac_cpd_req_energy_transfer_mode
    if chosen is None or PARAMETERS.get(chosen.service) is not type(asked):
        return refused(request, WRONG, session, "it has selected another service")
    if not plausible(asked):
        return refused(request, WRONG, session, "its limits contradict each other")
    response = AC_ChargeParameterDiscoveryRes(
        header=session.heading,
        response_code=ResponseCode.OK,
        ac_cpd_res_energy_transfer_mode=offered(chosen, session),
    )
    return Reply(response, State.NEGOTIATING)


def plausible(asked: iso20_ac.AC_CPDReqEnergyTransferMode | Any) -> bool:
    """Whether a vehicle can charge with something, and its least is not above its most."""
    most = rational.plain(asked.ev_maximum_charge_power)
    least = rational.plain(asked.ev_minimum_charge_power)
    if isinstance(asked, iso20_ac.BPT_AC_CPDReqEnergyTransferMode) and not bpt.plausible(asked):
        return False
    return most > 0 and 0 <= least <= most


Offered = iso20_ac.AC_CPDResEnergyTransferMode | iso20_ac.BPT_AC_CPDResEnergyTransferMode


def offered(chosen: Chosen, session: Session) -> Offered:
    """Return what the charger can now: the limit, and the least that it can say."""
    most = power.per_phase(session)
    least = min(LEAST_AMPS * session.charger.nominal_volts, most)
    charge = {
        **power.on_lines("evse_maximum_charge_power", most, session),
        **power.on_lines("evse_minimum_charge_power", least, session),
        "evse_nominal_frequency": FREQUENCY,
    }
    if chosen.both_ways:
        return iso20_ac.BPT_AC_CPDResEnergyTransferMode(**charge, **bpt.offered(session))
    return iso20_ac.AC_CPDResEnergyTransferMode(**charge)


def charge_loop(request: AC_ChargeLoopReq, session: Session) -> Reply:
    """AC_ChargeLoopReq: the target that holds now, and what the meter says."""
    chosen = session.chosen
    assert chosen is not None  # noqa: S101 - nothing loops before a service is selected
    asks, answers = LOOPS[chosen.service, chosen.control]
    if not isinstance(request.cl_req_control_mode, asks):
        return refused(request, ResponseCode.FAILED, session, "it has selected another mode")
    code = promises.judged(drawn(request.cl_req_control_mode), session)
    if code is ResponseCode.FAILED_EV_POWER_PROFILE_VIOLATION:
        return refused(request, code, session, "it draws more than it was offered")
    turn = loop.turn(request.meter_info_requested, session)
    response = AC_ChargeLoopRes(
        header=session.heading,
        response_code=code,
        evse_status=turn.status,
        meter_info=turn.meter_info,
        cl_res_control_mode=answers(**target(request.cl_req_control_mode, session)),
    )
    return Reply(response, State.CHARGING)


def drawn(mode: iso20_ac.CLReqControlMode) -> float:
    """Return the power that the vehicle says it draws; what it gives on one hides no other."""
    lines = (
        mode.ev_present_active_power,
        mode.ev_present_active_power_l2,
        mode.ev_present_active_power_l3,
    )
    return sum(max(rational.plain(line), 0.0) for line in lines if line is not None)


def target(mode: iso20_ac.CLReqControlMode, session: Session) -> dict[str, RationalNumber]:
    """Say the limit of the moment; to who may give energy and lets the charger decide, that."""
    if isinstance(mode, iso20_ac.BPT_Dynamic_AC_CLReqControlMode):
        return bpt.target(mode, session)
    return power.on_lines("evse_target_active_power", power.per_phase(session), session)
