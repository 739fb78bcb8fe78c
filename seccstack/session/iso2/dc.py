"""ISO 15118-2 on DC: cable check, pre-charge, the charging loop, and the watch for welding.

What a vehicle demands is passed on as it is, and answered with what was last measured: the
output's own guard decides what comes of it, and no response waits for a supply. What is said of
a fault, the insulation or a limit is so with every response.

Some requests take the vehicle's switch: closed for the cable check, open again for the watch
and for the end of the session. Their responses are owed for the 1.5 s that it has for it.
"""

from __future__ import annotations

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
from seccstack.session.events import CheckInsulation, DemandOutput
from seccstack.session.iso2 import meters, notices, offers, physical, receipts, stop
from seccstack.session.iso2.loop import NOTHING, SOUND, SWITCH_TIME
from seccstack.session.iso2.record import Deferred, Reply, Session, State
from seccstack.session.iso2.refusal import refused
from seccstack.session.plant import DcSupply

CHECK_TIME = 38.0  # seconds for the insulation; a vehicle waits for 40


def cable_check(request: CableCheckReq, session: Session) -> Reply | Deferred:
    """CableCheckReq: the insulation is measured; the vehicle asks until it is known."""
    if session.checking_since is None:
        session.checking_since = session.now
    return await_closed(request, session, session.now + SWITCH_TIME)


def await_closed(request: CableCheckReq, session: Session, until: float) -> Reply | Deferred:
    """Owe the response until the vehicle has closed its switch."""
    if session.plant.ready:
        return checked(request, session)
    if session.now >= until:
        return refused(request, ResponseCode.FAILED, session, "the vehicle is not ready")
    return Deferred(
        until, lambda later: await_closed(request, later, until), state=State.CONNECTING
    )


def checked(request: CableCheckReq, session: Session) -> Reply:
    """Say what is known of the insulation, and have it measured."""
    plant = session.plant
    overdue = session.now - (session.checking_since or 0.0) >= CHECK_TIME
    if (why := obstacle(session)) or plant.insulated is False:
        why = why or "the insulation is not good"
        return refused(request, ResponseCode.FAILED, session, why)
    if plant.insulated is None and overdue:
        return refused(request, ResponseCode.FAILED, session, "the insulation is not known")
    done = plant.insulated is True
    response = CableCheckRes(
        response_code=ResponseCode.OK,
        dc_evse_status=offers.dc_status(session, checking=not done),
        evse_processing=EVSEProcessing.FINISHED if done else EVSEProcessing.ONGOING,
    )
    ask = () if done or session.insulation_asked else (CheckInsulation(),)
    session.insulation_asked = not done
    return Reply(response, State.CHECKED if done else State.CHECKING, ask)


def obstacle(session: Session) -> str:
    """Say why no voltage may be promised; empty if it may."""
    plant = session.plant
    if plant.fault:
        return plant.fault
    return "" if plant.granted else "the vehicle may not charge"


def still_owed(request: object, session: Session) -> None:
    """Let the response that is owed do for a request that is made once more."""
    return


def pre_charge(request: PreChargeReq, session: Session) -> Reply:
    """PreChargeReq: the cable is brought to the voltage that the battery has."""
    if why := obstacle(session):
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
    """Pass on what the vehicle demands; one that reports an error gets nothing."""
    if request.dc_ev_status.ev_error_code not in SOUND:
        return NOTHING
    volts, amps = request.ev_target_voltage, request.ev_target_current
    return DemandOutput(physical.plain(volts), physical.plain(amps))


def current_demand(request: CurrentDemandReq, session: Session) -> Reply:
    """CurrentDemandReq: what is at the plug now, and how much of what is demanded can be.

    A charger that may give nothing any more says so, gives nothing, and lets the vehicle stop.
    """
    supply = session.charger.supply
    if supply is None or not sensible(request):
        return refused(request, ResponseCode.FAILED, session, "no such voltage or current")
    notices.review(session)
    info = meters.info(session)
    receipt = receipts.require(info, session)
    wanted = NOTHING if obstacle(session) else demand(request)
    response = CurrentDemandRes(
        response_code=ResponseCode.OK,
        dc_evse_status=offers.dc_status(session),
        evse_present_voltage=present_volts(session),
        evse_present_current=physical.measured(session.plant.output_amps, UnitSymbol.A),
        **limited(supply, request, session),
        evse_maximum_voltage_limit=physical.limit(supply.max_volts, UnitSymbol.V),
        evse_maximum_current_limit=physical.limit(supply.max_amps, UnitSymbol.A),
        evse_maximum_power_limit=physical.limit(offers.watts(session), UnitSymbol.W),
        evseid=session.charger.evse_id,
        sa_schedule_tuple_id=session.tuple_id,
        meter_info=info,
        receipt_required=receipt,
    )
    return Reply(response, State.METERED if receipt else State.DEMANDING, (wanted,))


def limited(supply: DcSupply, request: CurrentDemandReq, session: Session) -> dict[str, bool]:
    """Say which of the charger's limits is reached by what the vehicle demands."""
    volts = physical.plain(request.ev_target_voltage)
    amps = physical.plain(request.ev_target_current)
    present = min(volts, supply.max_volts)
    return {
        "evse_current_limit_achieved": amps >= supply.max_amps,
        "evse_voltage_limit_achieved": volts >= supply.max_volts,
        "evse_power_limit_achieved": present * amps >= offers.watts(session),
    }


def welding_detection(request: WeldingDetectionReq, session: Session) -> Reply | Deferred:
    """WeldingDetectionReq: the voltage that is left, once the vehicle has opened its switch."""
    return await_open(request, session, session.now + SWITCH_TIME)


def session_stop(request: SessionStopReq, session: Session) -> Reply | Deferred:
    """SessionStopReq after DC: as any, once the vehicle has opened its switch."""
    return await_open(request, session, session.now + SWITCH_TIME)


def await_open(
    request: WeldingDetectionReq | SessionStopReq, session: Session, until: float
) -> Reply | Deferred:
    """Owe the response until the vehicle has opened its switch."""
    if session.plant.ready and session.now >= until:
        return refused(request, ResponseCode.FAILED, session, "the vehicle's switch is closed")
    if session.plant.ready:
        return Deferred(
            until, lambda later: await_open(request, later, until), state=State.PARTING
        )
    if isinstance(request, SessionStopReq):
        return stop.session_stop(request, session)
    response = WeldingDetectionRes(
        response_code=ResponseCode.OK,
        dc_evse_status=offers.dc_status(session),
        evse_present_voltage=present_volts(session),
    )
    return Reply(response, State.UNLOADING)


def present_volts(session: Session) -> PhysicalValue:
    """Return what is at the plug."""
    return physical.measured(session.plant.output_volts, UnitSymbol.V)
