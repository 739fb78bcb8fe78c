"""DIN SPEC 70121, the charger's side: what we answer in each state.

Theory of operation
-------------------
As in ISO 15118-2: `SEQUENCE` is the state chart as a table, a handler is a plain function that
awaits nothing, and whatever is wrong with a request is said in the response of its own kind,
and ends the session: first the order, then the session id, then the contents are looked at.

The language has more messages than it uses: nobody pays by contract, nothing is paused, there
are no services' details, no AC and no meter. Requests for these have no place in the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from seccstack import v2gtp
from seccstack.errors import UsageError
from seccstack.messages import din
from seccstack.messages.codec import Schema
from seccstack.messages.din import MessageHeader, ResponseCode, V2G_Message
from seccstack.session import dialogue, waiting
from seccstack.session.din import charge, setup
from seccstack.session.din.record import Outcome, Session, State
from seccstack.session.din.refusal import refused
from seccstack.session.din.requests import Request, Response
from seccstack.session.opening import Opening

Handler = Callable[[Any, Session], Outcome | None]


@dataclass(frozen=True, slots=True)
class Step:
    """Who answers a request, and the states it may lead to beside `State.ENDED`."""

    handler: Handler
    to: tuple[State, ...] = ()


Row = Mapping[type[Request], Step]

STOP: Row = {din.SessionStopReq: Step(charge.session_stop)}
AUTHENTICATION = Step(setup.contract_authentication, (State.SELECTED, State.AUTHORIZED))
PARAMETERS = Step(setup.charge_parameter_discovery, (State.NEGOTIATING, State.CHECKING))
CABLE_CHECK = Step(charge.cable_check, (State.CONNECTING, State.CHECKING, State.CHECKED))
PRE_CHARGE = Step(charge.pre_charge, (State.PRECHARGED,))
POWER_DELIVERY = Step(charge.power_delivery, (State.DEMANDING, State.UNLOADING))

SEQUENCE: Mapping[State, Row] = {
    State.CONNECTED: {din.SessionSetupReq: Step(setup.session_setup, (State.SET_UP,))},
    State.SET_UP: {
        din.ServiceDiscoveryReq: Step(setup.service_discovery, (State.DISCOVERED,)),
        **STOP,
    },
    State.DISCOVERED: {
        din.ServicePaymentSelectionReq: Step(
            setup.service_payment_selection, (State.SELECTED,)
        ),
        **STOP,
    },
    State.SELECTED: {din.ContractAuthenticationReq: AUTHENTICATION, **STOP},
    State.AUTHORIZED: {din.ChargeParameterDiscoveryReq: PARAMETERS, **STOP},
    State.NEGOTIATING: {din.ChargeParameterDiscoveryReq: PARAMETERS, **STOP},
    State.CHECKING: {din.CableCheckReq: CABLE_CHECK, **STOP},
    State.CONNECTING: {
        din.CableCheckReq: Step(charge.still_owed, (State.CONNECTING,)),
        **STOP,
    },
    State.CHECKED: {din.PreChargeReq: PRE_CHARGE, **STOP},
    State.PRECHARGED: {
        din.PreChargeReq: PRE_CHARGE,
        din.PowerDeliveryReq: POWER_DELIVERY,
        **STOP,
    },
    State.DEMANDING: {
        din.CurrentDemandReq: Step(charge.current_demand, (State.DEMANDING,)),
        din.PowerDeliveryReq: POWER_DELIVERY,
        **STOP,
    },
    State.UNLOADING: {
        din.WeldingDetectionReq: Step(
            charge.welding_detection, (State.PARTING, State.UNLOADING)
        ),
        din.SessionStopReq: Step(charge.parted, (State.PARTING,)),
    },
    State.PARTING: {
        din.WeldingDetectionReq: Step(charge.still_owed, (State.PARTING,)),
        din.SessionStopReq: Step(charge.still_owed, (State.PARTING,)),
    },
    State.ENDED: {},
}

RELEASED: Mapping[State, tuple[State, ...]] = {  # where a response leads that was owed
    State.CONNECTING: (State.CHECKING,),
    State.PARTING: (State.UNLOADING,),
}


def answer(state: State, request: Request, session: Session) -> Outcome | None:
    """Answer a request; one that is wrong here, with the response of its own kind."""
    step = SEQUENCE[state].get(type(request))
    if step is None:
        return refused(request, ResponseCode.FAILED_SEQUENCE_ERROR, session)
    if state is not State.CONNECTED and session.claimed_id != session.session_id:
        return refused(request, ResponseCode.FAILED_UNKNOWN_SESSION, session)
    return step.handler(request, session)


def begin(opening: Opening, now: float) -> Dialogue:
    """Begin a dialogue after the handshake, which a charger on AC never chooses this in."""
    supply = opening.charger.supply
    if supply is None:
        raise UsageError("DIN SPEC 70121 takes a supply of DC")
    session = Session(
        charger=opening.charger,
        supply=supply,
        plant=opening.plant,
        session_id=opening.session_id,
        timestamp=opening.timestamp,
        opened=opening.at,
        now=now,
    )
    return Dialogue(session)


class Dialogue(dialogue.Dialogue[State, Session, Response]):
    """One DIN SPEC 70121 session."""

    schemas: ClassVar[Mapping[int, Schema]] = {v2gtp.EXI: Schema.DIN}

    def __init__(self, session: Session) -> None:
        super().__init__(session, State.CONNECTED, State.ENDED)

    @property
    def hung_up_at(self) -> float | None:
        """When a vehicle that was told Ongoing for long enough is no longer waited for."""
        plant, session = self._session.plant, self._session
        if self.state is State.SELECTED and session.refused_at is not None:
            return session.refused_at + waiting.LAST_CALL
        if self.state is State.SELECTED and not plant.granted:
            return waiting.last_call(session.waiting_since)
        if self.state is State.NEGOTIATING and plant.limit_amps is None:
            return waiting.last_call(session.ongoing_since)
        return None

    def name_of(self, message: object) -> str | None:
        """Return the name of a message's body, or of the message where there is none."""
        if not isinstance(message, V2G_Message):
            return None
        return type(message if message.body is None else message.body).__name__

    def answer(self, message: V2G_Message, now: float) -> dialogue.Turn:
        """Take a message from the vehicle."""
        session, request = self._session, message.body
        session.now, session.claimed_id = now, message.header.session_id
        if not isinstance(request, Request):
            return self._no_request("V2G_Message", request)
        return self._outcome(request, answer(self.state, request, session))

    def review(self, now: float) -> dialogue.Turn:
        """See whether a change, or the time that has passed, releases what is owed."""
        session = self._session
        refused = self.state is State.SELECTED and session.asked and session.plant.stopping
        since = now if session.refused_at is None else session.refused_at
        session.refused_at = since if refused else None
        return super().review(now)

    def _written(self, reply: dialogue.Reply[State, Response]) -> tuple[V2G_Message, Schema]:
        header = MessageHeader(session_id=self._session.session_id)
        return V2G_Message(header=header, body=reply.response), Schema.DIN
