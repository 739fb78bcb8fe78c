"""ISO 15118-2, ChargeParameterDiscovery: what the vehicle can, and what it is offered.

The limit may change the moment after: the charging loop says so, but a vehicle keeps to the
PMax that it was offered, too, until it negotiates anew.
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
from seccstack.session.iso2 import offers, physical, schedules
from seccstack.session.iso2.record import Reply, Session, State
from seccstack.session.iso2.refusal import refused

ONGOING_LIMIT = 55.0  # seconds; V2G_EVCC_Ongoing_Timeout is 60: the charger ends it before


def charge_parameter_discovery(request: ChargeParameterDiscoveryReq, session: Session) -> Reply:
    """ChargeParameterDiscoveryReq: a schedule is offered as soon as the limit is known."""
    if request.requested_energy_transfer_mode not in offers.modes(session):
        return refused(request, ResponseCode.FAILED_WRONG_ENERGY_TRANSFER_MODE, session)
    parameter = request.ev_charge_parameter
    if not fits(parameter, session):
        return refused(request, ResponseCode.FAILED_WRONG_CHARGE_PARAMETER, session)
    if session.plant.limit_amps is None:
        return ongoing(request, session)
    session.mode = request.requested_energy_transfer_mode
    session.plant.renegotiation = None  # what is offered now is what it was wanted for
    session.plant.insulated = session.checking_since = session.surplus_since = None
    session.insulation_asked = False
    most = request.max_entries_sa_schedule_tuple
    response = ChargeParameterDiscoveryRes(
        response_code=ResponseCode.OK,
        evse_processing=EVSEProcessing.FINISHED,
        sa_schedules=schedules.offer(session, parameter.departure_time, most),
        evse_charge_parameter=offers.charge_parameter(session),
    )
    return Reply(response, State.AGREED if session.charger.supply is None else State.CHECKING)


def fits(parameter: EVChargeParameter, session: Session) -> bool:
    """Whether what the vehicle can is of the kind that the charger is, and makes sense."""
    if isinstance(parameter, DC_EVChargeParameter):
        return session.charger.supply is not None and plausible_dc(parameter, session)
    return session.charger.supply is None and plausible(parameter)


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
        and physical.plain(volts) >= least
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
