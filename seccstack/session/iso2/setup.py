"""ISO 15118-2, from SessionSetup to Authorization: who is there, and may it charge?"""

from __future__ import annotations

from seccstack.messages.iso2 import (
    AuthorizationReq,
    EnergyTransferMode,
    EVSEProcessing,
    PaymentOption,
    PaymentServiceSelectionReq,
    PaymentServiceSelectionRes,
    ResponseCode,
    ServiceDetailReq,
    ServiceDetailRes,
    ServiceDiscoveryReq,
    ServiceDiscoveryRes,
    SessionSetupReq,
    SessionSetupRes,
)
from seccstack.session.events import AskAuthorizer, Learned, Paused
from seccstack.session.iso2 import offers, services
from seccstack.session.iso2.contract import authorized
from seccstack.session.iso2.record import Reply, Session, State
from seccstack.session.iso2.refusal import refused


def session_setup(request: SessionSetupReq, session: Session) -> Reply:
    """SessionSetupReq: a session begins, or the one that was paused goes on.

    With whatever other session id it comes, of any length, a new session begins; also if what
    paused was paid by a contract, and a contract cannot be proven now, without TLS.
    """
    session.evccid = request.evccid
    paused = session.resumable
    code = ResponseCode.OK_NEW_SESSION_ESTABLISHED
    if paused and joins(paused, request, session):
        code = ResponseCode.OK_OLD_SESSION_JOINED
        session.session_id = paused.session_id
        session.mode = EnergyTransferMode(paused.mode) if paused.mode else None
        session.payment.only = paused.contract
    response = SessionSetupRes(
        response_code=code,
        evseid=session.charger.evse_id,
        evse_time_stamp=session.timestamp + int(session.now - session.opened),
    )
    return Reply(response, State.SET_UP, (Learned(request.evccid),))


def joins(paused: Paused, request: SessionSetupReq, session: Session) -> bool:
    """Whether it is the vehicle that paused, and can go on as it began."""
    same = (session.claimed_id, request.evccid) == (paused.session_id, paused.evccid)
    same = same and not paused.binding  # which is one of ISO 15118-20
    return same and (session.payment.possible or not paused.contract)


def service_discovery(request: ServiceDiscoveryReq, session: Session) -> Reply:
    """ServiceDiscoveryReq: there is the charge service, whatever scope or category is asked."""
    response = ServiceDiscoveryRes(
        response_code=ResponseCode.OK,
        payment_option_list=offers.payment(session),
        charge_service=offers.charge_service(session),
        service_list=services.listed(request, session),
    )
    return Reply(response, State.DISCOVERED)


def service_detail(request: ServiceDetailReq, session: Session) -> Reply:
    """ServiceDetailReq: the charge service has no parameter sets, others may have."""
    number = request.service_id
    if number != offers.CHARGE_SERVICE and not services.known(number, session):
        return refused(request, ResponseCode.FAILED_SERVICE_ID_INVALID, session)
    response = ServiceDetailRes(
        response_code=ResponseCode.OK,
        service_id=number,
        service_parameter_list=services.parameters(number, session),
    )
    return Reply(response, State.DISCOVERED)


def payment_service_selection(request: PaymentServiceSelectionReq, session: Session) -> Reply:
    """PaymentServiceSelectionReq: the charge service, and what else is on offer."""
    selected = request.selected_service_list.selected_service
    if request.selected_payment_option not in offers.payment(session).payment_option:
        return refused(request, ResponseCode.FAILED_PAYMENT_SELECTION_INVALID, session)
    if offers.CHARGE_SERVICE not in {one.service_id for one in selected}:
        return refused(request, ResponseCode.FAILED_NO_CHARGE_SERVICE_SELECTED, session)
    session.payment.chosen = request.selected_payment_option is PaymentOption.CONTRACT
    if not all(services.selectable(one, session) for one in selected):
        return refused(request, ResponseCode.FAILED_SERVICE_SELECTION_INVALID, session)
    then = State.CONTRACTING if session.payment.chosen else State.SELECTED
    return Reply(PaymentServiceSelectionRes(response_code=ResponseCode.OK), then)


def authorization(request: AuthorizationReq, session: Session) -> Reply:
    """AuthorizationReq: the vehicle asks, again and again, until it has been decided.

    There is no limit of our own to it: who waits for a card knows how long [V2G2-854].
    """
    if session.plant.granted:
        return Reply(authorized(EVSEProcessing.FINISHED), State.AUTHORIZED)
    if session.plant.stopping:
        return refused(request, ResponseCode.FAILED, session)
    ask = () if session.asked else (AskAuthorizer(),)
    session.asked = True
    ongoing = authorized(EVSEProcessing.ONGOING_WAITING_FOR_CUSTOMER_INTERACTION)
    return Reply(ongoing, State.SELECTED, ask)


def authorization_again(request: AuthorizationReq, session: Session) -> Reply:
    """AuthorizationReq: some vehicles ask once more after they have been told Finished."""
    if not session.plant.granted:
        return refused(request, ResponseCode.FAILED, session)
    return Reply(authorized(EVSEProcessing.FINISHED), State.NEGOTIATING)
