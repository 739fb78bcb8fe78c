"""DIN SPEC 70121, from SessionSetup to ChargeParameterDiscovery: who is there, and what it can.

Nothing is paid here but elsewhere, nothing is paused, and there is one service. "Ongoing" is
all that can be said while somebody decides: there is no word for a card that is waited for, so
the vehicle's own patience, 60 s, bounds that, and it is ended before.
"""

from __future__ import annotations

from seccstack.messages.din import (
    ChargeParameterDiscoveryReq,
    ChargeParameterDiscoveryRes,
    ContractAuthenticationReq,
    ContractAuthenticationRes,
    DC_EVChargeParameter,
    EVSEProcessing,
    PaymentOption,
    PhysicalValue,
    ResponseCode,
    ServiceDiscoveryReq,
    ServiceDiscoveryRes,
    ServicePaymentSelectionReq,
    ServicePaymentSelectionRes,
    SessionSetupReq,
    SessionSetupRes,
    UnitSymbol,
)
from seccstack.session import dc, scaled, waiting
from seccstack.session.din import offers
from seccstack.session.din.record import Reply, Session, State
from seccstack.session.din.refusal import refused
from seccstack.session.events import AskAuthorizer, Learned


def session_setup(request: SessionSetupReq, session: Session) -> Reply:
    """SessionSetupReq: a new session, whatever session id it comes with, of any length."""
    response = SessionSetupRes(
        response_code=ResponseCode.OK_NEW_SESSION_ESTABLISHED,
        evseid=offers.evse_id(session.charger.evse_id),
        date_time_now=session.timestamp + int(session.now - session.opened),
    )
    return Reply(response, State.SET_UP, (Learned(request.evccid),))


def service_discovery(request: ServiceDiscoveryReq, session: Session) -> Reply:
    """ServiceDiscoveryReq: there is the charge service, whatever scope or category is asked."""
    response = ServiceDiscoveryRes(
        response_code=ResponseCode.OK,
        payment_options=offers.payment(),
        charge_service=offers.charge_service(session),
    )
    return Reply(response, State.DISCOVERED)


def service_payment_selection(request: ServicePaymentSelectionReq, session: Session) -> Reply:
    """ServicePaymentSelectionReq: the charge service alone, and paid elsewhere."""
    if request.selected_payment_option is not PaymentOption.EXTERNAL_PAYMENT:
        return refused(request, ResponseCode.FAILED_PAYMENT_SELECTION_INVALID, session)
    selected = {one.service_id for one in request.selected_service_list.selected_service}
    if selected != {offers.CHARGE_SERVICE}:
        return refused(request, ResponseCode.FAILED_SERVICE_SELECTION_INVALID, session)
    return Reply(ServicePaymentSelectionRes(response_code=ResponseCode.OK), State.SELECTED)


def contract_authentication(request: ContractAuthenticationReq, session: Session) -> Reply:
    """ContractAuthenticationReq: the vehicle asks again and again until it has been decided."""
    if session.plant.stopping:
        return refused(request, ResponseCode.FAILED, session)
    if session.plant.granted:
        return Reply(authenticated(EVSEProcessing.FINISHED), State.AUTHORIZED)
    if session.waiting_since is None:
        session.waiting_since = session.now
    if waiting.over(session.waiting_since, session.now):
        why = f"nobody has decided within {waiting.ONGOING_LIMIT:g} s"
        return refused(request, ResponseCode.FAILED, session, why)
    ask = () if session.asked else (AskAuthorizer(),)
    session.asked = True
    return Reply(authenticated(EVSEProcessing.ONGOING), State.SELECTED, ask)


def authenticated(processing: EVSEProcessing) -> ContractAuthenticationRes:
    """Answer a ContractAuthenticationReq that went well so far."""
    code = ResponseCode.OK
    return ContractAuthenticationRes(response_code=code, evse_processing=processing)


def charge_parameter_discovery(request: ChargeParameterDiscoveryReq, session: Session) -> Reply:
    """ChargeParameterDiscoveryReq: what the charger can is offered once the limit is known."""
    if request.ev_requested_energy_transfer_type not in offers.MODES:
        return refused(request, ResponseCode.FAILED_WRONG_ENERGY_TRANSFER_TYPE, session)
    if not plausible(request, session):
        return refused(request, ResponseCode.FAILED_WRONG_CHARGE_PARAMETER, session)
    if session.plant.limit_amps is not None:
        dc.forget_check(session)
        return Reply(parameters(EVSEProcessing.FINISHED, session), State.CHECKING)
    if session.ongoing_since is None:
        session.ongoing_since = session.now
    if waiting.over(session.ongoing_since, session.now):
        return refused(request, ResponseCode.FAILED, session, "the limit is not known")
    return Reply(parameters(EVSEProcessing.ONGOING, session), State.NEGOTIATING)


def plausible(request: ChargeParameterDiscoveryReq, session: Session) -> bool:
    """Whether the limits are of a vehicle on DC and leave something to charge with.

    What is optional may be as odd as some vehicles make it: it decides nothing.
    """
    parameter = request.ev_charge_parameter
    if not isinstance(parameter, DC_EVChargeParameter):
        return False
    amps, volts = parameter.ev_maximum_current_limit, parameter.ev_maximum_voltage_limit
    right = of(UnitSymbol.A, amps) and of(UnitSymbol.V, volts)
    reached = scaled.plain(volts) >= session.supply.min_volts
    return right and amps.value >= 0 and volts.value > 0 and reached


def of(unit: UnitSymbol, value: PhysicalValue) -> bool:
    """Whether a value is of this unit; many vehicles leave it out."""
    return value.unit in (None, unit)


def parameters(processing: EVSEProcessing, session: Session) -> ChargeParameterDiscoveryRes:
    """Offer what there is now; the schema wants a schedule also of who has to wait."""
    return ChargeParameterDiscoveryRes(
        response_code=ResponseCode.OK,
        evse_processing=processing,
        sa_schedules=offers.schedules(session),
        evse_charge_parameter=offers.charge_parameter(session),
    )
