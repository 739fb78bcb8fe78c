"""A bystander at one TLS connection, who may have its secrets.

Theory of operation
-------------------
Each direction is a stream of records; of what they hold, handshake messages and alerts come out
as `HandshakeSeen` and `AlertSeen`, and application data as `DataSeen`, if it can be opened.
The client is who sends the ClientHello, or at whom the ServerHello is directed.

From where a direction is protected, its own messages tell: in TLS 1.2 the ChangeCipherSpec, in
TLS 1.3 the ServerHello, and then each Finished and KeyUpdate. Where the capture lacks them, the
first record of application data does. Why nothing can be opened is told once in each direction,
as `Sealed`; `LostData` tells each time that application data does not go on where it ended.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from seccstack.errors import MalformedError
from seccstack.tls import handshake, records
from seccstack.tls.agreed import Agreed
from seccstack.tls.alerts import Alert
from seccstack.tls.handshake import HEADER_SIZE, ClientHello, Message, ServerHello
from seccstack.tls.keylog import KeyLog
from seccstack.tls.opener import Opener
from seccstack.tls.records import Record, RecordReader, Skipped

End = TypeVar("End", bound=Hashable)

ENDS_EPOCH = {handshake.FINISHED, handshake.KEY_UPDATE}  # in TLS 1.3


@dataclass(frozen=True, slots=True)
class HandshakeSeen:
    """A handshake message; without ``message`` it can't be read, and ``problem`` says why."""

    kind: int
    message: Message | None
    protected: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class AlertSeen:
    """An alert; None if it is protected and can't be opened."""

    alert: Alert | None


