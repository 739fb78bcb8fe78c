"""One vehicle's V2G session: a stream of bytes in, a stream of bytes out.

Theory of operation
-------------------
A session lives as long as its TCP (or TLS) stream. The stream is cut into payloads, each is
decoded, answered by the protocol that the handshake chose, and the answer encoded. Of three
timers one runs: until SessionSetup has been answered, V2G_SECC_CommunicationSetup, from the
moment that the stream was opened; then V2G_SECC_Sequence_Timeout, from each response; and
where a response is owed, its own deadline instead. A vehicle that was told Ongoing for as long
as may be has little time to ask once more.

The levels around the session (decision, limit, pilot, contactor, meter) are kept in a `Plant`
from the first moment on, whoever needs them later. What ends the session ends it for good, and
takes the energy away first: `SessionEnded` is the last action. What nobody can read (no EXI,
no header) is not answered, and ends it too; payloads that somebody else may understand are
ignored, up to a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Any

from seccstack import v2gtp
from seccstack.errors import MalformedError
from seccstack.messages import app_protocol
from seccstack.messages.codec import Schema, decode, encode
from seccstack.session import dialogue, handshake, protocols
from seccstack.session.events import (
    Action,
    Answer,
    Broken,
    BytesReceived,
    Change,
    CloseStream,
    Event,
    Exchanged,
    How,
    Ignored,
    SendBytes,
    SessionEnded,
    StreamClosed,
)
from seccstack.session.opening import Opening

SETUP_TIMEOUT = 18.0  # V2G_SECC_CommunicationSetup_Performance_Time
MAX_PROBLEMS = 100  # payloads ignored per session: enough for a neighbour's, not for a flood


class V2gSession:
    """Answers one vehicle, from the handshake to SessionStop."""

    def __init__(self, opening: Opening) -> None:
        self.opening = opening
        self._plant = opening.plant
        self._reader = v2gtp.Reader(v2gtp.HANDSHAKE_LIMIT)
        self._dialogue: protocols.AnyDialogue | None = None  # once the handshake is done
        self._protocol: Schema | None = None
        self._problems = 0
        self._timer = opening.at + SETUP_TIMEOUT
        self._over = False

    @property
    def protocol(self) -> Schema | None:
        """What the handshake chose."""
        return self._protocol

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._over

    @property
    def state(self) -> Enum | None:
        """How far the vehicle has come since the handshake."""
        return None if self._dialogue is None else self._dialogue.state

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next."""
        if self._over:
            return None
        if self._dialogue is None:
            return self._timer
        owed = self._dialogue.deadline
        return self._until(self._dialogue) if owed is None else owed

    def _until(self, dialogue: protocols.AnyDialogue) -> float:
        """When the vehicle has been silent for too long."""
        ongoing = dialogue.hung_up_at
        return self._timer if ongoing is None else min(self._timer, ongoing)

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event; return what is to be done about it, in order."""
        if self._over:
            return []
        match event:
            case BytesReceived(data):
                return self._read(data, now)
            case StreamClosed(why):
                return self._end(why, close=False)
            case _:
                return self._learn(event, now)

    def _learn(self, event: Answer | Change, now: float) -> Sequence[Action]:
        if not isinstance(event, Answer):
            self._plant.take(event)
        if (spoken := self._dialogue) is None:
            return []
        if isinstance(event, Answer):
            return self._carry_out(spoken, spoken.told(event, now), now)
        return self._carry_out(spoken, spoken.review(now), now)

    def tick(self, now: float) -> Sequence[Action]:
        """Let the deadline pass, if it has come."""
        if self.deadline is None or now < self.deadline:
            return []
        dialogue = self._dialogue
        if dialogue is None or not (dialogue.set_up or dialogue.deadline is not None):
            return self._end(f"no SessionSetupReq within {SETUP_TIMEOUT:.0f} s")
        if dialogue.deadline is not None:
            return self._carry_out(dialogue, dialogue.review(now), now)
        if now < self._timer:
            return self._end("the vehicle does not ask what has become of its request")
        return self._end(f"no request within {dialogue.patience:g} s")

    def _read(self, data: bytes, now: float) -> list[Action]:
        actions: list[Action] = []
        for item in self._reader.feed(data):
            if self._over:
                break
            if isinstance(item, v2gtp.Problem):
                actions += self._problem(item.what, item.why, fatal=item.fatal)
            elif (schema := self._schema_of(item.type)) is None:
                actions += self._problem(
                    "payload type", f"{item.type:04X} is of another protocol"
                )
            elif self._dialogue is None:
                actions += self._handshake(item.octets, now)
            else:
                actions += self._request(self._dialogue, schema, item.octets, now)
        return actions

    def _schema_of(self, payload_type: int) -> Schema | None:
        if self._dialogue is not None:
            return self._dialogue.schemas.get(payload_type)
        return Schema.APP_PROTOCOL if payload_type == v2gtp.EXI else None

    def _problem(self, what: str, why: str, *, fatal: bool = False) -> list[Action]:
        self._problems += 1
        ignored = Ignored(what, why)
        if fatal:
            return [ignored, *self._end(f"{what} {why}")]
        if self._problems >= MAX_PROBLEMS:
            return [ignored, *self._end(f"{MAX_PROBLEMS} payloads that are no messages")]
        return [ignored]

    def _handshake(self, octets: bytes, now: float) -> list[Action]:
        schema = Schema.APP_PROTOCOL
        request = self._decode(schema, octets)
        if not isinstance(request, app_protocol.SupportedAppProtocolReq):
            return self._unreadable("no supportedAppProtocolReq", request)
        response, served = handshake.negotiate(request, handshake.served(self.opening))
        actions: list[Action] = [
            Exchanged("ev", schema, "supportedAppProtocolReq", octets, request),
            *self._send(schema, "supportedAppProtocolRes", response),
        ]
        if served is None:
            return actions + self._disagree(request)
        self._protocol = served.schema
        self._dialogue = protocols.begin(served.protocol, self.opening, now)
        self._reader.limit = self._dialogue.largest
        return actions

    def _disagree(self, request: app_protocol.SupportedAppProtocolReq) -> list[Action]:
        if (failed := handshake.refused(request, self.opening)) is None:
            return self._end("no protocol in common")
        return self._end(f"no protocol in common but {failed.value}, which has failed with it")

    def _request(
        self, dialogue: protocols.AnyDialogue, schema: Schema, octets: bytes, now: float
    ) -> list[Action]:
        message = self._decode(schema, octets)
        name = dialogue.name_of(message)
        if name is None:
            return self._unreadable("no V2G_Message", message)
        turn = dialogue.answer(message, now)
        return [
            Exchanged("ev", schema, name, octets, message),
            *self._carry_out(dialogue, turn, now),
        ]

    def _decode(self, schema: Schema, octets: bytes) -> Any:
        """Return a message; or what is wrong with it."""
        try:
            return decode(schema, octets).message
        except MalformedError as error:
            return error

    def _unreadable(self, what: str, found: Any) -> list[Action]:
        why = str(found) if isinstance(found, MalformedError) else type(found).__name__
        return [Ignored(what, why), *self._end(what)]

    def _carry_out(
        self, spoken: protocols.AnyDialogue, turn: dialogue.Turn, now: float
    ) -> list[Action]:
        actions = list(turn.actions)
        if turn.schema is not None:
            self._timer = now + spoken.patience
            actions += self._send(turn.schema, turn.name, turn.message)
        return actions if turn.how is None else actions + self._close(turn.how)

    def _send(self, schema: Schema, name: str, message: Any) -> list[Action]:
        exi = encode(schema, message)
        exchanged = Exchanged("evse", schema, name, exi, message)
        return [exchanged, SendBytes(v2gtp.encode(dialogue.PAYLOADS[schema], exi))]

    def _end(self, why: str, *, close: bool = True) -> list[Action]:
        broken = Broken(why)
        left = () if self._dialogue is None else self._dialogue.abandon(broken).actions
        return [*left, *self._close(broken, close=close)]

    def _close(self, how: How, *, close: bool = True) -> list[Action]:
        self._over = True
        reason = how.why if isinstance(how, Broken) else "the vehicle stopped the session"
        return [*([CloseStream(reason)] if close else []), SessionEnded(how)]
