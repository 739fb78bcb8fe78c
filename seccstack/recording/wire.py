"""The pcapng of a recording: what was on the wire, and what the outlet made of it as comments.

A step's frames and datagrams are the wire's own; streams come from below TLS. What happens at
the outlet beside the messages (the pilot, the decision, a limit) is a comment of the packet
that follows it, so that it can be read in Wireshark at its place.
"""

from __future__ import annotations

import ipaddress
from collections import deque
from collections.abc import Iterable, Iterator

from seccstack import events, sdp
from seccstack.capture.frames import Endpoint
from seccstack.recording import blocks
from seccstack.recording.blocks import Interface
from seccstack.recording.entries import Closed, Entry, Octets, Opened, Secrets, Served, Step
from seccstack.recording.packets import Packet, Station, datagram
from seccstack.recording.redaction import Redaction
from seccstack.recording.stream import Stream
from seccstack.slac import station
from seccstack.timeline import happenings, line

MAX_STREAMS = 64  # followed at once; the server has fewer
MAX_NEIGHBOURS = 64  # whose Ethernet address is kept: a cable has one, a bridge a few
MAX_COMMENTS = 20  # lines that wait for a packet to be told with
MAX_SECRETS = 1 << 16  # octets per plug-in: some hundred connections
NOWHERE = "::"
ALL_NODES = "ff02::1"  # where vehicles ask for an SECC
UNTOLD = frozenset({"message", "ignored"})  # one is in the packet, one may come in floods


class Wire:
    """Writes packets; knows who is who between recordings, too."""

    def __init__(self, redaction: Redaction) -> None:
        self._redaction = redaction
        self._own: tuple[str, bytes | None] = (NOWHERE, None)
        self._neighbours: dict[str, bytes] = {}
        self._streams: dict[int, Stream] = {}
        self._comments: deque[str] = deque(maxlen=MAX_COMMENTS)
        self._secrets = b""

    def begin(self, application: str, comment: str, *, first: bool) -> bytes:
        """Return what a file, or a part of one, begins with; the ``first`` has no past."""
        if first:
            self._secrets = b""
        known = blocks.secrets(self._secrets) if self._secrets else b""
        return blocks.section(application, comment) + known

    def write(self, entry: Entry, offset: int) -> bytes:
        """Return an entry's blocks; ``offset``: what 0 s was, in nanoseconds since 1970."""
        if isinstance(entry, Secrets):
            return self._disclose(entry.lines)
        at = offset + round(entry.now * 1e9)
        packets = self._step(entry) if isinstance(entry, Step) else self._stream(entry)
        return b"".join(self._block(packet, at) for packet in packets)

    def _block(self, packet: Packet, at: int) -> bytes:
        comment = "\n".join(self._comments)
        self._comments.clear()
        return blocks.packet(packet.interface, at, packet.octets, comment)

    def _disclose(self, lines: bytes) -> bytes:
        if not self._redaction.off or len(self._secrets) + len(lines) > MAX_SECRETS:
            return b""
        self._secrets += lines
        return blocks.secrets(lines)

    # Steps.

    def _step(self, step: Step) -> Iterator[Packet]:
        self._learn(step.event)
        if step.event is not None:
            yield from self._packets(step.event)
        for happening in happenings(step.now, step.actions):
            if happening["event"] not in UNTOLD:
                self._comments.append(line(happening))
        for action in step.actions:
            yield from self._packets(action)

    def _learn(self, event: events.Event | None) -> None:
        match event:
            case station.Opened(mac) if self._own[0] == NOWHERE:
                self._own = NOWHERE, mac
            case events.NetworkOpened(address):
                self._own = address, self._own[1]
            case events.DatagramReceived(address, _, _, bytes() as mac):
                self._meet(address, mac)
            case events.StreamOpened(_, address, _, _, bytes() as mac):
                self._meet(address, mac)
            case _:
                pass

    def _meet(self, address: str, mac: bytes) -> None:
        self._neighbours.pop(address, None)
        if len(self._neighbours) == MAX_NEIGHBOURS:
            del self._neighbours[next(iter(self._neighbours))]
        self._neighbours[address] = mac

    def _packets(self, crossed: events.Event | events.Action) -> Iterable[Packet]:
        match crossed:
            case station.FrameReceived(octets) | station.SendFrame(octets):
                return [Packet(Interface.ETHERNET, self._redaction.frame(octets))]
            case events.DatagramReceived(address, port, octets):
                group = _station(ALL_NODES, sdp.PORT, None)
                return [datagram(self._neighbour(address, port), group, octets)]
            case events.SendDatagram(address, port, octets):
                ours = _station(self._own[0], sdp.PORT, self._own[1])
                return [datagram(ours, self._neighbour(address, port), octets)]
            case _:
                return []

    def _neighbour(self, address: str, port: int) -> Station:
        return _station(address, port, self._neighbours.get(address))

    # Streams.

    def _stream(self, entry: Served | Opened | Octets | Closed) -> Iterable[Packet]:
        if isinstance(entry, Served):
            self._own = entry.address, entry.mac
            return []
        if isinstance(entry, Opened):
            return self._open(entry)
        stream = self._streams.get(entry.stream)
        if stream is None:
            return []
        if isinstance(entry, Octets):
            return stream.send(entry.sender, entry.octets)
        packets = list(stream.close(entry.sender, reset=entry.reset))
        if stream.over:
            del self._streams[entry.stream]
        return packets

    def _open(self, opened: Opened) -> Iterable[Packet]:
        if len(self._streams) == MAX_STREAMS:
            del self._streams[next(iter(self._streams))]
        ours = _station(*opened.evse, self._own[1])
        stream = Stream(opened.stream, self._neighbour(*opened.ev), ours)
        self._streams[opened.stream] = stream
        return stream.open()


def _station(address: str, port: int, mac: bytes | None) -> Station:
    return Station(Endpoint(ipaddress.IPv6Address(address).packed, port), mac)
