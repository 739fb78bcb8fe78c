"""The simulated pilot line in real time, behind the port of a real one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import assert_never

from seccstack.adapters.driver import Driver
from seccstack.errors import UsageError
from seccstack.pilot.limits import ContactorChanged, PilotChanged
from seccstack.pilot.port import ContactorState, PilotState, Signal
from seccstack.pilot.signal import CONNECTED_OHMS, READY_OHMS, READY_VENTILATED_OHMS
from seccstack.sim.pilot import (
    OPEN_OHMS,
    SHORT_OHMS,
    Action,
    Applied,
    ContactorCommanded,
    ContactorDefect,
    DefectInjected,
    Event,
    SimPilot,
    VehicleConnected,
)

# A reader that is so far behind may have missed that one vehicle went and another came.
MAX_UNREAD = 256

OHMS = {
    PilotState.NO_VEHICLE: OPEN_OHMS,
    PilotState.CONNECTED: CONNECTED_OHMS,
    PilotState.READY: READY_OHMS,
    PilotState.READY_VENTILATED: READY_VENTILATED_OHMS,
    PilotState.SHORTED: SHORT_OHMS,
}

Report = PilotState | ContactorState


class SimulatedPilot:
    """A `PilotController` whose vehicle is turned by hand; made inside a running event loop."""

    def __init__(self) -> None:
        self._line = SimPilot()
        self._readers: list[_Reader] = []
        self._driver: Driver[Event, Action] = Driver(self._line, self._report)

    @property
    def signal(self) -> Signal:
        """What the line carries."""
        return self._line.signal

    async def apply(self, signal: Signal) -> None:
        """Drive the line."""
        self._driver.feed(Applied(signal))

    async def set_contactor(self, closed: bool) -> None:
        """Energise or release the coil."""
        self._driver.feed(ContactorCommanded(closed))

    async def states(self) -> AsyncIterator[Report]:
        """Yield the present pilot state, the contactor's, and then every change of either."""
        reader = _Reader(self._line.state, _position(self._line.closed))
        self._readers.append(reader)
        try:
            while True:
                yield await reader.next()
        finally:
            self._readers.remove(reader)

    def set_vehicle(self, state: PilotState) -> None:
        """Make the vehicle's side of the line say this; F is for the charger alone to say."""
        if state not in OHMS:
            raise UsageError(f"a vehicle cannot make state {state.value}")
        self.connect(OHMS[state])

    def connect(self, resistance_ohms: float, diode: bool = True) -> None:
        """Put a resistor at the end of the line."""
        self._driver.feed(VehicleConnected(resistance_ohms, diode))

    def break_contactor(self, defect: ContactorDefect) -> None:
        """Give the contactor a defect, or repair it."""
        self._driver.feed(DefectInjected(defect))

    def close(self) -> None:
        """Let the contactor stay where it is."""
        self._driver.close()

    def _report(self, action: Action) -> None:
        for reader in self._readers:
            reader.put(_report_of(action))


class _Reader:
    """What one iteration over the states has not read yet."""

    def __init__(self, *present: Report) -> None:
        self._unread: deque[Report] = deque(present)
        self._more = asyncio.Event()
        self._behind = False

    def put(self, report: Report) -> None:
        self._behind = self._behind or len(self._unread) >= MAX_UNREAD
        if not self._behind:
            self._unread.append(report)
        self._more.set()

    async def next(self) -> Report:
        while not self._unread and not self._behind:
            self._more.clear()
            await self._more.wait()
        if not self._unread:
            raise UsageError(f"the pilot changed {MAX_UNREAD} times while nobody looked")
        return self._unread.popleft()


def _report_of(action: Action) -> Report:
    match action:
        case PilotChanged(state):
            return state
        case ContactorChanged(closed):
            return _position(closed)
        case _:
            assert_never(action)


def _position(closed: bool) -> ContactorState:
    return ContactorState.CLOSED if closed else ContactorState.OPEN
