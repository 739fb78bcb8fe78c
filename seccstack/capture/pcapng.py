"""The pcapng format: blocks, of which the ones that hold packets, clocks and secrets count."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum

from seccstack.capture.packets import MOST_DAMAGED, Lost, Packet, Record, Secrets, Window


class Block(IntEnum):
    """The types of block that are read; the others are passed over."""

    SECTION = 0x0A0D0D0A
    INTERFACE = 1
    OLD_PACKET = 2
    SIMPLE_PACKET = 3
    PACKET = 6
    SECRETS = 10


TLS_KEY_LOG = 0x544C534B  # the only kind of secrets block that holds a TLS key log

BYTE_ORDER = {bytes.fromhex("4d3c2b1a"): "<", bytes.fromhex("1a2b3c4d"): ">"}
MAGIC = Block.SECTION.to_bytes(4)  # the same in both byte orders
LEAST_BLOCK = 12
MAX_BLOCK = 1 << 20  # octets; the longest packet and its options have a fourth of it
MAX_INTERFACES = 1024  # of a section; a file of more is not of this field
OPTION_COMMENT, OPTION_APPLICATION, OPTION_RESOLUTION, OPTION_OFFSET = 1, 4, 9, 14
SECTION_HEADER, PACKET_HEADER = 16, 20  # octets before what follows them
OWN = b"seccstack "  # how the application begins that writes remarks beside packets


@dataclass(frozen=True, slots=True)
class Interface:
    """Where packets were captured, and how its clock counts."""

    link_type: int
    snap_length: int
    ticks: int = 1_000_000
    offset: int = 0

    def seconds(self, ticks: int) -> float:
        """Turn a time stamp into seconds."""
        return self.offset + ticks // self.ticks + ticks % self.ticks / self.ticks


@dataclass(slots=True)
class Reading:
    """How far a file has been read."""

    order: str = "<"
    number: int = 0
    time: float = 0.0
    own: bool = False  # whether our own flight recorder wrote this section
    interfaces: list[Interface] = field(default_factory=list)

    def word(self, octets: bytes, at: int) -> int:
        """Return the 32-bit number there."""
        return int(struct.unpack_from(f"{self.order}I", octets, at)[0])

    def half(self, octets: bytes, at: int) -> int:
        """Return the 16-bit number there."""
        return int(struct.unpack_from(f"{self.order}H", octets, at)[0])


def read_pcapng(window: Window) -> Iterator[Record]:
    """Yield the packets of a file that begins with a section header block."""
    reading = Reading()
    while window.holds(LEAST_BLOCK):
        length = _claimed(window.octets, window.at, reading.order)
        if not (window.holds(length) and _block_at(window.octets, window.at, reading.order)):
            yield Lost(reading.number, _pass_over(window, reading.order))
            continue
        block = window.take(length)
        if block.startswith(MAGIC):
            reading.order = BYTE_ORDER[block[8:12]]
        yield from _block(reading.word(block, 0), block[8:-4], reading)
    if window.left:
        yield Lost(reading.number, f"the file ends within a block, {window.left} octets of it")


def _claimed(octets: bytes, at: int, order: str) -> int:
    """Return how long the block there says it is, or 0 if that can't be."""
    if octets.startswith(MAGIC, at):
        order = BYTE_ORDER.get(octets[at + 8 : at + 12], order)
    (length,) = struct.unpack_from(f"{order}I", octets, at + 4)
    return int(length) if LEAST_BLOCK <= length <= MAX_BLOCK else 0


def _block_at(octets: bytes, at: int, order: str) -> bool:
    """Whether a block is there, whole: its length stands at both its ends."""
    length = _claimed(octets, at, order)
    ends = at + length <= len(octets) and length >= LEAST_BLOCK and length % 4 == 0
    if octets.startswith(MAGIC, at) and octets[at + 8 : at + 12] not in BYTE_ORDER:
        return False
    return ends and octets[at + 4 : at + 8] == octets[at + length - 4 : at + length]


