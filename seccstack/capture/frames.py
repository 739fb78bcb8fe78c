"""From a packet to what this field speaks: powerline frames, UDP datagrams, TCP segments.

Whatever the link type, a `PowerlineFrame` is an Ethernet frame without VLAN tags, as an adapter
would receive it. Checksums are never looked at: captures made on the sending machine have wrong
ones for everything it sent, because its network card would have filled them in.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import NamedTuple

from seccstack.auth.opening import opening
from seccstack.capture.packets import Packet
from seccstack.homeplug.frame import ETHERTYPE as POWERLINE

IPV6 = 0x86DD
VLAN_TAGS = frozenset({0x8100, 0x88A8, 0x9100})
TCP, UDP, FRAGMENT = 6, 17, 44
EXTENSIONS = frozenset({0, 43, 60})  # headers before TCP or UDP which say their own length
MAX_EXTENSIONS = 8  # of one packet; a sender that needs more is none of this field
UNKNOWN_MAC = bytes(6)  # what a cooked capture doesn't tell

NULL, ETHERNET, RAW, LOOP, COOKED, IPV4_RAW, IPV6_RAW, COOKED_2 = (
    0,
    1,
    101,
    108,
    113,
    228,
    229,
    276,
)
RAW_IP = frozenset({12, 14, RAW, IPV4_RAW, IPV6_RAW})

FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10


class Endpoint(NamedTuple):
    """One end of a TCP connection, or of a UDP datagram's way."""

    address: bytes
    port: int

    def __str__(self) -> str:
        return f"[{IPv6Address(self.address)}]:{self.port}"


@dataclass(frozen=True, slots=True)
class PowerlineFrame:
    """An Ethernet frame of type 0x88E1; addresses the capture doesn't tell are zeros."""

    number: int
    time: float
    octets: bytes


@dataclass(frozen=True, slots=True)
class Datagram:
    """A UDP datagram; ``mac`` is its Ethernet source, if the capture tells it."""

    number: int
    time: float
    mac: bytes | None
    source: Endpoint
    destination: Endpoint
    octets: bytes


@dataclass(frozen=True, slots=True)
class Segment:
    """A TCP segment; ``mac`` is its Ethernet source, if the capture tells it.

    ``opening``: of a SYN, what its sender chose freely: window, hop limit, options.
    """

    number: int
    time: float
    mac: bytes | None
    source: Endpoint
    destination: Endpoint
    sequence: int
    acknowledged: int
    flags: int
    octets: bytes
    opening: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A packet which belongs to this field but can't be read."""

    number: int
    time: float
    why: str


Frame = PowerlineFrame | Datagram | Segment | Unreadable


def read_frame(packet: Packet) -> Frame | None:
    """Return what a packet carries; None if it is nothing of this field."""
    try:
        return _link(packet)
    except (struct.error, IndexError):
        why = f"cut within its headers, after {len(packet.octets)} octets"
        return Unreadable(packet.number, packet.time, why)


def _link(packet: Packet) -> Frame | None:
    octets = packet.octets
    match packet.link_type:
        case 1:
            return _ethernet(packet, octets[:6], octets[6:12], 12)
        case 113:
            return _ethernet(packet, _cooked_destination(octets[1]), octets[6:12], 14)
        case 276:
            kind, source = octets[10], octets[12:18]
            return _typed(packet, _cooked_destination(kind), source, _short(octets, 0), 20)
        case 0 | 108:
            return _ipv6(packet, None, 4)
        case link_type if link_type in RAW_IP:
            return _ipv6(packet, None, 0)
        case link_type:
            return Unreadable(packet.number, packet.time, f"link type {link_type} is unknown")


def _cooked_destination(kind: int) -> bytes:
    """A cooked capture tells of the destination only whether it was everybody."""
    return b"\xff" * 6 if kind == 1 else UNKNOWN_MAC


def _short(octets: bytes, at: int) -> int:
    return octets[at] << 8 | octets[at + 1]


def _ethernet(packet: Packet, destination: bytes, source: bytes, at: int) -> Frame | None:
    return _typed(packet, destination, source, _short(packet.octets, at), at + 2)


def _typed(
    packet: Packet, destination: bytes, source: bytes, ethertype: int, at: int
) -> Frame | None:
    """Read what follows on an EtherType, behind VLAN tags if there are any."""
    while ethertype in VLAN_TAGS:
        ethertype, at = _short(packet.octets, at + 2), at + 4
    if ethertype == POWERLINE:
        octets = destination + source + ethertype.to_bytes(2) + packet.octets[at:]
        return PowerlineFrame(packet.number, packet.time, octets)
    return _ipv6(packet, source, at) if ethertype == IPV6 else None


def _ipv6(packet: Packet, mac: bytes | None, at: int) -> Frame | None:
    octets = packet.octets
    if octets[at] >> 4 != 6:
        return None
    length, following = _short(octets, at + 4), octets[at + 6]
    source, destination = octets[at + 8 : at + 24], octets[at + 24 : at + 40]
    # Length 0 is what a sending machine captures before its card cuts a large packet.
    end = at + 40 + length if length else len(octets)
    hops = octets[at + 7]
    at += 40
    for _ in range(MAX_EXTENSIONS):
        if following not in EXTENSIONS:
            break
        following, at = octets[at], at + 8 + 8 * octets[at + 1]
    if following == UDP:
        return _udp(packet, mac, (source, destination), at, end)
    if following == TCP:
        return _tcp(packet, mac, (source, destination), at, end, hops)
    if following == FRAGMENT:
        return Unreadable(packet.number, packet.time, "an IPv6 fragment")
    return None


def _udp(
    packet: Packet, mac: bytes | None, ends: tuple[bytes, bytes], at: int, end: int
) -> Datagram:
    from_port, to_port, length = struct.unpack_from(">HHH", packet.octets, at)
    octets = packet.octets[at + 8 : min(end, at + max(length, 8))]
    source, destination = Endpoint(ends[0], from_port), Endpoint(ends[1], to_port)
    return Datagram(packet.number, packet.time, mac, source, destination, octets)


def _tcp(
    packet: Packet,
    mac: bytes | None,
    ends: tuple[bytes, bytes],
    at: int,
    end: int,
    hops: int,
) -> Segment:
    from_port, to_port, sequence, acknowledged, offset, flags = struct.unpack_from(
        ">HHIIBB", packet.octets, at
    )
    data = at + max(offset >> 4, 5) * 4
    return Segment(
        packet.number,
        packet.time,
        mac,
        Endpoint(ends[0], from_port),
        Endpoint(ends[1], to_port),
        sequence,
        acknowledged,
        flags,
        packet.octets[data:end],
        _opening(packet.octets, at, data, hops) if flags & SYN else "",
    )


def _opening(octets: bytes, at: int, data: int, hops: int) -> str:
    return opening(_short(octets, at + 14), hops, octets[at + 20 : data])
