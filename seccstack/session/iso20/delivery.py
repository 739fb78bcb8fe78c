"""ISO 15118-20, PowerDelivery: energy on, energy off, and what is between.

Energy is allowed here and nowhere else, and only to a vehicle that has been granted; the
pilot's own guard decides about the contactor again. The response to a start is owed until the
contactor has closed: the vehicle has 1.5 s to close its switch, the contactor 3 s more.
"""

from __future__ import annotations

from dataclasses import replace

from seccstack.messages.iso20_common import (
    ChargeProgress,
    EVPowerProfile,
    PowerDeliveryReq,
    PowerDeliveryRes,
)
from seccstack.messages.iso20_types import Processing, ResponseCode
from seccstack.session import dc
from seccstack.session.dialogue import allow_energy, forbid_energy
from seccstack.session.iso20 import promises, schedules, status
from seccstack.session.iso20.record import Control, Deferred, Reply, Session, State
from seccstack.session.iso20.refusal import refused

SWITCH_TIME = 1.5  # seconds until the pilot must show state C or D
CONTACTOR_TIME = 3.0  # seconds until the contactor must have closed
MOST_RENEGOTIATIONS = 3  # in a row: more are a way to be told nothing
NOT_APPLIED = ResponseCode.FAILED_POWER_DELIVERY_NOT_APPLIED


def power_delivery(request: PowerDeliveryReq, session: Session) -> Reply | Deferred:
    """PowerDeliveryReq before energy flows: start, or stop."""
    if request.charge_progress is ChargeProgress.START:
        return start(request, session)
    if request.charge_progress is ChargeProgress.STOP:
        return stop(session)
    if request.charge_progress is ChargeProgress.STANDBY:
        return Reply(not_standing_by(session), waiting(session))
    return refused(request, ResponseCode.FAILED_SCHEDULE_RENEGOTIATION, session)


def while_charging(request: PowerDeliveryReq, session: Session) -> Reply | Deferred:
    """PowerDeliveryReq while energy may flow: stop it, or exchange schedules anew."""
    if request.charge_progress is ChargeProgress.SCHEDULE_RENEGOTIATION:
        return renegotiate(request, session)
    if request.charge_progress is ChargeProgress.STANDBY:
        return Reply(not_standing_by(session), session.looping)
    starts = request.charge_progress is ChargeProgress.START
    if starts and request.ev_processing is not Processing.FINISHED:
        return Reply(delivered(session), session.looping)  # nor is its loop over with that
    return power_delivery(request, session)


def waiting(session: Session) -> State:
    """Where a vehicle is that is about to start."""
    before = session.charger.supply is not None and not session.energy_allowed
    return State.PRECHARGED if before else State.AGREED


def start(request: PowerDeliveryReq, session: Session) -> Reply | Deferred:
    """Check what the vehicle means to draw; then let it have energy."""
    if request.ev_processing is not Processing.FINISHED:
        return Reply(delivered(session), waiting(session))  # it is still about to say it
    wrong = profile_fault(request.ev_power_profile, session)
    if wrong is not None:
        return refused(request, wrong, session)
    promises.keep(request.ev_power_profile, session)
    if session.charger.supply is not None:
        return start_dc(request, session)
    if not can_start(session):
        return refused(request, NOT_APPLIED, session)
    session.starting = request
    actions = () if session.energy_allowed else allow_energy(session)
    outcome = await_switch(request, session, session.now + SWITCH_TIME)
    return replace(outcome, actions=actions + outcome.actions)


def profile_fault(profile: EVPowerProfile | None, session: Session) -> ResponseCode | None:
    """Return what is wrong with a profile, and remember the tuple that it is of.

    Without a profile a vehicle may draw what the first tuple says.
    """
    chosen = session.chosen
    if profile is None or chosen is None:
        return None
    scheduled = profile.scheduled_evppt_control_mode
    if (scheduled is not None) is not (chosen.control is Control.SCHEDULED):
        return ResponseCode.FAILED_EV_POWER_PROFILE_INVALID
    if scheduled is None:
        return None
    stretches = session.offered.get(scheduled.selected_schedule_tuple_id)
    if stretches is None:
        return ResponseCode.FAILED_SCHEDULE_SELECTION_INVALID
    if not schedules.within(profile, stretches, session):
        return ResponseCode.FAILED_EV_POWER_PROFILE_INVALID
    session.tuple_id = scheduled.selected_schedule_tuple_id
    return None


