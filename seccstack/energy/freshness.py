"""How long a reading is believed: a meter that falls silent is lost, and it is known why.

The loss and the return are told once each, so that whoever reads along learns of states and not
of every attempt. A meter that never answered is lost, too, once the time for it is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seccstack.energy.reading import Reading


@dataclass(frozen=True, slots=True)
class Timed:
    """A reading, and when it was taken."""

    reading: Reading
    at: float


# Events.


@dataclass(frozen=True, slots=True)
class Answered:
    """The meter was read."""

    reading: Reading


@dataclass(frozen=True, slots=True)
class Failed:
    """It could not be."""

    why: str


# Actions.


@dataclass(frozen=True, slots=True)
class Found:
    """There are readings: for the first time, or again."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The last reading is too old to be believed, or there never was one."""

    why: str


Event = Answered | Failed
Action = Found | Lost


class Freshness:
    """One meter's, from ``now`` on."""

    def __init__(self, stale_seconds: float, now: float) -> None:
        self._stale_seconds = stale_seconds
        self._last: Timed | None = None
        self._since = now
        self._found = False
        self._lost = False
        self.trouble: str | None = "it was not read yet"

    @property
    def deadline(self) -> float | None:
        """When it will be lost, if nothing is heard of it."""
        return None if self._lost else self._since + self._stale_seconds

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take the outcome of an attempt."""
        if isinstance(event, Failed):
            self.trouble = event.why
            return self.tick(now)
        self._last, self._since = Timed(event.reading, now), now
        was, self._found = self._found and not self._lost, True
        self.trouble, self._lost = None, False
        return [] if was else [Found()]

    def tick(self, now: float) -> Sequence[Action]:
        """Notice that it has been silent for too long."""
        if self._lost or now < self._since + self._stale_seconds:
            return []
        self._lost = True
        self.trouble = self.trouble or "it is silent"
        return [Lost(self.trouble)]

    def believed(self, now: float) -> Timed | None:
        """Return the last reading, unless it is too old."""
        last = self._last
        return last if last is not None and now < last.at + self._stale_seconds else None