def _pass_over(window: Window, order: str) -> str:
    """Move the window to the next whole block, and say what was passed over."""
    begin = window.position
    kinds = [struct.pack(f"{order}I", kind) for kind in Block]
    pattern = re.compile(b"|".join(map(re.escape, kinds)))
    while True:
        goes_on = window.holds(2 * MAX_BLOCK)
        last = min(window.at + MAX_BLOCK, len(window.octets) - LEAST_BLOCK)
        for found in pattern.finditer(window.octets, window.at + 1, last + 4):
            if _block_at(window.octets, found.start(), order):
                window.at = found.start()
                return f"{window.position - begin} damaged octets at {begin}"
        window.take(MAX_BLOCK if goes_on else window.left)
        if goes_on and window.position - begin >= MOST_DAMAGED:
            window.give_up()
            return f"no packet in {MOST_DAMAGED} octets at {begin}: the rest is not read"
        if not goes_on:
            passed = window.position - begin
            return f"{passed} octets at {begin} to the end are damaged or cut short"


def _block(kind: int, body: bytes, reading: Reading) -> Iterator[Record]:
    try:
        match kind:
            case Block.SECTION:
                reading.interfaces.clear()
                written_by = _option(body, SECTION_HEADER, OPTION_APPLICATION, reading)
                reading.own = written_by.startswith(OWN)
            case Block.INTERFACE:
                _interface(body, reading)
            case Block.OLD_PACKET:
                yield _old_packet(body, reading)
            case Block.SIMPLE_PACKET:
                yield _simple_packet(body, reading)
            case Block.PACKET:
                yield _packet(body, reading)
            case Block.SECRETS if reading.word(body, 0) == TLS_KEY_LOG:
                yield Secrets(body[8 : 8 + reading.word(body, 4)])
            case _:
                pass
    except struct.error:
        yield Lost(reading.number, f"a block of type {kind} is too short for what it must hold")


def _interface(body: bytes, reading: Reading) -> None:
    if len(reading.interfaces) == MAX_INTERFACES:
        return
    link_type, snap_length = reading.half(body, 0), reading.word(body, 4)
    ticks, offset = 1_000_000, 0
    for code, value in _options(body, 8, reading):
        if code == OPTION_RESOLUTION and value:
            ticks = 2 ** (value[0] & 0x7F) if value[0] & 0x80 else 10 ** value[0]
        elif code == OPTION_OFFSET and len(value) == 8:
            offset = int(struct.unpack(f"{reading.order}q", value)[0])
    reading.interfaces.append(Interface(link_type, snap_length, ticks, offset))


def _options(body: bytes, at: int, reading: Reading) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(body) and (code := reading.half(body, at)):
        size = reading.half(body, at + 2)
        yield code, body[at + 4 : at + 4 + size]
        at += 4 + (size + 3) // 4 * 4


def _option(body: bytes, at: int, wanted: int, reading: Reading) -> bytes:
    """Return the first such option; none where there is none."""
    return next((value for code, value in _options(body, at, reading) if code == wanted), b"")


def _packet(body: bytes, reading: Reading) -> Record:
    which, high, low, captured, length = struct.unpack_from(f"{reading.order}IIIII", body)
    octets = body[PACKET_HEADER : PACKET_HEADER + captured]
    record = _captured(which, high << 32 | low, octets, length, reading)
    if reading.own and isinstance(record, Packet):
        behind = PACKET_HEADER + (captured + 3) // 4 * 4
        told = _option(body, behind, OPTION_COMMENT, reading)
        return replace(record, remarks=told.decode(errors="replace")) if told else record
    return record


def _old_packet(body: bytes, reading: Reading) -> Record:
    which, _, high, low, captured, length = struct.unpack_from(f"{reading.order}HHIIII", body)
    return _captured(which, high << 32 | low, body[20 : 20 + captured], length, reading)


def _simple_packet(body: bytes, reading: Reading) -> Record:
    """Read a packet that has no time of its own: it gets its predecessor's."""
    length = reading.word(body, 0)
    if not reading.interfaces:
        return _undescribed(0, reading)
    interface = reading.interfaces[0]
    octets = body[4 : 4 + min(length, interface.snap_length or length)]
    reading.number += 1
    note = "without a time of its own"
    return Packet(reading.number, reading.time, interface.link_type, octets, note)


def _captured(which: int, ticks: int, octets: bytes, length: int, reading: Reading) -> Record:
    if which >= len(reading.interfaces):
        return _undescribed(which, reading)
    interface = reading.interfaces[which]
    reading.number += 1
    reading.time = interface.seconds(ticks)
    note = f"{len(octets)} of {length} octets captured" if len(octets) < length else ""
    return Packet(reading.number, reading.time, interface.link_type, octets, note)


def _undescribed(which: int, reading: Reading) -> Lost:
    return Lost(reading.number, f"a packet of interface {which}, which is not described")
