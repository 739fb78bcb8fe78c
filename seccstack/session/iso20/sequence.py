"""ISO 15118-20, the charger's side: what we answer in each state.

Theory of operation
-------------------
`SEQUENCE` is the state chart as a table, as in ISO 15118-2: the requests that each state
allows, who answers them, and where that may lead besides the end. A handler awaits nothing:
what takes time is asked for with an action, arrives later as a change of the `Plant`, and until
then the vehicle is told Ongoing, or its response is `Deferred`.

Whatever is wrong with a request is said in the response of its own kind: FAILED_* ends the
session, WARNING_* lets the vehicle go another way. First the order, then the session id, then
the contents are looked at. Each namespace comes as a payload type of its own. In the loop a
vehicle has half a second for its next request, everywhere else a minute.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import msgspec

from seccstack import v2gtp
from seccstack.messages import iso20_ac, iso20_common, iso20_dc
from seccstack.messages.codec import Schema
from seccstack.messages.iso20_types import ResponseCode
from seccstack.session import dialogue
from seccstack.session.events import Answer
from seccstack.session.iso20 import (
    ac,
    dc,
    delivery,
    exchange,
    foreign,
    ongoing,
    provisioning,
    receipts,
    services,
    setup,
    stop,
)
from seccstack.session.iso20.record import Outcome, Payment, Session, State
from seccstack.session.iso20.refusal import refused
from seccstack.session.iso20.requests import SCHEMAS, Request, Response
from seccstack.session.opening import Opening

Handler = Callable[[Any, Session], Outcome | None]

LONGEST = 160_000  # octets: a ScheduleExchangeReq with an offer of 1024 entries has 147,000
LOOP_TIMEOUT = 0.5  # V2G_SECC_Sequence_Timeout after AC_ChargeLoopRes and DC_ChargeLoopRes


@dataclass(frozen=True, slots=True)
class Step:
    """Who answers a request, and the states it may lead to beside `State.ENDED`."""

    handler: Handler
    to: tuple[State, ...] = ()


Row = Mapping[type[Request], Step]

STOP_EARLY: Row = {iso20_common.SessionStopReq: Step(stop.stop_early)}
STOP: Row = {iso20_common.SessionStopReq: Step(stop.stop_or_choose, (State.AUTHORIZED,))}
SCHEDULES = Step(
    exchange.schedule_exchange,
    (State.VERIFYING, State.NEGOTIATING, State.AGREED, State.CHECKING),
)
CABLE_CHECK = Step(dc.cable_check, (State.CONNECTING, State.CHECKING, State.CHECKED))
PRE_CHARGE = Step(dc.pre_charge, (State.PRECHARGED,))
CONFIRMATION = Step(receipts.metering_confirmation, (State.VERIFYING,))
DELIVERY = (  # on AC and DC
    State.AGREED,
    State.PRECHARGED,
    State.STARTING,
    State.CHARGING,
    State.DEMANDING,
    State.STOPPED,
    State.UNLOADING,
)

SEQUENCE: Mapping[State, Row] = {
    State.CONNECTED: {
        iso20_common.SessionSetupReq: Step(setup.session_setup, (State.SET_UP, State.SELECTED))
    },
    State.SET_UP: {
        iso20_common.AuthorizationSetupReq: Step(
            setup.authorization_setup, (State.AUTHORIZING,)
        ),
        **STOP_EARLY,
    },
    State.AUTHORIZING: {
        iso20_common.AuthorizationReq: Step(
            setup.authorization, (State.AUTHORIZING, State.VERIFYING, State.AUTHORIZED)
        ),
        iso20_common.CertificateInstallationReq: Step(
            provisioning.certificate, (State.AUTHORIZING, State.VERIFYING)
        ),
        **STOP_EARLY,
    },
    State.AUTHORIZED: {
        iso20_common.ServiceDiscoveryReq: Step(services.service_discovery, (State.DISCOVERED,)),
        **STOP_EARLY,
    },
    State.DISCOVERED: {
        iso20_common.ServiceDetailReq: Step(services.service_detail, (State.DISCOVERED,)),
        iso20_common.ServiceSelectionReq: Step(services.service_selection, (State.SELECTED,)),
        **STOP,
    },
    State.SELECTED: {
        iso20_ac.AC_ChargeParameterDiscoveryReq: Step(
            ac.charge_parameter_discovery, (State.NEGOTIATING,)
        ),
        iso20_dc.DC_ChargeParameterDiscoveryReq: Step(
            dc.charge_parameters, (State.NEGOTIATING,)
        ),
        **STOP,
    },
    State.NEGOTIATING: {iso20_common.ScheduleExchangeReq: SCHEDULES, **STOP},
    State.AGREED: {
        iso20_common.PowerDeliveryReq: Step(delivery.power_delivery, DELIVERY),
        **STOP,
    },
    State.CHECKING: {iso20_dc.DC_CableCheckReq: CABLE_CHECK, **STOP},
    State.CONNECTING: {
        iso20_dc.DC_CableCheckReq: Step(dc.still_owed, (State.CONNECTING,)),
        **STOP,
    },
    State.CHECKED: {iso20_dc.DC_PreChargeReq: PRE_CHARGE, **STOP},
    State.PRECHARGED: {
        iso20_dc.DC_PreChargeReq: PRE_CHARGE,
        iso20_common.PowerDeliveryReq: Step(
            delivery.power_delivery, (State.PRECHARGED, State.DEMANDING, State.UNLOADING)
        ),
        **STOP,
    },
    State.STARTING: {
        iso20_common.PowerDeliveryReq: Step(
            delivery.still_owed, (State.STARTING, State.STOPPED)
        ),
        **STOP,
    },
    State.CHARGING: {
        iso20_ac.AC_ChargeLoopReq: Step(ac.charge_loop, (State.CHARGING,)),
        iso20_common.MeteringConfirmationReq: CONFIRMATION,
        iso20_common.PowerDeliveryReq: Step(
            delivery.while_charging, (*DELIVERY, State.NEGOTIATING)
        ),
        **STOP,
    },
    State.DEMANDING: {
        iso20_dc.DC_ChargeLoopReq: Step(dc.charge_loop, (State.DEMANDING,)),
        iso20_common.MeteringConfirmationReq: CONFIRMATION,
        iso20_common.PowerDeliveryReq: Step(
            delivery.while_charging, (State.DEMANDING, State.UNLOADING, State.NEGOTIATING)
        ),
        **STOP,
    },
    State.VERIFYING: STOP,
    State.STOPPED: STOP,
    State.UNLOADING: {
        iso20_dc.DC_WeldingDetectionReq: Step(
            dc.welding_detection, (State.PARTING, State.UNLOADING)
        ),
        iso20_common.SessionStopReq: Step(dc.session_stop, (State.PARTING, State.AUTHORIZED)),
    },
    State.PARTING: {
        iso20_dc.DC_WeldingDetectionReq: Step(dc.still_owed, (State.PARTING,)),
        iso20_common.SessionStopReq: Step(dc.still_owed, (State.PARTING,)),
    },
    State.ENDED: {},
}

RELEASED: Mapping[State, tuple[State, ...]] = {  # where a response leads that was owed
    State.CONNECTING: (State.CHECKING,),
    State.STARTING: (State.CHARGING,),
    State.PARTING: (State.UNLOADING, State.AUTHORIZED),
    State.VERIFYING: (
        State.AUTHORIZING,
        State.AUTHORIZED,
        State.NEGOTIATING,
        State.AGREED,
        State.CHECKING,
        State.CHARGING,
        State.DEMANDING,
    ),
}
LOOP = (iso20_ac.AC_ChargeLoopRes, iso20_dc.DC_ChargeLoopRes)


def answer(state: State, request: Request, session: Session) -> Outcome | None:
    """Answer a request; one that is wrong here, with the response of its own kind."""
    if state is State.VERIFYING and repeated(request, session):
        return None  # the response to the first one will do
    step = SEQUENCE[state].get(type(request))
    if step is None:
        return refused(request, ResponseCode.FAILED_SEQUENCE_ERROR, session)
    if state is not State.CONNECTED and session.claimed_id != session.session_id:
        return refused(request, ResponseCode.FAILED_UNKNOWN_SESSION, session)
    return step.handler(request, session)


def repeated(request: Request, session: Session) -> bool:
    """Whether a request is the one that is owed its response, but for the time it was sent."""
    owed = session.payment.owed
    if type(owed) is not type(request) or session.claimed_id != session.session_id:
        return False
    assert owed is not None  # noqa: S101 - it is of the request's type
    return request == msgspec.structs.replace(owed, header=request.header)


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
        vehicle=opening.vehicle,
        payment=payment,
    )
    return Dialogue(session)


class Dialogue(dialogue.Dialogue[State, Session, Response]):
    """One ISO 15118-20 session."""

    schemas: ClassVar[Mapping[int, Schema]] = {
        v2gtp.MAINSTREAM: Schema.ISO20_COMMON,
        v2gtp.AC_MAINSTREAM: Schema.ISO20_AC,
        v2gtp.DC_MAINSTREAM: Schema.ISO20_DC,
        v2gtp.ACDP_MAINSTREAM: Schema.ISO20_ACDP,
        v2gtp.WPT_MAINSTREAM: Schema.ISO20_WPT,
    }
    largest = LONGEST

    def __init__(self, session: Session) -> None:
        super().__init__(session, State.CONNECTED, State.ENDED)
        self._looping = False  # whether the last response was one of a loop

    @property
    def patience(self) -> float:
        """For how many seconds the next request is waited for."""
        return LOOP_TIMEOUT if self._looping else super().patience

    @property
    def hung_up_at(self) -> float | None:
        """When a vehicle that was told Ongoing for long enough is no longer waited for."""
        return ongoing.hung_up_at(self.state, self._session)

    def name_of(self, message: object) -> str | None:
        """Return a message's name; None if it is none of this protocol's."""
        known = type(message) in SCHEMAS or foreign.response_to(message) is not None
        return type(message).__name__ if known else None

    def answer(self, message: Any, now: float) -> dialogue.Turn:
        """Take a message from the vehicle, one that has a name."""
        session = self._session
        session.now, session.header = now, message.header
        if foreign.response_to(message) is not None:
            return self._refuse_foreign(message)
        if not isinstance(message, Request):
            return self._no_request("V2G message", message)
        return self._outcome(message, answer(self.state, message, session))

    def told(self, answer: Answer, now: float) -> dialogue.Turn:
        """Take an answer to what was asked about the vehicle's contract."""
        self._session.payment.take(answer)
        return self.review(now)

    def _refuse_foreign(self, message: Any) -> dialogue.Turn:
        code = ResponseCode.FAILED_SEQUENCE_ERROR
        how = dialogue.broken_by(message, code)
        response = foreign.refuse(message, code, self._session)
        ended = self.abandon(how)
        name, schema = type(response).__name__, foreign.schema_of(response)
        return dialogue.Turn(response, ended.actions, how, schema, name)

    def _written(self, reply: dialogue.Reply[State, Response]) -> tuple[Any, Schema]:
        response = reply.response
        self._looping = isinstance(response, LOOP)
        if reply.signature is not None:
            signed = msgspec.structs.replace(response.header, signature=reply.signature)
            response = msgspec.structs.replace(response, header=signed)
        return response, SCHEMAS[type(response)]
