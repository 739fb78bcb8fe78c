"""How sure it is who is at the outlet: a stage, a confidence, and the reasons in words.

SLAC gives a name within a second of plugging in; SessionSetupReq confirms it, or does not, some
seconds later. What is shown in between is provisional. All that was seen counts here, for
people; `seccstack.auth.claims` has the same confidence decide, with as much of it as is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from seccstack.auth.addresses import format_mac
from seccstack.auth.confidence import LIKE, NOBODY, PROVEN, confidence_of
from seccstack.auth.decision import VehicleRecord
from seccstack.auth.judgement import VehicleLookup, Visit
from seccstack.auth.suspicion import like, named, probably

DOUBTFUL = 0.5  # below, something is missing or speaks against it


class Stage(Enum):
    """How far the vehicle has come in saying who it is."""

    UNNAMED = "unnamed"
    PROVISIONAL = "provisional"  # SLAC names it
    CONFIRMED = "confirmed"  # so does SessionSetupReq, or not: it has said all it will


class Confidence(Enum):
    """How sure it is, in a word."""

    NONE = "none"  # it is nobody, or contradicts itself
    LOW = "low"  # one layer says so, or an address that says little
    MEDIUM = "medium"  # all that it says of itself is one address, as anybody could
    HIGH = "high"  # and it speaks as that vehicle always did; or it has proven something


@dataclass(frozen=True, slots=True)
class Recognition:
    """Who it seems to be: ``mac`` as claimed, ``label`` what the owner calls that vehicle.

    ``score``: the confidence from 0 to 1.
    """

    stage: Stage
    confidence: Confidence
    mac: bytes | None = None
    label: str = ""
    reasons: tuple[str, ...] = ()
    score: float = NOBODY

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "stage": self.stage.value,
            "confidence": self.confidence.value,
            "score": round(self.score, 2),
            "mac": None if self.mac is None else format_mac(self.mac),
            "label": self.label or None,
            "reasons": list(self.reasons),
        }


def recognised(visit: Visit) -> Recognition:
    """Sum up what is known of a visit."""
    identity, record = visit.identity, _record(visit)
    stage = Stage.UNNAMED
    if identity.evidence:
        said_all = identity.evccid is not None
        stage = Stage.CONFIRMED if said_all else Stage.PROVISIONAL
    assurance = confidence_of(visit, visit.fingerprint)
    score, (first, *others) = assurance.score, assurance.reasons
    reasons = (first, *(_like_whom(visit.vehicle, visit) if score else ()), *others)
    proven = tuple(
        f"it has proven {proof.kind.value} {proof.value} ({proof.source})"
        for proof in identity.proofs
    )
    score = PROVEN if proven and not identity.conflicts else score
    label = "" if record is None else record.label
    told = (*proven, *reasons)
    return Recognition(stage, word_for(score), identity.common_mac, label, told, score)


def word_for(score: float) -> Confidence:
    """Put a confidence in a word."""
    if score == NOBODY:
        return Confidence.NONE
    if score < DOUBTFUL:
        return Confidence.LOW
    return Confidence.HIGH if score >= LIKE else Confidence.MEDIUM


def _record(visit: Visit) -> VehicleRecord | None:
    return None if visit.vehicle is None else visit.vehicle.record


def _like_whom(lookup: VehicleLookup | None, visit: Visit) -> tuple[str, ...]:
    if lookup is None:
        return ()
    if lookup.record is not None:
        return (f"that is {named('vehicle', format_mac(lookup.key), lookup.record.label)}",)
    found = like(lookup.family, visit.fingerprint)
    return (probably(found),) if found else ()
