"""Physical values of ISO 15118-2: a 16-bit number, a power of ten and a unit.

What they are in all protocols is in `session.scaled`; here they have their unit.
"""

from __future__ import annotations

from math import floor

from seccstack.messages.iso2 import PhysicalValue, UnitSymbol
from seccstack.session import scaled
from seccstack.session.scaled import MAX_MULTIPLIER, MAX_VALUE, NOISE


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
    multiplier, number = scaled.limit(value)
    return PhysicalValue(multiplier=multiplier, unit=unit, value=number)


def measured(value: float, unit: UnitSymbol) -> PhysicalValue:
    """Write a measurement as finely as the schema can, to the nearest; it may be negative."""
    multiplier, number = scaled.measured(value)
    return PhysicalValue(multiplier=multiplier, unit=unit, value=number)


def clamp(value: int) -> int:
    """Keep a value that we offer between nothing and what the schema can hold."""
    return min(max(value, 0), MAX_VALUE)
