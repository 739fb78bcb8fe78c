"""Capture files as octets: pcap by scapy's writer, pcapng block by block."""

import struct
from io import BytesIO
from pathlib import Path

from scapy.utils import RawPcapWriter

from seccstack.capture.packets import Lost, Packet
from seccstack.capture.reader import read_packets

ETHERNET = 1
TIME = 1_700_000_000


def pcap(packets, *, order="<", nano=False, link_type=ETHERNET, length=None):
    """Octets of a pcap with these packets, a second apart."""
    file = BytesIO()
    file.close = lambda: None
    writer = RawPcapWriter(file, linktype=link_type, endianness=order, nano=nano)
    writer.write_header(None)
    for number, octets in enumerate(packets):
        writer.write_packet(octets, sec=TIME + number, usec=500_000, wirelen=length)
    writer.close()
    return file.getvalue()


def block(kind, body, order="<"):
    """A pcapng block."""
    body = body.ljust((len(body) + 3) // 4 * 4, b"\0")
    length = struct.pack(f"{order}I", 12 + len(body))
    return struct.pack(f"{order}I", kind) + length + body + length


def section(order="<"):
    return block(0x0A0D0D0A, struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(order="<", link_type=ETHERNET, options=b"", snap_length=0):
    return block(1, struct.pack(f"{order}HHI", link_type, 0, snap_length) + options, order)


def option(code, value, order="<"):
    padded = value.ljust((len(value) + 3) // 4 * 4, b"\0")
    return struct.pack(f"{order}HH", code, len(value)) + padded


def enhanced(octets, ticks=TIME * 1_000_000, order="<", which=0, length=None):
    length = len(octets) if length is None else length
    head = struct.pack(
        f"{order}IIIII", which, ticks >> 32, ticks & 0xFFFFFFFF, len(octets), length
    )
    return block(6, head + octets, order)


def records(octets, step=None):
    """What the file holds; ``step``: how many octets a read returns at most."""
    file = BytesIO(octets)
    return list(read_packets(lambda count: file.read(min(count, step or count))))


def packets(octets, step=None):
    return [record for record in records(octets, step) if isinstance(record, Packet)]


def losses(octets):
    return [record for record in records(octets) if isinstance(record, Lost)]


def written(path: Path, octets: bytes) -> Path:
    path.write_bytes(octets)
    return path
