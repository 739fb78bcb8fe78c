"""Over-temperature: less current while the charger is hot, none while it is too hot.

Up to ``derate_celsius`` there is no limit; from there on it falls in whole amperes to 6 A just
below ``stop_celsius``, where charging ends. It goes on by itself, but not before it has cooled
to ``resume_celsius``. On the way down the temperature counts as `SLACK_CELSIUS` higher than it
is, so that one which trembles does not poke the vehicle all the time.

A sensor that is silent for ``stale_seconds`` is a source of limits that is lost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from seccstack.energy.arbiter import THERMAL, LimitOffered
from seccstack.energy.household import is_due
from seccstack.errors import ConfigError

LEAST_AMPS = 6.0
SLACK_CELSIUS = 2.0
COLDEST, HOTTEST = -100.0, 300.0  # what is beyond is a broken sensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Temperatures are of wherever the sensor sits."""

    rated_amps: float
    derate_celsius: float = 65.0
    stop_celsius: float = 80.0
    resume_celsius: float = 70.0
    stale_seconds: float = 10.0

    def __post_init__(self) -> None:
        if not self.derate_celsius < self.stop_celsius:
            why = f"is not below temperature.stop_celsius, {self.stop_celsius:g}"
            right = "give the temperature from which on less is drawn"
            raise ConfigError("temperature.derate_celsius", why, right)
        if not self.resume_celsius <= self.stop_celsius - SLACK_CELSIUS:
            why = f"is not {SLACK_CELSIUS:g} below temperature.stop_celsius"
            right = "give one at which it has really cooled"
            raise ConfigError("temperature.resume_celsius", why, right)


@dataclass(frozen=True, slots=True)
class TemperatureMeasured:
    """It is so hot."""

    celsius: float

    def __post_init__(self) -> None:
        if not COLDEST <= self.celsius <= HOTTEST:
            raise ValueError(f"{self.celsius} is no temperature of a charger")


class Thermal:
    """Offers what may be drawn, as source `THERMAL`."""

    deadline = None

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._felt = -math.inf
        self._stopped = False
        self._offered: LimitOffered | None = None

    def receive(self, event: TemperatureMeasured, now: float) -> Sequence[LimitOffered]:
        """Take a measurement."""
        settings, celsius = self._settings, event.celsius
        self._felt = max(celsius, min(self._felt, celsius + SLACK_CELSIUS))
        if celsius >= settings.stop_celsius:
            self._stopped = True
        elif celsius <= settings.resume_celsius:
            self._stopped = False
        amps = self._amps()
        if not is_due(self._offered, amps, now, settings.stale_seconds):
            return []
        until = now + settings.stale_seconds
        self._offered = LimitOffered(THERMAL, amps, until, self._reason(celsius, amps))
        return [self._offered]

    def tick(self, now: float) -> Sequence[LimitOffered]:
        """Nothing becomes of waiting: an offer that is not renewed ends by itself."""
        return []

    def _amps(self) -> float | None:
        settings = self._settings
        if self._stopped:
            return 0.0
        if self._felt <= settings.derate_celsius:
            return None
        span = settings.stop_celsius - settings.derate_celsius
        left = max(settings.stop_celsius - self._felt, 0.0) / span
        most = max(settings.rated_amps, LEAST_AMPS)
        return float(math.floor(LEAST_AMPS + left * (most - LEAST_AMPS)))

    def _reason(self, celsius: float, amps: float | None) -> str:
        if amps is None:
            return ""
        hot = f"the charger is at {celsius:.0f} degrees Celsius"
        if self._stopped:
            return f"{hot}, and goes on by itself at {self._settings.resume_celsius:g}"
        return f"{hot}, and stops at {self._settings.stop_celsius:g}"
