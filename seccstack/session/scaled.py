"""Physical values as all protocols write them: a 16-bit number and a power of ten.

What a vehicle says is compared exactly, in thousandths: the least that a multiplier can say.
What we say is rounded down where it is a limit: that may not grow by being written.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor
from typing import Protocol

MAX_VALUE = 32767  # xs:short
MAX_MULTIPLIER = 3  # unitMultiplierType
MIN_MULTIPLIER = -3
MILLI = 3  # a multiplier is -3 at least
NOISE = 6  # decimals: 6.1 A times 10 is 61, although binary fractions make it 60.99999999999999


class Physical(Protocol):
    """A value with its power of ten, whatever protocol's."""

    @property
    def multiplier(self) -> int:
        """The power of ten."""

    @property
    def value(self) -> int:
        """What is multiplied with it."""


def milli(value: Physical) -> int:
    """Return a value in thousandths of its unit, exactly."""
    scale: int = 10 ** (value.multiplier + MILLI)
    return value.value * scale


def plain(value: Physical) -> float:
    """Return a value in its plain unit."""
    return milli(value) / 10.0**MILLI


def limit(value: float) -> tuple[int, int]:
    """Write a limit as finely as the schema can, rounded down: a multiplier and a number."""
    return fine(max(value, 0.0), floor)


def measured(value: float) -> tuple[int, int]:
    """Write a measurement as finely as the schema can, to the nearest; it may be negative."""
    return fine(value, round)


def fine(value: float, whole: Callable[[float], int]) -> tuple[int, int]:
    """Write a value with the least multiplier that can hold it."""
    for multiplier in range(MIN_MULTIPLIER, MAX_MULTIPLIER + 1):
        number = whole(round(value * 10.0**-multiplier, NOISE))
        if abs(number) <= MAX_VALUE:
            return multiplier, number
    return MAX_MULTIPLIER, MAX_VALUE if value > 0 else -MAX_VALUE
