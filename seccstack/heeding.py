"""Whether the vehicle heeds its limit: what the watchdog sees of it, and whom it sets on it.

How the vehicle is told its limit follows from who speaks: pulses, or a session, or, where it
pays by contract, a session that may tell it by a new schedule only; and on DC the output is
ours, and its power counts. On AC the contactor counts as closed as soon as it is told to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seccstack import events
from seccstack.energy import arbiter, output, supply
from seccstack.energy import watchdog_events as watchdog
from seccstack.energy.watchdog_events import Means, Step
from seccstack.parts import Parts
from seccstack.pilot import limits
from seccstack.pilot.port import Limit
from seccstack.session import events as session_events
from seccstack.timeline import told_amps


class Heeding:
    """Follows what crosses the outlet."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._means = Means.PULSES
        self._contract = False  # is what this session is paid by

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

    @property
    def _told_by(self) -> Means:
        if self._parts.output is not None:
            return Means.OUTPUT
        if self._parts.plug_in.session is None:
            return Means.PULSES
        return Means.SCHEDULE if self._contract else Means.MESSAGES

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
                return [watchdog.Measured(volts * amps / self._parts.watts(1.0))]
            case events.CurrentMeasured(amps) if not dc:
                return [watchdog.Measured(amps)]
            case events.CurrentLost() if not dc:
                return [watchdog.MeasuringEnded()]
            case limits.Apply(Limit(amps)):
                return [watchdog.Told(amps)]
            case session_events.Exchanged(message=message):
                told = told_amps(message)
                return [] if told is None else [watchdog.Told(told)]
            case _:
                return []

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
