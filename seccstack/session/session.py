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
from typing import Any

from seccstack import v2gtp
from seccstack.errors import MalformedError, UsageError
from seccstack.messages import app_protocol, iso2
from seccstack.messages.codec import Schema, decode, encode
from seccstack.session.events import (
    Action,
    Broken,
    BytesReceived,
    CloseStream,
    ContractProvided,
    ContractRefused,
    ContractVerified,
    Event,
    Exchanged,
    How,
    Ignored,
    Paused,
    SendBytes,
    SessionEnded,
    SignatureVerified,
    StreamClosed,
    TariffsProvided,
)
from seccstack.session.handshake import ISO2, negotiate
from seccstack.session.iso2.contract import CHALLENGE
from seccstack.session.iso2.record import Payment, Session, State
from seccstack.session.iso2.sequence import Dialogue, Turn
from seccstack.session.plant import Charger, Plant

SESSION_ID = 8  # octets
SETUP_TIMEOUT = 18.0  # V2G_SECC_CommunicationSetup_Performance_Time
SEQUENCE_TIMEOUT = 60.0  # V2G_SECC_Sequence_Timeout
MAX_PROBLEMS = 100  # payloads ignored per session: enough for a neighbour's, not for a flood
SERVED = (ISO2,)


class V2gSession:
    """Answers one vehicle, from the handshake to SessionStop.

    ``session_id`` is 8 random octets; ``timestamp`` the wall clock at ``now``, in seconds since
    1970. ``plant`` is what is known already; it is kept and changed. ``resumable`` is what the
    last session of this plug-in ended with, if it was paused. ``tls``: whether the stream is
    encrypted; ``challenge``: 16 random octets, without which no contract can be proven.
    """

    def __init__(
        self,
        charger: Charger,
        *,
        session_id: bytes,
        timestamp: int,
        now: float,
        plant: Plant | None = None,
        resumable: Paused | None = None,
        tls: bool = False,
        challenge: bytes = b"",
    ) -> None:
        if len(session_id) != SESSION_ID or not any(session_id):
            raise UsageError("a session id is 8 octets, and not 0")
        self._plant = plant or Plant()
        self._dialogue = Dialogue(
            Session(
                charger=charger,
                plant=self._plant,
                session_id=session_id,
                timestamp=timestamp,
                opened=now,
                now=now,
                resumable=resumable,
                payment=Payment(
                    possible=charger.contracts and tls and len(challenge) == CHALLENGE,
                    challenge=challenge,
                    session_id=session_id,
                ),
            )
        )
        self._reader = v2gtp.Reader(v2gtp.HANDSHAKE_LIMIT)
        self._protocol: Schema | None = None
        self._problems = 0
        self._timer = now + SETUP_TIMEOUT
        self._over = False

    @property
    def protocol(self) -> Schema | None:
        """What the handshake chose."""
        return self._protocol

    @property
    def state(self) -> State:
        """How far the vehicle has come."""
        return self._dialogue.state

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next."""
        if self._over:
            return None
        owed = self._dialogue.deadline
        return self._patience if owed is None else owed

    @property
    def _patience(self) -> float:
        """When the vehicle has been silent for too long."""
        ongoing = self._dialogue.hung_up_at
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
            case (
                ContractVerified()
                | SignatureVerified()
                | ContractProvided()
                | TariffsProvided()
                | ContractRefused()
            ):
                return self._carry_out(self._dialogue.told(event, now), now)
            case _:
                self._plant.take(event)
                return self._carry_out(self._dialogue.review(now), now)

    def tick(self, now: float) -> Sequence[Action]:
        """Let the deadline pass, if it has come."""
        if self.deadline is None or now < self.deadline:
            return []
        if self._dialogue.deadline is not None:
            return self._carry_out(self._dialogue.review(now), now)
        if self.state is State.CONNECTED:
            return self._end(f"no SessionSetupReq within {SETUP_TIMEOUT:.0f} s")
        if now < self._timer:
            return self._end("the vehicle does not ask what has become of its request")
        return self._end(f"no request within {SEQUENCE_TIMEOUT:.0f} s")

    def _read(self, data: bytes, now: float) -> list[Action]:
        actions: list[Action] = []
        for item in self._reader.feed(data):
            if self._over:
                break
            if isinstance(item, v2gtp.Problem):
                actions += self._problem(item.what, item.why, fatal=item.fatal)
            elif item.type != v2gtp.EXI:
                actions += self._problem(
                    "payload type", f"{item.type:04X} is of another protocol"
                )
            elif self._protocol is None:
                actions += self._handshake(item.octets, now)
            else:
                actions += self._request(self._protocol, item.octets, now)
        return actions

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
        response, served = negotiate(request, SERVED)
        actions: list[Action] = [
            Exchanged("ev", schema, "supportedAppProtocolReq", octets, request),
            *self._send(schema, "supportedAppProtocolRes", response),
        ]
        if served is None:
            return actions + self._end("no protocol in common")
        self._protocol, self._reader.limit = served.schema, v2gtp.MESSAGE_LIMIT
        return actions

    def _request(self, schema: Schema, octets: bytes, now: float) -> list[Action]:
        message = self._decode(schema, octets)
        if not isinstance(message, iso2.V2G_Message):
            return self._unreadable("no V2G_Message", message)
        name = "V2G_Message" if message.body is None else type(message.body).__name__
        turn = self._dialogue.answer(message, now)
        return [
            Exchanged("ev", schema, name, octets, message),
            *self._carry_out(turn, now),
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

    def _carry_out(self, turn: Turn, now: float) -> list[Action]:
        actions = list(turn.actions)
        if turn.message is not None:
            self._timer = now + SEQUENCE_TIMEOUT
            name = type(turn.message.body).__name__
            actions += self._send(self._dialogue.schema, name, turn.message)
        return actions if turn.how is None else actions + self._close(turn.how)

    def _send(self, schema: Schema, name: str, message: Any) -> list[Action]:
        exi = encode(schema, message)
        exchanged = Exchanged("evse", schema, name, exi, message)
        return [exchanged, SendBytes(v2gtp.encode(v2gtp.EXI, exi))]

    def _end(self, why: str, *, close: bool = True) -> list[Action]:
        turn = self._dialogue.abandon(Broken(why))
        return [*turn.actions, *self._close(Broken(why), close=close)]

    def _close(self, how: How, *, close: bool = True) -> list[Action]:
        self._over = True
        reason = how.why if isinstance(how, Broken) else "the vehicle stopped the session"
        return [*([CloseStream(reason)] if close else []), SessionEnded(how)]
