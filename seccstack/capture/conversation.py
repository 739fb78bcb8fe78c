"""What two ends say on one TCP connection, if it is one for V2G messages.

What a connection is, its first octets tell: V2G messages or TLS. Others are none of ours: some
vehicles probe a port each second. Who of the two is the vehicle, the opening of the connection
tells, or an SDP response that named the server, or else the first message that can be decoded.

What is in TLS is held back until all of the capture was seen, for secrets may come after what
they open: see `protected`.
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
from seccstack.capture.protected import Held, Protected
from seccstack.capture.streams import (
    Closed,
    Connection,
    Contradicted,
    Missing,
    Received,
    StreamEvent,
)
from seccstack.sdp import is_link_local
from seccstack.tls.observer import DataSeen, LostData, Sealed, Unreadable
from seccstack.tls.records import KINDS, MAJOR
from seccstack.v2gtp import INVERSE_VERSION, VERSION, Payload

HEADER = bytes([VERSION, INVERSE_VERSION])
MAX_BEFORE = 8  # events before it is known what the connection is: opening, closings, gaps


class Conversation:
    """Follows one connection; ``servers`` are the endpoints that SDP has named so far."""

    def __init__(
        self, connection: Connection, servers: Collection[Endpoint], held: Held
    ) -> None:
        self._connection = connection
        self._servers = servers
        self._held = held
        self._before: list[StreamEvent] = []
        self._starts: dict[Endpoint, bytes] = {}  # too few octets to tell, of two ends
        self._heard = False  # whether there were octets enough
        self._understood = False  # whether they were taken for what they are
        self._link: Link | None = None
        self._readers: dict[Endpoint, LenientReader] = {}  # of two ends
        self._dialogue = Dialogue()
        self._protected: Protected | None = None

    @property
    def waits(self) -> bool:
        """Whether something is held back, for `finish`."""
        return self._protected is not None and bool(self._protected.events)

    def finish(self) -> Iterator[Item]:
        """Yield what was held back: all secrets that there are, are known now."""
        if self._link is not None and self._protected is not None:
            for event in self._protected.release():
                yield from self._opened(event, self._link, self._protected)

    def receive(self, event: StreamEvent) -> Iterator[Item]:
        """Take what happens on the connection; yield what it means, if it is one of ours."""
        if self._link is None:
            if not self._is_ours(event):
                self._remember(event)
                return
            opening = (self._before or [event])[0]
            self._link = Link(self._connection.index)
            yield Connected(opening.number, opening.time, self._link)
        self._identify(self._link)
        for earlier in self._before:
            yield from self._items(earlier, self._link)
        self._before.clear()
        yield from self._items(event, self._link)

    def _remember(self, event: StreamEvent) -> None:
        """Keep what is told if the connection turns out to be one of ours."""
        if isinstance(event, Received) and event.sender not in self._starts:
            self._before = [e for e in self._before if not isinstance(e, Received)]
        elif len(self._before) < MAX_BEFORE:
            self._before.append(event)

    def _is_ours(self, event: StreamEvent) -> bool:
        named = any(end in self._servers for end in self._connection.ends)
        if not isinstance(event, Received):
            return named
        octets = self._starts.pop(event.sender, b"") + event.octets
        if len(octets) < len(HEADER) and not self._heard:
            self._starts[event.sender] = octets
            return named
        first, self._heard = not self._heard, True
        if octets.startswith(HEADER) or named:
            return True
        return first and _begins_tls(octets) and self._is_local()

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
            link.opening = half.opening if half else link.opening

    def _is_vehicle(self, end: Endpoint, link: Link, truly: bool = True) -> None:
        """Take note that one end is the vehicle; or that it is not, and so the other is."""
        low, high = self._connection.ends
        other = high if end == low else low
        link.ev = end if truly else other
        self._identify(link)

    def _items(self, event: StreamEvent, link: Link) -> Iterator[Item]:
        if isinstance(event, Received) and not self._understood:
            self._understood = True
            if _begins_tls(event.octets):
                link.tls, self._protected = True, Protected(self._held)
        if self._protected is None:
            yield from self._plain(event, link)
        elif not self._protected.hold(event):
            yield from self.finish()
            yield from self._opened(event, link, self._protected)

    def _plain(self, event: StreamEvent, link: Link) -> Iterator[Item]:
        match event:
            case Received():
                yield from self._octets(event, event.octets, link)
            case Missing():
                useless = self._reader(event.sender).lose()
                yield Trouble(event.number, event.time, link, _gap(event, link, useless))
            case Closed():
                sender = _sender(event.sender, link)
                yield Disconnected(event.number, event.time, link, sender, event.how)
            case Contradicted():
                whose = _sender(event.sender, link) or str(event.sender)
                what = f"octets from {whose} were sent again, and others; the first ones count"
                yield Trouble(event.number, event.time, link, what)
            case _:
                pass

    def _opened(self, event: StreamEvent, link: Link, protected: Protected) -> Iterator[Item]:
        """Yield what an event of a TLS connection means."""
        if isinstance(event, Missing):
            yield Trouble(event.number, event.time, link, _gap(event, link, 0))
        elif not isinstance(event, Received):
            yield from self._plain(event, link)
            return
        for seen in protected.take(event):
            match seen:
                case DataSeen(octets=octets):
                    yield from self._octets(event, octets, link)
                case LostData():
                    useless = self._reader(event.sender).lose()
                    what = f"{useless} octets of a message whose rest can't be had"
                    if useless:
                        yield Trouble(event.number, event.time, link, what)
                case Unreadable(why=why):
                    whose = _sender(event.sender, link) or str(event.sender)
                    yield Trouble(event.number, event.time, link, f"TLS from {whose}: {why}")
                case Sealed(why=why):
                    link.sealed = link.sealed or why
                case _:
                    if link.ev is None and protected.client is not None:
                        self._is_vehicle(protected.client, link)
                    sender = _sender(event.sender, link)
                    yield protected.tell(seen, event, link, sender)

    def _reader(self, sender: Endpoint) -> LenientReader:
        begins = self._connection.halves[sender].opened is not None
        return self._readers.setdefault(sender, LenientReader(synchronised=begins))

    def _octets(self, event: Received | Missing, octets: bytes, link: Link) -> Iterator[Item]:
        reader = self._reader(event.sender)
        link.octets += len(octets)
        passed_over = reader.passed_over
        read = reader.feed(octets)
        link.passed_over += reader.passed_over - passed_over
        for found in read:
            if isinstance(found, Payload):
                yield self._message(event, found, link)
            else:
                yield Trouble(event.number, event.time, link, f"{found.what} {found.why}")

    def _message(self, event: Received | Missing, payload: Payload, link: Link) -> V2gMessage:
        said = self._dialogue.read(payload.type, payload.octets)
        if link.ev is None and said.name is not None:
            self._is_vehicle(event.sender, link, said.name.endswith("Req"))
        return V2gMessage(
            event.number,
            event.time,
            link,
            _sender(event.sender, link),
            payload.type,
            said.exi,
            said.schema,
            said.name,
            said.message,
            said.problems,
        )


def _gap(event: Missing, link: Link, useless: int) -> str:
    whose = _sender(event.sender, link) or str(event.sender)
    lacking = "octets" if event.count is None else f"{event.count} octets"
    of_message = f", and so {useless} before them are of no use" if useless else ""
    return f"the capture lacks {lacking} from {whose}{of_message}"


def _begins_tls(octets: bytes) -> bool:
    return len(octets) > 1 and octets[0] in KINDS and octets[1] == MAJOR


def _sender(endpoint: Endpoint, link: Link) -> Sender | None:
    if link.ev is None:
        return None
    return "ev" if endpoint == link.ev else "evse"
