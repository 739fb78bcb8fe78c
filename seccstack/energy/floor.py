"""The least current that a vehicle really follows, found by a careful search with a meter.

Theory of operation
-------------------
Pulses can't say less than 6 A; ISO 15118 can, and some vehicles follow far below that, whatever
they declare: on three phases that is the difference between 4.1 kW and 1.9 kW of sun. What a
vehicle declares as its least current is a hint, and no more: some declare 1 A and need 6, some
declare 6 and follow 2.8. If it declares more than 6 A, that is where the search begins.

`FloorChanged` says what is worth offering. It begins with 6 A. Once the limit is there, that is
when no more than this is to be had, and the meter shows for some seconds that the vehicle draws
what it was told, the floor is lowered by a small step. Whoever shares out the sun may then
offer a little less, and does so if there is no more. So nothing is ever tried that nobody has
asked for, and no limit is exceeded by the search: it is the source that comes down.

A vehicle that stops drawing, or opens its switch, has shown where its floor is: the step before
holds again. One that does not come back with that, or ends its session within a minute of being
told little, is not trusted with less than 6 A at all. One that goes on drawing more than it was
told does not follow. Whatever ends the search ends it for good: `Found` says so, and what is
known is used at once the next time.

Nothing is searched by pulses, by a schedule, without a meter, or if it is configured off. A
limit that is lower for other reasons is told as it is, and what the vehicle makes of it is
watched: it bounds the search, which need not go there. Once it is known what a vehicle refuses,
less than that is nothing to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from seccstack.energy.watchdog_events import (
    LEAST_AMPS,
    Arrived,
    LimitSet,
    Means,
    MeansChanged,
    Measured,
    MeasuringEnded,
    ReactionKnown,
    Supplied,
    Told,
)

STEP = 0.2  # amperes; what the messages can say is 0.1, what a meter can tell is more
LEAST_SOUGHT = 2.0  # amperes; a vehicle that follows less wastes more than it charges
MOST_DECLARED = 10.0  # amperes; who declares more does not know what is asked
HOLD = 5.0  # seconds that a vehicle must follow before it is asked to follow less
PATIENCE = 15.0  # seconds that it may take over a step; as slow as any that obeys
RESUME = 30.0  # seconds to come back to what it drew before
SUSPECT = 60.0  # seconds after being told little, in which an end is its answer to that
NOTHING = 0.5  # amperes; below it nothing is drawn, whatever the meter says
WITHIN = 0.3  # amperes above what it was told that are the meter's
SHARE = 0.5  # of what it was told, below which it draws little for reasons of its own
DIGITS = 1
SAME = 0.05  # amperes; half of what the messages can say
UNASKED = "no less was asked for"


@dataclass(frozen=True, slots=True)
class Settings:
    """``search``: whether less than 6 A is tried at all; else only what is known is used."""

    search: bool = True


DEFAULTS = Settings()

# Events, beside those of the watchdog.


@dataclass(frozen=True, slots=True)
class FloorKnown:
    """This vehicle is known to follow so little; ``final``: and nothing below it."""

    amps: float
    final: bool


@dataclass(frozen=True, slots=True)
class Declared:
    """It declares that it needs so much."""

    amps: float


@dataclass(frozen=True, slots=True)
class Speaks:
    """It can be told little: by messages, now or as soon as it is asked to speak; or not."""

    on: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """It has opened its switch by itself."""


@dataclass(frozen=True, slots=True)
class Ended:
    """Its session has ended, or the pilot shows a fault."""


@dataclass(frozen=True, slots=True)
class Excused:
    """What happens now is no answer of the vehicle's: it is unplugged, or told to stop."""


Event = (
    Arrived
    | ReactionKnown
    | MeansChanged
    | Supplied
    | LimitSet
    | Told
    | Measured
    | MeasuringEnded
    | FloorKnown
    | Declared
    | Speaks
    | Opened
    | Ended
    | Excused
)

# Actions.


@dataclass(frozen=True, slots=True)
class FloorChanged:
    """No less than this is worth offering; less than ``refused`` is nothing to it."""

    amps: float
    refused: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """This much it follows; ``final``: and nothing below it, because of ``why``."""

    amps: float
    final: bool
    why: str


Action = FloorChanged | Found


class Seen(Enum):
    """What a vehicle makes of what it was told."""

    FOLLOWS = "it follows"
    STOPPED = "it stopped drawing"
    EXCEEDS = "it draws more than it was told"
    OPENED = "it opened its switch"


