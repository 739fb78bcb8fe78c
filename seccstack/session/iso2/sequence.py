"""ISO 15118-2, the charger's side: what we answer in each state.

Theory of operation
-------------------
`SEQUENCE` is the state chart as a table: the requests that each state allows, who answers them,
and where that may lead besides the end. A handler is a plain function of the request and of
what the session knows. It awaits nothing: what takes time is asked for with an action, arrives
later as a change of the `Plant`, and until then the vehicle is told Ongoing, or its response is
`Deferred` where the protocol has no word for "not yet". So the performance times hold whatever
the back office does.

Whatever is wrong with a request is said in the response of its own kind, and ends the session:
first the order, then the session id, then the contents are looked at. (The standard's test
cases have one fault at a time; of two, a vehicle's maker needs to know the order first.)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from seccstack.messages import iso2
from seccstack.messages.codec import Schema
from seccstack.messages.iso2 import MessageHeader, ResponseCode, V2G_Message
from seccstack.session.events import Action, Answer, Broken, How, Ignored
from seccstack.session.iso2 import (
    contract,
    dc,
    loop,
    ongoing,
    parameters,
    provisioning,
    receipts,
    setup,
    stop,
)
from seccstack.session.iso2.record import Deferred, Reply, Session, State, forbid_energy
from seccstack.session.iso2.refusal import refused
from seccstack.session.iso2.requests import Request

Handler = Callable[[Any, Session], Reply | Deferred | None]


@dataclass(frozen=True, slots=True)
class Step:
    """Who answers a request, and the states it may lead to beside `State.ENDED`."""

    handler: Handler
    to: tuple[State, ...] = ()


Row = Mapping[type[Request], Step]

STOP: Row = {iso2.SessionStopReq: Step(stop.session_stop)}
AC_DELIVERY = (State.STARTING, State.CHARGING, State.NEGOTIATING, State.STOPPED)
DC_DELIVERY = (State.DEMANDING, State.NEGOTIATING, State.UNLOADING)
POWER_DELIVERY = Step(loop.power_delivery, AC_DELIVERY)
CONTRACT = Step(contract.payment_details, (State.VERIFYING,))
PROVISIONING = Step(provisioning.certificate, (State.VERIFYING,))
PARAMETERS = Step(
    parameters.charge_parameter_discovery,
    (State.NEGOTIATING, State.VERIFYING, State.AGREED, State.CHECKING),
)
CABLE_CHECK = Step(dc.cable_check, (State.CONNECTING, State.CHECKING, State.CHECKED))
PRE_CHARGE = Step(dc.pre_charge, (State.PRECHARGED,))
PARTING: Row = {
    iso2.WeldingDetectionReq: Step(dc.still_owed, (State.PARTING,)),
    iso2.SessionStopReq: Step(dc.still_owed, (State.PARTING,)),
}

SEQUENCE: Mapping[State, Row] = {
    State.CONNECTED: {iso2.SessionSetupReq: Step(setup.session_setup, (State.SET_UP,))},
    State.SET_UP: {
        iso2.ServiceDiscoveryReq: Step(setup.service_discovery, (State.DISCOVERED,)),
        **STOP,
    },
    State.DISCOVERED: {
        iso2.ServiceDetailReq: Step(setup.service_detail, (State.DISCOVERED,)),
        iso2.PaymentServiceSelectionReq: Step(
            setup.payment_service_selection, (State.SELECTED, State.CONTRACTING)
        ),
        **STOP,
    },
    State.SELECTED: {
        iso2.AuthorizationReq: Step(setup.authorization, (State.SELECTED, State.AUTHORIZED)),
        **STOP,
    },
    State.CONTRACTING: {
        iso2.PaymentDetailsReq: CONTRACT,
        iso2.CertificateInstallationReq: PROVISIONING,
        iso2.CertificateUpdateReq: PROVISIONING,
        **STOP,
    },
    State.PROVIDED: {iso2.PaymentDetailsReq: CONTRACT, **STOP},
    State.IDENTIFIED: {
        iso2.AuthorizationReq: Step(
            contract.authorization, (State.VERIFYING, State.IDENTIFIED, State.AUTHORIZED)
        ),
        **STOP,
    },
    State.AUTHORIZED: {
        iso2.AuthorizationReq: Step(setup.authorization_again, (State.NEGOTIATING,)),
        iso2.ChargeParameterDiscoveryReq: PARAMETERS,
        **STOP,
    },
    State.NEGOTIATING: {iso2.ChargeParameterDiscoveryReq: PARAMETERS, **STOP},
    State.AGREED: {iso2.PowerDeliveryReq: POWER_DELIVERY, **STOP},
    State.CHECKING: {iso2.CableCheckReq: CABLE_CHECK, **STOP},
    State.CONNECTING: {
        iso2.CableCheckReq: Step(dc.still_owed, (State.CONNECTING,)),
        **STOP,
    },
    State.CHECKED: {iso2.PreChargeReq: PRE_CHARGE, **STOP},
    State.PRECHARGED: {
        iso2.PreChargeReq: PRE_CHARGE,
        iso2.PowerDeliveryReq: Step(loop.power_delivery, (State.DEMANDING, State.UNLOADING)),
        **STOP,
    },
    State.STARTING: {
        iso2.PowerDeliveryReq: Step(loop.still_owed, (State.STARTING, State.STOPPED)),
        **STOP,
    },
    State.CHARGING: {
        iso2.ChargingStatusReq: Step(loop.charging_status, (State.CHARGING, State.METERED)),
        iso2.PowerDeliveryReq: POWER_DELIVERY,
        **STOP,
    },
    State.DEMANDING: {
        iso2.CurrentDemandReq: Step(dc.current_demand, (State.DEMANDING, State.METERED)),
        iso2.PowerDeliveryReq: Step(loop.power_delivery, DC_DELIVERY),
        **STOP,
    },
    State.METERED: {
        iso2.MeteringReceiptReq: Step(receipts.metering_receipt, (State.VERIFYING,)),
        iso2.PowerDeliveryReq: Step(
            loop.instead_of_receipt, (State.NEGOTIATING, State.STOPPED, State.UNLOADING)
        ),
        **STOP,
    },
    State.VERIFYING: STOP,
    State.STOPPED: STOP,
    State.UNLOADING: {
        iso2.WeldingDetectionReq: Step(dc.welding_detection, (State.PARTING, State.UNLOADING)),
        iso2.SessionStopReq: Step(dc.session_stop, (State.PARTING,)),
    },
    State.PARTING: PARTING,
    State.ENDED: {},
}

RELEASED: Mapping[State, tuple[State, ...]] = {  # where a response leads that was owed
    State.CONNECTING: (State.CHECKING,),
    State.STARTING: (State.CHARGING,),
    State.PARTING: (State.UNLOADING,),
    State.VERIFYING: (
        State.PROVIDED,
        State.IDENTIFIED,
        State.AUTHORIZED,
        State.NEGOTIATING,
        State.AGREED,
        State.CHECKING,
        State.CHARGING,
        State.DEMANDING,
    ),
}


def answer(state: State, request: Request, session: Session) -> Reply | Deferred | None:
    """Answer a request; one that is wrong here, with the response of its own kind."""
    if state is State.VERIFYING and request == session.payment.owed:
        return None  # the response to the first one will do
    step = SEQUENCE[state].get(type(request))
    if step is None:
        return refused(request, ResponseCode.FAILED_SEQUENCE_ERROR, session)
    if state is not State.CONNECTED and session.claimed_id != session.session_id:
        return refused(request, ResponseCode.FAILED_UNKNOWN_SESSION, session)
    return step.handler(request, session)


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of a request, or of a change: what to send, what to ask for before, the end."""

    message: V2G_Message | None = None
    actions: tuple[Action, ...] = ()
    how: How | None = None


