"""What a connection has in TLS: held until the capture's secrets are known, and then told.

Captures hold secrets in blocks or datagrams of their own, and often behind what they open. So a
connection's events wait, as long as there is room for them; where there is not, what is known
by then has to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from seccstack.capture.frames import Endpoint
from seccstack.capture.items import Link, Sender, TlsEvent
from seccstack.capture.streams import Missing, Received, StreamEvent
from seccstack.tls.keylog import KeyLog
from seccstack.tls.observer import AlertSeen, HandshakeSeen, Observer, Seen
from seccstack.tls.telling import Teller

ROOM = 1 << 27  # octets; some hours of charging with ten messages a second
PER_EVENT = 256  # octets that an event needs beside its own
WHO = {"ev": ("the vehicle", "the charger"), "evse": ("the charger", "the vehicle")}
NOBODY = ("one side", "the other side")


@dataclass(slots=True)
class Held:
    """What all connections of a capture share: its secrets, and the room for what waits."""

    secrets: KeyLog = field(repr=False)
    room: int


class Protected:
    """The TLS of one connection."""

    def __init__(self, held: Held) -> None:
        self.events: list[StreamEvent] = []
        self._held = held
        self._observer: Observer[Endpoint] = Observer(held.secrets)
        self._teller = Teller()

    def hold(self, event: StreamEvent) -> bool:
        """Keep an event for later; False if it has to be told at once."""
        size = PER_EVENT + (len(event.octets) if isinstance(event, Received) else 0)
        if size > self._held.room:
            return False
        self._held.room -= size
        self.events.append(event)
        return True

    def release(self) -> Iterator[StreamEvent]:
        """Yield the events that were kept."""
        events, self.events = self.events, []
        yield from events

    @property
    def client(self) -> Endpoint | None:
        """Who has sent the ClientHello, if the capture has it."""
        return self._observer.client

    def take(self, event: Received | Missing) -> Iterator[Seen]:
        """Yield what an event means."""
        if isinstance(event, Received):
            return self._observer.receive(event.sender, event.octets)
        return self._observer.lose(event.sender, event.count)

    def tell(
        self,
        seen: HandshakeSeen | AlertSeen,
        event: Received | Missing,
        link: Link,
        sender: Sender | None,
    ) -> TlsEvent:
        """Return the item for a handshake message or an alert."""
        who, other = WHO[sender] if sender else NOBODY
        if isinstance(seen, AlertSeen):
            told = self._teller.alert(seen, who, other)
        else:
            told = self._teller.handshake(seen, who, other, event.time)
        return TlsEvent(
            event.number,
            event.time,
            link,
            sender,
            told.name,
            told.says,
            told.details,
            told.fatal,
        )
