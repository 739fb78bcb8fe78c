"""What of a house's current is the vehicle's, from two meters that are never read at once.

A reading of the house is looked at when the outlet's own meter has been read before and after
it: the vehicle then drew something between these two. Of a change at the house, as much is the
vehicle's doing as these two readings allow, and the rest is the household's; else a vehicle
that follows its limit would look like an oven that is switched on, and be slowed down for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

PHASES = 3
MOST_AMPS = 1000.0  # nothing that a house is connected to carries more

Amps = tuple[float, ...]  # one per phase; what is fed in is negative


@dataclass(frozen=True, slots=True)
class HouseMeasured:
    """So much flows at the grid connection point."""

    amps: Amps

    def __post_init__(self) -> None:
        _check(self.amps)


@dataclass(frozen=True, slots=True)
class OwnMeasured:
    """So much flows into the vehicle."""

    amps: Amps

    def __post_init__(self) -> None:
        _check(self.amps)


@dataclass(frozen=True, slots=True)
class Balanced:
    """What all others in the house draw, and what the vehicle does."""

    others: Amps
    own: Amps


class Balance:
    """Puts the readings of both meters together."""

    def __init__(self) -> None:
        self._house: Amps | None = None  # that waits for a reading of our own
        self._before: Amps | None = None
        self._others: Amps | None = None

    def house(self, amps: Amps) -> None:
        """Take what flows into the house."""
        if self._before is not None and len(amps) == len(self._before):
            self._house = amps

    def own(self, amps: Amps) -> Balanced | None:
        """Take what flows into the vehicle; return what follows of the house's last reading."""
        before, house = self._before, self._house
        self._before, self._house = amps, None
        if house is None or before is None or len(before) != len(amps):
            return None
        others = tuple(
            _others(house[phase], sorted((before[phase], amps[phase])), self._known(phase))
            for phase in range(len(amps))
        )
        self._others = others
        return Balanced(others, amps)

    def _known(self, phase: int) -> float:
        """Return what others drew; at first the most, as if the vehicle drew the least."""
        known = self._others
        return known[phase] if known is not None and phase < len(known) else math.inf


def _others(house: float, between: Sequence[float], known: float) -> float:
    least, most = between
    return house - min(max(house - known, least), most)


def _check(amps: Amps) -> None:
    right = 1 <= len(amps) <= PHASES
    if not right or not all(math.isfinite(a) and abs(a) <= MOST_AMPS for a in amps):
        raise ValueError(f"{amps} are no currents of one to three phases")
