"""TCP as a bystander sees it: segments of both directions, in the order of the capture.

Theory of operation
-------------------
Of each direction `Half` knows which octet is due. Octets from before it are retransmissions,
octets from after it wait: until the gap is filled, or until it is plain that it never will be.
That is so if the receiver acknowledges what lies behind it (only the capture lacks it), if too
much waits, or if the connection ends. So a direction comes out as `Received` and `Missing`.

A direction whose beginning the capture lacks begins with its first segment. A SYN with another
sequence number than the last is a new connection, also between the same two ports.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from seccstack.capture.frames import ACK, FIN, RST, SYN, Endpoint, Segment

MAX_CONNECTIONS = 1024  # followed at once; a port probe each second fills it in 17 minutes
MAX_WAITING = 64  # segments behind a gap; no window of this field holds as many
FARTHEST = 1 << 20  # octets; a sequence number farther off belongs to another connection
MOST_SENT = 4096  # octets of those delivered, to compare what is sent again with
WRAP = 1 << 32


@dataclass(slots=True)
class Half:
    """What one endpoint sends. Sequence numbers in here do not wrap."""

    mac: bytes | None
    opened: int | None = None  # its SYN, if the capture has it
    opening: str = ""  # how that was made
    due: int | None = None
    acknowledged: int = 0
    waiting: dict[int, Segment] = field(default_factory=dict)
    reached: tuple[int, float] = (0, 0.0)  # number and time of what was delivered last
    closed: set[str] = field(default_factory=set)
    sent: bytes = b""  # what was delivered last, without a gap


@dataclass(eq=False, slots=True, weakref_slot=True)
class Connection:
    """Two endpoints; `client` is the one that opened it, None if the capture doesn't tell."""

    index: int
    ends: tuple[Endpoint, Endpoint]
    client: Endpoint | None = None
    halves: dict[Endpoint, Half] = field(default_factory=dict)
    contradicted: bool = False


@dataclass(frozen=True, slots=True)
class Opened:
    """The first sign of a connection."""

    number: int
    time: float
    connection: Connection


@dataclass(frozen=True, slots=True)
class Received:
    """The next octets of a direction, at the moment when its receiver could read them."""

    number: int
    time: float
    connection: Connection
    sender: Endpoint
    octets: bytes


@dataclass(frozen=True, slots=True)
class Missing:
    """Octets which the capture lacks; ``count`` is None if nothing says how many."""

    number: int
    time: float
    connection: Connection
    sender: Endpoint
    count: int | None


@dataclass(frozen=True, slots=True)
class Closed:
    """One end closes the connection: by FIN in an orderly way, by RST at once."""

    number: int
    time: float
    connection: Connection
    sender: Endpoint
    how: str


@dataclass(frozen=True, slots=True)
class Contradicted:
    """Octets came again, and were others; only the first time is told of a connection."""

    number: int
    time: float
    connection: Connection
    sender: Endpoint


StreamEvent = Opened | Received | Missing | Closed | Contradicted


class Streams:
    """Follows the TCP connections of a capture."""

    def __init__(self) -> None:
        self._connections: dict[tuple[Endpoint, Endpoint], Connection] = {}
        self._count = 0

    def receive(self, segment: Segment) -> Iterator[StreamEvent]:
        """Take the next segment of the capture."""
        low, high = sorted((segment.source, segment.destination))
        connection = self._connections.pop((low, high), None)
        if connection is None or _opens_anew(segment, connection):
            yield from self._forget(connection)
            connection = Connection(self._count, (low, high))
            connection.client = _client(segment)
            self._count += 1
            yield Opened(segment.number, segment.time, connection)
        self._connections[low, high] = connection  # as the one that was used last
        yield from _take(segment, connection)

    def finish(self) -> Iterator[StreamEvent]:
        """Yield what still waited when the capture ended."""
        for connection in self._connections.values():
            yield from _give_up(connection)

    def _forget(self, replaced: Connection | None) -> Iterator[StreamEvent]:
        """Make room for a new connection: the one it replaces goes, or the longest unused."""
        if replaced is None and len(self._connections) == MAX_CONNECTIONS:
            replaced = self._connections.pop(next(iter(self._connections)))
        if replaced is not None:
            yield from _give_up(replaced)


