"""Where a plug-in stands on the pilot line; a phase holds only what is known in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import assert_never

from seccstack.pilot.port import Digital, Fault, Limit, Signal, Steady
from seccstack.pilot.settings import HOLD_FAULT, Fallback, Settings, Start


@dataclass(frozen=True, slots=True)
class Vacant:
    """No vehicle, or a line that says nothing about one."""


@dataclass(frozen=True, slots=True)
class Talking:
    """5 %: whatever happens is agreed upon by ISO 15118."""

    retries_left: int
    silent_since: float = math.inf  # nobody has spoken since; never: somebody does
    asked: bool = False  # somebody has begun to speak, who may be a neighbour's vehicle
    asked_to_stop: bool = False
    zero_since: float | None = None  # closed, and nothing may be drawn, since then


@dataclass(frozen=True, slots=True)
class Step:
    """A signal that is held so that the vehicle notices it."""

    signal: Steady | Fault
    seconds: float


@dataclass(frozen=True, slots=True)
class Stepping:
    """ISO 15118 was given up; the vehicle is being told."""

    steps: tuple[Step, ...]  # the present one first
    until: float
    retries_left: int
    resumed: bool = False  # it is spoken after all: back to 5 %

    @property
    def over_at(self) -> float:
        """When the present step is over; cut short if it has become pointless."""
        if not self.resumed:
            return self.until
        began = self.until - self.steps[0].seconds
        return began if isinstance(self.steps[0].signal, Steady) else began + HOLD_FAULT


@dataclass(frozen=True, slots=True)
class Changing:
    """X1 between 5 % and pulse width: it is authorised, and whoever speaks may go on."""

    until: float


@dataclass(frozen=True, slots=True)
class Offering:
    """Pulse width; without pulses as long as there is nothing to offer."""

    amps: float | None = None
    changed_at: float = -math.inf


@dataclass(frozen=True, slots=True)
class Halting:
    """X1 with a closed contactor: the vehicle has its time to stop drawing."""

    since: float
    resume: Start
    restarts: bool = False  # after that all begins anew: its link was lost


@dataclass(frozen=True, slots=True)
class Rested:
    """X1 after an agreed end: until somebody wants more."""

    since: float
    resume: Start
    by_us: bool  # the end was our wish: so may the next start be
    woken: bool = False  # the vehicle or a new authorisation asks for a start


@dataclass(frozen=True, slots=True)
class Barred:
    """X1 until the vehicle is unplugged: it cannot be served."""


@dataclass(frozen=True, slots=True)
class Welded:
    """State F: the contactor does not open, and the plug may be live."""

    until: float  # not earlier, even if it opens


Phase = Vacant | Talking | Stepping | Changing | Offering | Halting | Rested | Barred | Welded


def plugged_in(phase: Phase) -> bool:
    """Say whether there is a plug-in in this phase."""
    return not isinstance(phase, Vacant | Welded)


def signal_of(phase: Phase) -> Signal:
    """Say what the line carries in a phase."""
    match phase:
        case Talking():
            return Digital()
        case Stepping(steps=(step, *_)):
            return step.signal
        case Offering(amps) if amps is not None:
            return Limit(amps)
        case Welded():
            return Fault()
        case Vacant() | Stepping() | Changing() | Offering() | Halting() | Rested() | Barred():
            return Steady()
        case _:
            assert_never(phase)


def steps_down(settings: Settings, broken_off: bool) -> tuple[Step, ...]:
    """Say how to give ISO 15118 up: with a vehicle that never spoke, or in mid-sentence."""
    steady, fault = Step(Steady(), settings.step_x1), Step(Fault(), settings.step_ef)
    if settings.fallback is Fallback.STEADY:
        return (steady,)
    return (steady, fault) if broken_off else (fault,)
