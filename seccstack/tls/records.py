"""The record layer of TLS (RFC 5246, 8446): from a stream's pieces to records.

`RecordReader` is for streams as captures have them: behind a gap it goes on with the next
octets that look like a record's header.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, APPLICATION_DATA = 20, 21, 22, 23
KINDS = range(CHANGE_CIPHER_SPEC, APPLICATION_DATA + 1)
MAJOR = 3  # of every version since SSL 3.0

HEADER = struct.Struct(">BHH")  # type, version, length
MAX_FRAGMENT = 2**14 + 2048  # octets; what RFC 5246 allows of a protected one

_HEADER = re.compile(rb"[\x14-\x17]\x03[\x00-\x04]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Record:
    """TLSPlaintext, or TLSCiphertext if it is protected."""

    kind: int
    version: int
    fragment: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Octets that are no record, or a part of one whose rest is missing.

    ``records`` is how many records they were at most, None if nothing tells.
    """

    count: int
    records: int | None
    begin: bytes = b""  # the first of them, if they are none


def plausible(octets: bytes | bytearray, at: int = 0) -> bool:
    """Whether nothing speaks against a record's header there."""
    if len(octets) < at + HEADER.size:
        return True
    kind, version, length = HEADER.unpack_from(octets, at)
    return kind in KINDS and version >> 8 == MAJOR and 0 < length <= MAX_FRAGMENT


class RecordReader:
    """Cuts a direction into records; holds at most one."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._missing = 0  # octets at the end of a record that has a gap
        self._searching = False

    @property
    def pending(self) -> int:
        """How many octets of an unfinished record are held."""
        return len(self._buffer)

    def feed(self, octets: bytes) -> list[Record | Skipped]:
        """Take the next piece; return what became complete with it, in order."""
        gone = min(self._missing, len(octets))
        self._missing -= gone
        self._buffer += octets[gone:]
        found: list[Record | Skipped] = []
        while (item := self._next()) is not None:
            found.append(item)
        return found

    def lose(self, count: int | None) -> Skipped:
        """Take note of a gap, of so many octets if that is known; return what it has cost."""
        held, due = len(self._buffer), self._due()
        self._buffer.clear()
        if count is not None and self._missing >= count:
            self._missing -= count
            return Skipped(0, 0)
        if count is not None and due is not None and due >= count:
            self._missing = due - count
            return Skipped(held, 1)
        self._missing, self._searching = 0, True
        return Skipped(held, None if count is None else 1 + count // HEADER.size)

    def _due(self) -> int | None:
        """Return how many octets the record that is held still lacks, if its header tells."""
        if self._searching or len(self._buffer) < HEADER.size:
            return None
        return int(HEADER.size + HEADER.unpack_from(self._buffer)[2] - len(self._buffer))

    def _next(self) -> Record | Skipped | None:
        if self._searching and not self._search():
            return None
        if not plausible(self._buffer):
            before, begin = len(self._buffer), bytes(self._buffer[: HEADER.size])
            self._searching = True
            self._search()
            return Skipped(before - len(self._buffer), None, begin)
        if len(self._buffer) < HEADER.size:
            return None
        kind, version, length = HEADER.unpack_from(self._buffer)
        end = HEADER.size + length
        if len(self._buffer) < end:
            return None
        fragment = bytes(self._buffer[HEADER.size : end])
        del self._buffer[:end]
        return Record(kind, version, fragment)

    def _search(self) -> bool:
        """Drop what comes before the next header; keep the end if there is none."""
        starts = [found.start() for found in _HEADER.finditer(self._buffer)]
        for start in starts:
            if plausible(self._buffer, start):
                del self._buffer[:start]
                self._searching = False
                return True
        del self._buffer[: max(0, len(self._buffer) - HEADER.size + 1)]
        return False