def _opens_anew(segment: Segment, connection: Connection) -> bool:
    if segment.flags & (SYN | ACK) != SYN:
        return False
    half = connection.halves.get(segment.source)
    return half is None or half.opened != segment.sequence


def _client(segment: Segment) -> Endpoint | None:
    """Return who opens the connection, if this segment tells."""
    if not segment.flags & SYN:
        return None
    return segment.destination if segment.flags & ACK else segment.source


def _take(segment: Segment, connection: Connection) -> Iterator[StreamEvent]:
    half = connection.halves.setdefault(segment.source, Half(segment.mac))
    if segment.flags & SYN:
        half.opened, half.opening = segment.sequence, segment.opening
        half.due = segment.sequence + 1 if half.due is None else half.due
        connection.client = _client(segment)
    elif segment.octets and not segment.flags & RST:
        yield from _keep(segment, half, connection)
        yield from _deliver(connection, segment.source, half)
    other = connection.halves.get(segment.destination)
    if other is not None and other.due is not None and segment.flags & (ACK | RST) == ACK:
        position = _unwrapped(segment.acknowledged, other.due)
        if position - other.due <= FARTHEST:
            other.acknowledged = position  # not the greatest: a stale one may have been wrong
            yield from _deliver(connection, segment.destination, other)
    for flag, how in ((FIN, "FIN"), (RST, "RST")):
        if segment.flags & flag and how not in half.closed:
            half.closed.add(how)
            yield Closed(segment.number, segment.time, connection, segment.source, how)


def _unwrapped(sequence: int, due: int) -> int:
    """Return the one number with this remainder that is nearest to ``due``."""
    return due + (sequence - due + WRAP // 2) % WRAP - WRAP // 2


def _keep(segment: Segment, half: Half, connection: Connection) -> Iterator[StreamEvent]:
    if half.due is None:
        half.due = segment.sequence
    position = _unwrapped(segment.sequence, half.due)
    if abs(position - half.due) > FARTHEST:
        yield from _deliver(connection, segment.source, half, finally_=True)
        yield Missing(segment.number, segment.time, connection, segment.source, None)
        half.due = half.acknowledged = position
        half.sent = b""
    if not connection.contradicted and _contradicts(segment.octets, position, half):
        connection.contradicted = True
        yield Contradicted(segment.number, segment.time, connection, segment.source)
    known = half.waiting.get(position)
    if known is None or len(known.octets) < len(segment.octets):
        half.waiting[position] = segment


def _contradicts(octets: bytes, position: int, half: Half) -> bool:
    """Whether these are others than those that are known from there on."""
    begin = (half.due or 0) - len(half.sent)
    before, after = max(begin - position, 0), max(position - begin, 0)
    probe = len(octets) == 1 and position + 1 == half.due  # to keep it alive: any octet
    waits = half.waiting.get(position)
    return (not probe and _differ(half.sent[after:], octets[before:])) or (
        waits is not None and _differ(waits.octets, octets)
    )


def _differ(one: bytes, other: bytes) -> bool:
    common = min(len(one), len(other))
    return one[:common] != other[:common]


def _deliver(
    connection: Connection, sender: Endpoint, half: Half, *, finally_: bool = False
) -> Iterator[StreamEvent]:
    """Hand over what is due, and pass over a gap if it will never be filled."""
    while half.waiting and half.due is not None:
        position = min(half.waiting)
        if position > half.due and not (
            finally_ or position <= half.acknowledged or len(half.waiting) > MAX_WAITING
        ):
            return
        segment = half.waiting.pop(position)
        half.reached = max(half.reached, (segment.number, segment.time))
        if position > half.due:
            yield Missing(*half.reached, connection, sender, position - half.due)
            half.due, half.sent = position, b""
        fresh = segment.octets[half.due - position :]
        if fresh:
            half.due += len(fresh)
            half.sent = (half.sent + fresh)[-MOST_SENT:]
            yield Received(*half.reached, connection, sender, fresh)


def _give_up(connection: Connection) -> Iterator[StreamEvent]:
    """Hand over what waits although it has gaps, and tell of octets after the last."""
    for sender, half in connection.halves.items():
        yield from _deliver(connection, sender, half, finally_=True)
        lacking = half.acknowledged - (half.due or 0) - len(half.closed & {"FIN"})
        if half.due is not None and lacking > 0:
            yield Missing(*half.reached, connection, sender, lacking)
