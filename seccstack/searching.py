"""Seeing how little a vehicle follows, and letting everybody use it: pilot, session and sun.

`seccstack.energy.floor` decides; here it is told what crosses the outlet, and what it says is
carried to whom it concerns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seccstack.energy import floor
from seccstack.energy import watchdog_events as watchdog
from seccstack.energy.watchdog_events import Means
from seccstack.experience.outcomes import FollowedDownTo
from seccstack.experience.record import Experience, Found
from seccstack.messages import iso2
from seccstack.parts import Parts
from seccstack.pilot import limits
from seccstack.pilot.phases import Rested, Talking
from seccstack.pilot.port import Fault, PilotState, Steady
from seccstack.pilot.settings import Start
from seccstack.session import events as session_events
from seccstack.session import scaled


class Searching:
    """Follows what crosses the outlet, and what the watchdog has made of that."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._speaks = False

    def follow(
        self, crossing: Any, seen: Sequence[watchdog.Event], means: Means, now: float
    ) -> None:
        """Let the search have what it needs of an event or an action."""
        if self._parts.output is not None:
            return  # on DC a vehicle says what it wants
        for event in (*_beside(crossing), *seen):
            self._feed(event, now)
        speaks = self._can_be_told(means)
        if speaks is not self._speaks:
            self._speaks = speaks
            self._feed(floor.Speaks(speaks), now)

    def _feed(self, event: floor.Event, now: float) -> None:
        self._parts.feed(self._parts.floor, event, now)

    def _can_be_told(self, means: Means) -> bool:
        """Whether it is told by messages, or will be when it is asked to speak again."""
        parts = self._parts
        if parts.plug_in.session is not None:
            return means is Means.MESSAGES
        phase = parts.pilot.phase
        rests = isinstance(phase, Rested) and phase.resume is Start.DIGITAL
        return rests or isinstance(phase, Talking)

    def recall(self, known: Experience, now: float) -> None:
        """It is known what this vehicle follows."""
        least = known.least
        if least is not None and least.found is Found.MEASURED:
            self._feed(floor.FloorKnown(least.amps, least.final), now)

    # What comes of it.

    def changed(self, change: floor.FloorChanged, now: float) -> None:
        """So much is worth offering to it; less than it refuses is nothing."""
        parts = self._parts
        parts.note("least current", amps=change.amps, refused=change.refused)
        parts.feed(parts.pilot, limits.LeastKnown(change.amps), now)
        parts.share(session_events.LeastChanged(change.amps), now)
        parts.emit(change)
        amps = parts.arbiter.limit.amps
        before, parts.refused_amps = parts.worth(amps), change.refused
        if (worth := parts.worth(amps)) != before:
            parts.feed(parts.pilot, limits.LimitSet(worth), now)
            parts.share(session_events.LimitChanged(worth), now)

    def found(self, found: floor.Found) -> None:
        """That it follows so little is known."""
        self._parts.note(
            "least current found", amps=found.amps, final=found.final, why=found.why
        )
        seen = FollowedDownTo(found.amps, Found.MEASURED, found.final)
        self._parts.pending.append(seen)


def _beside(crossing: Any) -> Sequence[floor.Event]:
    """Return what the watchdog does not need of it."""
    match crossing:
        case limits.PilotChanged(PilotState.CONNECTED):
            return [floor.Opened()]
        case session_events.SessionEnded() | limits.PilotFault():
            return [floor.Ended()]
        case (
            limits.PilotChanged(PilotState.NO_VEHICLE)
            | limits.StopWanted()
            | limits.StopRequested()
            | limits.Apply(Steady() | Fault())
        ):
            return [floor.Excused()]
        case session_events.Exchanged(message=iso2.V2G_Message(body=body)):
            return _declared(body)
        case _:
            return []


def _declared(body: Any) -> Sequence[floor.Event]:
    if not isinstance(body, iso2.ChargeParameterDiscoveryReq):
        return []
    parameter = body.ev_charge_parameter
    if not isinstance(parameter, iso2.AC_EVChargeParameter):
        return []
    return [floor.Declared(scaled.plain(parameter.ev_min_current))]
