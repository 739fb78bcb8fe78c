"""Packets made of what was told about them: Ethernet, IPv6, UDP and TCP headers, checksums.

Datagrams and streams reach a charger without their headers. What is made here is what they were
like: addresses and ports are the real ones. Where an Ethernet address is not known, there is no
Ethernet header either.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from seccstack.capture.frames import IPV6, TCP, UDP, Endpoint
from seccstack.recording.blocks import Interface

HOP_LIMIT = 64
HEADERS = 40 + 20  # IPv6 and TCP
LONGEST_SEGMENT = 1500 - HEADERS  # of octets that a packet carries on Ethernet
MSS_OPTION = bytes([2, 4]) + LONGEST_SEGMENT.to_bytes(2)
WINDOW = 0xFFFF
MULTICAST = b"\x33\x33"  # and the last four octets of the group


@dataclass(frozen=True, slots=True)
class Station:
    """An endpoint, and its Ethernet address, where it is known."""

    end: Endpoint
    mac: bytes | None

    def __post_init__(self) -> None:
        """Take a multicast group's Ethernet address from the group."""
        if self.end.address[0] == 0xFF:
            object.__setattr__(self, "mac", MULTICAST + self.end.address[12:])


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet as it would have been captured there."""

    interface: Interface
    octets: bytes


def datagram(source: Station, destination: Station, octets: bytes) -> Packet:
    """Return a UDP datagram."""
    length = 8 + len(octets)
    header = struct.pack(">HHHH", source.end.port, destination.end.port, length, 0)
    return _packet(UDP, source, destination, header + octets, 6)


def segment(
    source: Station,
    destination: Station,
    sequence: int,
    acknowledged: int,
    flags: int,
    octets: bytes = b"",
    options: bytes = b"",
) -> Packet:
    """Return a TCP segment."""
    header = struct.pack(
        ">HHIIBBHHH",
        source.end.port,
        destination.end.port,
        sequence & 0xFFFFFFFF,
        acknowledged & 0xFFFFFFFF,
        (20 + len(options)) // 4 << 4,
        flags,
        WINDOW,
        0,
        0,
    )
    return _packet(TCP, source, destination, header + options + octets, 16)


def _packet(
    protocol: int, source: Station, destination: Station, body: bytes, checksum_at: int
) -> Packet:
    ends = source.end.address + destination.end.address
    checksum = _checksum(ends + struct.pack(">II", len(body), protocol) + body)
    body = body[:checksum_at] + checksum + body[checksum_at + 2 :]
    header = struct.pack(">IHBB", 6 << 28, len(body), protocol, HOP_LIMIT)
    if source.mac is None or destination.mac is None:
        return Packet(Interface.IPV6, header + ends + body)
    link = destination.mac + source.mac + IPV6.to_bytes(2)
    return Packet(Interface.ETHERNET, link + header + ends + body)


def _checksum(octets: bytes) -> bytes:
    octets += bytes(len(octets) % 2)
    total = sum(struct.unpack(f">{len(octets) // 2}H", octets))
    while total > 0xFFFF:
        total = (total >> 16) + (total & 0xFFFF)
    return (~total & 0xFFFF or 0xFFFF).to_bytes(2)
