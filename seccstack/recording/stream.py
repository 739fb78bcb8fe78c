"""A TCP connection, made anew of the octets that its two ends sent.

Acknowledgements are those that an observer would expect, and no more: what is answered by data
is acknowledged by it; a side that sends again unanswered was acknowledged before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from seccstack.capture.frames import ACK, FIN, RST, SYN
from seccstack.recording.packets import (
    LONGEST_SEGMENT,
    MSS_OPTION,
    Packet,
    Station,
    segment,
)

Side = Literal["ev", "evse"]
OTHER: dict[Side, Side] = {"ev": "evse", "evse": "ev"}
PUSH = 0x08
APART = 1 << 20  # between the first sequence numbers of streams: ports may be used again


class Stream:
    """One connection; ``number`` tells it from others between the same ports."""

    def __init__(self, number: int, ev: Station, evse: Station) -> None:
        self._stations: dict[Side, Station] = {"ev": ev, "evse": evse}
        start = number * APART
        self._next: dict[Side, int] = {"ev": start, "evse": start}
        self._acknowledged: dict[Side, int] = {"ev": start, "evse": start}  # by the other
        self._ended: set[Side] = set()

    @property
    def over(self) -> bool:
        """Whether no side sends any more."""
        return len(self._ended) == len(OTHER)

    def open(self) -> Iterator[Packet]:
        """Yield the three packets that open it."""
        yield self._segment("ev", SYN, options=MSS_OPTION)
        self._next["ev"] += 1
        yield self._segment("evse", SYN | ACK, options=MSS_OPTION)
        self._next["evse"] += 1
        yield self._segment("ev", ACK)

    def send(self, sender: Side, octets: bytes) -> Iterator[Packet]:
        """Yield the segments by which one side sends this."""
        if sender in self._ended:
            return
        yield from self._acknowledge(sender)
        for at in range(0, len(octets), LONGEST_SEGMENT):
            piece = octets[at : at + LONGEST_SEGMENT]
            last = at + LONGEST_SEGMENT >= len(octets)
            yield self._segment(sender, ACK | (PUSH if last else 0), piece)
            self._next[sender] += len(piece)

    def close(self, sender: Side, *, reset: bool) -> Iterator[Packet]:
        """Yield how one side ends it; the last word of a connection is acknowledged."""
        if sender in self._ended:
            return
        if reset:
            self._ended = set(OTHER)
            yield self._segment(sender, RST | ACK)
            return
        yield from self._acknowledge(sender)
        self._ended.add(sender)
        yield self._segment(sender, FIN | ACK)
        self._next[sender] += 1
        if self.over:
            yield self._segment(OTHER[sender], ACK)

    def _acknowledge(self, sender: Side) -> Iterator[Packet]:
        if self._acknowledged[sender] != self._next[sender]:
            yield self._segment(OTHER[sender], ACK)

    def _segment(
        self, sender: Side, flags: int, octets: bytes = b"", options: bytes = b""
    ) -> Packet:
        other = OTHER[sender]
        acknowledged = self._next[other] if flags & ACK else 0
        if flags & ACK:
            self._acknowledged[other] = acknowledged
        source, destination = self._stations[sender], self._stations[other]
        return segment(
            source, destination, self._next[sender], acknowledged, flags, octets, options
        )
