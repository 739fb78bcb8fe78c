"""Whether the vehicle heeds its limit: what the watchdog sees of it, and whom it sets on it.

How the vehicle is told its limit follows from who speaks: pulses, or a session, or, where it
pays by contract, a session that may tell it by a new schedule only; and on DC the output is
ours, and its power counts. On AC the contactor counts as closed as soon as it is told to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seccstack import events
from seccstack.energy import arbiter, output, supply, waking
from seccstack.energy import watchdog_events as watchdog
from seccstack.energy.obedience import Followed, Obedience
from seccstack.energy.reaction import reaction_of
from seccstack.energy.watchdog_events import Means, Step
from seccstack.experience import outcomes
from seccstack.experience.record import Wake
from seccstack.parts import Parts
from seccstack.pilot import limits
from seccstack.pilot.port import LEAST_AMPS, Digital, Limit, Steady
from seccstack.pilot.situation import DRAWING
from seccstack.searching import Searching
from seccstack.session import events as session_events
from seccstack.timeline import told_amps, told_watts

MOST_MEASURED = 8  # reactions kept per plug-in: a day in the sun has hundreds, all alike
FORCING = frozenset({Step.STOP, Step.X1, Step.CUT, Step.TRIP})  # these end what is drawn


class Heeding:
    """Follows what crosses the outlet."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._means = Means.PULSES
        self.searching = Searching(parts)
        self._contract = False  # is what this session is paid by
        self._obedience = Obedience(most=1)  # of the present limit; the chronicle keeps all
        self._measured = 0  # reactions of this vehicle
        self._react: float | None = None  # what it is given, as it is known

    def follow(self, crossing: Any, now: float) -> None:
        """Let the watchdog have what it needs of an event or an action."""
        if isinstance(crossing, session_events.ContractProven | events.StreamOpened):
            self._contract = isinstance(crossing, session_events.ContractProven)
        seen = self._seen(crossing)
        if (means := self._told_by) is not self._means:
            self._means = means
            seen = [watchdog.MeansChanged(means), *seen]
        for event in seen:
            self._parts.feed(self._parts.watchdog, event, now)
        self.searching.follow(crossing, seen, self._means, now)
        self._say(self._followed(crossing, seen, now))
        for slept in _of_sleep(crossing):
            self._parts.feed(self._parts.waker, slept, now)

    @property
    def _told_by(self) -> Means:
        if self._parts.output is not None:
            return Means.OUTPUT
        if self._parts.plug_in.session is None:
            return Means.PULSES
        return Means.SCHEDULE if self._contract else Means.MESSAGES

    def _followed(
        self, crossing: Any, seen: Sequence[watchdog.Event], now: float
    ) -> Sequence[Followed]:
        """Note what becomes of the present limit."""
        match crossing:
            case arbiter.LimitChanged(amps, source):
                self._obedience.set(now, amps, source)
            case limits.PluggedIn():
                limit = self._parts.arbiter.limit
                self._obedience, self._measured = Obedience(most=1), 0
                self._react = None
                self._obedience.set(now, limit.amps, limit.source)
            case limits.Apply(Steady()) if self._told_nothing:
                return self._obedience.tell(0.0, now)
            case limits.SetContactor(False) | supply.SetOutput(volts=0.0):
                self._obedience.force()
            case _:
                pass
        match seen:
            case [*_, watchdog.Told(amps)]:
                return self._obedience.tell(amps, now)
            case [*_, watchdog.Measured(amps)]:
                return self._obedience.measure(amps, now)
            case _:
                return ()

    @property
    def _told_nothing(self) -> bool:
        """Whether a limit is too small for pulses to tell it, so that none do."""
        present = self._obedience.present
        return present is not None and present.amps < LEAST_AMPS

    def _say(self, followed: Sequence[Followed]) -> None:
        """Tell what has become of it; being told and obeying at once is one thing."""
        record, note = self._obedience.present, self._parts.note
        if record is None or not self._parts.plug_in.number:
            return
        details = {"amps": record.amps, "source": record.source, "told_ms": record.told_ms}
        if Followed.OBEYED in followed:
            note("limit obeyed", **details, obeyed_ms=record.obeyed_ms)
            self._learn(record.reaction)
        elif Followed.TOLD in followed:
            note("limit told", **details)

    def _learn(self, seconds: float | None) -> None:
        """Keep what it has taken, for when it is back."""
        if seconds is not None and self._measured < MOST_MEASURED:
            self._measured += 1
            self._parts.pending.append(outcomes.Followed(seconds))

    def recall(self, now: float) -> None:
        """It is known how this vehicle behaves: it is given as long as it takes."""
        known, settings = self._parts.course.known, self._parts.settings.watchdog
        slowest, times = known.follows_within, len(known.follows)
        seconds = reaction_of(slowest, times, settings.react_seconds)
        if seconds is not None and seconds != self._react:
            self._react = seconds
            self._parts.feed(self._parts.watchdog, watchdog.ReactionKnown(seconds), now)
            self._parts.note("reaction", seconds=round(seconds, 1), times=times)
        self.searching.recall(known, now)
        by_fault = known.best_waking is Wake.FAULT
        told = waking.WakesKnown(by_fault, known.wakes_refused)
        self._parts.feed(self._parts.waker, told, now)
        self._parts.feed(self._parts.pilot, limits.WakesKnown(known.wakes_refused), now)

    def woken(self, ended: waking.WakeEnded) -> None:
        """It was woken, or was not: that is worth knowing the next time."""
        self._parts.note("wake ended", worked=ended.worked, times=ended.nth)
        way = Wake.FAULT if ended.by_fault else Wake.PULSES
        self._parts.pending.append(outcomes.Woken(way, ended.nth, ended.worked))

    def _seen(self, crossing: Any) -> Sequence[watchdog.Event]:
        dc = self._parts.output is not None
        match crossing:
            case limits.PluggedIn():
                return [watchdog.Arrived()]
            case arbiter.LimitChanged(amps):
                return [watchdog.LimitSet(amps)]
            case limits.SetContactor(closed) if not dc:
                return [watchdog.Supplied(closed)]
            case supply.SetOutput(volts):
                return [watchdog.Supplied(volts > 0)]
            case supply.OutputMeasured(volts, amps) if dc:
                return [watchdog.Measured(abs(volts * amps) / self._parts.watts(1.0))]
            case events.CurrentMeasured(amps) if not dc:
                return [watchdog.Measured(abs(amps))]
            case events.CurrentLost() if not dc:
                return [watchdog.MeasuringEnded()]
            case limits.Apply(Limit(amps)):
                return [watchdog.Told(amps)]
            case session_events.Exchanged(message=message):
                told = self._told(message)
                return [] if told is None else [watchdog.Told(told)]
            case _:
                return []

    def _told(self, message: Any) -> float | None:
        """Return the current per phase that it tells; on DC, what its power would come to."""
        if (amps := told_amps(message)) is not None:
            return amps
        watts = told_watts(message)
        return None if watts is None else watts / self._parts.watts(1.0)

    def step(self, stepped: watchdog.Stepped, now: float) -> None:
        """Take a rung of the ladder; what is to stop for good, stops for good."""
        parts = self._parts
        parts.note(
            "limit ignored",
            step=stepped.step.value,
            amps=stepped.limit_amps,
            drawn=round(stepped.drawn_amps, 3),
            seconds=stepped.seconds,
        )
        if stepped.step in FORCING:
            self._obedience.force()
        match stepped.step:
            case Step.RENEGOTIATE:
                parts.tell_session(session_events.Renegotiate(stepped.why), now)
            case Step.STOP if stepped.lasting:
                self._stop_once(stepped.why, now)
            case Step.STOP:
                parts.feed(parts.pilot, limits.LimitIgnored(overdue=False), now)
            case Step.X1:
                if stepped.lasting:
                    self._stop_once(stepped.why, now)
                parts.feed(parts.pilot, limits.LimitIgnored(overdue=True), now)
            case Step.CUT | Step.TRIP:
                self._stop_once(stepped.why, now)
                parts.guard(output.Authorised(False), now)
                parts.feed(parts.pilot, limits.AuthorisationEnded(), now)
            case _:
                pass

    def _stop_once(self, why: str, now: float) -> None:
        if self._parts.plug_in.stop is None:
            self.stop(why, now)

    def stop(self, why: str, now: float) -> None:
        """This charge is to end in order, and no other is to follow it."""
        parts = self._parts
        parts.note("stop wanted", why=why)
        parts.plug_in.stop = why
        parts.feed(parts.pilot, limits.StopWanted(why), now)
        parts.tell_session(session_events.StopCharging(why), now)


def _of_sleep(crossing: Any) -> Sequence[waking.Event]:
    """Return what of it says that a vehicle is left, or asks for energy."""
    match crossing:
        case limits.PluggedIn():
            return [watchdog.Arrived()]
        case limits.Apply(signal):
            pulses = isinstance(signal, Limit)
            return [waking.Offered(pulses or isinstance(signal, Digital), pulses)]
        case limits.StopRequested():
            return [waking.Offered(on=False)]
        case limits.PilotChanged(state):
            return [waking.Asked(state in DRAWING)]
        case _:
            return []
