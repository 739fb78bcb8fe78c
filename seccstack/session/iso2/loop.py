"""ISO 15118-2, PowerDelivery and ChargingStatus: energy on, energy told of, energy off.

Energy is allowed here and nowhere else, and only to a vehicle that has been granted; the
pilot's own guard decides about the contactor again. The response to a start is owed until the
contactor has closed: the vehicle has 1.5 s to close its switch, the contactor 3 s more, so that
V2G_SECC_Msg_Performance_Time of PowerDelivery, 4.5 s, holds.
"""

from __future__ import annotations

from dataclasses import replace

from seccstack.messages.iso2 import (
    ChargeProgress,
    ChargingStatusReq,
    ChargingStatusRes,
    PowerDeliveryReq,
    PowerDeliveryRes,
    ResponseCode,
)
from seccstack.session import dc
from seccstack.session.dc import NOTHING, SWITCH_TIME
from seccstack.session.dialogue import allow_energy, forbid_energy
from seccstack.session.iso2 import meters, notices, offers, physical, receipts, schedules
from seccstack.session.iso2.record import (
    Deferred,
    Reply,
    Session,
    State,
)
from seccstack.session.iso2.refusal import refused

CONTACTOR_TIME = 3.0  # seconds until the contactor must have closed
MOST_RENEGOTIATIONS = 3  # in a row: more are a way to put a receipt off, and to be told nothing


def power_delivery(request: PowerDeliveryReq, session: Session) -> Reply | Deferred:
    """PowerDeliveryReq: start, stop, or go back for a new schedule."""
    if request.charge_progress is ChargeProgress.START:
        return start(request, session)
    if request.charge_progress is ChargeProgress.RENEGOTIATE:
        return renegotiate(request, session)
    return stop(session)


def instead_of_receipt(request: PowerDeliveryReq, session: Session) -> Reply | Deferred:
    """PowerDeliveryReq, a receipt owed: it may stop, or owe the next after negotiating anew."""
    if request.charge_progress is ChargeProgress.START:
        return refused(request, ResponseCode.FAILED_SEQUENCE_ERROR, session)
    session.payment.receipt_at = None  # the next reading is one to sign for
    return power_delivery(request, session)


def stop(session: Session) -> Reply:
    """Take the energy away, whatever has become of it; on DC, a pre-charge, too."""
    off = forbid_energy(session)
    if session.charger.supply is None:
        return Reply(delivered(session), State.STOPPED, off)
    return Reply(delivered(session), State.UNLOADING, off or (NOTHING,))


def start(request: PowerDeliveryReq, session: Session) -> Reply | Deferred:
    """Check what the vehicle has chosen; then let it have energy."""
    stretches = session.offered.get(request.sa_schedule_tuple_id)
    if stretches is None:
        return refused(request, ResponseCode.FAILED_TARIFF_SELECTION_INVALID, session)
    if not schedules.within(request.charging_profile, stretches):
        return refused(request, ResponseCode.FAILED_CHARGING_PROFILE_INVALID, session)
    session.tuple_id = request.sa_schedule_tuple_id
    if session.charger.supply is not None:
        return start_dc(request, session)
    if not can_start(session):
        return refused(request, ResponseCode.FAILED_POWER_DELIVERY_NOT_APPLIED, session)
    session.starting = request
    actions = () if session.energy_allowed else allow_energy(session)
    outcome = await_switch(request, session, session.now + SWITCH_TIME)
    return replace(outcome, actions=actions + outcome.actions)


def can_start(session: Session) -> bool:
    """Whether energy may be promised now."""
    plant = session.plant
    enough = plant.contactor_closed or (plant.limit_amps or 0.0) >= plant.least_amps
    return plant.granted and not plant.stopping and enough


def start_dc(request: PowerDeliveryReq, session: Session) -> Reply:
    """Let a vehicle on DC have energy: it has closed its switch, and is pre-charged."""
    plant, parameter = session.plant, request.ev_power_delivery_parameter
    sound = parameter is None or parameter.dc_ev_status.ev_error_code.value in dc.SOUND
    if not (sound and dc.able(plant)):
        return refused(request, ResponseCode.FAILED_POWER_DELIVERY_NOT_APPLIED, session)
    return Reply(delivered(session), State.DEMANDING, allow_energy(session))


def await_switch(request: PowerDeliveryReq, session: Session, until: float) -> Reply | Deferred:
    """Owe the response until the vehicle has closed its switch."""
    if session.plant.ready:
        return await_contactor(request, session, session.now + CONTACTOR_TIME)
    if session.now >= until or not can_start(session):
        return refused(request, ResponseCode.FAILED_POWER_DELIVERY_NOT_APPLIED, session)
    return Deferred(until, lambda later: await_switch(request, later, until), State.STARTING)


def await_contactor(
    request: PowerDeliveryReq, session: Session, until: float
) -> Reply | Deferred:
    """Owe the response until the contactor has closed."""
    if not can_start(session):
        return refused(request, ResponseCode.FAILED_POWER_DELIVERY_NOT_APPLIED, session)
    if session.plant.contactor_closed:
        return Reply(delivered(session), State.CHARGING)
    if session.now >= until:
        return refused(request, ResponseCode.FAILED_CONTACTOR_ERROR, session)
    return Deferred(until, lambda later: await_contactor(request, later, until), State.STARTING)


def renegotiate(request: PowerDeliveryReq, session: Session) -> Reply:
    """Go back to ChargeParameterDiscovery; on AC, what flows goes on flowing meanwhile.

    On DC the cable has to be checked and pre-charged anew, and nothing may flow.
    """
    if not session.energy_allowed:
        return refused(request, ResponseCode.FAILED, session)
    if session.renegotiated >= MOST_RENEGOTIATIONS:
        why = f"it has negotiated anew {MOST_RENEGOTIATIONS} times, and charged never"
        return refused(request, ResponseCode.FAILED, session, why)
    session.renegotiated += 1
    session.plant.renegotiation = None
    off = () if session.charger.supply is None else forbid_energy(session)
    return Reply(delivered(session), State.NEGOTIATING, off)


def still_owed(request: PowerDeliveryReq, session: Session) -> Reply | None:
    """PowerDeliveryReq while a start is owed its response, which will do for one just like it.

    A stop settles the debt: its response is the only one.
    """
    if request == session.starting:
        return None
    if request.charge_progress is ChargeProgress.STOP:
        return stop(session)
    return refused(request, ResponseCode.FAILED_SEQUENCE_ERROR, session)


def delivered(session: Session) -> PowerDeliveryRes:
    """Answer a PowerDeliveryReq that went well."""
    return PowerDeliveryRes(
        response_code=ResponseCode.OK, evse_status=offers.evse_status(session)
    )


def charging_status(request: ChargingStatusReq, session: Session) -> Reply:
    """ChargingStatusReq: the limit that holds now, and what the meter says."""
    notices.review(session)
    payment, info = session.payment, meters.info(session)
    receipt = receipts.require(info, session)
    limit = physical.amps(session.plant.limit_amps or 0.0)
    response = ChargingStatusRes(
        response_code=ResponseCode.OK,
        evseid=session.charger.evse_id,
        sa_schedule_tuple_id=session.tuple_id,
        evse_max_current=None if payment.chosen else limit,  # a contract's schedule says it
        meter_info=info,
        receipt_required=receipt,
        ac_evse_status=offers.status(session),
    )
    return Reply(response, State.METERED if receipt else State.CHARGING)
