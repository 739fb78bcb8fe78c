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
from typing import Any, ClassVar

from seccstack import v2gtp
from seccstack.messages import iso2
from seccstack.messages.codec import Schema
from seccstack.messages.iso2 import MessageHeader, ResponseCode, V2G_Message
from seccstack.session import dialogue
from seccstack.session.events import Answer
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
from seccstack.session.iso2.record import Outcome, Payment, Session, State
from seccstack.session.iso2.refusal import refused
from seccstack.session.iso2.requests import Request, Response
from seccstack.session.opening import Opening

Handler = Callable[[Any, Session], Outcome | None]


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


def answer(state: State, request: Request, session: Session) -> Outcome | None:
    """Answer a request; one that is wrong here, with the response of its own kind."""
    if state is State.VERIFYING and request == session.payment.owed:
        return None  # the response to the first one will do
    step = SEQUENCE[state].get(type(request))
    if step is None:
        return refused(request, ResponseCode.FAILED_SEQUENCE_ERROR, session)
    if state is not State.CONNECTED and session.claimed_id != session.session_id:
        return refused(request, ResponseCode.FAILED_UNKNOWN_SESSION, session)
    return step.handler(request, session)


def begin(opening: Opening, now: float) -> Dialogue:
    """Begin a dialogue after the handshake."""
    payment = Payment(
        possible=opening.contracts, challenge=opening.challenge, session_id=opening.session_id
    )
    session = Session(
        charger=opening.charger,
        plant=opening.plant,
        session_id=opening.session_id,
        timestamp=opening.timestamp,
        opened=opening.at,
        now=now,
        resumable=opening.resumable,
        payment=payment,
    )
    return Dialogue(session)


class Dialogue(dialogue.Dialogue[State, Session, Response]):
    """One ISO 15118-2 session."""

    schemas: ClassVar[Mapping[int, Schema]] = {v2gtp.EXI: Schema.ISO2}

    def __init__(self, session: Session) -> None:
        super().__init__(session, State.CONNECTED, State.ENDED)

    @property
    def hung_up_at(self) -> float | None:
        """When a vehicle that was told Ongoing for long enough is no longer waited for."""
        return ongoing.hung_up_at(self.state, self._session)

    def name_of(self, message: object) -> str | None:
        """Return the name of a message's body, or of the message where there is none."""
        if not isinstance(message, V2G_Message):
            return None
        return type(message if message.body is None else message.body).__name__

    def answer(self, message: V2G_Message, now: float) -> dialogue.Turn:
        """Take a message from the vehicle."""
        session, request = self._session, message.body
        session.now, session.claimed_id = now, message.header.session_id
        session.header = message.header
        if not isinstance(request, Request):
            return self._no_request("V2G_Message", request)
        return self._outcome(request, answer(self.state, request, session))

    def told(self, answer: Answer, now: float) -> dialogue.Turn:
        """Take an answer to what was asked about the vehicle's contract."""
        self._session.payment.take(answer)
        return self.review(now)

    def review(self, now: float) -> dialogue.Turn:
        """See whether a change, or the time that has passed, releases what is owed."""
        session = self._session
        session.now, refused = now, ongoing.refused(self.state, session)
        since = now if session.refused_at is None else session.refused_at
        session.refused_at = since if refused else None
        return super().review(now)

    def _written(self, reply: dialogue.Reply[State, Response]) -> tuple[V2G_Message, Schema]:
        header = MessageHeader(session_id=self._session.session_id, signature=reply.signature)
        return V2G_Message(header=header, body=reply.response), Schema.ISO2
