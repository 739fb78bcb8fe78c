"""Rational numbers of ISO 15118-20: a 16-bit number and a power of ten, in plain units.

What we say of a limit is rounded down: it may not grow by being written. A vehicle may write
any power of ten that an octet holds: what it says is read as the nearest float.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor

from seccstack.messages.iso20_types import RationalNumber

MAX_VALUE = 32767  # xs:short
EXPONENTS = range(-3, 4)  # ours: what vehicles know from ISO 15118-2; 33 MW are enough
NOISE = 6  # decimals: 6.1 A times 10 is 61, although binary fractions make it 60.99999999999999


def limit(value: float) -> RationalNumber:
    """Write a limit as finely as the schema can, rounded down; nothing is less than none."""
    return fine(max(value, 0.0), floor)


def measured(value: float) -> RationalNumber:
    """Write a measurement as finely as the schema can, to the nearest; it may be negative."""
    return fine(value, round)


def fine(value: float, whole: Callable[[float], int]) -> RationalNumber:
    """Write a value with the least power of ten that can hold it."""
    for exponent in EXPONENTS:
        number = whole(round(value * 10.0**-exponent, NOISE))
        if abs(number) <= MAX_VALUE:
            return RationalNumber(exponent=exponent, value=number)
    beyond = MAX_VALUE if value > 0 else -MAX_VALUE
    return RationalNumber(exponent=EXPONENTS[-1], value=beyond)


def plain(number: RationalNumber) -> float:
    """Return what is written."""
    scale: int = 10 ** abs(number.exponent)
    return float(number.value * scale) if number.exponent > 0 else number.value / scale


def plain_or_none(number: RationalNumber | None) -> float | None:
    """Return what is written, if anything is."""
    return None if number is None else plain(number)


NOTHING = limit(0.0)
