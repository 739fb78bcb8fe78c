"""The machines of one outlet, what they have in common, and the queue between them.

Whoever feeds a machine here has what comes of it queued, to be carried to whom it concerns; so
no machine is ever called from within another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any

from seccstack import admission, discovery, events
from seccstack.energy import arbiter
from seccstack.outlet import Settings
from seccstack.pilot import limits
from seccstack.pilot.phases import Talking
from seccstack.plugin import PlugIn
from seccstack.session import events as session_events
from seccstack.session.plant import Plant
from seccstack.slac import station


class Parts:
    """``plug_in`` is dropped with the vehicle; the rest outlives it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.station = station.Station(settings.slac)
        self.discovery = discovery.Discovery(settings.tls)
        self.admission = admission.Admission(settings.access)
        self.arbiter = arbiter.Arbiter(fail_safe_amps=settings.safe_amps)
        self.pilot = limits.PilotLimits(settings.pilot)
        self.plug_in = PlugIn()
        self.plant = Plant(limit_amps=self.arbiter.limit.amps)  # without what a session adds
        self.pending: deque[Any] = deque()
        self._out: list[events.Action] = []
        rating = arbiter.LimitOffered(arbiter.INSTALLATION, settings.rated_amps)
        self.feed(self.arbiter, rating, 0.0)

    def machines(self) -> Sequence[Any]:
        """All of them, in the order of their turns."""
        session, plug_in = self.plug_in.session, self.plug_in
        always = [plug_in, self.pilot, self.station, self.admission, self.arbiter]
        return always if session is None else [session, *always]

    @property
    def talking(self) -> bool:
        """Whether the pilot asks the vehicle to speak ISO 15118."""
        return isinstance(self.pilot.phase, Talking)

    def feed(self, machine: Any, event: Any, now: float) -> None:
        """Give an event to a machine."""
        self.pending.extend(machine.receive(event, now))

    def tell_session(self, event: Any, now: float) -> None:
        """Give an event to the session, if there is one."""
        if self.plug_in.session is not None:
            self.feed(self.plug_in.session, event, now)

    def share(self, change: session_events.Change, now: float) -> None:
        """Let the session of now, and every later one, know what is the case."""
        self.plant.take(change)
        self.tell_session(change, now)

    def emit(self, action: events.Action) -> None:
        """Hand an action to the world."""
        self._out.append(action)

    def note(self, event: str, **details: Any) -> None:
        """Tell the world what happened."""
        self.emit(events.Noted(event, details))

    def emitted(self) -> Sequence[events.Action]:
        """Return what is to be done about it all, in order, once."""
        out, self._out = self._out, []
        return out
