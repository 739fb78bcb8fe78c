"""ISO 15118-2, ChargeParameterDiscovery: what the vehicle can, and what it is offered.

The limit may change the moment after: the charging loop says so, but a vehicle keeps to the
PMax that it was offered, too, until it negotiates anew. Where somebody says what energy costs,
the vehicle is told Ongoing until that is there, but not for long: it charges as well without.
"""

from __future__ import annotations

from seccstack.messages.iso2 import (
    AC_EVChargeParameter,
    ChargeParameterDiscoveryReq,
    ChargeParameterDiscoveryRes,
    DC_EVChargeParameter,
    EVChargeParameter,
    EVSEProcessing,
    ResponseCode,
    UnitSymbol,
)
from seccstack.session import dc, scaled, waiting
from seccstack.session.iso2 import contract, offers, schedules, tariffs
from seccstack.session.iso2.record import Deferred, Reply, Session, State
from seccstack.session.iso2.refusal import refused
from seccstack.session.iso2.requests import Response

TARIFF_PATIENCE = 10.0  # seconds, ours: an owner waits for energy, not for its price


def charge_parameter_discovery(
    request: ChargeParameterDiscoveryReq, session: Session
) -> Reply | Deferred:
    """ChargeParameterDiscoveryReq: a schedule is offered as soon as the limit is known."""
    parameter = request.ev_charge_parameter
    wanted = request.requested_energy_transfer_mode in offers.modes(session)
    if not wanted or not of_its_kind(parameter, session):
        return refused(request, ResponseCode.FAILED_WRONG_ENERGY_TRANSFER_MODE, session)
    if not makes_sense(parameter, session):
        return refused(request, ResponseCode.FAILED_WRONG_CHARGE_PARAMETER, session)
    if session.plant.limit_amps is None:
        return ongoing(request, session)
    return (
        with_tariffs(request, session) if session.charger.tariffs else offered(request, session)
    )


def with_tariffs(request: ChargeParameterDiscoveryReq, session: Session) -> Reply | Deferred:
    """Ask what energy costs, once; owe the response for a moment, in which that may be said."""
    payment, asked = session.payment, session.tariffs_since is not None
    if asked and payment.answer is not None:
        return priced(request, session)
    if asked:
        payment.owed = request
        until = session.now + contract.SIGNATURE_TIME
        return contract.await_answer(until, lambda later: priced(request, later))
    session.tariffs_since = session.now
    return ask_price(request, offered(request, session).response, session)


def ask_price(
    request: ChargeParameterDiscoveryReq, response: Response, session: Session
) -> Deferred:
    """Ask what energy costs for as long as the schedules of a response last."""
    session.tariffs_for = tuple(session.offered)
    ask = tariffs.question(response, request.max_entries_sa_schedule_tuple, session)
    return contract.owe(
        request, session, contract.SIGNATURE_TIME, lambda later: priced(request, later), ask
    )


def priced(request: ChargeParameterDiscoveryReq, session: Session) -> Reply | Deferred:
    """Offer a schedule with its tariffs, or in the end without."""
    since = session.now if session.tariffs_since is None else session.tariffs_since
    patient = session.now < since + TARIFF_PATIENCE
    if patient and session.payment.answer is None:
        return unfinished(session)
    reply = offered(request, session)
    if patient and tuple(session.offered) != session.tariffs_for:  # another forecast meanwhile
        return ask_price(request, reply.response, session)
    session.tariffs_since = None
    return tariffs.joined(reply, request.max_entries_sa_schedule_tuple, session)


def offered(request: ChargeParameterDiscoveryReq, session: Session) -> Reply:
    """Offer a schedule; what was negotiated before is void."""
    session.mode = request.requested_energy_transfer_mode
    session.plant.renegotiation = None  # what is offered now is what it was wanted for
    session.surplus_since = None
    dc.forget_check(session)
    most = request.max_entries_sa_schedule_tuple
    departure = request.ev_charge_parameter.departure_time
    response = ChargeParameterDiscoveryRes(
        response_code=ResponseCode.OK,
        evse_processing=EVSEProcessing.FINISHED,
        sa_schedules=schedules.offer(session, departure, most),
        evse_charge_parameter=offers.charge_parameter(session),
    )
    return Reply(response, State.AGREED if session.charger.supply is None else State.CHECKING)


def of_its_kind(parameter: EVChargeParameter, session: Session) -> bool:
    """Whether what the vehicle says of itself is of the kind that the charger is, AC or DC."""
    is_dc = isinstance(parameter, DC_EVChargeParameter)
    return is_dc is (session.charger.supply is not None)


def makes_sense(parameter: EVChargeParameter, session: Session) -> bool:
    """Whether what the vehicle can is something that can be."""
    if isinstance(parameter, DC_EVChargeParameter):
        return plausible_dc(parameter, session)
    return plausible(parameter)


def plausible_dc(parameter: DC_EVChargeParameter, session: Session) -> bool:
    """Whether the limits have their units and leave something to charge with.

    What is optional may be as odd as some vehicles make it: it decides nothing.
    """
    amps, volts = parameter.ev_maximum_current_limit, parameter.ev_maximum_voltage_limit
    supply = session.charger.supply
    least = 0.0 if supply is None else supply.min_volts
    return (
        (amps.unit, volts.unit) == (UnitSymbol.A, UnitSymbol.V)
        and amps.value >= 0
        and volts.value > 0
        and scaled.plain(volts) >= least
    )


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
    return sound and scaled.milli(least) <= scaled.milli(most)


def ongoing(request: ChargeParameterDiscoveryReq, session: Session) -> Reply:
    """Let the vehicle ask again while the limit is not known; not for ever."""
    if session.ongoing_since is None:
        session.ongoing_since = session.now
    if waiting.over(session.ongoing_since, session.now):
        return refused(request, ResponseCode.FAILED, session)
    return unfinished(session)


def unfinished(session: Session) -> Reply:
    """Let the vehicle ask again."""
    response = ChargeParameterDiscoveryRes(
        response_code=ResponseCode.OK,
        evse_processing=EVSEProcessing.ONGOING,
        evse_charge_parameter=offers.charge_parameter(session),
    )
    return Reply(response, State.NEGOTIATING)
