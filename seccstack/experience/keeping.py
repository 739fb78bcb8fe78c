"""What a memory of vehicles' behaviour answers; calls block for as long as a disk takes."""

from __future__ import annotations

from typing import Protocol

from seccstack.auth.port import Registry
from seccstack.errors import MalformedError
from seccstack.experience.events import (
    ExperienceFound,
    HouseholdFound,
    KeepExperience,
    LookUpExperience,
)
from seccstack.experience.household import (
    KEPT,
    Visit,
    dump,
    household_of,
    load,
    with_visit,
)
from seccstack.experience.outcomes import learned, visited
from seccstack.experience.port import Experiences, Key, Vehicle, recalled
from seccstack.experience.record import UNKNOWN


class LearningRegistry(Registry, Protocol):
    """A registry that remembers, too, how vehicles behave, registered or not."""

    @property
    def experiences(self) -> Experiences:
        """What is known of them, common to all boxes."""


def experience_found(registry: LearningRegistry, asked: LookUpExperience) -> ExperienceFound:
    """Look up what is known of a vehicle."""
    found = recalled(registry.experiences, asked.names)
    return ExperienceFound(asked.names, UNKNOWN if found is None else found[1])


def experience_kept(
    registry: LearningRegistry, keep: KeepExperience, at: float
) -> HouseholdFound:
    """Keep what a vehicle did; ``at``: seconds since 1970."""
    for name in keep.names:
        known = visited(registry.experiences.recall(name) or UNKNOWN, at)
        for outcome in keep.outcomes:
            known = learned(known, outcome, at)
        registry.experiences.keep(name, known)
    visit = Visit(at, str(keep.names[0]), keep.five)
    registry.keep(KEPT, dump(with_visit(visits_of(registry), visit)))
    return household_found(registry, at)


def household_found(registry: LearningRegistry, now: float) -> HouseholdFound:
    """Look up who uses this outlet."""

    def label(key: Key) -> str:
        record = registry.vehicle(key.mac) if isinstance(key, Vehicle) else None
        return "" if record is None else record.label

    return HouseholdFound(
        household_of(visits_of(registry), registry.experiences.recall, now, label)
    )


def visits_of(registry: Registry) -> tuple[Visit, ...]:
    """Return the last visits; what cannot be read is none."""
    try:
        return load(registry.kept(KEPT) or "[]")
    except MalformedError:
        return ()
