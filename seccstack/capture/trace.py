"""From a capture's packets to what happened, in the order of the capture.

A trace holds what will be told of a capture: messages, and frames about vehicles or the pilot.
What else passes, be it gigabytes, leaves nothing. At `MAX_ITEMS` reading stops, and
`Trace.unread` says so. What is held while reading is bounded by `streams`, `payloads`,
`dialogue` and `protected`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from seccstack import sdp
from seccstack.capture.conversation import Conversation
from seccstack.capture.doubles import Doubles
from seccstack.capture.frames import (
    Datagram,
    Endpoint,
    PowerlineFrame,
    Segment,
    Unreadable,
    read_frame,
)
from seccstack.capture.items import Discovery, Item, Powerline, Sender
from seccstack.capture.matching import vehicle_of
from seccstack.capture.packets import Lost, Packet, Record, Secrets
from seccstack.capture.pilotlog import Reading, tells_pilot
from seccstack.capture.protected import ROOM, Held
from seccstack.capture.remarks import Remarks, Unplugged
from seccstack.capture.streams import Connection, Opened, StreamEvent, Streams
from seccstack.errors import MalformedError
from seccstack.homeplug.frame import decode_frame
from seccstack.sdp import SdpRequest, SdpResponse
from seccstack.tls.keylog import KeyLog

KEY_LOG_PORT = (
    52345  # UDP, to all nodes: how the test systems of one maker disclose TLS secrets
)
MAX_ITEMS = 2_000_000  # a day of CurrentDemand has 788,000, at the fastest 1,470,000 messages
MAX_LOSSES = 1000  # words about what can't be read; a file with more is not worth the list
CLOCK_STEP = 1.0  # s backwards; less is the disorder of a capture made at several places
MAX_SERVERS = 256  # endpoints that SDP named; a charger has one per plug-in at most


@dataclass(frozen=True, slots=True)
class Loss:
    """Something of the file, not of one connection, that can't be read."""

    number: int
    time: float | None
    what: str


@dataclass(frozen=True, slots=True)
class Trace:
    """All that happened in one capture."""

    source: str
    items: tuple[Item, ...]
    losses: tuple[Loss, ...] = ()
    packets: int = 0
    ended: float | None = None  # time of the last packet
    key_log: bytes = field(default=b"", repr=False)
    unread: str = ""  # why the rest of the capture was not read, if it was not
    pilot: tuple[Reading, ...] = ()  # as our own flight recorder told it
    unplugged: tuple[Unplugged, ...] = ()


