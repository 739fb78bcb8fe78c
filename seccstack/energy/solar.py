"""Solar-optimised charging: how much of what the roof gives goes into the vehicle.

``DIRECT`` leaves the sun alone: the vehicle charges as fast as all others let it. ``MANUAL``
charges with a set current, and faster when the sun gives more. ``STRICT`` charges from surplus
alone: it begins when that has been enough for a while, goes on with the least current through a
gap, and stops when the gap is too deep for too long.

The surplus is of all phases together, as meters of houses count it: what is fed in, and what
the vehicle draws already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from seccstack.energy.arbiter import SOLAR, LimitOffered
from seccstack.energy.balance import Balanced
from seccstack.energy.hold import Hold
from seccstack.energy.household import is_due
from seccstack.energy.watchdog_events import LEAST_AMPS

DRAWING_AMPS = 1.0  # on a phase, from which on the vehicle charges on it
MOST_AMPS = 1000.0  # of an offer; what the arbiter makes of it is less


class Mode(Enum):
    """How the vehicle shares the sun with the grid."""

    DIRECT = "direct"
    MANUAL = "manual"
    STRICT = "strict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Currents are in amperes per phase; the sun's watts are of all phases."""

    mode: Mode = Mode.DIRECT
    phases: int = 3  # that a vehicle charges on, until it is seen to charge
    volts: float = 230.0
    min_amps: float = 6.0  # with less no vehicle charges, or none that is known here
    manual_amps: float = 6.0
    start_watts: float = 300.0  # more than the least current takes, for so long
    start_seconds: float = 60.0
    stop_watts: float = 300.0  # less than that, for so long
    stop_seconds: float = 60.0
    raise_seconds: float = 20.0
    min_off_seconds: float = 600.0
    stale_seconds: float = 10.0


class Solar:
    """Offers a current as source `SOLAR`; in `Mode.DIRECT` that there is no limit."""

    deadline = None

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._phases = settings.phases
        strict = settings.mode is Mode.STRICT
        floor = settings.min_amps if strict else settings.manual_amps
        off = settings.min_off_seconds if strict else 0.0
        self._hold = Hold(floor, settings.raise_seconds, off)
        self._floor = floor
        self._least = settings.min_amps
        self._enough_since: float | None = None
        self._short_since: float | None = None
        self._offered: LimitOffered | None = None

    def receive(self, event: Balanced, now: float) -> Sequence[LimitOffered]:
        """Take what the house and the vehicle draw."""
        if self._settings.mode is Mode.DIRECT:
            return []
        drawing = sum(amps >= DRAWING_AMPS for amps in event.own)
        self._phases = drawing or self._phases
        surplus = -sum(event.others) * self._settings.volts
        if self._settings.mode is Mode.MANUAL:
            amps = max(self._floor, self._follow(surplus, now))
        else:
            amps = self._strict(surplus, now)
        amps = min(amps, MOST_AMPS)
        if not is_due(self._offered, amps, now, self._settings.stale_seconds):
            return []
        until = now + self._settings.stale_seconds
        self._offered = LimitOffered(SOLAR, amps, until, self._reason(surplus, amps))
        return [self._offered]

    def suit(self, floor_amps: float) -> None:
        """Charge with so little where the vehicle follows it, or with no less if it has to."""
        given = self._settings.min_amps
        more_wanted = given > LEAST_AMPS
        least = max(given, floor_amps) if more_wanted else floor_amps
        if self._settings.mode is Mode.STRICT and least != self._least:
            self._least, self._short_since = least, None
            self._hold.lower(least)

    def tick(self, now: float) -> Sequence[LimitOffered]:
        """Nothing becomes of waiting: an offer that is not renewed ends by itself."""
        return []

    def _strict(self, surplus: float, now: float) -> float:
        settings = self._settings
        least = self._least * settings.volts * self._phases
        if self._hold.amps:
            if surplus >= least - settings.stop_watts:
                self._short_since = None
            elif self._short_since is None:
                self._short_since = now
            elif now >= self._short_since + settings.stop_seconds:
                self._short_since = self._enough_since = None
                self._hold.stop(now)
                return 0.0
            return self._follow(surplus, now, self._least)
        if surplus < least + settings.start_watts:
            self._enough_since = None
            self._hold.follow(0.0, now)
        elif self._enough_since is None:
            self._enough_since = now
        elif now >= self._enough_since + settings.start_seconds:
            return self._follow(surplus, now)
        return 0.0

    def _follow(self, surplus: float, now: float, least_amps: float = 0.0) -> float:
        amps = surplus / (self._settings.volts * self._phases)
        return self._hold.follow(max(amps, least_amps), now)

    def _reason(self, surplus: float, amps: float) -> str:
        said = f"the sun leaves {max(0.0, surplus) / 1000:.1f} kW"
        if self._settings.mode is Mode.MANUAL:
            return f"{said}, and {self._floor:g} A are wanted in any case"
        least = self._least * self._settings.volts * self._phases
        if not amps:
            return f"{said}, and {least / 1000:.1f} kW are the least to charge with"
        return said if surplus >= least else f"{said}, and a gap is bridged with the least"