class Dialogue:
    """One session: its state, what it knows, and the response that is owed."""

    schema = Schema.ISO2

    def __init__(self, session: Session) -> None:
        self._session = session
        self._owed: Deferred | None = None
        self.state = State.CONNECTED

    @property
    def deadline(self) -> float | None:
        """When the response that is owed has to go out at the latest."""
        return None if self._owed is None else self._owed.deadline

    @property
    def hung_up_at(self) -> float | None:
        """When a vehicle that was told Ongoing for long enough is no longer waited for."""
        return ongoing.hung_up_at(self.state, self._session)

    def answer(self, message: V2G_Message, now: float) -> Turn:
        """Take a message from the vehicle."""
        session, request = self._session, message.body
        session.now, session.claimed_id = now, message.header.session_id
        session.header = message.header
        if not isinstance(request, Request):
            why = f"{type(request).__name__} is no request"
            return self.abandon(Broken(why), Ignored("V2G_Message", why))
        outcome = answer(self.state, request, session)
        if outcome is None:
            why = "the response to the first one is still owed"
            return Turn(actions=(Ignored(type(request).__name__, why),))
        return self._settle(outcome)

    def told(self, answer: Answer, now: float) -> Turn:
        """Take an answer to what was asked about the vehicle's contract."""
        self._session.payment.take(answer)
        return self.review(now)

    def review(self, now: float) -> Turn:
        """See whether a change, or the time that has passed, releases what is owed."""
        session = self._session
        session.now, refused = now, ongoing.refused(self.state, session)
        since = now if session.refused_at is None else session.refused_at
        session.refused_at = since if refused else None
        return Turn() if self._owed is None else self._settle(self._owed.resume(self._session))

    def abandon(self, how: How, *actions: Action) -> Turn:
        """End without a word."""
        self.state, self._owed = State.ENDED, None
        return Turn(actions=actions + forbid_energy(self._session), how=how)

    def _settle(self, outcome: Reply | Deferred) -> Turn:
        if isinstance(outcome, Deferred):
            self.state, self._owed = outcome.state, outcome
            return Turn(actions=outcome.actions)
        self.state, self._owed = outcome.next, None
        header = MessageHeader(session_id=self._session.session_id, signature=outcome.signature)
        message = V2G_Message(header=header, body=outcome.response)
        off = () if outcome.how is None else forbid_energy(self._session)
        return Turn(message, outcome.actions + off, outcome.how)
