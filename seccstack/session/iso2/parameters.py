"""ISO 15118-2, ChargeParameterDiscovery: what the vehicle can, and what it is offered.

The schedule has one tuple with one PMax: the present limit. It covers the time until departure,
or 24 hours. An interval can be 24 hours long at most, so a later departure takes a second
entry, and one in 195 days or more is cut to what the schema can say. The limit may change the
moment after: `ChargingStatusRes` says so, but a vehicle keeps to this PMax, too, until it
negotiates anew.
"""

from __future__ import annotations

from seccstack.messages.iso2 import (
    AC_EVChargeParameter,
    ChargeParameterDiscoveryReq,
    ChargeParameterDiscoveryRes,
    EVSEProcessing,
    PhysicalValue,
    PMaxSchedule,
    PMaxScheduleEntry,
    RelativeTimeInterval,
    ResponseCode,
    SAScheduleList,
    SAScheduleTuple,
    UnitSymbol,
)
from seccstack.session.iso2 import offers, physical
from seccstack.session.iso2.record import Reply, Session, State
from seccstack.session.iso2.refusal import refused

ONGOING_LIMIT = 55.0  # seconds; V2G_EVCC_Ongoing_Timeout is 60: the charger ends it before
TUPLE_ID = 1  # the SAScheduleTupleID of the only tuple
DAY = 86_400  # seconds; the longest duration that RelativeTimeInterval can hold
LATEST = 16_777_214  # seconds; the latest start that RelativeTimeInterval can hold


def charge_parameter_discovery(request: ChargeParameterDiscoveryReq, session: Session) -> Reply:
    """ChargeParameterDiscoveryReq: a schedule is offered as soon as the limit is known."""
    if request.requested_energy_transfer_mode not in offers.modes(session):
        return refused(request, ResponseCode.FAILED_WRONG_ENERGY_TRANSFER_MODE, session)
    parameter = request.ev_charge_parameter
    if not isinstance(parameter, AC_EVChargeParameter) or not plausible(parameter):
        return refused(request, ResponseCode.FAILED_WRONG_CHARGE_PARAMETER, session)
    if session.plant.limit_amps is None:
        return ongoing(request, session)
    session.mode = request.requested_energy_transfer_mode
    session.plant.renegotiation = None  # what is offered now is what it was wanted for
    response = ChargeParameterDiscoveryRes(
        response_code=ResponseCode.OK,
        evse_processing=EVSEProcessing.FINISHED,
        sa_schedules=schedule(request, parameter, session),
        evse_charge_parameter=offers.charge_parameter(session),
    )
    return Reply(response, State.AGREED)


def plausible(parameter: AC_EVChargeParameter) -> bool:
    """Whether the values have their units, none is negative and the currents are in order."""
    values = {
        UnitSymbol.WH: [parameter.e_amount],
        UnitSymbol.V: [parameter.ev_max_voltage],
        UnitSymbol.A: [parameter.ev_max_current, parameter.ev_min_current],
    }
    sound = all(
        value.unit is unit and value.value >= 0
        for unit, group in values.items()
        for value in group
    )
    least, most = parameter.ev_min_current, parameter.ev_max_current
    return sound and physical.milli(least) <= physical.milli(most)


def ongoing(request: ChargeParameterDiscoveryReq, session: Session) -> Reply:
    """Let the vehicle ask again while the limit is not known; not for ever."""
    if session.ongoing_since is None:
        session.ongoing_since = session.now
    if session.now - session.ongoing_since >= ONGOING_LIMIT:
        return refused(request, ResponseCode.FAILED, session)
    response = ChargeParameterDiscoveryRes(
        response_code=ResponseCode.OK,
        evse_processing=EVSEProcessing.ONGOING,
        evse_charge_parameter=offers.charge_parameter(session),
    )
    return Reply(response, State.NEGOTIATING)


def schedule(
    request: ChargeParameterDiscoveryReq, parameter: AC_EVChargeParameter, session: Session
) -> SAScheduleList:
    """Offer the present limit, and remember what was offered."""
    phases = offers.PHASES[request.requested_energy_transfer_mode]
    amps = session.plant.limit_amps or 0.0
    p_max = physical.watts(session.charger.nominal_volts * phases * amps)
    session.offered_milliwatts = physical.milli(p_max)
    most = request.max_entries_sa_schedule_tuple
    entries = intervals(parameter.departure_time or DAY, DAY if most is None else most)
    offer = SAScheduleTuple(
        sa_schedule_tuple_id=TUPLE_ID,
        p_max_schedule=PMaxSchedule(
            p_max_schedule_entry=tuple(entry(interval, p_max) for interval in entries)
        ),
    )
    return SAScheduleList(sa_schedule_tuple=(offer,))


def entry(interval: RelativeTimeInterval, p_max: PhysicalValue) -> PMaxScheduleEntry:
    """Offer this much from then on."""
    return PMaxScheduleEntry(time_interval=interval, p_max=p_max)


def intervals(seconds: int, most: int) -> tuple[RelativeTimeInterval, ...]:
    """Cover so many seconds with the fewest intervals, and with ``most`` of them at most."""
    last = min(seconds - DAY, LATEST)
    if last <= 0 or most < 2:
        return (RelativeTimeInterval(start=0, duration=min(seconds, DAY)),)
    return (
        RelativeTimeInterval(start=0),
        RelativeTimeInterval(start=last, duration=DAY),
    )
