"""Waking a vehicle that sleeps once there is energy again, and not more often than it bears.

Theory of operation
-------------------
A vehicle that we have left without an offer may fall asleep, and not see the pulses that come
back. So if it does not ask for energy within a while of them, it is woken: by an edge (X1, then
pulses), and, where state F is allowed, by that; a way that has worked before comes first. Each
attempt is given twice as long as the one before. There are only so many of them per plug-in,
and fewer for a vehicle that is known to refuse after fewer: some stop for good. One is always
worth it: who was full, or had a clock, looks as if it had refused.

A vehicle that has ended its charge itself, while it was offered energy, is full, and is left
alone until it asks. So is one that has not asked for any yet: it may have a clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from seccstack.energy.watchdog_events import Arrived

AWAIT_SECONDS = 30.0  # as long as others wait for a vehicle that reacts to pulses at all


@dataclass(frozen=True, slots=True)
class Offered:
    """The line offers energy now, or not any more; ``pulses``: by a current, not by 5 %."""

    on: bool
    pulses: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """The vehicle asks for energy (state C or D), or not any more."""

    on: bool


@dataclass(frozen=True, slots=True)
class WakesKnown:
    """``by_fault``: state F has woken it before; ``refused``: at so many it did not follow."""

    by_fault: bool
    refused: int | None = None


Event = Arrived | Offered | Asked | WakesKnown


@dataclass(frozen=True, slots=True)
class Wake:
    """Wake it, by state F or by an edge."""

    by_fault: bool


@dataclass(frozen=True, slots=True)
class WakeEnded:
    """It asks for energy, or does not, after it was woken the ``nth`` time."""

    by_fault: bool
    nth: int
    worked: bool


Action = Wake | WakeEnded


class Waker:
    """One outlet's; ``most``: attempts per plug-in, ``faults``: whether state F is allowed."""

    def __init__(self, most: int, faults: bool) -> None:
        self._most, self._faults = most, faults
        self._reset()

    def _reset(self) -> None:
        self._offered = self._asked = False
        self._left_by_us = False  # it asked, and was offered nothing any more
        self._by_fault_first = False
        self._budget = self._most
        self._tries: list[bool] = []  # by state F?
        self._trying = False  # the last of them is not over
        self._worked = False  # it did
        self.deadline: float | None = None

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event; what was overdue comes first."""
        actions = [*self.tick(now)]
        match event:
            case Arrived():
                self._reset()
            case WakesKnown(by_fault, refused):
                self._by_fault_first = by_fault and self._faults
                most = self._most if refused is None else max(refused - 1, min(refused, 1))
                self._budget = min(self._most, most)
            case Offered(on, pulses):
                self._offer(on, pulses, now)
            case Asked(on):
                actions += self._ask(on)
            case _:
                assert_never(event)
        return actions

    def tick(self, now: float) -> Sequence[Action]:
        """Let the deadline pass."""
        if self.deadline is None or now < self.deadline:
            return []
        actions: list[Action] = [*self._ended(worked=False)]
        self.deadline = None
        if len(self._tries) < self._budget:
            by_fault = self._next
            self._tries.append(by_fault)
            self._trying = True
            self.deadline = now + AWAIT_SECONDS * 2 ** len(self._tries)
            actions.append(Wake(by_fault))
        return actions

    @property
    def _next(self) -> bool:
        """Whether it is woken by state F now: as it worked last, or else in turns."""
        if not self._tries:
            return self._by_fault_first
        last = self._tries[-1]
        return last if self._worked else self._faults and not last

    def _offer(self, on: bool, pulses: bool, now: float) -> None:
        before, self._offered = self._offered, on
        if before and not on and self._asked:
            self._left_by_us = True
        if on and pulses and self._left_by_us and not self._asked and self.deadline is None:
            self.deadline = now + AWAIT_SECONDS

    def _ask(self, on: bool) -> Sequence[Action]:
        before, self._asked = self._asked, on
        if not on:
            self._left_by_us = self._left_by_us or (before and not self._offered)
            return []
        self._left_by_us = False
        if self.deadline is None:
            return []
        self.deadline = None
        return self._ended(worked=True)

    def _ended(self, worked: bool) -> Sequence[Action]:
        if not self._trying:
            return []
        self._trying, self._worked = False, worked
        return [WakeEnded(self._tries[-1], len(self._tries), worked)]
