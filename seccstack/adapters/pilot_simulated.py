"""The simulated pilot line in real time, behind the port of a real one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import assert_never

from seccstack.adapters.driver import Driver
from seccstack.adapters.pilot_reports import Report, Reports
from seccstack.errors import UsageError
from seccstack.pilot.limits import ContactorChanged, PilotChanged
from seccstack.pilot.port import ContactorState, PilotState, Sensed, Signal
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

OHMS = {
    PilotState.NO_VEHICLE: OPEN_OHMS,
    PilotState.CONNECTED: CONNECTED_OHMS,
    PilotState.READY: READY_OHMS,
    PilotState.READY_VENTILATED: READY_VENTILATED_OHMS,
    PilotState.SHORTED: SHORT_OHMS,
}


class SimulatedPilot:
    """A `PilotController` whose vehicle is turned by hand; made inside a running event loop."""

    name = "simulated"
    problem: str | None = None

    def __init__(self) -> None:
        self._line = SimPilot()
        self.sensed = Sensed()  # whatever somebody makes of it
        self._reports = Reports()
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

    def states(self) -> AsyncIterator[Report]:
        """Yield the present pilot state, the contactor's, and then every change of either."""
        return self._reports.follow(lambda: (self._line.state, _position(self._line.closed)))

    async def sense(self) -> Sensed:
        """Return what somebody has made of it."""
        return self.sensed

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
        self._reports.put(_report_of(action))


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
