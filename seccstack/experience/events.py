"""What is asked of the memory of vehicles' behaviour, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from seccstack.experience.household import Household
from seccstack.experience.outcomes import Outcome
from seccstack.experience.port import Key
from seccstack.experience.record import Experience

# Events.


@dataclass(frozen=True, slots=True)
class ExperienceFound:
    """This is known of whom these names stand for: of the narrowest that is known."""

    names: tuple[Key, ...]
    experience: Experience


@dataclass(frozen=True, slots=True)
class HouseholdFound:
    """These use this outlet; told at the start, and whenever one has left."""

    household: Household


Event = ExperienceFound | HouseholdFound

# Actions.


@dataclass(frozen=True, slots=True)
class LookUpExperience:
    """Ask what is known of a vehicle; the narrowest of its names first."""

    names: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class KeepExperience:
    """A vehicle has left: keep what it did, under all its names.

    The answer is `HouseholdFound`. ``five``: whether it was greeted with 5 %.
    """

    names: tuple[Key, ...]
    outcomes: tuple[Outcome, ...]
    five: bool


Action = LookUpExperience | KeepExperience
