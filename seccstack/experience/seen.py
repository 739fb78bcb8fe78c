"""What a course is told of the vehicle at the outlet."""

from __future__ import annotations

from dataclasses import dataclass

from seccstack.auth.fingerprint import NOTHING, Fingerprint
from seccstack.experience.events import ExperienceFound, HouseholdFound
from seccstack.experience.outcomes import Outcome
from seccstack.experience.policy import Greeting

LISTENED = 10.0  # TP_EV_SLAC_init: who has not spoken by then may be called silent


@dataclass(frozen=True, slots=True)
class Arrived:
    """A vehicle is there.

    ``bold``: greeted with less than what the standard gives it; ``listened``: after how many
    seconds at 5 % it may be called silent, if not after those.
    """

    bold: bool = False
    listened: float = LISTENED


@dataclass(frozen=True, slots=True)
class Deaf:
    """Our own modem does nothing: who is silent now may have spoken."""


@dataclass(frozen=True, slots=True)
class Left:
    """It is gone; ``consistent``: it has said one thing of itself, if it has said anything."""

    consistent: bool = True


@dataclass(frozen=True, slots=True)
class Carries:
    """The line carries 5 %, or pulses that offer a current, or none."""

    pulses: Greeting | None


@dataclass(frozen=True, slots=True)
class LineFaulted:
    """The line is in state E or F, by the vehicle's doing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody asks to be matched."""

    mac: bytes


@dataclass(frozen=True, slots=True)
class Named:
    """That one is the vehicle; ``seen``: how it speaks, as far as it was seen."""

    mac: bytes
    seen: Fingerprint = NOTHING


@dataclass(frozen=True, slots=True)
class WantedEnergy:
    """It has closed its S2 to be given energy."""


@dataclass(frozen=True, slots=True)
class GotEnergy:
    """The contactor, or the output, is on for it."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A session by this protocol has begun."""

    protocol: str


@dataclass(frozen=True, slots=True)
class SessionFailed:
    """It has ended its session though it might have charged."""

    why: str


@dataclass(frozen=True, slots=True)
class Did:
    """Somebody has seen it do something else."""

    outcome: Outcome


Event = (
    Arrived
    | Deaf
    | Left
    | Carries
    | LineFaulted
    | Asked
    | Named
    | WantedEnergy
    | GotEnergy
    | Spoken
    | SessionFailed
    | Did
    | ExperienceFound
    | HouseholdFound
)
