"""A simulated vehicle's on-board charger: how much it draws, and when.

It heeds whoever speaks: the pulses, the session, or the lesser of the two. It takes a while to
follow, and none to stop when the mains are gone. It does not simulate: single phases, ramps,
a battery that takes less as it fills.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from seccstack.pilot.port import Digital, Limit, Signal
from seccstack.pilot.signal import duty_cycle, offered_amps


class Heeds(Enum):
    """Which limits a vehicle keeps to, once it charges."""

    ALL = "all"
    PULSES = "pulses"  # not what a session says
    NEGOTIATED = "negotiated"  # of a session: what was agreed upon, not what follows
    NOTHING = "nothing"  # nor X1: it draws as long as there are mains


@dataclass(slots=True)
class OnBoardCharger:
    """What it is told, and what comes of it; amperes per phase."""

    least_amps: float
    most_amps: float
    follow_seconds: float
    heeds: Heeds = Heeds.ALL
    gives_amps: float = 0.0  # that it can feed back
    signal: Signal | None = None
    told_amps: float | None = None  # by the session; None: it has not said, or there is none
    mains: bool = False
    ready: bool = False  # S2 is closed
    drawn: float = 0.0
    deadline: float | None = None

    @property
    def wanted(self) -> float:
        """What it would draw now, if it took no time to follow; below 0, it gives."""
        may = self._allowed if self.mains and self.ready else 0.0
        if self.heeds is Heeds.NOTHING and self.mains and self.ready:
            may = max(may, self.drawn)
        if may < 0:
            return max(may, -self.gives_amps)
        return min(may, self.most_amps) if may >= self.least_amps else 0.0

    @property
    def offered(self) -> bool:
        """Whether pulses offer a current, or it does not care whether they still do."""
        heedless = self.heeds is Heeds.NOTHING and self.drawn > 0
        return isinstance(self.signal, Limit) or heedless

    @property
    def scorned(self) -> bool:
        """Whether the session tells it something, and less than it follows."""
        return 0 < (self.told_amps or 0.0) < self.least_amps

    def tell(self, amps: float, negotiated: bool) -> None:
        """Take what a session says."""
        deaf = self.heeds is Heeds.PULSES or (self.heeds is Heeds.NEGOTIATED and not negotiated)
        self.told_amps = max(amps, self.told_amps or 0.0) if deaf else amps

    @property
    def _allowed(self) -> float:
        match self.signal:
            case Digital():
                return self.told_amps or 0.0
            case Limit() as pulses:
                offered = offered_amps(duty_cycle(pulses))
                return offered if self.told_amps is None else min(offered, self.told_amps)
            case _:
                return 0.0

    def follow(self, now: float) -> float | None:
        """Take note that something has changed; return what it draws, if that has changed."""
        if not self.mains and self.drawn:
            self.drawn, self.deadline = 0.0, None
            return self.drawn
        if self.wanted == self.drawn:
            self.deadline = None
        elif self.deadline is None:
            self.deadline = now + self.follow_seconds
        return None

    def tick(self, now: float) -> float | None:
        """Draw what may be drawn, if it is time; return it, if it has changed."""
        if self.deadline is None or now < self.deadline:
            return None
        self.drawn, self.deadline = self.wanted, None
        return self.drawn
