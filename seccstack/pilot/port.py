"""The control pilot and the contactor as the rest of the stack sees them (IEC 61851-1)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

LEAST_AMPS = 6.0  # what the smallest duty cycle for a current says
MOST_AMPS = 80.0  # what the greatest one says


class PilotState(Enum):
    """What the pilot line's positive peak says: 12 V, 9 V, 6 V, 3 V, 0 V, and -12 V for F."""

    NO_VEHICLE = "A"
    CONNECTED = "B"
    READY = "C"
    READY_VENTILATED = "D"
    SHORTED = "E"
    UNAVAILABLE = "F"


class ContactorState(Enum):
    """Where the contactor's own feedback says that it is, whatever it was told."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Steady:
    """X1: +12 V without pulses. The charger is there, and offers nothing yet."""


@dataclass(frozen=True, slots=True)
class Digital:
    """X2 at 5 %: talk ISO 15118 first."""


@dataclass(frozen=True, slots=True)
class Limit:
    """X2 that offers this current per phase, or the nearest below it that pulses can say."""

    amps: float

    def __post_init__(self) -> None:
        if not LEAST_AMPS <= self.amps <= MOST_AMPS:
            raise ValueError(f"a duty cycle cannot say {self.amps} A")


@dataclass(frozen=True, slots=True)
class Fault:
    """State F: -12 V. This charger is not available; it is blind to the vehicle meanwhile."""


Signal = Steady | Digital | Limit | Fault


@dataclass(frozen=True, slots=True)
class Sensed:
    """What a board measures beside the pilot line; None: it has no such thing, or lost it."""

    proximity_ohms: float | None = None  # of the socket's contact to earth; infinite: open
    celsius: float | None = None
    peak_load: bool | None = None  # whether the network operator's contact is on


class PilotController(Protocol):
    """The one thing a charge point's hardware must do for us.

    What the implementation owes, because the machines rely on it:

    * debouncing: a state that is reported has lasted. Two or three periods (2-3 ms) for C to B,
      since the contactor must be open 100 ms after it; it may be longer for B to C;
    * with pulses, looking at the negative peak too: a vehicle without a diode is E, and is
      reported as such within 100 ms;
    * duty cycles rounded by `seccstack.pilot.signal.duty_cycle` with the hardware's own step;
    * F is reported while `Fault` is applied, and the vehicle's state again after it;
    * every change is reported, in order: an unplugging that was too short to matter to the
      hardware still ends an authorisation;
    * to open the contactor and go to X1 by itself where this program is silent for 1 s;
    * a controller that cannot be reached any more is E, as a loss of supply, whatever signal
      was applied. Nobody has seen the contactor open then, so nothing is told of it; orders
      are for nobody, and return. With the controller back, both states are told as they are;
    * what it senses beside the line is as of now, or None: nothing old is told as new.

    Implementations: `seccstack.adapters.pilot_simulated`, `pilot_serial` (a microcontroller)
    and `pilot_linux`. All of them pass `tests/adapters/pilot_contract.py`.
    """

    async def apply(self, signal: Signal) -> None:
        """Drive the line; return when it carries the signal. The same again costs nothing."""

    async def set_contactor(self, closed: bool) -> None:
        """Order the contactor; return when the order is given. `states` says when it moved."""

    def states(self) -> AsyncIterator[PilotState | ContactorState]:
        """Yield the present pilot state, the contactor's, and then every change of either.

        A position of the contactor that nobody has ever seen is not told.
        """

    async def sense(self) -> Sensed:
        """Read what there is beside the pilot line; it may be read several times a second."""