class TraceReader:
    """Takes the records of a capture one by one, and keeps what happened.

    ``key_log`` has secrets from elsewhere; those of the capture itself are added to a copy.
    ``room`` is how many octets in TLS may wait for secrets.
    """

    def __init__(
        self, key_log: KeyLog | None = None, room: int = ROOM, most_items: int = MAX_ITEMS
    ) -> None:
        self.items: list[Item] = []
        self.losses: list[Loss] = []
        self.packets = 0
        self.time: float | None = None
        self.key_log: list[bytes] = []
        self.remarks = Remarks()
        self._streams = Streams()
        self._doubles = Doubles()
        self._most_items = most_items
        self.dropped = 0
        self._servers: dict[Endpoint, None] = {}
        # As long-lived as `Streams` lets connections be.
        self._conversations: WeakKeyDictionary[Connection, Conversation] = WeakKeyDictionary()
        self._secrets = KeyLog(dict(key_log.secrets) if key_log else {})
        self._held = Held(self._secrets, room)
        self._waiting: dict[Conversation, None] = {}  # as many as `Held` has room for

    def receive(self, record: Record) -> None:
        """Take the next record."""
        if isinstance(record, Lost):
            self._lose(record.after, self.time, record.what)
        elif isinstance(record, Secrets):
            self._disclose(record.lines, f"secrets after packet {self.packets}")
        else:
            self._packet(record)

    @property
    def full(self) -> bool:
        """Whether there is no room for more; what still comes is lost."""
        return len(self.items) >= self._most_items

    @property
    def unread(self) -> str:
        """Why the rest of the capture is not read; empty before that."""
        if not self.full:
            return ""
        return f"reading stopped at packet {self.packets}, after {self._most_items} happenings"

    def finish(self) -> None:
        """The capture has ended: what waited is as complete as it will be."""
        self._follow(self._streams.finish())
        for conversation in self._waiting:
            self._keep(conversation.finish())
        for problem in self._secrets.problems:
            self._lose(self.packets, self.time, problem)
        if self._doubles.first is not None:
            self._lose(*self._doubles.first, self._doubles.told())
        if self.dropped:
            what = f"{self.dropped} happenings are not kept, after {self._most_items}"
            self._lose(self.packets, self.time, what)
        self.items.sort(key=lambda item: item.number)

    def _keep(self, items: Iterable[Item]) -> None:
        for item in items:
            if len(self.items) < self._most_items:
                self.items.append(item)
            else:
                self.dropped += 1

    def _disclose(self, lines: bytes, source: str) -> None:
        self.key_log.append(lines)
        self._secrets.add(lines, source)

    def _lose(self, number: int, time: float | None, what: str) -> None:
        if len(self.losses) < MAX_LOSSES:
            self.losses.append(Loss(number, time, what))

    def _packet(self, packet: Packet) -> None:
        step = 0.0 if self.time is None else self.time - packet.time
        self.packets, self.time = packet.number, packet.time
        if packet.note:
            self._lose(packet.number, packet.time, packet.note)
        if packet.remarks:
            self.remarks.take(packet)
        if step > CLOCK_STEP:
            self._lose(packet.number, packet.time, f"the clock steps back by {step:.1f} s")
        frame = read_frame(packet)
        if frame is not None and self._doubles.again(frame):
            return
        if isinstance(frame, Segment):
            self._follow(self._streams.receive(frame))
        elif isinstance(frame, PowerlineFrame):
            self._powerline(frame)
        elif isinstance(frame, Datagram):
            self._datagram(frame)
        elif isinstance(frame, Unreadable) and not packet.note:
            self._lose(frame.number, frame.time, frame.why)

    def _powerline(self, frame: PowerlineFrame) -> None:
        try:
            decoded = decode_frame(frame.octets)
        except MalformedError as error:
            self._lose(
                frame.number, frame.time, f"a powerline frame that can't be read: {error}"
            )
            return
        if vehicle_of(decoded) is not None or tells_pilot(decoded):
            self._keep([Powerline(frame.number, frame.time, frame.octets, decoded)])

    def _datagram(self, datagram: Datagram) -> None:
        if datagram.destination.port == KEY_LOG_PORT:
            self._disclose(datagram.octets, f"secrets in packet {datagram.number}")
        elif sdp.PORT in (datagram.source.port, datagram.destination.port):
            found = _discovery(datagram)
            self._keep([found])
            if isinstance(found.message, SdpResponse) and len(self._servers) < MAX_SERVERS:
                self._servers[Endpoint(found.message.address, found.message.port)] = None

    def _follow(self, events: Iterable[StreamEvent]) -> None:
        for event in events:
            if isinstance(event, Opened):
                conversation = Conversation(event.connection, self._servers, self._held)
                self._conversations[event.connection] = conversation
            conversation = self._conversations[event.connection]
            self._keep(conversation.receive(event))
            if conversation.waits:
                self._waiting[conversation] = None


def read_trace(
    source: str,
    records: Iterable[Record],
    key_log: KeyLog | None = None,
    most_items: int = MAX_ITEMS,
) -> Trace:
    """Read a whole capture; ``source`` is what to call it, ``key_log`` opens its TLS."""
    reader = TraceReader(key_log, most_items=most_items)
    unread = ""
    for record in records:
        unread = reader.unread
        if unread:
            break
        reader.receive(record)
    reader.finish()
    if reader.dropped:  # by what had waited, too
        unread = reader.unread
    return Trace(
        source,
        tuple(reader.items),
        tuple(reader.losses),
        reader.packets,
        reader.time,
        b"\n".join(reader.key_log),
        unread,
        tuple(reader.remarks.pilot),
        tuple(reader.remarks.unplugged),
    )


def _discovery(datagram: Datagram) -> Discovery:
    sender: Sender = "ev" if datagram.destination.port == sdp.PORT else "evse"
    ev = datagram.source if sender == "ev" else datagram.destination
    mac = datagram.mac if sender == "ev" else None
    message: SdpRequest | SdpResponse | None = None
    problem = ""
    try:
        kind = SdpRequest if sender == "ev" else SdpResponse
        message = kind.decode(datagram.octets)
    except MalformedError as error:
        problem = str(error)
    return Discovery(
        datagram.number, datagram.time, sender, ev, mac, datagram.octets, message, problem
    )
