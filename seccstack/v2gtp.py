"""V2GTP, the header before every V2G message and SDP datagram (ISO 15118-2, ISO 15118-20).

A header is 8 octets: the version (01), its inverse (FE), the payload's type and its length.
`encode` and `decode` are for whole datagrams; `Reader` takes a stream's pieces as they come.

What a peer can get wrong falls in two. A payload that we don't know, or an empty one, has a
length, so the next header is where it should be: the reader skips it and goes on. (Some send
type 4C41 to whoever was there before; the session must live on.) After a wrong version, or a
length beyond the limit, nothing says where the next header begins: the reader stops for good,
and the stream has to be closed. Neither is answered; both are values, not exceptions.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace

from seccstack.errors import MalformedError

VERSION = 0x01
INVERSE_VERSION = 0xFE

EXI = 0x8001  # supportedAppProtocol, DIN 70121, ISO 15118-2
MAINSTREAM = 0x8002  # ISO 15118-20: common messages
AC_MAINSTREAM = 0x8003
DC_MAINSTREAM = 0x8004
ACDP_MAINSTREAM = 0x8005
WPT_MAINSTREAM = 0x8006
SDP_REQUEST = 0x9000
SDP_RESPONSE = 0x9001

MESSAGES = frozenset(range(EXI, WPT_MAINSTREAM + 1))  # what a stream may carry

HANDSHAKE_LIMIT = 4096  # octets; 20 protocols with namespaces of 100 characters need half of it
MESSAGE_LIMIT = 16384  # octets; the longest seen, with certificates, has 4595
MAX_PROBLEMS = 8  # in one piece of a stream: 64 kB of empty headers are not 8192 findings

HEADER = struct.Struct(">BBHI")


@dataclass(frozen=True, slots=True)
class Payload:
    """What stood behind one header."""

    type: int
    octets: bytes


@dataclass(frozen=True, slots=True)
class Problem:
    """What a peer did wrong; after a fatal one the stream cannot be read any more."""

    what: str  # one of three kinds, whatever the peer sends
    why: str
    fatal: bool


def encode(payload_type: int, octets: bytes) -> bytes:
    """Put the header before a payload."""
    return HEADER.pack(VERSION, INVERSE_VERSION, payload_type, len(octets)) + octets


def decode(datagram: bytes) -> Payload:
    """Take a datagram that holds exactly one payload."""
    if len(datagram) < HEADER.size:
        raise MalformedError("shorter than a header", path="V2GTP", octet=len(datagram))
    version, inverse, payload_type, length = HEADER.unpack_from(datagram)
    if (version, inverse) != (VERSION, INVERSE_VERSION):
        raise MalformedError(f"version {version:02X} {inverse:02X}", path="V2GTP", octet=0)
    if length != len(datagram) - HEADER.size:
        raise MalformedError(f"length {length} is not the payload's", path="V2GTP", octet=4)
    return Payload(payload_type, datagram[HEADER.size :])


class Reader:
    """Cuts a stream into payloads; holds at most a header and one payload within ``limit``."""

    def __init__(self, limit: int = MESSAGE_LIMIT) -> None:
        self.limit = limit  # may be changed between messages
        self._buffer = bytearray()
        self._skip = 0  # octets of an unwanted payload that are still to come
        self._broken = False

    @property
    def pending(self) -> int:
        """How many octets of an unfinished message are held."""
        return len(self._buffer)

    def feed(self, data: bytes) -> list[Payload | Problem]:
        """Take the next piece of the stream; return what became complete with it, in order."""
        if self._broken:
            return []
        self._buffer += data
        found: list[Payload | Problem] = []
        problems = 0
        while (item := self._next()) is not None:
            if isinstance(item, Problem):
                problems += 1
                self._broken = item.fatal or problems == MAX_PROBLEMS
                item = replace(item, fatal=self._broken)
            found.append(item)
            if self._broken:
                self._buffer.clear()
                break
        return found

    def _next(self) -> Payload | Problem | None:
        self._drop_unwanted()
        if len(self._buffer) < HEADER.size:
            return None
        version, inverse, payload_type, length = HEADER.unpack_from(self._buffer)
        if (version, inverse) != (VERSION, INVERSE_VERSION):
            return Problem("V2GTP version", f"{version:02X} {inverse:02X}", fatal=True)
        if length > self.limit:
            why = f"{length} octets, {self.limit} at most"
            return Problem("payload length", why, fatal=True)
        if length == 0 or payload_type not in MESSAGES:
            self._skip = HEADER.size + length
            return Problem("payload type", f"{payload_type:04X}, {length} octets", fatal=False)
        end = HEADER.size + length
        if len(self._buffer) < end:
            return None
        payload = Payload(payload_type, bytes(self._buffer[HEADER.size : end]))
        del self._buffer[:end]
        return payload

    def _drop_unwanted(self) -> None:
        dropped = min(self._skip, len(self._buffer))
        del self._buffer[:dropped]
        self._skip -= dropped
