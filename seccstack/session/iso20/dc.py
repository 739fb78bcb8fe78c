"""ISO 15118-20 on DC: the vehicle's limits and ours, cable check, pre-charge, loop, welding.

What is announced with the parameters is what the supply can; the loop never says more
[V2G20-2654], and says what the present limit leaves of it. The output's own guard keeps what is
given within that, both ways.
"""

from __future__ import annotations

from seccstack.messages.iso20_common import SessionStopReq
from seccstack.messages.iso20_dc import (
    BPT_DC_CPDReqEnergyTransferMode,
    BPT_Dynamic_DC_CLReqControlMode,
    BPT_Scheduled_DC_CLReqControlMode,
    CLReqControlMode,
    DC_CableCheckReq,
    DC_CableCheckRes,
    DC_ChargeLoopReq,
    DC_ChargeLoopRes,
    DC_ChargeParameterDiscoveryReq,
    DC_ChargeParameterDiscoveryRes,
    DC_CPDReqEnergyTransferMode,
    DC_PreChargeReq,
    DC_PreChargeRes,
    DC_WeldingDetectionReq,
    DC_WeldingDetectionRes,
    Dynamic_DC_CLReqControlMode,
    Scheduled_DC_CLReqControlMode,
)
from seccstack.messages.iso20_types import Processing, ResponseCode
from seccstack.session import dc
from seccstack.session.events import DemandOutput
from seccstack.session.iso20 import dc_limits, loop, stop
from seccstack.session.iso20.dynamic import target_watts
from seccstack.session.iso20.rational import measured, plain
from seccstack.session.iso20.record import Control, Outcome, Reply, Session, State
from seccstack.session.iso20.refusal import refused
from seccstack.session.plant import DcSupply

PRECHARGE_AMPS = 2.0  # IEC 61851-23; a vehicle says no current, and the guard gives no more
MODES = {  # whose turn of the loop it is, and whether energy may go back
    Scheduled_DC_CLReqControlMode: (Control.SCHEDULED, False),
    BPT_Scheduled_DC_CLReqControlMode: (Control.SCHEDULED, True),
    Dynamic_DC_CLReqControlMode: (Control.DYNAMIC, False),
    BPT_Dynamic_DC_CLReqControlMode: (Control.DYNAMIC, True),
}
WRONG_PARAMETER = ResponseCode.FAILED_WRONG_CHARGE_PARAMETER


def charge_parameters(request: DC_ChargeParameterDiscoveryReq, session: Session) -> Reply:
    """DC_ChargeParameterDiscoveryReq: what the vehicle can take, and the supply give."""
    asked, chosen = request.dc_cpd_req_energy_transfer_mode, session.chosen
    supply, both_ways = session.charger.supply, isinstance(asked, BOTH_WAYS)
    if supply is None or chosen is None or chosen.both_ways is not both_ways:
        return refused(request, WRONG_PARAMETER, session, "not the service that was selected")
    if not plausible(asked, supply):
        return refused(request, WRONG_PARAMETER, session, "limits that cannot be")
    dc.forget_check(session)
    response = DC_ChargeParameterDiscoveryRes(
        header=session.heading,
        response_code=ResponseCode.OK,
        dc_cpd_res_energy_transfer_mode=dc_limits.announced(supply, both_ways),
    )
    return Reply(response, State.NEGOTIATING)


BOTH_WAYS = BPT_DC_CPDReqEnergyTransferMode


def plausible(
    asked: DC_CPDReqEnergyTransferMode | BPT_DC_CPDReqEnergyTransferMode, supply: DcSupply
) -> bool:
    """Whether the limits leave something to charge with, at a voltage that both can.

    Some write what goes back as less than nothing: what counts is how much it is.
    """
    pairs = [
        (asked.ev_minimum_charge_power, asked.ev_maximum_charge_power),
        (asked.ev_minimum_charge_current, asked.ev_maximum_charge_current),
        (asked.ev_minimum_voltage, asked.ev_maximum_voltage),
    ]
    in_order = all(0 <= plain(least) <= plain(most) for least, most in pairs)
    least, most = plain(asked.ev_minimum_voltage), plain(asked.ev_maximum_voltage)
    common = most > 0 and most >= supply.min_volts and least <= supply.max_volts
    if isinstance(asked, BOTH_WAYS):
        in_order = in_order and all(
            abs(plain(less)) <= abs(plain(more))
            for less, more in (
                (asked.ev_minimum_discharge_power, asked.ev_maximum_discharge_power),
                (asked.ev_minimum_discharge_current, asked.ev_maximum_discharge_current),
            )
        )
    return in_order and common


def cable_check(request: DC_CableCheckReq, session: Session) -> Outcome:
    """DC_CableCheckReq: the insulation is measured, once the vehicle has closed its switch."""
    dc.begin_check(session)
    return dc.await_switch(
        session,
        True,
        session.now + dc.SWITCH_TIME,
        State.CONNECTING,
        lambda later: checked(request, later),
        lambda later: refused(request, ResponseCode.FAILED, later, "the vehicle is not ready"),
    )