def can_start(session: Session) -> bool:
    """Whether energy may be promised now."""
    plant = session.plant
    enough = plant.contactor_closed or (plant.limit_amps or 0.0) >= plant.least_amps
    return plant.granted and not plant.stopping and enough


def start_dc(request: PowerDeliveryReq, session: Session) -> Reply:
    """Let a vehicle on DC have energy: it has closed its switch, and is pre-charged."""
    if not dc.able(session.plant):
        return refused(request, NOT_APPLIED, session)
    session.looped = False
    both_ways = session.chosen is not None and session.chosen.both_ways
    return Reply(delivered(session), State.DEMANDING, allow_energy(session, both_ways))


def await_switch(request: PowerDeliveryReq, session: Session, until: float) -> Reply | Deferred:
    """Owe the response until the vehicle has closed its switch."""
    if session.plant.ready:
        return await_contactor(request, session, session.now + CONTACTOR_TIME)
    if session.now >= until or not can_start(session):
        return refused(request, NOT_APPLIED, session)
    return Deferred(until, lambda later: await_switch(request, later, until), State.STARTING)


def await_contactor(
    request: PowerDeliveryReq, session: Session, until: float
) -> Reply | Deferred:
    """Owe the response until the contactor has closed."""
    if not can_start(session):
        return refused(request, NOT_APPLIED, session)
    if session.plant.contactor_closed:
        session.looped = False
        return Reply(delivered(session), State.CHARGING)
    if session.now >= until:
        return refused(request, ResponseCode.FAILED_CONTACTOR_ERROR, session)
    return Deferred(until, lambda later: await_contactor(request, later, until), State.STARTING)


def still_owed(request: PowerDeliveryReq, session: Session) -> Reply | None:
    """PowerDeliveryReq while a start is owed its response, which will do for one just like it.

    A stop settles the debt: its response is the only one.
    """
    if request.charge_progress is ChargeProgress.STOP:
        return stop(session)
    if session.starting is not None and same_start(request, session.starting):
        return None
    return refused(request, ResponseCode.FAILED_SEQUENCE_ERROR, session)


def same_start(one: PowerDeliveryReq, other: PowerDeliveryReq) -> bool:
    """Whether two requests are alike but for the time in their headers."""
    return (one.charge_progress, one.ev_power_profile, one.ev_processing) == (
        other.charge_progress,
        other.ev_power_profile,
        other.ev_processing,
    )


def stop(session: Session) -> Reply:
    """Take the energy away, whatever has become of it; on DC, a pre-charge, too."""
    off = forbid_energy(session)
    if session.charger.supply is None:
        return Reply(delivered(session), State.STOPPED, off)
    return Reply(delivered(session), State.UNLOADING, off or (dc.NOTHING,))


def renegotiate(request: PowerDeliveryReq, session: Session) -> Reply:
    """Go back to ScheduleExchange; what flows goes on flowing meanwhile."""
    if session.renegotiated >= MOST_RENEGOTIATIONS:
        why = f"it has negotiated anew {MOST_RENEGOTIATIONS} times, and charged never"
        code = ResponseCode.FAILED_SCHEDULE_RENEGOTIATION
        return refused(request, code, session, why)
    session.renegotiated += 1
    session.plant.renegotiation = None
    return Reply(delivered(session), State.NEGOTIATING)


def delivered(session: Session, code: ResponseCode = ResponseCode.OK) -> PowerDeliveryRes:
    """Answer a PowerDeliveryReq that went well."""
    return PowerDeliveryRes(
        header=session.heading, response_code=code, evse_status=status.wanted(session)
    )


def not_standing_by(session: Session) -> PowerDeliveryRes:
    """Tell a vehicle that it may not stand by: at this outlet it pauses, or stops."""
    return delivered(session, ResponseCode.WARNING_STANDBY_NOT_ALLOWED)
