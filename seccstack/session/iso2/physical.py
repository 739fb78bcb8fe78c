"""Physical values of ISO 15118-2: a 16-bit number, a power of ten and a unit.

What a vehicle says is compared exactly, in thousandths: the least that a multiplier can say.
What we say is rounded down: a limit may not grow by being written.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor

from seccstack.messages.iso2 import PhysicalValue, UnitSymbol

MAX_VALUE = 32767  # xs:short
MAX_MULTIPLIER = 3  # unitMultiplierType
MIN_MULTIPLIER = -3
MILLI = 3  # a multiplier is -3 at least
NOISE = 6  # decimals: 6.1 A times 10 is 61, although binary fractions make it 60.99999999999999


def milli(value: PhysicalValue) -> int:
    """Return a value in thousandths of its unit, exactly."""
    scale: int = 10 ** (value.multiplier + MILLI)
    return value.value * scale


def amps(value: float) -> PhysicalValue:
    """Write a current in tenths of an ampere."""
    tenths = floor(round(value * 10, NOISE))
    return PhysicalValue(multiplier=-1, unit=UnitSymbol.A, value=clamp(tenths))


def volts(value: int) -> PhysicalValue:
    """Write a voltage in volts."""
    return PhysicalValue(multiplier=0, unit=UnitSymbol.V, value=clamp(value))


def watts(value: float) -> PhysicalValue:
    """Write a power to the watt; beyond 32767 W, to the least power of ten that can say it."""
    multiplier, whole = 0, floor(round(value, NOISE))
    while whole > MAX_VALUE and multiplier < MAX_MULTIPLIER:
        multiplier, whole = multiplier + 1, whole // 10
    return PhysicalValue(multiplier=multiplier, unit=UnitSymbol.W, value=clamp(whole))


def limit(value: float, unit: UnitSymbol) -> PhysicalValue:
    """Write a limit as finely as the schema can, rounded down."""
    return fine(max(value, 0.0), unit, floor)


def measured(value: float, unit: UnitSymbol) -> PhysicalValue:
    """Write a measurement as finely as the schema can, to the nearest; it may be negative."""
    return fine(value, unit, round)


def fine(value: float, unit: UnitSymbol, whole: Callable[[float], int]) -> PhysicalValue:
    """Write a value with the least multiplier that can hold it."""
    for multiplier in range(MIN_MULTIPLIER, MAX_MULTIPLIER + 1):
        number = whole(round(value * 10.0**-multiplier, NOISE))
        if abs(number) <= MAX_VALUE:
            return PhysicalValue(multiplier=multiplier, unit=unit, value=number)
    beyond = MAX_VALUE if value > 0 else -MAX_VALUE
    return PhysicalValue(multiplier=MAX_MULTIPLIER, unit=unit, value=beyond)


def plain(value: PhysicalValue) -> float:
    """Return a value in its plain unit."""
    return milli(value) / 10.0**MILLI


def clamp(value: int) -> int:
    """Keep a value that we offer between nothing and what the schema can hold."""
    return min(max(value, 0), MAX_VALUE)