def checked(request: DC_CableCheckReq, session: Session) -> Reply:
    """Say whether the cable is known to be good, and have it measured."""
    if why := dc.check_failed(session):
        return refused(request, ResponseCode.FAILED, session, why)
    done = session.plant.insulated is True
    response = DC_CableCheckRes(
        header=session.heading,
        response_code=ResponseCode.OK,
        evse_processing=Processing.FINISHED if done else Processing.ONGOING,
    )
    return Reply(response, State.CHECKED if done else State.CHECKING, dc.measure(session))


def still_owed(request: object, session: Session) -> None:
    """Let the response that is owed do for a request that is made once more."""
    return


def pre_charge(request: DC_PreChargeReq, session: Session) -> Reply:
    """DC_PreChargeReq: the cable is brought to the voltage that the battery has."""
    if why := dc.obstacle(session.plant):
        return refused(request, ResponseCode.FAILED, session, why)
    volts = plain(request.ev_target_voltage)
    if volts < 0:
        return refused(request, ResponseCode.FAILED, session, "no such voltage")
    response = DC_PreChargeRes(
        header=session.heading,
        response_code=ResponseCode.OK,
        evse_present_voltage=measured(session.plant.output_volts),
    )
    return Reply(response, State.PRECHARGED, (DemandOutput(volts, PRECHARGE_AMPS),))


def charge_loop(request: DC_ChargeLoopReq, session: Session) -> Reply:
    """DC_ChargeLoopReq: what is at the plug now, and the limits that hold.

    A charger that may give nothing any more says so, gives nothing, and lets the vehicle stop.
    """
    supply, chosen = session.charger.supply, session.chosen
    mode = request.cl_req_control_mode
    if (
        supply is None
        or chosen is None
        or MODES[type(mode)] != (chosen.control, chosen.both_ways)
    ):
        return refused(request, ResponseCode.FAILED, session, "not the mode that was selected")
    wanted = demand(request, supply, session)
    if wanted.volts < 0 or (wanted.amps < 0 and not chosen.both_ways):
        return refused(request, ResponseCode.FAILED, session, "no such voltage or current")
    turn = loop.turn(request.meter_info_requested, session)
    response = DC_ChargeLoopRes(
        header=session.heading,
        response_code=ResponseCode.OK,
        evse_status=turn.status,
        meter_info=turn.meter_info,
        evse_present_current=measured(session.plant.output_amps),
        evse_present_voltage=measured(session.plant.output_volts),
        **dc_limits.reached(wanted, supply, session),
        cl_res_control_mode=dc_limits.present(mode, supply, session),
    )
    given = dc.NOTHING if dc.obstacle(session.plant) else wanted
    return Reply(response, State.DEMANDING, (given,))


def demand(request: DC_ChargeLoopReq, supply: DcSupply, session: Session) -> DemandOutput:
    """Return what the vehicle demands; of one that lets the charger decide, what that does."""
    mode: CLReqControlMode = request.cl_req_control_mode
    if isinstance(mode, Scheduled_DC_CLReqControlMode | BPT_Scheduled_DC_CLReqControlMode):
        return DemandOutput(plain(mode.ev_target_voltage), plain(mode.ev_target_current))
    volts = plain(mode.ev_maximum_voltage)
    charge, discharge = dc_limits.watts(supply, session)
    watts = target_watts(mode, session.plant, charge, discharge)
    present = max(plain(request.ev_present_voltage), supply.min_volts, 1.0)
    amps = min(watts / present, plain(mode.ev_maximum_charge_current))
    if watts < 0 and isinstance(mode, BPT_Dynamic_DC_CLReqControlMode):
        amps = -min(-watts / present, abs(plain(mode.ev_maximum_discharge_current)))
    return DemandOutput(volts, amps if watts < 0 else max(amps, 0.0))


def welding_detection(request: DC_WeldingDetectionReq, session: Session) -> Outcome:
    """DC_WeldingDetectionReq: the voltage that is left, once the vehicle's switch is open."""
    return await_open(request, session)


def session_stop(request: SessionStopReq, session: Session) -> Outcome:
    """SessionStopReq after DC: as any, once the vehicle has opened its switch."""
    return await_open(request, session)


def await_open(request: DC_WeldingDetectionReq | SessionStopReq, session: Session) -> Outcome:
    """Owe the response until the vehicle has opened its switch."""
    return dc.await_switch(
        session,
        False,
        session.now + dc.SWITCH_TIME,
        State.PARTING,
        lambda later: opened(request, later),
        lambda later: refused(
            request, ResponseCode.FAILED, later, "the vehicle's switch is closed"
        ),
    )


def opened(request: DC_WeldingDetectionReq | SessionStopReq, session: Session) -> Reply:
    """Answer it."""
    if isinstance(request, SessionStopReq):
        return stop.stop_or_choose(request, session)
    response = DC_WeldingDetectionRes(
        header=session.heading,
        response_code=ResponseCode.OK,
        evse_present_voltage=measured(session.plant.output_volts),
    )
    return Reply(response, State.UNLOADING)
