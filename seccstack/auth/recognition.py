"""How sure it is who is at the outlet: a stage, a confidence, and the reasons in words.

SLAC gives a name within a second of plugging in; SessionSetupReq confirms it, or does not, some
seconds later. What is shown in between is provisional. Confidence is for people, and for what
is told to them: what may charge is decided by `seccstack.auth.judgement`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from seccstack.auth.addresses import format_mac, invented, notes, rotating, unusable
from seccstack.auth.fingerprint import Likeness, likeness
from seccstack.auth.judgement import VehicleLookup, Visit
from seccstack.auth.suspicion import STABLE_VISITS, like, named, probably
from seccstack.auth.vehicle import NAMES, Source, show


class Stage(Enum):
    """How far the vehicle has come in saying who it is."""

    UNNAMED = "unnamed"
    PROVISIONAL = "provisional"  # SLAC names it
    CONFIRMED = "confirmed"  # so does SessionSetupReq, or not: it has said all it will


class Confidence(Enum):
    """How sure it is."""

    NONE = "none"  # it is nobody, or contradicts itself
    LOW = "low"  # one layer says so, or an address that says little
    MEDIUM = "medium"  # all that it says of itself is one address, as anybody could
    HIGH = "high"  # and it speaks as that vehicle always did; or it has proven something


@dataclass(frozen=True, slots=True)
class Recognition:
    """Who it seems to be: ``mac`` as claimed, ``label`` what the owner calls that vehicle."""

    stage: Stage
    confidence: Confidence
    mac: bytes | None = None
    label: str = ""
    reasons: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "stage": self.stage.value,
            "confidence": self.confidence.value,
            "mac": None if self.mac is None else format_mac(self.mac),
            "label": self.label or None,
            "reasons": list(self.reasons),
        }


def recognised(visit: Visit) -> Recognition:
    """Sum up what is known of a visit."""
    identity, lookup = visit.identity, visit.vehicle
    mac = identity.common_mac
    label = "" if lookup is None or lookup.record is None else lookup.record.label
    stage = Stage.UNNAMED
    if identity.evidence:
        said_all = identity.evccid is not None
        stage = Stage.CONFIRMED if said_all else Stage.PROVISIONAL
    confidence, reasons = _weighed(visit)
    proven = tuple(
        f"it has proven {proof.kind.value} {proof.value} ({proof.source})"
        for proof in identity.proofs
    )
    if proven and not identity.conflicts:
        confidence = Confidence.HIGH
    return Recognition(stage, confidence, mac, label, (*proven, *reasons))


def _weighed(visit: Visit) -> tuple[Confidence, tuple[str, ...]]:
    identity = visit.identity
    mac = identity.common_mac
    if identity.conflicts:
        return Confidence.NONE, identity.conflicts
    if mac is None:
        foreign = () if not identity.evccid else (f"it only says {show(identity.evccid)}",)
        return Confidence.NONE, foreign or ("it has not said who it is",)
    if unusable(mac):
        return Confidence.NONE, notes(mac)
    layers = [source.value for source in Source if source in identity.sources]
    says = f"{format_mac(mac)} by {', '.join(layers)}"
    if identity.foreign_evccid and not _registered_evccid(visit):
        return Confidence.LOW, (says, identity.foreign_evccid)
    alike = _alike(visit.vehicle, visit)
    told = (says, *_like_whom(visit.vehicle, visit), *([alike.words] if alike else []))
    if invented(mac) or (rotating(mac) and not _keeps_it(visit.vehicle)):
        return Confidence.LOW, (*told, *notes(mac))
    if identity.evccid is None:
        return Confidence.LOW, (*told, f"{NAMES['evccid']} is still to come")
    if alike is None or alike.score is None:
        return Confidence.MEDIUM, told
    return (Confidence.HIGH if alike.high else Confidence.LOW), told


def _registered_evccid(visit: Visit) -> bool:
    record = None if visit.vehicle is None else visit.vehicle.record
    return record is not None and record.evccid == visit.identity.evccid


def _keeps_it(lookup: VehicleLookup | None) -> bool:
    return lookup is not None and len(lookup.prints) >= STABLE_VISITS


def _alike(lookup: VehicleLookup | None, visit: Visit) -> Likeness | None:
    if lookup is None or not lookup.prints:
        return None
    return likeness(lookup.prints, visit.fingerprint)


def _like_whom(lookup: VehicleLookup | None, visit: Visit) -> tuple[str, ...]:
    if lookup is None:
        return ()
    if lookup.record is not None:
        return (f"that is {named('vehicle', format_mac(lookup.key), lookup.record.label)}",)
    found = like(lookup.family, visit.fingerprint)
    return (probably(found),) if found else ()
