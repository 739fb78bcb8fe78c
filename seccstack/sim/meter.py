"""A simulated meter, which counts what it is told that a car draws.

Not simulated: what else a house draws, a power factor, and the latency and the errors of a
meter.
"""

from __future__ import annotations

from seccstack.energy.reading import Reading

HERTZ = 50.0
SECONDS_PER_HOUR = 3600.0


class SimMeter:
    """``phases`` carry the same current each; nothing flows at first."""

    def __init__(self, phases: int, volts: float) -> None:
        self._phases, self._volts = phases, volts
        self._amps = 0.0
        self._energy_wh = 0.0
        self._counted_at: float | None = None

    def draw(self, amps: float, now: float) -> None:
        """Let this flow from now on, in each phase."""
        self._count(now)
        self._amps = amps

    def read(self, now: float) -> Reading:
        """Return what flows, and what has flowed."""
        self._count(now)
        watts = self._amps * self._volts
        return Reading(
            volts=(self._volts,) * self._phases,
            amps=(self._amps,) * self._phases,
            phase_watts=(watts,) * self._phases,
            watts=watts * self._phases,
            energy_wh=self._energy_wh,
            hertz=HERTZ,
        )

    def _count(self, now: float) -> None:
        if self._counted_at is not None:
            hours = (now - self._counted_at) / SECONDS_PER_HOUR
            self._energy_wh += self._amps * self._volts * self._phases * hours
        self._counted_at = now