class Floor:
    """One outlet's."""

    def __init__(self, settings: Settings = DEFAULTS) -> None:
        self._settings = settings
        self._means = Means.PULSES
        self._limit = 0.0
        self._supplied = self._speaks = False
        self._drawn: float | None = None
        self._announced = FloorChanged(LEAST_AMPS)
        self._reset()

    def _reset(self) -> None:
        self._base = LEAST_AMPS
        self._floor = LEAST_AMPS
        self._proven: float | None = None  # the least that it has followed
        self._known: float | None = None  # the same, as far as it was told
        self._bottom = LEAST_SOUGHT  # of the search
        self._over = False  # the search
        self._excused = False
        self._told: float | None = None
        self._little_since: float | None = None  # told less than 6 A, since then
        self._seen: Seen | None = None
        self._since: float | None = None
        self._resume_by: float | None = None

    # The machine.

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        return min((d for d in (self._due, self._resume_by) if d is not None), default=None)

    @property
    def _due(self) -> float | None:
        if self._since is None:
            return None
        return self._since + (HOLD if self._seen is Seen.FOLLOWS else PATIENCE)

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event; what was overdue comes first."""
        actions = [*self.tick(now)]
        match event:
            case Arrived():
                self._reset()
            case FloorKnown(amps, final):
                self._know(amps, final)
            case Declared(amps):
                self._hint(amps)
            case Speaks(on):
                self._speaks = on
            case MeansChanged(means):
                self._means = means
            case Supplied(on):
                actions += self._supply(on)
            case LimitSet(amps):
                self._limit = amps
            case Told(amps):
                self._tell(amps, now)
            case Measured(amps):
                self._drawn = amps
            case MeasuringEnded():
                self._drawn = None
            case Opened():
                actions += self._opened(now)
            case Ended():
                actions += self._ended(now)
            case Excused():
                self._excused = True
                self._little_since = self._resume_by = self._told = None
                actions += self._report(UNASKED, final=False)
            case ReactionKnown():
                pass
            case _:
                assert_never(event)
        self._judge(now)
        return [*actions, *self._announce()]

    def tick(self, now: float) -> Sequence[Action]:
        """Let every deadline up to now pass."""
        actions: list[Action] = []
        if self._resume_by is not None and self._resume_by <= now:
            self._resume_by = None
            actions += self._distrust("it did not come back to what it drew before")
        if self._due is not None and self._due <= now:
            actions += self._conclude(now)
            self._judge(now)
        return [*actions, *self._announce()]

    # What is told.

    def _know(self, amps: float, final: bool) -> None:
        amps = min(max(amps, LEAST_SOUGHT), MOST_DECLARED)  # others may have written it
        self._proven = self._known = self._floor = amps
        self._base, self._over = max(LEAST_AMPS, amps), final

    def _hint(self, amps: float) -> None:
        if self._proven is None and LEAST_AMPS < amps <= MOST_DECLARED:
            self._base = self._floor = amps

    def _supply(self, on: bool) -> Sequence[Action]:
        self._supplied = on
        if on:
            self._excused = False
            return []
        self._told = None
        self._floor = self._best  # it begins with what it is known to follow
        return self._report(UNASKED, final=False)

    def _tell(self, amps: float, now: float) -> None:
        if self._excused:
            return
        self._told = amps
        if not 0 < amps < self._base:
            self._little_since = None
        elif self._little_since is None:
            self._little_since = now

    # What it makes of that.

    @property
    def _best(self) -> float:
        return self._base if self._proven is None else self._proven

    def _judge(self, now: float) -> None:
        seen = self._look()
        if seen is not self._seen:
            self._seen, self._since = seen, None if seen is None else now
        drawn = self._drawn or 0.0
        if self._resume_by is not None and drawn >= NOTHING:
            self._resume_by = None

    def _look(self) -> Seen | None:
        """Say what is seen at the present limit, if that is something to be learned from."""
        limit, drawn, told = self._limit, self._drawn, self._told
        able = self._supplied and self._means is Means.MESSAGES and self._settings.search
        if not able or self._over or drawn is None or told is None:
            return None
        if told > limit + SAME or not self._bottom <= limit <= self._floor:
            return None
        if drawn > limit + WITHIN:
            return Seen.EXCEEDS if limit < self._base else None
        if drawn < NOTHING:
            return Seen.STOPPED if limit < self._base else None
        return Seen.FOLLOWS if drawn >= limit * SHARE else None

    def _conclude(self, now: float) -> Sequence[Action]:
        seen, self._seen, self._since = self._seen, None, None
        if seen in (Seen.STOPPED, Seen.EXCEEDS):
            return self._failed(seen, now)
        self._proven = self._limit
        self._floor = max(round(self._limit - STEP, DIGITS), self._bottom)
        if self._floor < self._limit:
            return []
        self._over = True
        return self._report("less is not sought", final=True)

    def _failed(self, seen: Seen, now: float) -> Sequence[Action]:
        """It does not follow so little; a long way below what it does follow says not much."""
        jumped = self._limit < round(self._best - STEP, DIGITS)
        if seen is Seen.EXCEEDS:  # which shows two steps late
            self._proven = min(self._base, round(self._limit + 2 * STEP, DIGITS))
        self._over, self._floor = not jumped, self._best
        self._bottom = round(self._limit + STEP, DIGITS)
        self._resume_by = now + RESUME
        return self._report(seen.value, final=self._over)

    def _opened(self, now: float) -> Sequence[Action]:
        """It has had enough: of the step that it was on, or of being told so little."""
        if self._since is not None and self._limit < self._base:
            self._since = self._seen = None
            return self._failed(Seen.OPENED, now)
        return self._distrust(Seen.OPENED.value) if self._suspect(now) else []

    def _ended(self, now: float) -> Sequence[Action]:
        return self._distrust("it ended its session") if self._suspect(now) else []

    def _suspect(self, now: float) -> bool:
        since = self._little_since
        return since is not None and now <= since + SUSPECT

    def _distrust(self, why: str) -> Sequence[Action]:
        self._over, self._proven, self._floor = True, self._base, self._base
        self._resume_by = self._little_since = None
        return self._report(why, final=True)

    # What is said.

    def _report(self, why: str, final: bool) -> Sequence[Action]:
        proven = self._proven
        news = proven is not None and proven < self._base and proven != self._known
        if not (news or final):
            return []
        self._known = self._best
        return [Found(self._best, final, why)]

    def _announce(self) -> Sequence[Action]:
        amps = self._floor if self._speaks else self._base
        refused = self._best if self._over and self._speaks else 0.0
        before, self._announced = self._announced, FloorChanged(amps, refused)
        return [] if before == self._announced else [self._announced]
