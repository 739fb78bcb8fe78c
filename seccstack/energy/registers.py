"""Registers of Modbus meters: which to ask for, and what the words that come back mean.

Addresses are as they are sent, counted from 0; manuals that count from 1 are converted where a
model is written down. A value is sent with its high word first by all that are known here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from math import copysign

from seccstack.energy.reading import PerPhase, Reading
from seccstack.errors import MalformedError

MOST_WORDS = 125  # that a meter answers at once: Modbus has one octet for their length


class Function(IntEnum):
    """What is asked; some meters know only one of them."""

    HOLDING = 3
    INPUT = 4


class Kind(Enum):
    """How a value is packed, as `struct` spells it."""

    FLOAT32 = ">f"
    UINT16 = ">H"
    UINT32 = ">I"
    INT32 = ">i"
    UINT64 = ">Q"
    INT64 = ">q"

    @property
    def words(self) -> int:
        """How many registers it takes."""
        return struct.calcsize(self.value) // 2

    @property
    def absent(self) -> bytes:
        """What says that there is no value, in meters that say so: the largest number."""
        first = b"\x7f" if self in (Kind.INT32, Kind.INT64) else b"\xff"
        return first + b"\xff" * (2 * self.words - 1)


@dataclass(frozen=True, slots=True)
class Register:
    """Where a value is, and what one of it is worth in V, A, W, Wh or Hz."""

    address: int
    kind: Kind
    scale: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A kind of meter: where its values are, and how its line is set when it is new."""

    name: str
    title: str  # what is printed on it
    function: Function
    volts: tuple[Register, ...]  # these three have one per phase
    amps: tuple[Register, ...]
    phase_watts: tuple[Register, ...]
    watts: Register | None  # None: the sum of the phases
    energy_wh: Register
    hertz: Register
    gap: int = 0  # how many registers between two of these it may be asked for, too
    tells_absence: bool = False  # of a value, by the largest number
    baud: int = 19200
    parity: str = "N"

    @property
    def phases(self) -> int:
        """How many it measures."""
        return len(self.amps)

    def registers(self) -> Iterator[Register]:
        """Every one that is read."""
        yield from (*self.volts, *self.amps, *self.phase_watts, self.energy_wh, self.hertz)
        if self.watts is not None:
            yield self.watts


@dataclass(frozen=True, slots=True)
class Block:
    """Registers that are asked for at once."""

    address: int
    count: int


@dataclass(frozen=True, slots=True)
class _Range:
    """What may be measured; beyond it are wrong models, word orders and broken meters."""

    least: float
    most: float
    unit: str


# Generous: the largest of these meters measure 125 A of 3 x 230/400 V in themselves, and some
# hundreds through transformers; the energy is that of the largest of them for a century.
VOLTS = _Range(0.0, 600.0, "V")
AMPS = _Range(-1000.0, 1000.0, "A")
WATTS = _Range(-1e6, 1e6, "W")
ENERGY = _Range(0.0, 1e12, "Wh")
HERTZ = _Range(40.0, 70.0, "Hz")


def blocks_of(model: Model) -> tuple[Block, ...]:
    """Return as few as cover all registers and ask for none that the meter may not have."""
    blocks: list[Block] = []
    for register in sorted(model.registers(), key=lambda each: each.address):
        end = register.address + register.kind.words
        if blocks:
            last = blocks[-1]
            missing = register.address - last.address - last.count
            if missing <= model.gap and end - last.address <= MOST_WORDS:
                blocks[-1] = Block(last.address, end - last.address)
                continue
        blocks.append(Block(register.address, register.kind.words))
    return tuple(blocks)


def decode(model: Model, words: Mapping[int, int]) -> Reading:
    """Return what the words say, by address; MalformedError names the register."""

    def value(register: Register, limits: _Range) -> float | None:
        return _value(model, register, limits, words)

    def each(registers: tuple[Register, ...], limits: _Range) -> PerPhase:
        return tuple(value(register, limits) for register in registers)

    phase_watts = each(model.phase_watts, WATTS)
    return Reading(
        volts=each(model.volts, VOLTS),
        amps=tuple(map(_directed, each(model.amps, AMPS), phase_watts)),
        phase_watts=phase_watts,
        watts=_sum(phase_watts) if model.watts is None else value(model.watts, WATTS),
        energy_wh=value(model.energy_wh, ENERGY),
        hertz=value(model.hertz, HERTZ),
    )


def _directed(amps: float | None, watts: float | None) -> float | None:
    return amps if amps is None or not watts else copysign(amps, watts)


def _sum(watts: PerPhase) -> float | None:
    known = [each for each in watts if each is not None]
    return round(sum(known), 4) if known else None


def _value(
    model: Model, register: Register, limits: _Range, words: Mapping[int, int]
) -> float | None:
    where = f"{model.name}, register {register.address} (0x{register.address:04X})"
    kind = register.kind
    places = range(register.address, register.address + kind.words)
    if any(place not in words for place in places):
        raise MalformedError("it was not answered", path=where)
    octets = b"".join(words[place].to_bytes(2, "big") for place in places)
    if model.tells_absence and octets == kind.absent:
        return None
    (number,) = struct.unpack(kind.value, octets)
    measured = round(float(number) * register.scale, 4)
    if not limits.least <= measured <= limits.most:  # nor is it, if it is no number
        raise MalformedError(f"{measured:g} {limits.unit} cannot be", path=where)
    return measured
