"""What the watchdog of a limit is told, and what it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from seccstack.errors import ConfigError

LEAST_AMPS = 6.0  # the least that pulses can say
PULSES_REACT = 5.0  # seconds; IEC 61851-1, sequence 6


class Means(Enum):
    """How a vehicle is told its limit."""

    PULSES = "pulse width"
    MESSAGES = "EVSEMaxCurrent"
    SCHEDULE = "a new schedule"  # it pays by contract
    OUTPUT = "the output"  # on DC, which is ours to set


class Step(Enum):
    """What is done about a vehicle that disobeys, or how that ended."""

    NOTED = "noted"
    RENEGOTIATE = "asked to negotiate anew"
    STOP = "asked to stop"
    X1 = "X1"
    CUT = "opened under load"
    TRIP = "over-current"  # opened under load, apart from the ladder
    OBEYED = "obeyed"
    OFF = "power is off"


@dataclass(frozen=True, slots=True)
class Settings:
    """Seconds; ``react_seconds``: of a vehicle of which nothing else is known.

    ``trip_share``: what is far too much, in shares of the limit; ``trip_seconds``: for how
    long. The default is longer than any ladder, for which a vehicle may have its reasons.
    """

    react_seconds: float = PULSES_REACT
    renegotiate_seconds: float = 10.0
    stop_seconds: float = 10.0
    trip_share: float = 1.25
    trip_seconds: float = 60.0

    def __post_init__(self) -> None:
        if not PULSES_REACT <= self.react_seconds <= self.trip_seconds:
            right = f"use {PULSES_REACT:g} s or more, and no more than trip_seconds"
            raise ConfigError("react_seconds", f"{self.react_seconds:g} s will not do", right)


DEFAULTS = Settings()

# Events.


@dataclass(frozen=True, slots=True)
class Arrived:
    """Another vehicle, of which nothing is remembered; or nobody."""


@dataclass(frozen=True, slots=True)
class ReactionKnown:
    """This vehicle is known to take so many seconds to follow."""

    seconds: float


@dataclass(frozen=True, slots=True)
class MeansChanged:
    """From now on it is told like this."""

    means: Means


@dataclass(frozen=True, slots=True)
class Supplied:
    """There is voltage at the plug, or not any more."""

    on: bool


@dataclass(frozen=True, slots=True)
class LimitSet:
    """So many amperes per phase may be drawn from now on."""

    amps: float


@dataclass(frozen=True, slots=True)
class Told:
    """The vehicle was told that it may draw so much."""

    amps: float


@dataclass(frozen=True, slots=True)
class Measured:
    """It draws so much, on the phase that carries most."""

    amps: float


@dataclass(frozen=True, slots=True)
class MeasuringEnded:
    """The last measurement is too old to be true."""


Event = (
    Arrived
    | ReactionKnown
    | MeansChanged
    | Supplied
    | LimitSet
    | Told
    | Measured
    | MeasuringEnded
)

# Actions.


@dataclass(frozen=True, slots=True)
class Stepped:
    """This is to be done, or has come of it; ``seconds``: since it draws too much."""

    step: Step
    limit_amps: float
    drawn_amps: float
    seconds: float

    @property
    def lasting(self) -> bool:
        """Whether it is to stop for good, or only until pulses can say what it may draw."""
        return self.limit_amps >= LEAST_AMPS

    @property
    def why(self) -> str:
        """Why, in words."""
        drawn, limit = round(self.drawn_amps, 2), round(self.limit_amps, 2)
        return f"it draws {drawn:g} A of {limit:g} A, for {self.seconds:.1f} s"


@dataclass(frozen=True, slots=True)
class Unwatched:
    """Nothing measures what the vehicle draws."""


Action = Stepped | Unwatched
