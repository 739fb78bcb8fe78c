"""The pilot controller that a configuration asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Protocol

import structlog

from seccstack.adapters.pilot_simulated import SimulatedPilot
from seccstack.config import Config
from seccstack.pilot.port import (
    ContactorState,
    PilotController,
    PilotState,
    Sensed,
    Signal,
    Steady,
)
from seccstack.pilot.signal import state_of_resistance


class Pilot(PilotController, Protocol):
    """A pilot controller as the charger has it in hand."""

    @property
    def name(self) -> str:
        """Which one it is."""

    @property
    def problem(self) -> str | None:
        """What is wrong with it, if anything is: it is lost, or says so itself."""

    def close(self) -> None:
        """Let go of it."""


def pilot_of(config: Config, log: structlog.typing.FilteringBoundLogger) -> Pilot:
    """Make it; called inside a running event loop."""
    match config.pilot.kind:
        case "simulated":
            return SimulatedPilot()
        case "serial":
            from seccstack.adapters.pilot_serial import (
                SerialPilot,  # a start pays for what it has
            )

            return SerialPilot(config.pilot.device, log)
        case "linux":
            from seccstack.adapters.pilot_linux import LinuxPilot  # for boards like this alone

            return LinuxPilot(config.board, log)


class TurnedByHand:
    """A real pilot line beside a simulated car: it says what its other end has to be.

    ``seen`` is told what the line carries, as a car's own eyes are.
    """

    def __init__(
        self,
        pilot: Pilot,
        seen: Callable[[Signal], None],
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        self._pilot = pilot
        self._seen = seen
        self._log = log
        self.signal: Signal = Steady()

    @property
    def name(self) -> str:
        """Which controller it is."""
        return self._pilot.name

    @property
    def problem(self) -> str | None:
        """What is wrong with the controller."""
        return self._pilot.problem

    async def apply(self, signal: Signal) -> None:
        """Drive the line, and let the car see it."""
        await self._pilot.apply(signal)
        self.signal = signal
        self._seen(signal)

    async def set_contactor(self, closed: bool) -> None:
        """Order the contactor."""
        await self._pilot.set_contactor(closed)

    def states(self) -> AsyncIterator[PilotState | ContactorState]:
        """Yield what the controller says."""
        return self._pilot.states()

    async def sense(self) -> Sensed:
        """Return what the controller senses."""
        return await self._pilot.sense()

    def close(self) -> None:
        """Let go of the controller."""
        self._pilot.close()

    def connect(self, resistance_ohms: float, diode: bool = True) -> None:
        """Say what somebody has to turn the line's other end to."""
        state = state_of_resistance(resistance_ohms).value
        self._log.info("turn the pilot line", to=state, diode=diode)
