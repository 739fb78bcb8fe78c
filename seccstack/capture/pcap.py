"""The classic pcap format, read even where a file is cut short or damaged in the middle."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from seccstack.capture.packets import MAX_CAPTURED, MOST_DAMAGED, Lost, Packet, Record, Window

FILE_HEADER = 24
RECORD_HEADER = 16
VERSION = (2, 4)  # the only one since 1998

# Magic number -> byte order, fractions of a second in a record's time.
MAGIC = {
    bytes.fromhex("d4c3b2a1"): ("<", 1_000_000),
    bytes.fromhex("a1b2c3d4"): (">", 1_000_000),
    bytes.fromhex("4d3cb2a1"): ("<", 1_000_000_000),
    bytes.fromhex("a1b23c4d"): (">", 1_000_000_000),
}

MOST_EMPTY = 500  # records without an octet, one behind the other: zeros look like those
REACH = RECORD_HEADER + MAX_CAPTURED  # how far a record can stretch
HIGH_HALF = 16  # bits: a record found again lies within 2**16 s, 18 hours, of the one before


@dataclass(frozen=True, slots=True)
class Layout:
    """How this file writes its records."""

    order: str
    per_second: int
    link_type: int

    def header(self, octets: bytes, at: int) -> tuple[int, int, int, int]:
        """Return seconds, fraction, octets captured, octets of the packet on the line."""
        seconds, fraction, captured, length = struct.unpack_from(
            f"{self.order}IIII", octets, at
        )
        return seconds, fraction, captured, length

    def plausible(self, octets: bytes, at: int) -> bool:
        """Whether a record's header can be here."""
        _, fraction, captured, length = self.header(octets, at)
        return captured <= min(length, MAX_CAPTURED) and fraction < self.per_second


def read_pcap(window: Window) -> Iterator[Record]:
    """Yield the packets of a file whose magic number is in `MAGIC`."""
    if not window.holds(FILE_HEADER):
        yield Lost(0, "the file ends within its own header")
        return
    yield from _records(window, _layout(window.take(FILE_HEADER)))


def _layout(header: bytes) -> Layout:
    order, per_second = MAGIC[header[:4]]
    # The upper half says whether packets carry an FCS; what reads frames ignores tails anyway.
    link_type = struct.unpack(f"{order}I", header[20:])[0] & 0xFFFF
    return Layout(order, per_second, link_type)


def _header_at(window: Window) -> bool:
    """Whether a file begins here: some recordings are several files, one behind the other."""
    magic = window.octets[window.at : window.at + 4]
    if magic not in MAGIC or not window.holds(FILE_HEADER):
        return False
    return struct.unpack_from(f"{MAGIC[magic][0]}HH", window.octets, window.at + 4) == VERSION


def _records(window: Window, layout: Layout) -> Iterator[Record]:
    number, near, empty = 0, None, 0
    while window.holds(RECORD_HEADER):
        if _header_at(window):
            layout, near = _layout(window.take(FILE_HEADER)), None
            continue
        seconds, fraction, captured, length = layout.header(window.octets, window.at)
        empty = 0 if captured else empty + 1
        sound = empty <= MOST_EMPTY and layout.plausible(window.octets, window.at)
        cut = sound and not window.holds(RECORD_HEADER + captured)
        if not sound or (cut and _search(window, layout, near) is not None):
            yield Lost(number, _pass_over(window, layout, near))
            continue
        near = seconds if captured else near
        window.at += RECORD_HEADER
        octets = window.take(captured)
        number += 1
        time = seconds + fraction / layout.per_second
        yield Packet(number, time, layout.link_type, octets, _note(octets, captured, length))
    if window.left:
        yield Lost(
            number, f"the file ends within a record's header, after {window.left} octets"
        )


def _note(octets: bytes, captured: int, length: int) -> str:
    if len(octets) < captured:
        return f"the file ends after {len(octets)} of {captured} octets"
    return f"{captured} of {length} octets captured" if captured < length else ""


def _pass_over(window: Window, layout: Layout, near: int | None) -> str:
    """Move the window to the next record that can be one, and say what was passed over."""
    begin = window.position
    while True:
        goes_on = window.holds(2 * REACH)
        found = _search(window, layout, near)
        if found is not None:
            window.at = found
            return f"{window.position - begin} damaged octets at {begin}"
        window.take(REACH if goes_on else window.left)
        if goes_on and window.position - begin >= MOST_DAMAGED:
            window.give_up()
            return f"no packet in {MOST_DAMAGED} octets at {begin}: the rest is not read"
        if not goes_on:
            return f"{window.position - begin} octets at {begin} to the end are damaged"


def _search(window: Window, layout: Layout, near: int | None) -> int | None:
    """Find the next record that begins within `REACH`; None if none does."""
    last = min(window.at + REACH, len(window.octets) - RECORD_HEADER)
    for found in _times(layout.order, near).finditer(window.octets, window.at + 1, last + 4):
        if found.start() <= last and _two_follow(window.octets, found.start(), layout):
            return found.start()
    return None


def _times(order: str, near: int | None) -> re.Pattern[bytes]:
    """Match where four octets are a time near the last one; anywhere if there was none."""
    if near is None:
        return re.compile(b"")
    high = [(near >> HIGH_HALF) + step & 0xFFFF for step in (-1, 0, 1)]
    halves = b"|".join(re.escape(struct.pack(f"{order}H", half)) for half in high)
    return re.compile((b"(?=(?s:..)(?:%b))" if order == "<" else b"(?=(?:%b)(?s:..))") % halves)


def _two_follow(octets: bytes, at: int, layout: Layout) -> bool:
    """Whether a record can be here, and a second one, or the end of the file, right after it.

    One plausible header is not enough: sixteen octets of a payload may look like one.
    """
    seconds, _, captured, length = layout.header(octets, at)
    end = at + RECORD_HEADER + captured
    if not captured or length > MAX_CAPTURED or not layout.plausible(octets, at):
        return False
    if end + RECORD_HEADER > len(octets):
        return end == len(octets)
    near = abs(layout.header(octets, end)[0] - seconds) < 1 << HIGH_HALF
    return near and layout.plausible(octets, end)
