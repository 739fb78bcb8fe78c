"""What a client's stream begins with, for who must decide on it while it is still coming."""

from __future__ import annotations

from seccstack.errors import MalformedError
from seccstack.tls import records
from seccstack.tls.handshake import (
    CLIENT_HELLO,
    HEADER_SIZE,
    MAX_MESSAGE,
    ClientHello,
    decode,
    name_of,
)

MOST_RECORDS = 32  # that one is spread over; each octet that comes has all of them read again


def first_client_hello(octets: bytes) -> ClientHello | None:
    """Read the message that a client's stream begins with; None if more octets are needed.

    MalformedError if the stream can't become one that begins with a ClientHello.
    """
    body = bytearray()
    at = 0
    for _ in range(MOST_RECORDS):
        header = octets[at : at + records.HEADER.size]
        _check_record(header, at)
        if len(header) < records.HEADER.size:
            return None
        length = int.from_bytes(header[3:])
        at += records.HEADER.size
        body += octets[at : at + length]
        at += length
        size = _check_message(body)
        if size is not None and len(body) >= size:
            message = decode(CLIENT_HELLO, bytes(body[HEADER_SIZE:size]))
            return message if isinstance(message, ClientHello) else None
        if len(octets) < at:
            return None
    raise MalformedError(f"it is spread over {MOST_RECORDS} records", path="ClientHello")


def _check_record(header: bytes, at: int) -> None:
    fits = (
        (header[:1] or b"\x16") == b"\x16"
        and (header[1:2] or b"\x03") == b"\x03"
        and records.plausible(header)
    )
    if not fits:
        what = f"no TLS handshake, but {header.hex(' ').upper()}"
        raise MalformedError(what, path="ClientHello", octet=at)


def _check_message(body: bytearray) -> int | None:
    """Return how long the message will be with its header, as soon as that is known."""
    if body and body[0] != CLIENT_HELLO:
        raise MalformedError(f"{name_of(body[0])} comes first", path="ClientHello", octet=5)
    if len(body) < HEADER_SIZE:
        return None
    size = HEADER_SIZE + int.from_bytes(body[1:HEADER_SIZE])
    if size > MAX_MESSAGE:
        raise MalformedError(f"{size} octets, {MAX_MESSAGE} at most", path="ClientHello")
    return size