@dataclass(frozen=True, slots=True)
class DataSeen:
    """Application data, opened."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class LostData:
    """Application data that can't be had; what follows does not go on where it ended."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part of what an end sends can't be read."""

    why: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """None of the application data that an end sends can be read from here on."""

    why: str


Seen = HandshakeSeen | AlertSeen | DataSeen | LostData | Unreadable | Sealed


@dataclass(slots=True)
class Direction:
    """What one end sends."""

    reader: RecordReader = field(default_factory=RecordReader)
    messages: bytearray = field(default_factory=bytearray)  # up to `handshake.MAX_MESSAGE`
    protected: bool = False
    opener: Opener | None = None
    told: bool = False  # that it can't be opened
    gap: bool = False  # whether records before the next one are missing


class Observer(Generic[End]):
    """Follows a connection; ends are whatever the user tells them apart by."""

    def __init__(self, secrets: KeyLog) -> None:
        self.client: End | None = None
        self._agreed = Agreed(secrets)
        self._directions: dict[End, Direction] = {}  # two

    def receive(self, sender: End, octets: bytes) -> Iterator[Seen]:
        """Take the next octets of an end; yield what they mean."""
        direction = self._direction(sender)
        for item in direction.reader.feed(octets):
            if isinstance(item, Record):
                yield from self._record(sender, direction, item)
            else:
                yield Unreadable(f"no TLS record, but {item.begin.hex(' ').upper()}")
                yield from _lost(direction, item)

    def lose(self, sender: End, count: int | None) -> Iterator[Seen]:
        """Take note of a gap in what an end sends; None: of unknown size."""
        direction = self._direction(sender)
        yield from _lost(direction, direction.reader.lose(count))

    def _direction(self, sender: End) -> Direction:
        return self._directions.setdefault(sender, Direction())

    def _record(self, sender: End, direction: Direction, record: Record) -> Iterator[Seen]:
        if record.kind == records.CHANGE_CIPHER_SPEC and not self._agreed.tls_1_3:
            direction.protected, direction.opener = True, self._opener(sender)
            direction.messages.clear()
        elif record.kind == records.CHANGE_CIPHER_SPEC:
            pass  # says nothing in TLS 1.3; it is there for the sake of old equipment
        elif not self._in_clear(direction, record):
            yield from self._protected(sender, direction, record)
        elif _rest_of_message(direction, record):
            return
        else:
            yield from self._content(sender, direction, record.kind, record.fragment)
        direction.gap = False

    def _in_clear(self, direction: Direction, record: Record) -> bool:
        """Whether a record is not protected; if it must be, the direction is from now on."""
        if record.kind == records.APPLICATION_DATA:
            direction.protected = True
        if not direction.protected:
            return True
        # In TLS 1.3, who did not understand the ServerHello can only say so in the clear.
        return self._agreed.tls_1_3 and record.kind == records.ALERT

    def _protected(self, sender: End, direction: Direction, record: Record) -> Iterator[Seen]:
        if direction.opener is None:
            direction.opener = self._opener(sender)
            if direction.gap:
                direction.opener.doubt(None)
        opener = direction.opener
        hopeless = opener.hopeless
        content = opener.open(record)
        if content is not None:
            yield from self._content(sender, direction, content.kind, content.octets)
            return
        if record.kind == records.APPLICATION_DATA:
            yield LostData()
        if record.kind == records.HANDSHAKE:  # of TLS 1.2
            yield HandshakeSeen(handshake.FINISHED, None, True)
        elif record.kind == records.ALERT:
            yield AlertSeen(None)
        if not hopeless:
            size = len(record.fragment)
            yield Unreadable(f"a record of {size} octets doesn't open with the logged secret")
        elif record.kind == records.APPLICATION_DATA and not direction.told:
            direction.told = True
            yield Sealed(self._agreed.why(opener))

    def _content(
        self, sender: End, direction: Direction, kind: int, octets: bytes
    ) -> Iterator[Seen]:
        if kind == records.HANDSHAKE:
            direction.messages += octets
            yield from self._messages(sender, direction)
        elif kind == records.APPLICATION_DATA:
            if octets:
                yield DataSeen(octets)
        elif kind == records.ALERT:
            yield from _alert(octets)

    def _messages(self, sender: End, direction: Direction) -> Iterator[Seen]:
        held = direction.messages
        while len(held) >= HEADER_SIZE:
            kind, size = held[0], int.from_bytes(held[1:HEADER_SIZE])
            if size > handshake.MAX_MESSAGE or kind not in handshake.TYPES:
                what = f"{handshake.name_of(kind)} of {size} octets"
                yield HandshakeSeen(kind, None, direction.protected, f"{what} is none")
                held.clear()
                return
            if len(held) < HEADER_SIZE + size:
                return
            body = bytes(held[HEADER_SIZE : HEADER_SIZE + size])
            del held[: HEADER_SIZE + size]
            yield self._message(sender, direction, kind, body)

    def _message(
        self, sender: End, direction: Direction, kind: int, body: bytes
    ) -> HandshakeSeen:
        was_protected = direction.protected
        try:
            message = handshake.decode(kind, body, self._agreed.version)
        except MalformedError as error:
            return HandshakeSeen(kind, None, was_protected, str(error))
        if isinstance(message, ClientHello):
            self.client, self._agreed.hello = sender, message
        elif isinstance(message, ServerHello) and not message.retry:
            self._choose(message)
        elif self._agreed.tls_1_3 and kind in ENDS_EPOCH and direction.opener:
            direction.opener.advance()
        return HandshakeSeen(kind, message, was_protected)

    def _choose(self, hello: ServerHello) -> None:
        self._agreed.chosen = hello
        if self._agreed.tls_1_3:
            for direction in self._directions.values():
                direction.protected, direction.opener = True, None

    def _opener(self, sender: End) -> Opener:
        return self._agreed.opener(server=sender != self.client)


def _lost(direction: Direction, skipped: Skipped) -> Iterator[Seen]:
    """Take note that records are missing, or parts of them."""
    direction.messages.clear()
    direction.gap = True
    if direction.opener:
        direction.opener.doubt(skipped.records)
    if direction.protected:
        yield LostData()


def _alert(octets: bytes) -> Iterator[Seen]:
    try:
        yield AlertSeen(Alert.decode(octets))
    except MalformedError as error:
        yield Unreadable(str(error))


def _rest_of_message(direction: Direction, record: Record) -> bool:
    """Whether, behind a gap, a record does not begin with a handshake message as it must."""
    if not direction.gap or record.kind != records.HANDSHAKE:
        return False
    size = int.from_bytes(record.fragment[1:HEADER_SIZE])
    return record.fragment[0] not in handshake.TYPES or size > handshake.MAX_MESSAGE
