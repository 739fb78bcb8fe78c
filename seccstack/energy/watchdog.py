"""Whether a vehicle keeps to its limit, by what the meter says; and what is done if not.

Theory of operation
-------------------
A limit that falls reaches a vehicle by pulses at once, by EVSEMaxCurrent with its next poll,
and by a new negotiation where it pays by contract. From when it was told, or should have been,
it has its *reaction time*; until that is over, the limit of before is still good. Whoever draws
more than it may for longer than that disobeys, and a ladder begins, each rung with its own
time: it is noted; it is asked to negotiate anew; it is asked to stop; X1; and the contactor is
opened under load. A vehicle that goes by pulses alone can't be asked: after another reaction
time comes X1.

A vehicle that draws no more than its limit, be it that the limit rises to what it draws, ends
the ladder; what it has been told to stop for stays told. It is remembered as long as it is
plugged in: the next ladder has no negotiation, the one after it no request, either. A limit
below what pulses can say is no reason to stop it for good: it may start again as soon as there
is enough, so it is asked to pause.

What is measured stands until it is measured anew, or `MeasuringEnded`. Without a measurement
nothing is known, and the ladder rests where it stands. With none ever it never begins, which is
said once. Apart from the ladder there is a bound: far too much for too long ends it all.

This machine takes away, and never gives: no action of it closes anything or raises a limit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import assert_never

from seccstack.energy.watchdog_events import (
    DEFAULTS,
    LEAST_AMPS,
    Action,
    Arrived,
    Event,
    LimitSet,
    Means,
    MeansChanged,
    Measured,
    MeasuringEnded,
    ReactionKnown,
    Settings,
    Step,
    Stepped,
    Supplied,
    Told,
    Unwatched,
)

NEGOTIATE_SECONDS = 15.0  # ours: PowerDelivery, ChargeParameterDiscovery, PowerDelivery
POLL_SECONDS = 2.0  # ours: vehicles ask every 0.2 to 1.5 s
OPEN_UNDER_LOAD = 7.0  # the pilot opens 6 s after X1; so if it has not, we do
METER_AMPS = 1.0  # what a household meter may err by; and half of it is not told, as trembling
METER_SHARE = 0.03  # the same, of a great current
WITHOUT_METER = 30.0  # ours: seconds of power until it is said that nobody measures it
MOST_GRACES = 32  # limits that were good a moment ago; each lasts for seconds
LEAST_REACTION = 1.0  # seconds; nobody is quicker than meter and poll can tell

TELLING = {
    Means.PULSES: 0.0,
    Means.MESSAGES: POLL_SECONDS,
    Means.SCHEDULE: NEGOTIATE_SECONDS,
    Means.OUTPUT: POLL_SECONDS,
}

LADDER = (Step.NOTED, Step.RENEGOTIATE, Step.STOP, Step.X1, Step.CUT)
REQUESTS = (Step.RENEGOTIATE, Step.STOP)
LAST = (Step.CUT, Step.TRIP)


@dataclass(frozen=True, slots=True)
class _Grace:
    """What was the limit is still good until then."""

    amps: float
    until: float


def tolerated(amps: float) -> float:
    """Return the greatest measurement that is still no more than this."""
    return amps + max(METER_AMPS, amps * METER_SHARE)


class Watchdog:
    """One outlet's; ``limit_amps``: what holds in the beginning."""

    def __init__(self, settings: Settings = DEFAULTS, limit_amps: float = 0.0) -> None:
        self._settings = settings
        self._limit = limit_amps
        self._means = Means.PULSES
        self._drawn: float | None = None
        self._measured = False  # ever
        self._supplied_at: float | None = None
        self._graces: deque[_Grace] = deque()
        self._over_since: float | None = None
        self._trip_since: float | None = None
        self._step: Step | None = None  # of the ladder, the last
        self._stepped_at = 0.0
        self._react = settings.react_seconds
        self._offences = 0  # of this vehicle

    # The machine.

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        moments = (self._due, self._trip_due, self._unwatched_due)
        return min((due for due in moments if due is not None), default=None)

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event; what was overdue comes first."""
        actions = [*self.tick(now)]
        self._clear_graces(now)
        match event:
            case Arrived():
                self._react, self._offences = self._settings.react_seconds, 0
                self._step = self._over_since = None
            case ReactionKnown(seconds):
                self._react = self._bounded(seconds)
            case MeansChanged(means):
                self._means = means
            case Supplied(on):
                self._supply(on, now)
            case LimitSet(amps):
                self._set(amps, now)
            case Told(amps):
                self._tell(amps, now)
            case Measured(amps):
                self._drawn, self._measured = amps, True
            case MeasuringEnded():
                self._drawn = None
            case _:
                assert_never(event)
        return [*actions, *self._judge(now), *self.tick(now)]

    def tick(self, now: float) -> Sequence[Action]:
        """Let every deadline up to now pass."""
        actions: list[Action] = []
        if (due := self._trip_due) is not None and due <= now:
            return [self._enter(Step.TRIP, now)]
        while (due := self._due) is not None and due <= now:
            actions.append(self._enter(self._next, now))
        if self._unwatched_due is not None and self._unwatched_due <= now:
            self._measured = True  # as good as: it is said
            actions.append(Unwatched())
        return actions

    # What is told.

    def _bounded(self, seconds: float) -> float:
        most = self._settings.trip_seconds
        return min(max(seconds, LEAST_REACTION), most) if isfinite(seconds) else self._react

    def _supply(self, on: bool, now: float) -> None:
        if on and self._supplied_at is None:
            self._supplied_at = now
        elif not on:
            self._supplied_at = None

    def _set(self, amps: float, now: float) -> None:
        before, self._limit = self._limit, amps
        while self._graces and self._graces[-1].amps <= amps:
            self._graces.pop()
        if amps >= before:
            return
        grace = _Grace(before, now + TELLING[self._means] + self._react)
        if len(self._graces) == MOST_GRACES:  # the greater stands for both
            grace = _Grace(self._graces.pop().amps, grace.until)
        self._graces.append(grace)

    def _tell(self, amps: float, now: float) -> None:
        """Being told, it has its reaction time and no more."""
        if amps <= self._limit:
            until = now + self._react
            graces = [_Grace(g.amps, min(g.until, until)) for g in self._graces]
            self._graces = deque(graces)

    def _clear_graces(self, now: float) -> None:
        self._graces = deque(grace for grace in self._graces if grace.until > now)

    # What follows.

    def _judge(self, now: float) -> Sequence[Action]:
        """See whether it draws too much, or has stopped to."""
        if self._supplied_at is None:
            return self._end(Step.OFF, now)
        drawn = self._drawn
        if drawn is None:
            self._over_since = self._trip_since = None
            return []
        if drawn <= self._trip_amps:
            self._trip_since = None
        elif self._trip_since is None:
            self._trip_since = now
        if drawn <= tolerated(self._limit):
            return self._end(Step.OBEYED, now)
        if self._over_since is None:  # a rung that it stands on has its whole time again
            self._over_since = self._stepped_at = now
        return []

    def _end(self, how: Step, now: float) -> Sequence[Action]:
        ended = [] if self._step is None else [self._said(how, now)]
        self._offences += len(ended)
        self._step = self._over_since = self._trip_since = None
        return ended

    def _enter(self, step: Step, now: float) -> Stepped:
        self._step, self._stepped_at = step, now
        return self._said(step, now)

    def _said(self, step: Step, now: float) -> Stepped:
        since = now if self._over_since is None else self._over_since
        drawn = 0.0 if self._drawn is None else self._drawn
        return Stepped(step, self._limit, drawn, round(now - since, 6))

    # When.

    @property
    def _due(self) -> float | None:
        """When the next rung is to be taken."""
        since = self._over_since
        if since is None or self._step in LAST:
            return None
        if self._step is None:
            return self._after_graces(since + self._react, 1.0)
        return self._stepped_at + self._wait

    @property
    def _wait(self) -> float:
        """How long the last rung is given."""
        match self._step:
            case Step.RENEGOTIATE:
                return self._settings.renegotiate_seconds
            case Step.STOP:
                return self._settings.stop_seconds
            case Step.X1:
                return OPEN_UNDER_LOAD
            case _:
                warned = self._means is Means.PULSES and not self._offences
                return self._react if warned else 0.0

    @property
    def _next(self) -> Step:
        skipped = REQUESTS if self._means is Means.PULSES else REQUESTS[: self._offences]
        above = LADDER if self._step is None else LADDER[LADDER.index(self._step) + 1 :]
        return next(step for step in above if step not in skipped)

    @property
    def _trip_amps(self) -> float:
        most = max(self._limit, LEAST_AMPS) * self._settings.trip_share
        return max(most, tolerated(self._limit))

    @property
    def _trip_due(self) -> float | None:
        """When it has drawn far too much for too long."""
        if self._trip_since is None or self._step in LAST:
            return None
        due = self._trip_since + self._settings.trip_seconds
        return self._after_graces(due, self._settings.trip_share)

    def _after_graces(self, due: float, share: float) -> float:
        """Return that, or when the last limit passes by which this would have been allowed."""
        drawn = self._drawn or 0.0
        good = [g.until for g in self._graces if drawn <= tolerated(g.amps) * share]
        return max([due, *good])

    @property
    def _unwatched_due(self) -> float | None:
        """When it is said that nobody measures."""
        if self._measured or self._supplied_at is None:
            return None
        return self._supplied_at + WITHOUT_METER
