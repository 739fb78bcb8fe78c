"""What two ends say on one TCP connection, if it is one for V2G messages.

What a connection is, its first octets tell: V2G messages or TLS. Others are none of ours: some
vehicles probe a port each second. Who of the two is the vehicle, the opening of the connection
tells, or an SDP response that named the server, or else the first message that can be decoded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from seccstack.capture.dialogue import Dialogue
from seccstack.capture.frames import Endpoint
from seccstack.capture.items import (
    Connected,
    Disconnected,
    Item,
    Link,
    Sender,
    Trouble,
    V2gMessage,
)
from seccstack.capture.payloads import LenientReader
from seccstack.capture.streams import Closed, Connection, Missing, Received, StreamEvent
from seccstack.sdp import is_link_local
from seccstack.v2gtp import INVERSE_VERSION, VERSION, Payload

HEADER = bytes([VERSION, INVERSE_VERSION])
TLS_RECORDS = range(0x14, 0x18)
TLS_MAJOR = 3
MAX_BEFORE = 8  # events before it is known what the connection is: opening, closings, gaps


class Conversation:
    """Follows one connection; ``servers`` are the endpoints that SDP has named so far."""

    def __init__(self, connection: Connection, servers: Collection[Endpoint]) -> None:
        self._connection = connection
        self._servers = servers
        self._before: list[StreamEvent] = []
        self._heard = False  # whether there were octets
        self._understood = False  # whether they were taken for what they are
        self._link: Link | None = None
        self._readers: dict[Endpoint, LenientReader] = {}  # of two ends
        self._dialogue = Dialogue()

    def receive(self, event: StreamEvent) -> Iterator[Item]:
        """Take what happens on the connection; yield what it means, if it is one of ours."""
        if self._link is None:
            if not self._is_ours(event):
                if not isinstance(event, Received) and len(self._before) < MAX_BEFORE:
                    self._before.append(event)
                return
            opening = (self._before or [event])[0]
            self._link = Link(self._connection.index)
            yield Connected(opening.number, opening.time, self._link)
        self._identify(self._link)
        for earlier in self._before:
            yield from self._items(earlier, self._link)
        self._before.clear()
        yield from self._items(event, self._link)

    def _is_ours(self, event: StreamEvent) -> bool:
        named = any(end in self._servers for end in self._connection.ends)
        if not isinstance(event, Received):
            return named
        first, self._heard = not self._heard, True
        if event.octets.startswith(HEADER) or named:
            return True
        return first and _begins_tls(event.octets) and self._is_local()

    def _is_local(self) -> bool:
        return all(is_link_local(end.address) for end in self._connection.ends)

    def _identify(self, link: Link) -> None:
        """Find out who of the two is the vehicle, if the capture has told by now."""
        connection = self._connection
        low, high = connection.ends
        if connection.client is not None:
            link.ev, link.beginning_seen = connection.client, True
        elif link.ev is None and (low in self._servers) != (high in self._servers):
            link.ev = high if low in self._servers else low
        if link.ev is not None:
            link.evse = high if link.ev == low else low
            half = connection.halves.get(link.ev)
            link.ev_mac = half.mac if half else link.ev_mac

    def _items(self, event: StreamEvent, link: Link) -> Iterator[Item]:
        match event:
            case Received():
                yield from self._octets(event, link)
            case Missing():
                yield Trouble(event.number, event.time, link, self._gap(event, link))
            case Closed():
                sender = _sender(event.sender, link)
                yield Disconnected(event.number, event.time, link, sender, event.how)
            case _:
                pass

    def _reader(self, sender: Endpoint) -> LenientReader:
        begins = self._connection.halves[sender].opened is not None
        return self._readers.setdefault(sender, LenientReader(synchronised=begins))

    def _gap(self, event: Missing, link: Link) -> str:
        whose = _sender(event.sender, link) or str(event.sender)
        lacking = "octets" if event.count is None else f"{event.count} octets"
        useless = 0 if link.tls else self._reader(event.sender).lose()
        of_message = f", and so {useless} before them are of no use" if useless else ""
        return f"the capture lacks {lacking} from {whose}{of_message}"

    def _octets(self, event: Received, link: Link) -> Iterator[Item]:
        if not self._understood and _begins_tls(event.octets):
            link.tls = True
        self._understood = True
        if link.tls:
            return
        for found in self._reader(event.sender).feed(event.octets):
            if isinstance(found, Payload):
                yield self._message(event, found, link)
            else:
                yield Trouble(event.number, event.time, link, f"{found.what} {found.why}")

    def _message(self, event: Received, payload: Payload, link: Link) -> V2gMessage:
        said = self._dialogue.read(payload.type, payload.octets)
        if link.ev is None and said.name is not None:
            low, high = self._connection.ends
            other = high if event.sender == low else low
            link.ev = event.sender if said.name.endswith("Req") else other
            self._identify(link)
        return V2gMessage(
            event.number,
            event.time,
            link,
            _sender(event.sender, link),
            payload.type,
            payload.octets,
            said.schema,
            said.name,
            said.message,
            said.problems,
        )


def _begins_tls(octets: bytes) -> bool:
    return len(octets) > 1 and octets[0] in TLS_RECORDS and octets[1] == TLS_MAJOR


def _sender(endpoint: Endpoint, link: Link) -> Sender | None:
    if link.ev is None:
        return None
    return "ev" if endpoint == link.ev else "evse"
