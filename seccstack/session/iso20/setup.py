"""ISO 15118-20, from SessionSetup to Authorization: who is there, and may it charge?"""

from __future__ import annotations

from hmac import compare_digest

from seccstack.messages.iso20_common import (
    Authorization,
    AuthorizationReq,
    AuthorizationSetupReq,
    AuthorizationSetupRes,
    EIM_ASResAuthorizationMode,
    PnC_ASResAuthorizationMode,
    SessionSetupReq,
    SessionSetupRes,
)
from seccstack.messages.iso20_types import Processing, ResponseCode
from seccstack.session.events import Action, AskAuthorizer, Learned, Paused
from seccstack.session.iso20 import catalogue
from seccstack.session.iso20.answers import authorized
from seccstack.session.iso20.contract import by_contract
from seccstack.session.iso20.record import Chosen, Deferred, Reply, Service, Session, State
from seccstack.session.iso20.refusal import refused
from seccstack.session.iso20.stop import binding


def session_setup(request: SessionSetupReq, session: Session) -> Reply:
    """SessionSetupReq: a session begins, or the one that was paused goes on.

    Only a vehicle whose certificate shows that it is the one that paused goes on; any other
    begins anew, whatever session id it comes with: that is no fault.
    """
    session.evccid = request.evccid
    learned = Learned(request.evccid.encode())
    paused = session.resumable
    chosen = None if paused is None else resumed(paused, session)
    if paused is None or chosen is None:
        return _set_up(session, ResponseCode.OK_NEW_SESSION_ESTABLISHED, State.SET_UP, learned)
    session.session_id, session.chosen = paused.session_id, chosen
    session.payment.chosen, session.asked = bool(paused.contract), True
    code = ResponseCode.OK_OLD_SESSION_JOINED
    return _set_up(session, code, State.SELECTED, learned, AskAuthorizer())


def _set_up(session: Session, code: ResponseCode, then: State, *actions: Action) -> Reply:
    response = SessionSetupRes(
        header=session.heading, response_code=code, evseid=session.charger.evse_id
    )
    return Reply(response, then, actions)


def resumed(paused: Paused, session: Session) -> Chosen | None:
    """Return what the vehicle had chosen, if it is that vehicle, and can go on as it began.

    One that paid by a contract proves it anew where the decision about it is not at hand.
    """
    if session.claimed_id != paused.session_id or not paused.binding:
        return None
    if not compare_digest(paused.binding, binding(paused.session_id, session.vehicle)):
        return None
    if paused.contract and not session.plant.granted:
        return None
    return chosen_of(paused.mode or "", session)


def chosen_of(mode: str, session: Session) -> Chosen | None:
    """Return the service and the parameter set of a paused session, if there still are."""
    service, _, number = mode.partition("/")
    here = {str(one.value): one for one in catalogue.energies(session)}
    if service not in here:
        return None
    offers = catalogue.offers(Service(here[service]), session)
    return next((o.chosen for key, o in offers.items() if str(key) == number), None)


def authorization_setup(request: AuthorizationSetupReq, session: Session) -> Reply:
    """AuthorizationSetupReq: these are the ways to be authorised."""
    contract = session.payment.possible
    services = (Authorization.EIM, *((Authorization.PN_C,) if contract else ()))
    challenged = PnC_ASResAuthorizationMode(gen_challenge=session.payment.challenge)
    response = AuthorizationSetupRes(
        header=session.heading,
        response_code=ResponseCode.OK,
        authorization_services=services,
        certificate_installation_service=contract and session.charger.provides,
        eim_as_res_authorization_mode=None if contract else EIM_ASResAuthorizationMode(),
        pn_c_as_res_authorization_mode=challenged if contract else None,
    )
    return Reply(response, State.AUTHORIZING)


def authorization(request: AuthorizationReq, session: Session) -> Reply | Deferred:
    """AuthorizationReq: by a card or the like, or by a contract."""
    by, shown = request.selected_authorization_service, request.pn_c_a_req_authorization_mode
    if by is Authorization.EIM:
        return by_other_means(request, session)
    if shown is None or not session.payment.possible:
        return told(session, ResponseCode.WARNING_AUTHORIZATION_SELECTION_INVALID)
    return by_contract(request, shown, session)


def by_other_means(request: AuthorizationReq, session: Session) -> Reply:
    """Tell whether it was decided; a vehicle that is not let may ask again, or otherwise.

    There is no limit of our own to it: who waits for a card knows how long.
    """
    plant = session.plant
    session.payment.since = None  # it waits for no contract
    if plant.granted:
        return Reply(authorized(session, ResponseCode.OK), State.AUTHORIZED)
    if plant.stop is not None:
        return refused(request, ResponseCode.FAILED, session, plant.stop.why)
    if plant.stopping:
        return told(session, ResponseCode.WARNING_EIM_AUTHORIZATION_FAILURE)
    ask = () if session.asked else (AskAuthorizer(),)
    session.asked = True
    response = authorized(session, ResponseCode.OK, Processing.ONGOING)
    return Reply(response, State.AUTHORIZING, ask)


def told(session: Session, warning: ResponseCode) -> Reply:
    """Say that it is not to be so, which ends this attempt and not the session."""
    return Reply(authorized(session, warning), State.AUTHORIZING)
