"""Blocks of the pcapng format, as our recordings have them."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from enum import IntEnum

from seccstack.capture.pcapng import TLS_KEY_LOG, Block

BYTE_ORDER, VERSION = 0x1A2B3C4D, (1, 0)
UNKNOWN_LENGTH = -1  # of a section: it is not known before it ends
NANOSECONDS = 9  # the clock's resolution, as a power of ten
LONGEST_COMMENT = 4096  # octets; so the words of one step cannot make a packet grow for ever
END, COMMENT = 0, 1  # options of every block
SECTION_APPLICATION, INTERFACE_NAME, INTERFACE_RESOLUTION = 4, 2, 9

Options = Sequence[tuple[int, bytes]]


class Interface(IntEnum):
    """Where a packet is said to have been: by number, in the order of their blocks."""

    ETHERNET = 0
    IPV6 = 1  # what was sent by somebody whose Ethernet address is not known


LINK_TYPES = {Interface.ETHERNET: (1, "powerline"), Interface.IPV6: (229, "network")}


def section(application: str, comment: str) -> bytes:
    """Return what a section begins with: its header, and the interfaces."""
    header = struct.pack("<IHHq", BYTE_ORDER, *VERSION, UNKNOWN_LENGTH)
    told = [(COMMENT, _text(comment)), (SECTION_APPLICATION, _text(application))]
    blocks = [_block(Block.SECTION, header, told)]
    for link_type, name in LINK_TYPES.values():
        resolution = bytes([NANOSECONDS])
        about = [(INTERFACE_NAME, _text(name)), (INTERFACE_RESOLUTION, resolution)]
        blocks.append(_block(Block.INTERFACE, struct.pack("<HHI", link_type, 0, 0), about))
    return b"".join(blocks)


def packet(interface: Interface, nanoseconds: int, octets: bytes, comment: str = "") -> bytes:
    """Return a packet's block; its time is in nanoseconds since 1970."""
    high, low = divmod(max(nanoseconds, 0), 1 << 32)
    head = struct.pack("<IIIII", interface, high, low, len(octets), len(octets))
    told = [(COMMENT, _text(comment))] if comment else []
    return _block(Block.PACKET, head + _padded(octets), told)


def secrets(lines: bytes) -> bytes:
    """Return a block of TLS secrets, in the format of a key log file."""
    head = struct.pack("<II", TLS_KEY_LOG, len(lines))
    return _block(Block.SECRETS, head + _padded(lines), [])


def whole(octets: bytes, at: int = 0) -> int:
    """Return where the last whole block ends, of blocks as they are written here."""
    while at + 12 <= len(octets):
        (length,) = struct.unpack_from("<I", octets, at + 4)
        if length < 12 or at + length > len(octets):
            break
        at += length
    return at


def _block(kind: int, body: bytes, options: Options) -> bytes:
    told = b"".join(
        struct.pack("<HH", code, len(value)) + _padded(value) for code, value in options
    )
    body += told + struct.pack("<HH", END, 0) if options else b""
    length = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + length + body + length


def _text(text: str) -> bytes:
    octets = text.encode()[:LONGEST_COMMENT]
    return octets.decode(errors="ignore").encode()  # no half character at its end


def _padded(octets: bytes) -> bytes:
    return octets + bytes(-len(octets) % 4)
