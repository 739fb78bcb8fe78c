"""A charger's end and a microcontroller, with a serial line between them, in virtual time."""

import heapq
import itertools
import math

from hypothesis import strategies as st

from seccstack.pilot.limits import ContactorChanged, PilotChanged
from seccstack.pilot.link import (
    Attached,
    ContactorWanted,
    Detached,
    HostLink,
    OctetsReceived,
    SendOctets,
    SignalWanted,
)
from seccstack.pilot.port import (
    ContactorState,
    Digital,
    Fault,
    Limit,
    PilotState,
    Sensed,
    Steady,
)
from seccstack.pilot.wire import Begin, Change, Heard, Identity, Order, Status, Trouble, encode
from seccstack.sim import pilot
from seccstack.sim.microcontroller import (
    Died,
    HostSent,
    Microcontroller,
    Reset,
    SendToHost,
    SensorsRead,
    TroubleFound,
)

# What either end may be told; session 1 is the first.
ANSWERED = OctetsReceived(encode(Identity(1, 1000, 1, "made up")))
NUMBERS = st.integers(1, 4)
FROM_MCU = st.one_of(
    st.builds(
        Status,
        st.integers(0, 2),
        NUMBERS,
        st.sampled_from(Trouble),
        st.sampled_from([Sensed(), Sensed(220.0, 40.0, True)]),
    ),
    st.builds(Change, NUMBERS, NUMBERS, st.sampled_from([*PilotState, *ContactorState])),
    st.builds(Identity, NUMBERS, st.just(1000), st.just(2), st.just("made up")),
)
TO_MCU = st.one_of(
    st.builds(Begin, NUMBERS),
    st.builds(Order, NUMBERS, NUMBERS, st.sampled_from([0, 600, 3200, 12000]), NUMBERS),
    st.builds(Heard, NUMBERS, NUMBERS),
)
HOST_EVENTS = st.one_of(
    FROM_MCU.map(encode).map(OctetsReceived),
    st.builds(OctetsReceived, st.binary(max_size=60)),
    st.sampled_from([Attached(), Detached("unplugged")]),
    st.builds(SignalWanted, st.sampled_from([Steady(), Digital(), Limit(16), Fault()])),
    st.builds(ContactorWanted, st.booleans()),
)
MCU_EVENTS = st.one_of(
    TO_MCU.map(encode).map(HostSent),
    st.builds(HostSent, st.binary(max_size=60)),
    st.sampled_from(
        [Reset(2), Died(), TroubleFound(Trouble.OTHER), SensorsRead(Sensed(celsius=40.0))]
    ),
)

STEPS_AT_MOST = 100_000


def is_the_lines(event):
    """Whether it happens to the line, and is not a microcontroller's own doing."""
    return not isinstance(event, pilot.Applied | pilot.ContactorCommanded)


def sound(octets):
    """What a line does that works."""
    return [(0.0012, octets)]


class Pair:
    """``told``: what the charger was told, and when; the lines are turned into bad ones."""

    def __init__(self, attached=True):
        self.link, self.mcu = HostLink(), Microcontroller()
        self.now = 0.0
        self.to_mcu = self.to_host = sound
        self.told, self.noticed, self.sent = [], [], []
        self._flying, self._numbers = [], itertools.count()
        self.mcu_gets(Reset(1))
        if attached:
            self.host_gets(Attached())

    def host_gets(self, event):
        self._host(self.link.receive(event, self.now))

    def mcu_gets(self, event):
        self._mcu(self.mcu.receive(event, self.now))

    def run(self, seconds):
        """Let so much time pass."""
        end = self.now + seconds
        for _ in range(STEPS_AT_MOST):
            due = min(self._due())
            if due > end:
                self.now = end
                return
            self.now = max(self.now, due)
            self._step()
        raise AssertionError("it never rests")

    def states(self):
        """All that the charger was told of vehicle and contactor, in order."""
        told = (action for _, action in self.told)
        return [
            action.state.value if isinstance(action, PilotChanged) else action.closed
            for action in told
            if isinstance(action, PilotChanged | ContactorChanged)
        ]

    def said(self, kind):
        return [action for _, action in self.told if isinstance(action, kind)]

    def _due(self):
        yield self._flying[0][0] if self._flying else math.inf
        for machine in (self.link, self.mcu):
            yield math.inf if machine.deadline is None else machine.deadline

    def _step(self):
        if self._flying and self._flying[0][0] <= self.now:
            _, _, gets, event = heapq.heappop(self._flying)
            gets(event)
        self._host(self.link.tick(self.now))
        self._mcu(self.mcu.tick(self.now))

    def _fly(self, line, octets, gets, kind):
        for delay, arrives in line(octets):
            flight = (self.now + delay, next(self._numbers), gets, kind(arrives))
            heapq.heappush(self._flying, flight)

    def _host(self, actions):
        for action in actions:
            if isinstance(action, SendOctets):
                self.sent.append(action.octets)
                self._fly(self.to_mcu, action.octets, self.mcu_gets, HostSent)
            else:
                self.told.append((self.now, action))

    def _mcu(self, actions):
        for action in actions:
            if isinstance(action, SendToHost):
                self._fly(self.to_host, action.octets, self.host_gets, OctetsReceived)
            else:
                self.noticed.append((self.now, action))
