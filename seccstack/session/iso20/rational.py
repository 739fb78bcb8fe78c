"""Numbers of ISO 15118-20: 16 bits, and a power of ten.

What we say is rounded down to what they can hold: a limit may not grow by being written.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor

from seccstack.messages.iso20_types import RationalNumber

MAX_VALUE = 32767  # xs:short
FINEST = -3  # thousandths are as fine as any number of ours
COARSEST = 12  # no power, voltage or energy is as large as this makes the largest
NOISE = 6  # decimals: 6.1 A times 10 is 61, although binary fractions make it 60.99999999999999
ZERO = RationalNumber(exponent=0, value=0)


def plain(number: RationalNumber) -> float:
    """Return the value, correctly rounded: numbers that are equal stay equal."""
    if number.exponent < 0:
        return float(number.value / 10**-number.exponent)
    return float(number.value * 10**number.exponent)


def maybe(number: RationalNumber | None) -> float | None:
    """Return the value of a number that may be left out."""
    return None if number is None else plain(number)


def limit(value: float) -> RationalNumber:
    """Write a limit, never a larger one; below nothing there is none."""
    return _fine(max(value, 0.0), floor)


def measured(value: float) -> RationalNumber:
    """Write a measurement, to the nearest; it may be negative."""
    return _fine(value, round)


def _fine(value: float, whole: Callable[[float], int]) -> RationalNumber:
    """Write a whole number as it is, if it fits; all else as finely as it fits."""
    number = whole(round(value, NOISE))
    if number == round(value, NOISE) and abs(number) <= MAX_VALUE:
        return RationalNumber(exponent=0, value=number)
    for exponent in range(FINEST, COARSEST + 1):
        number = whole(round(value * 10.0**-exponent, NOISE))
        if abs(number) <= MAX_VALUE:
            return RationalNumber(exponent=exponent, value=number)
    beyond = MAX_VALUE if value > 0 else -MAX_VALUE
    return RationalNumber(exponent=COARSEST, value=beyond)
