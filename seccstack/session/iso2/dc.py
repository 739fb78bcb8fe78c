"""ISO 15118-2 on DC: cable check, pre-charge, the charging loop, and the watch for welding.

What they have in common with other protocols is in `session.dc`; here are the messages.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from seccstack.messages.iso2 import (
    CableCheckReq,
    CableCheckRes,
    CurrentDemandReq,
    CurrentDemandRes,
    EVSEProcessing,
    PhysicalValue,
    PreChargeReq,
    PreChargeRes,
    ResponseCode,
    SessionStopReq,
    UnitSymbol,
    WeldingDetectionReq,
    WeldingDetectionRes,
)
from seccstack.session import dc
from seccstack.session.dc import NOTHING
from seccstack.session.events import DemandOutput
from seccstack.session.iso2 import meters, notices, offers, physical, receipts, stop
from seccstack.session.iso2.record import Outcome, Reply, Session, State
from seccstack.session.iso2.refusal import refused
from seccstack.session.iso2.requests import Request


def cable_check(request: CableCheckReq, session: Session) -> Outcome:
    """CableCheckReq: the insulation is measured; the vehicle asks until it is known."""
    then = partial(checked, request)
    return dc.await_closed(session, State.CONNECTING, then, refusing(request))


def checked(request: CableCheckReq, session: Session) -> Reply:
    """Say what is known of the insulation, and have it measured."""
    if why := dc.check_failed(session):
        return refused(request, ResponseCode.FAILED, session, why)
    done = session.plant.insulated is True
    response = CableCheckRes(
        response_code=ResponseCode.OK,
        dc_evse_status=offers.dc_status(session, checking=not done),
        evse_processing=EVSEProcessing.FINISHED if done else EVSEProcessing.ONGOING,
    )
    return Reply(response, State.CHECKED if done else State.CHECKING, dc.measure(session))


def still_owed(request: object, session: Session) -> None:
    """Let the response that is owed do for a request that is made once more."""
    return


def pre_charge(request: PreChargeReq, session: Session) -> Reply:
    """PreChargeReq: the cable is brought to the voltage that the battery has."""
    if why := dc.obstacle(session.plant):
        return refused(request, ResponseCode.FAILED, session, why)
    if not sensible(request):
        return refused(request, ResponseCode.FAILED, session, "no such voltage or current")
    response = PreChargeRes(
        response_code=ResponseCode.OK,
        dc_evse_status=offers.dc_status(session),
        evse_present_voltage=present_volts(session),
    )
    return Reply(response, State.PRECHARGED, (demand(request),))


def sensible(request: PreChargeReq | CurrentDemandReq) -> bool:
    """Whether a demand has its units, and is not negative."""
    volts, amps = request.ev_target_voltage, request.ev_target_current
    right = (volts.unit, amps.unit) == (UnitSymbol.V, UnitSymbol.A)
    return right and volts.value >= 0 and amps.value >= 0


def demand(request: PreChargeReq | CurrentDemandReq) -> DemandOutput:
    """Return what the vehicle demands."""
    error = request.dc_ev_status.ev_error_code
    return dc.demand(error, request.ev_target_voltage, request.ev_target_current)


def current_demand(request: CurrentDemandReq, session: Session) -> Reply:
    """CurrentDemandReq: what is at the plug now, and how much of what is demanded can be.

    A charger that may give nothing any more says so, gives nothing, and lets the vehicle stop.
    """
    supply, volts = session.charger.supply, request.ev_target_voltage
    if supply is None or not sensible(request):
        return refused(request, ResponseCode.FAILED, session, "no such voltage or current")
    notices.review(session)
    info = meters.info(session)
    receipt = receipts.require(info, session)
    wanted = NOTHING if dc.obstacle(session.plant) else demand(request)
    response = CurrentDemandRes(
        response_code=ResponseCode.OK,
        dc_evse_status=offers.dc_status(session),
        evse_present_voltage=present_volts(session),
        evse_present_current=physical.measured(session.plant.output_amps, UnitSymbol.A),
        **dc.limited(supply, volts, request.ev_target_current, offers.watts(session)),
        evse_maximum_voltage_limit=physical.limit(supply.max_volts, UnitSymbol.V),
        evse_maximum_current_limit=physical.limit(supply.max_amps, UnitSymbol.A),
        evse_maximum_power_limit=physical.limit(offers.watts(session), UnitSymbol.W),
        evseid=session.charger.evse_id,
        sa_schedule_tuple_id=session.tuple_id,
        meter_info=info,
        receipt_required=receipt,
    )
    return Reply(response, State.METERED if receipt else State.DEMANDING, (wanted,))


def welding_detection(request: WeldingDetectionReq, session: Session) -> Outcome:
    """WeldingDetectionReq: the voltage that is left, once the vehicle has opened its switch."""
    return dc.await_open(session, State.PARTING, unloaded, refusing(request))


def session_stop(request: SessionStopReq, session: Session) -> Outcome:
    """SessionStopReq after DC: as any, once the vehicle has opened its switch."""
    return dc.await_open(
        session,
        State.PARTING,
        lambda later: stop.session_stop(request, later),
        refusing(request),
    )


def refusing(request: Request) -> Callable[[Session, str], Reply]:
    """Return what refuses a request, for a reason that is known later."""
    return lambda later, why: refused(request, ResponseCode.FAILED, later, why)


def unloaded(session: Session) -> Reply:
    """Tell the voltage that is left."""
    response = WeldingDetectionRes(
        response_code=ResponseCode.OK,
        dc_evse_status=offers.dc_status(session),
        evse_present_voltage=present_volts(session),
    )
    return Reply(response, State.UNLOADING)


def present_volts(session: Session) -> PhysicalValue:
    """Return what is at the plug."""
    return physical.measured(session.plant.output_volts, UnitSymbol.V)
