"""What the pilot sequences are told, and what they ask for (`seccstack.pilot.sequences`)."""

from __future__ import annotations

from dataclasses import dataclass

from seccstack.pilot.port import PilotState, Signal
from seccstack.pilot.settings import Greeting
from seccstack.pilot.situation import Haste

# Events.


@dataclass(frozen=True, slots=True)
class PilotChanged:
    """The pilot line is in this state now, debounced."""

    state: PilotState


@dataclass(frozen=True, slots=True)
class ContactorChanged:
    """The contactor's feedback says so."""

    closed: bool


@dataclass(frozen=True, slots=True)
class LimitSet:
    """So much may be drawn per phase from now on; 0: nothing, and how soon."""

    amps: float
    haste: Haste = Haste.NONE


@dataclass(frozen=True, slots=True)
class WakeWanted:
    """It does not ask for the energy that pulses offer: an edge, or state F, may wake it."""

    by_fault: bool


@dataclass(frozen=True, slots=True)
class WakesKnown:
    """After so many times in one plug-in it was woken in vain; None: that is not known."""

    refused: int | None


@dataclass(frozen=True, slots=True)
class LeastKnown:
    """In a session no less than this is worth closing the contactor for."""

    amps: float


@dataclass(frozen=True, slots=True)
class Authorised:
    """This plug-in may charge, or the next one, ahead. Again, it takes back a `StopWanted`."""

    plug_in: int


@dataclass(frozen=True, slots=True)
class AuthorisationExpected:
    """The next vehicle is as good as authorised by a card, or will be ``asked_who`` it is."""

    on: bool
    asked_who: bool = False


@dataclass(frozen=True, slots=True)
class StartPlanned:
    """The next vehicle is greeted so, or the present one, when it starts anew."""

    greeting: Greeting


@dataclass(frozen=True, slots=True)
class AuthorisationEnded:
    """It may not any more, at once."""


@dataclass(frozen=True, slots=True)
class StopWanted:
    """Somebody wants an orderly end."""

    why: str = "a stop is wanted"


@dataclass(frozen=True, slots=True)
class LimitIgnored:
    """At 5 % it draws too much: it is asked to stop; or was, and is ``overdue``: X1."""

    overdue: bool


@dataclass(frozen=True, slots=True)
class EnergyAllowed:
    """The session answered PowerDelivery: Start, or Stop."""

    on: bool


@dataclass(frozen=True, slots=True)
class HighLevelStarted:
    """ISO 15118 is spoken; matched, or in session, it is this vehicle that speaks."""

    matched: bool = False
    in_session: bool = False


@dataclass(frozen=True, slots=True)
class HighLevelPaused:
    """Whoever spoke has failed to be matched, and may try anew: or it was a neighbour's."""


@dataclass(frozen=True, slots=True)
class HighLevelFailed:
    """ISO 15118 did not begin in time, or broke off (``lost``: its link did): pulse width."""

    why: str
    lost: bool = False


@dataclass(frozen=True, slots=True)
class HighLevelEnded:
    """The session has ended as agreed (SessionStop): rest, until somebody wants more."""


@dataclass(frozen=True, slots=True)
class ToggleExpected:
    """State C is a message to us from now on, and no wish for energy; or is one again."""

    on: bool


Event = (
    PilotChanged
    | ContactorChanged
    | LimitSet
    | LeastKnown
    | WakeWanted
    | WakesKnown
    | Authorised
    | AuthorisationExpected
    | StartPlanned
    | AuthorisationEnded
    | StopWanted
    | LimitIgnored
    | EnergyAllowed
    | HighLevelStarted
    | HighLevelPaused
    | HighLevelFailed
    | HighLevelEnded
    | ToggleExpected
)

# Actions.


@dataclass(frozen=True, slots=True)
class Apply:
    """Drive the pilot line."""

    signal: Signal


@dataclass(frozen=True, slots=True)
class SetContactor:
    """Close or open the contactor."""

    closed: bool


@dataclass(frozen=True, slots=True)
class PluggedIn:
    """A vehicle is there; numbers never come twice."""

    plug_in: int


@dataclass(frozen=True, slots=True)
class Unplugged:
    """It is gone, or can no longer be told from another: all that was its own is void."""


@dataclass(frozen=True, slots=True)
class PilotFault:
    """The line is in state E or F; F also where we have to be unavailable ourselves."""

    state: PilotState


@dataclass(frozen=True, slots=True)
class ContactorFault:
    """The contactor does not open (welded), or else does not close."""

    welded: bool


@dataclass(frozen=True, slots=True)
class StopRequested:
    """The session must bring the vehicle to an end (StopCharging)."""

    why: str


@dataclass(frozen=True, slots=True)
class WaitEnded:
    """The vehicle may charge and has been silent at 5 % for so long: on by pulse width."""

    seconds: float


Action = (
    Apply
    | SetContactor
    | PluggedIn
    | Unplugged
    | PilotFault
    | ContactorFault
    | StopRequested
    | WaitEnded
)
