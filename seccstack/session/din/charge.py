"""DIN SPEC 70121, from CableCheck to SessionStop.

What they have in common with other protocols is in `session.dc`; here are the messages. Energy
is allowed here and nowhere else, and only to a vehicle that has been granted, is pre-charged
and has good insulation; the output's own guard decides again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from seccstack.messages.din import (
    CableCheckReq,
    CableCheckRes,
    ChargingProfile,
    CurrentDemandReq,
    CurrentDemandRes,
    EVSEProcessing,
    PowerDeliveryReq,
    PowerDeliveryRes,
    PreChargeReq,
    PreChargeRes,
    ResponseCode,
    SessionStopReq,
    SessionStopRes,
    UnitSymbol,
    WeldingDetectionReq,
    WeldingDetectionRes,
)
from seccstack.session import dc
from seccstack.session.dialogue import allow_energy, forbid_energy
from seccstack.session.din import offers
from seccstack.session.din.record import Outcome, Reply, Session, State
from seccstack.session.din.refusal import refused
from seccstack.session.din.requests import Request
from seccstack.session.din.setup import of
from seccstack.session.events import DemandOutput, Stopped

NO_DEMAND = "no such voltage or current"


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
        dc_evse_status=offers.status(session, checking=not done),
        evse_processing=EVSEProcessing.FINISHED if done else EVSEProcessing.ONGOING,
    )
    return Reply(response, State.CHECKED if done else State.CHECKING, dc.measure(session))


def still_owed(request: object, session: Session) -> None:
    """Let the response that is owed do for a request that is made once more."""
    return


def pre_charge(request: PreChargeReq, session: Session) -> Reply:
    """PreChargeReq: the cable is brought to the voltage that the battery has."""
    why = dc.obstacle(session.plant) or ("" if sensible(request) else NO_DEMAND)
    if why:
        return refused(request, ResponseCode.FAILED, session, why)
    response = PreChargeRes(
        response_code=ResponseCode.OK,
        dc_evse_status=offers.status(session),
        evse_present_voltage=offers.present_volts(session),
    )
    return Reply(response, State.PRECHARGED, (demand(request),))


def sensible(request: PreChargeReq | CurrentDemandReq) -> bool:
    """Whether a demand has no wrong units, and is not negative."""
    volts, amps = request.ev_target_voltage, request.ev_target_current
    right = of(UnitSymbol.V, volts) and of(UnitSymbol.A, amps)
    return right and volts.value >= 0 and amps.value >= 0


def demand(request: PreChargeReq | CurrentDemandReq) -> DemandOutput:
    """Return what the vehicle demands."""
    error = request.dc_ev_status.ev_error_code
    return dc.demand(error, request.ev_target_voltage, request.ev_target_current)


def power_delivery(request: PowerDeliveryReq, session: Session) -> Reply:
    """PowerDeliveryReq: start, or stop."""
    if request.ready_to_charge_state:
        return start(request, session)
    off = forbid_energy(session) or (dc.NOTHING,)  # of a pre-charge, too
    return Reply(delivered(session), State.UNLOADING, off)


def start(request: PowerDeliveryReq, session: Session) -> Reply:
    """Check what the vehicle has chosen; then let it have energy."""
    profile, parameter = request.charging_profile, request.ev_power_delivery_parameter
    if profile is not None and profile.sa_schedule_tuple_id != offers.TUPLE:
        return refused(request, ResponseCode.FAILED_TARIFF_SELECTION_INVALID, session)
    if profile is not None and not within(profile, session.pmax):
        return refused(request, ResponseCode.FAILED_CHARGING_PROFILE_INVALID, session)
    sound = parameter is None or parameter.dc_ev_status.ev_error_code.value in dc.SOUND
    if not (sound and dc.able(session.plant)):
        return refused(request, ResponseCode.FAILED_POWER_DELIVERY_NOT_APPLIED, session)
    return Reply(delivered(session), State.DEMANDING, allow_energy(session))


def within(profile: ChargingProfile, pmax: int) -> bool:
    """Whether a profile is at no time above what was offered, or below nothing."""
    powers = [entry.charging_profile_entry_max_power for entry in profile.profile_entry]
    return all(0 <= power <= pmax for power in powers)


def delivered(session: Session) -> PowerDeliveryRes:
    """Answer a PowerDeliveryReq that went well."""
    return PowerDeliveryRes(response_code=ResponseCode.OK, evse_status=offers.status(session))


def current_demand(request: CurrentDemandReq, session: Session) -> Reply:
    """CurrentDemandReq: what is at the plug now, and how much of what is demanded can be.

    A charger that may give nothing any more says so, gives nothing, and lets the vehicle stop.
    """
    if not sensible(request):
        return refused(request, ResponseCode.FAILED, session, NO_DEMAND)
    supply, plant, watts = session.supply, session.plant, offers.watts(session)
    volts, amps = request.ev_target_voltage, request.ev_target_current
    wanted = dc.NOTHING if dc.obstacle(plant) else demand(request)
    response = CurrentDemandRes(
        response_code=ResponseCode.OK,
        dc_evse_status=offers.status(session),
        evse_present_voltage=offers.present_volts(session),
        evse_present_current=offers.measured(plant.output_amps, UnitSymbol.A),
        **dc.limited(supply, volts, amps, watts),
        evse_maximum_voltage_limit=offers.limit(supply.max_volts, UnitSymbol.V),
        evse_maximum_current_limit=offers.limit(supply.max_amps, UnitSymbol.A),
        evse_maximum_power_limit=offers.limit(watts, UnitSymbol.W),
    )
    return Reply(response, State.DEMANDING, (wanted,))


def welding_detection(request: WeldingDetectionReq, session: Session) -> Outcome:
    """WeldingDetectionReq: the voltage that is left, once the vehicle has opened its switch."""
    return dc.await_open(session, State.PARTING, unloaded, refusing(request))


def parted(request: SessionStopReq, session: Session) -> Outcome:
    """SessionStopReq after a charge: as any, once the vehicle has opened its switch."""
    end = partial(session_stop, request)
    return dc.await_open(session, State.PARTING, end, refusing(request))


def refusing(request: Request) -> Callable[[Session, str], Reply]:
    """Return what refuses a request, for a reason that is known later."""
    return lambda later, why: refused(request, ResponseCode.FAILED, later, why)


def unloaded(session: Session) -> Reply:
    """Tell the voltage that is left."""
    response = WeldingDetectionRes(
        response_code=ResponseCode.OK,
        dc_evse_status=offers.status(session),
        evse_present_voltage=offers.present_volts(session),
    )
    return Reply(response, State.UNLOADING)


def session_stop(request: SessionStopReq, session: Session) -> Reply:
    """SessionStopReq: allowed in every state that follows SessionSetup, also in mid-charge."""
    return Reply(SessionStopRes(response_code=ResponseCode.OK), State.ENDED, how=Stopped())
