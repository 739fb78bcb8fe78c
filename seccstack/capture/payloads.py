"""From what a capture has of a TCP direction to V2G payloads, also behind gaps and damage.

`v2gtp.Reader` gives up for good where nothing says where the next header begins: its stream has
to be closed. A recording can't be closed; here, the next header is looked for instead.
"""

from __future__ import annotations

import re

from seccstack import v2gtp
from seccstack.v2gtp import HEADER, MESSAGE_LIMIT, MESSAGES, Payload, Problem

_MESSAGE = re.compile(rb"\x01\xfe\x80[\x01-\x06]")


def _fits(octets: bytes, at: int) -> bool:
    if len(octets) < at + HEADER.size:
        return True  # nothing speaks against it yet
    _, _, payload_type, length = HEADER.unpack_from(octets, at)
    return payload_type in MESSAGES and 0 < length <= MESSAGE_LIMIT


def _end_of_last(found: list[Payload | Problem], octets: bytes, held: int) -> int:
    """Return where in the octets the last good payload ends; it may have begun before them."""
    for payload in reversed(found):
        if isinstance(payload, Payload):
            at = octets.rfind(payload.octets)
            begins = at if at >= 0 else HEADER.size - held
            return max(begins + len(payload.octets), 0)
    return 0


class LenientReader:
    """Cuts a direction into payloads; after a gap or damage it goes on with the next header."""

    def __init__(self, *, synchronised: bool) -> None:
        self._synchronised = synchronised
        self._reader = v2gtp.Reader()
        self._tail = b""  # may be the beginning of a header

    def feed(self, octets: bytes) -> list[Payload | Problem]:
        """Take the next octets; return what became complete with them."""
        if not self._synchronised:
            octets = self._search(self._tail + octets)
        if not self._synchronised:
            return []
        held = self._reader.pending
        found = self._reader.feed(octets)
        if found and isinstance(found[-1], Problem) and found[-1].fatal:
            self._start_over()
            found += self.feed(octets[_end_of_last(found, octets, held) :])
        return found

    def lose(self) -> int:
        """Take note of a gap; return how many octets of a message it has made useless."""
        useless = self._reader.pending
        self._start_over()
        return useless

    def _start_over(self) -> None:
        self._reader = v2gtp.Reader()
        self._synchronised, self._tail = False, b""

    def _search(self, octets: bytes) -> bytes:
        """Return what follows from the next header on; remember the end if there is none."""
        for found in _MESSAGE.finditer(octets):
            if _fits(octets, found.start()):
                self._synchronised, self._tail = True, b""
                return octets[found.start() :]
        self._tail = octets[1 - HEADER.size :]
        return b""
