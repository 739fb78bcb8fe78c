"""From what a capture has of a TCP direction to V2G payloads, also behind gaps and damage.

`v2gtp.Reader` gives up for good where nothing says where the next header begins: its stream has
to be closed. A recording can't be closed; here, the next header is looked for instead.
"""

from __future__ import annotations

import re

from seccstack.v2gtp import (
    HEADER,
    INVERSE_VERSION,
    MAX_PROBLEMS,
    MESSAGE_LIMIT,
    MESSAGES,
    VERSION,
    Payload,
    Problem,
)

# Payloads of ISO 15118-20 that are no messages of the main stream; nobody has sent one yet.
SIDE_CHANNELS = {
    0x8101: "schedule renegotiation",
    0x8102: "metering confirmation",
    0x8103: "ACDP system status",
    0x8104: "parking status",
}

_MESSAGE = re.compile(rb"\x01\xfe\x80[\x01-\x06]")


def _fits(octets: bytes, at: int) -> bool:
    if len(octets) < at + HEADER.size:
        return True  # nothing speaks against it yet
    _, _, payload_type, length = HEADER.unpack_from(octets, at)
    return payload_type in MESSAGES and 0 < length <= MESSAGE_LIMIT


def _unwanted(payload_type: int, length: int) -> Problem:
    meant = SIDE_CHANNELS.get(payload_type)
    of = f" ({meant})" if meant else ""
    return Problem("payload type", f"{payload_type:04X}{of}, {length} octets", fatal=False)


class LenientReader:
    """Cuts a direction into payloads; after a gap or damage it goes on with the next header."""

    def __init__(self, *, synchronised: bool) -> None:
        self._synchronised = synchronised
        self.passed_over = 0  # octets that were searched for a header
        self._octets = b""  # a header and a payload at most, or what may begin a header
        self._kept = 0  # from where on the octets are still needed
        self._skip = 0  # octets of an unwanted payload that are still to come

    def feed(self, octets: bytes) -> list[Payload | Problem]:
        """Take the next octets; return what became complete with them, and some problems."""
        self._octets += octets
        found: list[Payload | Problem] = []
        problems, at = 0, 0
        while (item := self._next(at)) is not None:
            one, at = item
            problems += isinstance(one, Problem)
            if isinstance(one, Payload) or problems <= MAX_PROBLEMS:
                found.append(one)
        self._octets = self._octets[self._kept :]
        return found

    def lose(self) -> int:
        """Take note of a gap; return how many octets of a message it has made useless."""
        useless = len(self._octets) if self._synchronised else 0
        self._synchronised, self._octets, self._skip = False, b"", 0
        return useless

    def _next(self, at: int) -> tuple[Payload | Problem, int] | None:
        """Return what begins there, if anything, and where the next does; None to wait."""
        skipped = min(self._skip, len(self._octets) - at)
        self._skip, at = self._skip - skipped, at + skipped
        if not self._synchronised:
            begin, at = at, self._search(at)
            self.passed_over += at - begin
        self._kept = at
        if not self._synchronised or len(self._octets) < at + HEADER.size:
            return None
        version, inverse, payload_type, length = HEADER.unpack_from(self._octets, at)
        if (version, inverse) != (VERSION, INVERSE_VERSION):
            self._synchronised = False
            self.passed_over += 1
            return Problem("V2GTP version", f"{version:02X} {inverse:02X}", fatal=True), at + 1
        if length > MESSAGE_LIMIT:
            self._synchronised = False
            self.passed_over += 1
            why = f"{length} octets, {MESSAGE_LIMIT} at most"
            return Problem("payload length", why, fatal=True), at + 1
        if length == 0 or payload_type not in MESSAGES:
            self._skip = HEADER.size + length
            return _unwanted(payload_type, length), at
        end = at + HEADER.size + length
        if len(self._octets) < end:
            return None
        return Payload(payload_type, self._octets[at + HEADER.size : end]), end

    def _search(self, at: int) -> int:
        """Return where the next header begins; without one, from where on one may begin."""
        for found in _MESSAGE.finditer(self._octets, at):
            if _fits(self._octets, found.start()):
                self._synchronised = True
                return found.start()
        return max(len(self._octets) + 1 - HEADER.size, at)
