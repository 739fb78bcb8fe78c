"""Limits that are known beforehand: by a timetable that holds every day, or said for once.

A plan is a list of steps: from each of these moments on, so many amperes per phase, or no
limit. Its moments are those of machines. What people write are times of day, and these are of a
place, whose clock is put forward and back: a `Place` knows the moments that they stand for, and
`Schedule` says them anew where the clock was set, and before they run out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from seccstack.energy.arbiter import MOST_STEPS, SCHEDULE, LimitPlanned, Step
from seccstack.errors import UsageError

TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
LOOK = 60.0  # seconds; how soon a clock that was set is noticed
SET = 2.0  # seconds by which clocks part within a LOOK only if one is set
DAYS = MOST_STEPS  # with one step a day no plan is longer


class Place(Protocol):
    """Where times of day are told; moments are seconds since 1970, days have numbers."""

    def day(self, moment: float) -> int:
        """Return which day it is."""

    def moment(self, day: int, minute: int) -> float:
        """Return when it is so many minutes after midnight by that day's clock."""

    def read(self, text: str) -> float:
        """Read a moment of any day; UsageError says what is none."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """From each time of day on, which is in minutes, so many amperes."""

    times: tuple[tuple[int, float], ...]
    place: Place

    def __post_init__(self) -> None:
        minutes = [minute for minute, _ in self.times]
        if not 1 <= len(minutes) <= MOST_STEPS or minutes != sorted(set(minutes)):
            raise UsageError(f"a timetable has 1 to {MOST_STEPS} times, each of them once")

    def plan(self, wall: float, now: float) -> tuple[Step, ...]:
        """Return what holds from ``now`` on; ``wall``: that moment, in seconds since 1970.

        The last step is the least of all there are, as what follows it is not said.
        """
        known = sorted(self._moments(self.place.day(wall)), key=lambda step: step[0])
        begun = [amps for at, amps in known if at <= wall]
        to_come = [(now + at - wall, amps) for at, amps in known if at > wall]
        steps = list(_changes([(now, begun[-1]), *to_come]))
        if len(steps) < 2:
            return tuple(steps)
        kept = steps[: MOST_STEPS - 1]
        at = steps[len(kept)][0] if len(steps) > len(kept) else kept.pop()[0]
        return (*kept, (at, min(amps for _, amps in self.times)))

    def _moments(self, today: int) -> Iterable[tuple[float, float]]:
        for day in range(today - 1, today + DAYS + 1):
            for minute, amps in self.times:
                yield self.place.moment(day, minute), amps


def timetable_of(times: Mapping[str, float], place: Place) -> Timetable:
    """Read times of day, as in 22:00; UsageError says which is none."""
    found = {minute_of(text): float(amps) for text, amps in times.items()}
    return Timetable(tuple(sorted(found.items())), place)


def minute_of(text: str) -> int:
    """Read a time of day."""
    found = TIME.fullmatch(text)
    if found is None:
        raise UsageError(f"{text!r} is no time of day; give one as in 06:30 or 22:00")
    return int(found[1]) * 60 + int(found[2])


@dataclass(frozen=True, slots=True)
class Clock:
    """One moment, as machines have it and as people do."""

    now: float
    wall: float
    place: Place

    def at(self, text: str) -> float:
        """Read a moment: now, the next such time of day, or one of any day."""
        if text == "now":
            return self.now
        moment = self._next(text) if TIME.fullmatch(text) else self.place.read(text)
        return self.now + moment - self.wall

    def _next(self, text: str) -> float:
        minute, today = minute_of(text), self.place.day(self.wall)
        moments = (self.place.moment(day, minute) for day in range(today, today + 3))
        return next(moment for moment in moments if moment > self.wall)


def plan_of(said: Sequence[tuple[str, float | None]], clock: Clock) -> tuple[Step, ...]:
    """Read a plan for once; what has begun already begins now."""
    if not 1 <= len(said) <= MOST_STEPS:
        raise UsageError(f"a forecast has 1 to {MOST_STEPS} steps; not {len(said)}")
    for text, amps in said:
        if amps is not None and not (math.isfinite(amps) and amps >= 0):
            raise UsageError(f"{amps!r} from {text} on is no number of amperes")
    steps = sorted(((clock.at(text), amps) for text, amps in said), key=lambda step: step[0])
    begun = [amps for at, amps in steps if at <= clock.now]
    to_come = [step for step in steps if step[0] > clock.now]
    moments = [at for at, _ in to_come]
    if len(set(moments)) != len(moments):
        raise UsageError("two steps begin at the same moment")
    return (*([(clock.now, begun[-1])] if begun else []), *to_come)


def _changes(steps: Iterable[tuple[float, float]]) -> Iterable[tuple[float, float]]:
    before: float | None = None
    for at, amps in steps:
        if amps != before:
            yield at, amps
        before = amps


# What is asked for, and told.


@dataclass(frozen=True, slots=True)
class ReadClock:
    """Say what time it is."""


@dataclass(frozen=True, slots=True)
class ClockRead:
    """It is so many seconds after 1970."""

    wall: float


@dataclass(slots=True)
class Schedule:
    """Says a timetable's plan whenever the one before is no longer right."""

    timetable: Timetable
    deadline: float | None = field(default=0.0, init=False)
    _parted: float | None = field(default=None, init=False)  # the clocks, at the last plan
    _until: float = field(default=math.inf, init=False)  # half of that plan is over then

    def receive(self, event: ClockRead, now: float) -> Sequence[LimitPlanned]:
        """Take the time of day."""
        self.deadline = now + LOOK
        parted = event.wall - now
        if self._parted is not None and abs(parted - self._parted) <= SET and now < self._until:
            return []
        steps = self.timetable.plan(event.wall, now)
        self._parted = parted
        self._until = math.inf if len(steps) < 2 else (now + steps[-1][0]) / 2
        return [LimitPlanned(SCHEDULE, steps)]

    def tick(self, now: float) -> Sequence[ReadClock]:
        """Look at the clock."""
        if self.deadline is None or now < self.deadline:
            return []
        self.deadline = None
        return [ReadClock()]
