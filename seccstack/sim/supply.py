"""A simulated DC power supply, at a cable whose insulation is as good as it is told to be.

It takes a while to reach a voltage, and drives the current that it was told to at once, either
way. It reports when something has changed, not all the time. Not simulated: a battery that has
a voltage of its own, and takes less as it fills; regulation, ripple, and the charge that stays
on the cable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from seccstack.energy.supply import (
    OFF,
    CheckInsulation,
    InsulationChecked,
    Order,
    OutputMeasured,
    Report,
    SetOutput,
    SupplyFault,
)

RAMP_SECONDS = 0.2
CHECK_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Broken:
    """Something in the supply breaks; with no reason, it is mended."""

    why: str


Event = Order | Broken


class SimSupply:
    """``insulated``: whether a check will find the insulation good.

    ``obedient``: whether it gives less than it ever has, when told to; it always goes off.
    """

    def __init__(self, insulated: bool = True, obedient: bool = True) -> None:
        self.insulated = insulated
        self.obedient = obedient
        self._most_amps = 0.0
        self.given: SetOutput = OFF
        self._wanted: SetOutput = OFF
        self._broken = False
        self._reached_at: float | None = None
        self._checked_at: float | None = None

    @property
    def deadline(self) -> float | None:
        """When it has got where it was told to go, or has a result."""
        moments = (self._reached_at, self._checked_at)
        return min((m for m in moments if m is not None), default=None)

    def receive(self, event: Event, now: float) -> Sequence[Report]:
        """Take an order, or break."""
        match event:
            case Broken(why):
                self._broken = bool(why)
                self._checked_at = None
                return [SupplyFault(why), *self._switch_off()]
            case _ if self._broken:
                return []
            case CheckInsulation():
                self._checked_at = now + CHECK_SECONDS
                return []
            case SetOutput():
                return self._turn(event, now)
            case _:
                assert_never(event)

    def tick(self, now: float) -> Sequence[Report]:
        """Get there."""
        reports: list[Report] = []
        if self._reached_at is not None and self._reached_at <= now:
            self._reached_at, self.given = None, self._wanted
            reports.append(OutputMeasured(self.given.volts, self.given.amps))
        if self._checked_at is not None and self._checked_at <= now:
            self._checked_at = None
            reports.append(InsulationChecked(self.insulated))
        return reports

    def _turn(self, wanted: SetOutput, now: float) -> list[Report]:
        if wanted == OFF:
            return self._switch_off()
        self._most_amps = max(self._most_amps, wanted.amps)
        wanted = wanted if self.obedient else SetOutput(wanted.volts, self._most_amps)
        self._wanted = wanted
        self._reached_at = now + RAMP_SECONDS if wanted != self.given else None
        return []

    def _switch_off(self) -> list[Report]:
        self._reached_at, self._wanted = None, OFF
        was, self.given = self.given, OFF
        return [] if was == OFF else [OutputMeasured(0.0, 0.0)]
