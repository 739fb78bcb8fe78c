"""Habits of simulated vehicles: how little they follow, and how they sleep."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from seccstack.pilot.port import Digital, Fault, Limit, Signal


class Below(Enum):
    """What a vehicle does that is told less than it follows."""

    RESTS = "draws nothing"
    OPENS = "opens its switch, until it is told enough"
    ENDS = "ends its session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """``least_amps``: that it really follows; None: it is what it declares.

    It falls asleep when nothing was offered for ``sleeps_after`` seconds. Then it charges at
    the ``edges``-th time that pulses begin, or at the ``faults``-th state F; None: never.
    """

    least_amps: float | None = None
    below: Below = Below.RESTS
    sleeps_after: float = math.inf
    edges: int | None = 1
    faults: int | None = None


PLAIN = Habits()


class Sleep:
    """Whether one vehicle sleeps; it begins awake."""

    def __init__(self, habits: Habits) -> None:
        self._habits = habits
        self._idle_since: float | None = None
        self._edges = self._faults = 0
        self.deep = False

    def see(self, signal: Signal, now: float) -> None:
        """See what the pilot line carries now."""
        if isinstance(signal, Limit | Digital):
            self._offered(now)
        elif isinstance(signal, Fault):
            self._faults += 1
            self._stir()
        elif self._idle_since is None:
            self._idle_since = now

    def _offered(self, now: float) -> None:
        since, self._idle_since = self._idle_since, None
        if not self.deep and since is not None and now - since >= self._habits.sleeps_after:
            self.deep, self._edges, self._faults = True, 0, 0
        self._edges += since is not None
        self._stir()

    def _stir(self) -> None:
        needs = ((self._habits.edges, self._edges), (self._habits.faults, self._faults))
        if any(needed is not None and seen >= needed for needed, seen in needs):
            self.deep = False
