"""What the ritual of registration is told, and what it asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from seccstack.auth.decision import CardRecord, VehicleRecord
from seccstack.auth.events import (
    CardFound,
    CardPresented,
    LookUpCard,
    LookUpVehicle,
    RegistrationTurned,
    VehicleEnrolled,
    VehicleFound,
)
from seccstack.auth.fingerprint import NOTHING, Fingerprint
from seccstack.auth.port import Enrolled
from seccstack.auth.vehicle import Identity


class BeepPattern(Enum):
    """What is heard: a dot is a short beep, a dash a long one.

    The first three are the wallbox's own. Trouble with what was held up or plugged in is more
    than two short ones, or begins with a long one; that alone is an end.
    """

    SHORT = "."
    TWO_SHORT = ".."
    LONG = "-"
    KNOWN = "..."
    FULL = "...."
    REFUSED = "-."
    SILENT = "-.."
    LEFT = "-..."
    ROTATING = "--"
    ADDRESS = "--."
    DISAGREES = "--.."
    REGISTRY = "---"


class Step(Enum):
    """What has just happened in the ritual."""

    STARTED = "started"
    ENDED = "ended"
    REGISTERED = "registered"
    IDENTIFYING = "identifying"  # a vehicle was plugged in, and is to say who it is
    KNOWN = "known"  # it is registered already
    FULL = "full"  # the registry has no room
    REFUSED = "refused"  # the mode does not start: a vehicle is connected
    SILENT = "silent"  # the vehicle does not speak ISO 15118, so far
    LEFT = "left"  # it was unplugged before it was identified
    ROTATING = "rotating"  # it has another address at each plug-in
    ADDRESS = "address"  # its address is no name: made up, or nobody's
    DISAGREES = "disagrees"  # it says different things of itself, or too little
    REGISTRY = "registry"  # it cannot be read or written


PATTERNS: Mapping[Step, BeepPattern | None] = {
    Step.STARTED: BeepPattern.SHORT,
    Step.ENDED: BeepPattern.LONG,
    Step.REGISTERED: BeepPattern.TWO_SHORT,
    Step.IDENTIFYING: None,
    Step.KNOWN: BeepPattern.KNOWN,
    Step.FULL: BeepPattern.FULL,
    Step.REFUSED: BeepPattern.REFUSED,
    Step.SILENT: BeepPattern.SILENT,
    Step.LEFT: BeepPattern.LEFT,
    Step.ROTATING: BeepPattern.ROTATING,
    Step.ADDRESS: BeepPattern.ADDRESS,
    Step.DISAGREES: BeepPattern.DISAGREES,
    Step.REGISTRY: BeepPattern.REGISTRY,
}

# What the machine is told.


@dataclass(frozen=True, slots=True)
class BeginWanted:
    """An operator begins it without a setup card.

    ``wait_seconds``: how long nothing may happen, if not as set. The rest is for what will be
    registered; ``once``: it ends with the first of these. ``followed``: the operator says by
    `Followed` that he is still there, and it ends when he is not.
    """

    wait_seconds: float | None = None
    label: str = ""
    expires: float | None = None
    note: str = ""
    once: bool = False
    followed: bool = False


@dataclass(frozen=True, slots=True)
class Followed:
    """The operator who began it is still there."""


@dataclass(frozen=True, slots=True)
class EndWanted:
    """An operator ends it."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """A vehicle is at the outlet; the number is a new one each time."""

    plug_in: int


@dataclass(frozen=True, slots=True)
class Left:
    """It is gone."""


@dataclass(frozen=True, slots=True)
class Identified:
    """The vehicle has said all that it will of itself, and this is how it speaks so far."""

    identity: Identity
    fingerprint: Fingerprint = NOTHING


@dataclass(frozen=True, slots=True)
class Hushed:
    """The vehicle is to go on by pulse width, where nobody says who they are."""

    why: str


@dataclass(frozen=True, slots=True)
class EnrolAnswered:
    """What became of an `Enrol`; ``outcome`` None: the registry could not be written."""

    ticket: int
    outcome: Enrolled | None


Event = (
    BeginWanted
    | EndWanted
    | Followed
    | Arrived
    | Left
    | Identified
    | Hushed
    | EnrolAnswered
    | CardPresented
    | CardFound
    | VehicleFound
)

# What it asks for.


@dataclass(frozen=True, slots=True)
class Beep:
    """Have it heard at the outlet."""

    pattern: BeepPattern


@dataclass(frozen=True, slots=True)
class Enrol:
    """Register this for good, as of now; then, and not before, answer with `EnrolAnswered`.

    ``fingerprints``: what a vehicle showed of itself, at each of its plug-ins; ``most``: of
    vehicles and cards together.
    """

    ticket: int
    record: VehicleRecord | CardRecord
    most: int
    fingerprints: tuple[Fingerprint, ...] = ()


@dataclass(frozen=True, slots=True)
class PassOn:
    """The card is none of the ritual's; ``ask``: whether it is a setup card is to be asked."""

    card: CardPresented
    ask: bool


@dataclass(frozen=True, slots=True)
class Told:
    """Tell people; ``vehicle`` or ``card``: whom it is about."""

    on: bool
    step: Step
    says: str
    vehicle: bytes | None = None
    card: str | None = None


Action = (
    Beep
    | Enrol
    | PassOn
    | RegistrationTurned
    | VehicleEnrolled
    | Told
    | LookUpCard
    | LookUpVehicle
)
