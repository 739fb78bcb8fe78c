"""What came of one attack."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Verdict(Enum):
    """What the charger made of it."""

    HELD = "held"
    BREACHED = "BREACHED"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Held:
    """Nothing happened that must not."""

    happened: str


@dataclass(frozen=True, slots=True)
class Breached:
    """Something did; ``remedy``: what its owner can do about it."""

    happened: str
    remedy: str


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """There is nothing to attack here, or no means."""

    why: str


Outcome = Held | Breached | NotApplicable

OUR_FAULT = "this is a fault of the charger's own code: please report it"


@dataclass(frozen=True, slots=True)
class Result:
    """An attack, and what came of it; ``against``: what was attacked."""

    name: str
    does: str
    must_not: str
    against: str
    outcome: Outcome

    @property
    def verdict(self) -> Verdict:
        """Whether it was held."""
        kinds = {Held: Verdict.HELD, Breached: Verdict.BREACHED}
        return kinds.get(type(self.outcome), Verdict.NOT_APPLICABLE)

    @property
    def happened(self) -> str:
        """What happened, or why nothing could."""
        outcome = self.outcome
        return outcome.why if isinstance(outcome, NotApplicable) else outcome.happened

    @property
    def remedy(self) -> str | None:
        """What to do about it, if anything."""
        return self.outcome.remedy if isinstance(self.outcome, Breached) else None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "attack": self.name,
            "against": self.against,
            "does": self.does,
            "must_not": self.must_not,
            "happened": self.happened,
            "verdict": self.verdict.value,
            "remedy": self.remedy,
        }
