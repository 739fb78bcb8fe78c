"""A management message in its Ethernet frame."""

from __future__ import annotations

from dataclasses import dataclass, field

from seccstack.errors import MalformedError, UsageError
from seccstack.homeplug import lumissil, messages, upkeep, vendor
from seccstack.homeplug.fields import MESSAGES, Mme, take
from seccstack.homeplug.messages import BROADCAST as BROADCAST  # an address like those below
from seccstack.homeplug.vendor import QUALCOMM

ETHERTYPE = 0x88E1
UNDERSTOOD = (messages, upkeep, vendor, lumissil)  # where the messages of `MESSAGES` stand
LOCAL_MODEM = QUALCOMM + bytes.fromhex("000001")  # the modem at the end of our own wire
SHORTEST = 60
LONGEST = 1518

_TYPE = ETHERTYPE.to_bytes(2, "big")
_VLAN_TAGS = (b"\x81\x00", b"\x88\xa8")
_FIRST_VENDOR_TYPE = 0x8000  # manufacturers' messages, and above them vendors'
_NEWEST_MMV = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class UnknownMme(Mme):
    """A message that is not declared here; ``body`` is all that follows the header's number."""

    mmtype: int  # type: ignore[misc]  # a field here, a class's constant elsewhere
    body: bytes = field(repr=False)  # it may hold anything, keys too
    mmv: int = 1  # type: ignore[misc]
    name = "unknown"
    oui = b""

    def encode(self) -> bytes:
        """Return the body."""
        return self.body


@dataclass(frozen=True, slots=True)
class Frame:
    """An Ethernet frame of type 0x88E1."""

    destination: bytes
    source: bytes
    message: Mme


def encode_frame(frame: Frame) -> bytes:
    """Return the frame's octets, padded to what Ethernet wants, without check sequence."""
    message = frame.message
    if len(frame.destination) != 6 or len(frame.source) != 6:
        raise UsageError("an Ethernet address has 6 octets")
    header = bytes([message.mmv]) + message.mmtype.to_bytes(2, "little")
    fragment = bytes(2) if message.mmv and not isinstance(message, UnknownMme) else b""
    octets = (
        frame.destination + frame.source + _TYPE + header + fragment + message.oui
    ) + message.encode()
    return octets.ljust(SHORTEST, b"\x00")


def decode_frame(octets: bytes) -> Frame:
    """Read a frame; what lies behind the message's last field is ignored.

    Messages are known by their number, whatever header version they come with. Fragments are
    refused: no message of ours needs them, and nobody sends them.
    """
    if len(octets) > LONGEST:
        raise MalformedError("longer than an Ethernet frame", path="Frame", octet=LONGEST)
    header = _header(octets, 0, 17)
    if header[12:14] != _TYPE:
        raise MalformedError("not type 0x88E1", path="Frame.ethertype", octet=12)
    mmv, mmtype = header[14], int.from_bytes(header[15:17], "little")
    if mmv > _NEWEST_MMV:
        raise MalformedError(f"version {mmv}", path="Frame.mmv", octet=14)
    return Frame(header[:6], header[6:12], _decode_message(octets, mmv, mmtype))


def _decode_message(octets: bytes, mmv: int, mmtype: int) -> Mme:
    at = 19 if mmv else 17
    if _header(octets, 17, at - 17)[:1] not in (b"", b"\x00"):
        raise MalformedError("a fragment", path="Frame.fragment", octet=17)
    oui = _header(octets, at, 3) if mmtype >= _FIRST_VENDOR_TYPE else b""
    declared = MESSAGES.get((mmtype, oui))
    if declared is None:
        return UnknownMme(mmtype=mmtype, body=octets[17:], mmv=mmv)
    return declared.decode(octets, at + len(oui))


def _header(octets: bytes, at: int, size: int) -> bytes:
    try:
        return take(octets, at, size)
    except MalformedError as bad:
        raise MalformedError(bad.problem, path="Frame.header", octet=bad.octet) from bad


def untagged(octets: bytes) -> bytes:
    """Return an Ethernet frame without the VLAN tags that captures of bridged lines have."""
    while octets[12:14] in _VLAN_TAGS:
        octets = octets[:12] + octets[16:]
    return octets
