"""Load-optimised charging: the vehicle takes what the household leaves of its fuse.

Theory of operation
-------------------
Whoever switches an oven on asks nobody. Its current flows at once, and the vehicle goes on as
before until the meters were read, the limit was told and the vehicle has followed: IEC 61851-1
gives it 5 s. So a fuse that is used to its last ampere is overloaded for those seconds by each
device, whatever a charger does; what helps is to keep something free beforehand, the
*reserve*.

A fuse minds heat, which goes with the square of the current, and it minds it slowly. The
reserve is what keeps the heat of any `HEAT_SECONDS` at that of the rated current, if as much
as ``step_amps`` more is switched on within them, and flows beside the vehicle for the whole
delay: with x = steady / rated, s = step / rated and f = delay / `HEAT_SECONDS`

    (x + s)² f + x² (1 - f) = 1

So a 35 A fuse is used to 32.4 A where 16 A more may come at any time.

What is fed in is not counted as room for the vehicle: a cloud takes it away faster than a
vehicle can follow. Each phase offers what it has left; the least of them holds until it is
known which of them the vehicle charges on.

A vehicle that is told its limit by messages, and follows less than pulses can say, is given
what little is left; at pulse width the same is nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from seccstack.energy.arbiter import HOUSE, LimitOffered
from seccstack.energy.balance import Amps, Balanced
from seccstack.energy.hold import Hold
from seccstack.energy.watchdog_events import LEAST_AMPS
from seccstack.errors import ConfigError

# Ours. Breakers and fuses of houses take minutes to heat up, those of 1.45 times their rated
# current up to an hour (IEC 60898-1); so a single minute is a cautious window.
HEAT_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Currents are in amperes per phase."""

    connection_amps: float  # of the fuse or breaker at the grid connection point
    step_amps: float = 16.0  # what may be switched on at once
    # between what happens and what the vehicle makes of it: reading the meters, and following
    delay_seconds: float = 7.0
    min_amps: float = 6.0
    raise_seconds: float = 30.0
    min_off_seconds: float = 60.0
    stale_seconds: float = 10.0

    def __post_init__(self) -> None:
        if self.steady_amps < self.min_amps:
            raise ConfigError(
                "energy.connection_amps",
                f"of {self.connection_amps:g} A leave no {self.min_amps:g} A for a vehicle "
                f"beside steps of {self.step_amps:g} A",
                "give the fuse at the grid connection point, or a smaller energy.step_amps",
            )

    @property
    def steady_amps(self) -> float:
        """How much may flow into the house as long as nothing happens."""
        step = self.step_amps / self.connection_amps
        part = min(self.delay_seconds / HEAT_SECONDS, 1.0)
        square = 1.0 - step * step * part * (1.0 - part)
        steady = math.sqrt(square) - step * part if square > 0 else 0.0
        return max(0.0, self.connection_amps * steady)


class Household:
    """Offers what is left, as source `HOUSE`; each offer is believed for ``stale_seconds``."""

    deadline = None

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._steady = settings.steady_amps
        self._least = settings.min_amps
        self._holds: list[Hold] = []  # of the phases, once it is known how many there are
        self._offered: LimitOffered | None = None

    def receive(self, event: Balanced, now: float) -> Sequence[LimitOffered]:
        """Take what others draw."""
        each = self._left(event.others, now)
        amps, spread = min(each), each if len(set(each)) > 1 else ()
        due = is_due(self._offered, amps, now, self._settings.stale_seconds)
        if not due and self._offered is not None and self._offered.each == spread:
            return []
        until = now + self._settings.stale_seconds
        reason = self._reason(event.others)
        self._offered = LimitOffered(HOUSE, amps, until, reason, spread)
        return [self._offered]

    def suit(self, floor_amps: float) -> None:
        """Leave so little where the vehicle follows it, or no less if it needs more."""
        given = self._settings.min_amps
        self._least = max(given, floor_amps) if given > LEAST_AMPS else floor_amps
        for hold in self._holds:
            hold.lower(self._least)  # what is too little now is nothing at the next reading

    def _left(self, others: Amps, now: float) -> Amps:
        given = self._settings
        left = [self._steady - max(amps, 0.0) for amps in others]
        if len(self._holds) != len(left):
            times = given.raise_seconds, given.min_off_seconds
            self._holds = [Hold(self._least, *times) for _ in left]
            for hold, amps in zip(self._holds, left, strict=True):
                hold.begin(amps)
        return tuple(h.follow(amps, now) for h, amps in zip(self._holds, left, strict=True))

    def _reason(self, others: Amps) -> str:
        fuse = self._settings.connection_amps
        drawn = "/".join(f"{amps:.1f}" for amps in others)
        where = "/".join(f"L{phase}" for phase, _ in enumerate(others, 1))
        free = fuse - self._steady
        kept = f"of which {free:.1f} A are kept free"
        return f"others draw {drawn} A on {where} of a fuse of {fuse:g} A, {kept}"

    def tick(self, now: float) -> Sequence[LimitOffered]:
        """Nothing becomes of waiting: an offer that is not renewed ends by itself."""
        return []


def is_due(offered: LimitOffered | None, amps: float | None, now: float, stale: float) -> bool:
    """Whether an offer is another, or the last has half of its time behind it."""
    if offered is None or offered.until is None or offered.amps != amps:
        return True
    return now >= offered.until - stale / 2
