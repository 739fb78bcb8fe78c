"""A pilot line and a contactor in memory: generator, cable, vehicle, coil and contact.

The line is reckoned, not scripted: the signal gives the generator's two peaks, the vehicle's
resistor and diode load them, and the state follows from the voltages by the same function that
a real charger may use. Its actions are what `seccstack.pilot.limits` takes as events.

Not simulated: the millisecond (the 1 kHz itself, rise times, noise, and with them debouncing:
a state is reported at once), the generator's tolerance, a long cable's capacitance, the
proximity pin and the plug's lock, single phases that weld (the contactor is one contact), the
current, and the vehicle's own mind: this one is a resistor that somebody else turns.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from seccstack.pilot.limits import ContactorChanged, PilotChanged
from seccstack.pilot.port import Digital, Fault, Limit, PilotState, Signal, Steady
from seccstack.pilot.signal import (
    CONNECTED_OHMS,
    GENERATOR_VOLTS,
    SOURCE_OHMS,
    line_volts,
    state_of_voltage,
)

OPEN_OHMS = math.inf
SHORT_OHMS = 0.0
CLOSE_SECONDS = 0.05  # coil energised to contact made
OPEN_SECONDS = 0.03  # coil released to contact open


class ContactorDefect(Enum):
    """What may be wrong with a contactor."""

    NONE = "none"
    STUCK_OPEN = "stuck open"  # a broken coil: it cannot close any more
    WELDED = "welded"  # it cannot open any more, once it is closed


# Events. The actions are `PilotChanged` and `ContactorChanged`.


@dataclass(frozen=True, slots=True)
class Applied:
    """The generator drives this signal now."""

    signal: Signal


@dataclass(frozen=True, slots=True)
class ContactorCommanded:
    """The coil is energised, or released."""

    closed: bool


@dataclass(frozen=True, slots=True)
class VehicleConnected:
    """This is what the line ends in: a resistor behind a diode, nothing, or a short circuit.

    The same event turns the resistor of a vehicle that is there already.
    """

    resistance_ohms: float = CONNECTED_OHMS
    diode: bool = True


@dataclass(frozen=True, slots=True)
class VehicleDisconnected:
    """The plug was pulled."""


@dataclass(frozen=True, slots=True)
class DefectInjected:
    """The contactor breaks like this, or is repaired."""

    defect: ContactorDefect


Event = Applied | ContactorCommanded | VehicleConnected | VehicleDisconnected | DefectInjected
Action = PilotChanged | ContactorChanged

UNPLUGGED = VehicleConnected(OPEN_OHMS)


class SimPilot:
    """One outlet's line and contactor; nothing applied, nothing plugged in, open."""

    def __init__(self) -> None:
        self._signal: Signal = Steady()
        self._end = UNPLUGGED
        self._state = PilotState.NO_VEHICLE
        self._energised = False
        self._closed = False
        self._defect = ContactorDefect.NONE
        self._moves_at: float | None = None

    @property
    def state(self) -> PilotState:
        """What the line says."""
        return self._state

    @property
    def closed(self) -> bool:
        """Where the contact really is: whether the plug is live."""
        return self._closed

    @property
    def signal(self) -> Signal:
        """What the generator drives."""
        return self._signal

    @property
    def high_volts(self) -> float:
        """The positive peak; of a steady signal, the voltage."""
        if self._signal == Fault():
            return self._low_volts
        return line_volts(self._end.resistance_ohms, self._diode)

    @property
    def low_volts(self) -> float | None:
        """The negative peak, if there are pulses."""
        match self._signal:
            case Digital() | Limit():
                return self._low_volts
            case Steady() | Fault():
                return None
            case _:
                assert_never(self._signal)

    @property
    def _low_volts(self) -> float:
        """What the line carries while the generator is negative: a diode keeps the load off."""
        ohms = self._end.resistance_ohms
        if math.isinf(ohms) or self._diode:
            return -GENERATOR_VOLTS
        return -GENERATOR_VOLTS * ohms / (ohms + SOURCE_OHMS)

    @property
    def _diode(self) -> bool:
        return self._end.diode and self._end.resistance_ohms != SHORT_OHMS

    @property
    def deadline(self) -> float | None:
        """When the contact arrives."""
        return self._moves_at

    def receive(self, event: Event, now: float) -> list[Action]:
        """Let something happen to the line or the coil."""
        actions = self.tick(now)
        match event:
            case Applied(signal):
                self._signal = signal
            case ContactorCommanded(closed):
                self._energised = closed
            case VehicleConnected():
                self._end = event
            case VehicleDisconnected():
                self._end = UNPLUGGED
            case DefectInjected(defect):
                self._defect = defect
            case _:
                assert_never(event)
        self._start_moving(now)
        return [*actions, *self._read()]

    def tick(self, now: float) -> list[Action]:
        """Let the contact arrive, if it is time."""
        if self._moves_at is None or now < self._moves_at:
            return []
        self._closed = not self._closed
        self._moves_at = None
        return [ContactorChanged(self._closed)]

    def _start_moving(self, now: float) -> None:
        if self._goal == self._closed:
            self._moves_at = None
        elif self._moves_at is None:
            self._moves_at = now + (CLOSE_SECONDS if self._goal else OPEN_SECONDS)

    @property
    def _goal(self) -> bool:
        match self._defect:
            case ContactorDefect.NONE:
                return self._energised
            case ContactorDefect.STUCK_OPEN:
                return False
            case ContactorDefect.WELDED:
                return self._energised or self._closed
            case _:
                assert_never(self._defect)

    def _read(self) -> list[Action]:
        before = self._state
        self._state = state_of_voltage(self.high_volts, self.low_volts, before)
        return [] if self._state is before else [PilotChanged(self._state)]
