"""The machine with a clock that only a test moves."""

from seccstack.pilot.limits import (
    Apply,
    Authorised,
    ContactorChanged,
    EnergyAllowed,
    HighLevelStarted,
    LimitSet,
    PilotChanged,
    SetContactor,
)
from seccstack.pilot.port import PilotState
from seccstack.pilot.sequences import PilotLimits
from seccstack.pilot.settings import Settings, Start

A, B, C, D, E, F = PilotState


class Outlet:
    """A `PilotLimits`, and all that it asked for: ``asked``, with times ``since``.

    A contactor that is ``sound`` does at once what it is told.
    """

    def __init__(self, **settings):
        self.machine = PilotLimits(Settings(**settings))
        self.now = 0.0
        self.since = []
        self.sound = True

    @property
    def asked(self):
        return [action for _, action in self.since]

    @property
    def signal(self):
        return [action.signal for action in self.asked if isinstance(action, Apply)][-1]

    @property
    def closed(self):
        return [action.closed for action in self.asked if isinstance(action, SetContactor)][-1]

    def tell(self, *events):
        """Tell it something now; return what it asks for."""
        return self._keep(
            [action for e in events for action in self.machine.receive(e, self.now)]
        )

    def wait(self, seconds):
        """Let time pass, with a tick at every deadline; return what it asks for, and when."""
        start, until = len(self.since), self.now + seconds
        while self.machine.deadline is not None and self.machine.deadline <= until:
            self.now = self.machine.deadline
            self._keep(self.machine.tick(self.now))
        self.now = until
        return [(round(at, 3), action) for at, action in self.since[start:]]

    def pilot(self, *states):
        return self.tell(*map(PilotChanged, states))

    def authorise(self):
        return self.tell(Authorised(self.machine.plug_in))

    def _keep(self, actions):
        self.since += [(self.now, action) for action in actions]
        for action in actions:
            if self.sound and isinstance(action, SetContactor):
                self.machine.receive(ContactorChanged(action.closed), self.now)
        return actions


def empty(limit=16.0, **settings):
    """An outlet without a vehicle, that may draw so much."""
    outlet = Outlet(**settings)
    outlet.pilot(A)
    outlet.tell(LimitSet(limit))
    return outlet


def talking(limit=16.0, **settings):
    """An authorised vehicle at 5 %, in a session that has not allowed energy yet."""
    outlet = empty(limit, **settings)
    outlet.now = -1.0
    outlet.pilot(B)
    outlet.tell(HighLevelStarted(in_session=True))
    outlet.authorise()
    outlet.wait(1.0)
    return outlet


def charging_by_session(limit=16.0, **settings):
    """A vehicle that draws energy at 5 %."""
    outlet = talking(limit, **settings)
    outlet.tell(EnergyAllowed(True))
    outlet.pilot(C)
    assert outlet.closed
    return outlet


def offering(limit=16.0, **settings):
    """An authorised vehicle at pulse width, in state B."""
    outlet = empty(limit, **{"start": Start.NOMINAL, **settings})
    outlet.now = -1.0
    outlet.pilot(B)
    outlet.authorise()
    outlet.wait(1.0)
    return outlet


def charging_by_pulses(limit=16.0, **settings):
    """A vehicle that draws energy at pulse width."""
    outlet = offering(limit, **settings)
    outlet.pilot(C)
    outlet.wait(10)
    assert outlet.closed
    return outlet
