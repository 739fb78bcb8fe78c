"""How sure it is that a vehicle is the one that it says to be: from 0 to 1, and why, in words.

0 is nobody, or who contradicts itself. What is only claimed comes to 0.7, since anybody could;
beyond that it has to speak as that vehicle always did, and 1 is kept for proofs. None of it is
a probability: it orders what there is by how hard it is to make up.
"""

from __future__ import annotations

from dataclasses import dataclass

from seccstack.auth.addresses import format_mac, invented, notes, rotating, unusable
from seccstack.auth.fingerprint import ALIKE, Fingerprint, Likeness, likeness
from seccstack.auth.judgement import VehicleLookup, Visit
from seccstack.auth.suspicion import STABLE_VISITS
from seccstack.auth.vehicle import NAMES, Source, show

NOBODY = 0.0
FOREIGN = 0.2  # its EVCCID is something else, and nobody has registered that
POOR_ADDRESS = 0.3  # its address is made up, or another the next time
UNFINISHED = 0.4  # it has not said all yet, or SLAC does not tie it to this plug
DOWNGRADED = 0.5  # all is one address, but it did better before: in TLS
CLAIMED = {2: 0.6, 3: 0.7}  # by how many layers it is named: those are hard to get wrong only
LIKE, ALWAYS_LIKE = 0.8, 0.95  # the least and the most for one that speaks as it always did
UNLIKE = 0.4  # the most for one that does not
PROVEN = 1.0


@dataclass(frozen=True, slots=True)
class Assurance:
    """How sure it is, and why."""

    score: float
    reasons: tuple[str, ...] = ()


def confidence_of(visit: Visit, shown: Fingerprint | None) -> Assurance:
    """Weigh what a visit claims and, unless that is None, what it has ``shown``."""
    identity = visit.identity
    if identity.conflicts:
        return Assurance(NOBODY, identity.conflicts)
    mac = identity.common_mac
    if mac is None:
        foreign = () if not identity.evccid else (f"it only says {show(identity.evccid)}",)
        return Assurance(NOBODY, foreign or ("it has not said who it is",))
    if unusable(mac):
        return Assurance(NOBODY, notes(mac))
    return _of_address(mac, visit, shown)


def _of_address(mac: bytes, visit: Visit, shown: Fingerprint | None) -> Assurance:
    identity, lookup = visit.identity, visit.vehicle
    layers = [source.value for source in Source if source in identity.sources]
    says = f"{format_mac(mac)} by {', '.join(layers)}"
    if identity.foreign_evccid:
        if not evccid_is_registered(visit):
            return Assurance(FOREIGN, (says, identity.foreign_evccid))
        layers.append(f"{Source.EVCCID.value} as registered")
    if invented(mac) or (rotating(mac) and not keeps_it(lookup)):
        return Assurance(POOR_ADDRESS, (says, *notes(mac)))
    alike = likeness_of(lookup, shown)
    told = (says,) if alike is None else (says, alike.words)
    score = CLAIMED.get(len(layers), POOR_ADDRESS)
    if Source.SLAC not in identity.sources:
        score, told = min(score, UNFINISHED), (*told, "SLAC does not tie it to this plug")
    if identity.evccid is None:
        score = min(score, UNFINISHED)
        told = (*told, f"{NAMES['evccid']} is still to come")
    if alike is not None and alike.score is not None:
        score = _moved(score, alike.score)
    if lookup is not None and lookup.used_tls and visit.tls is False:
        score = min(score, DOWNGRADED)
        told = (*told, "it has used TLS here before, and does without it now")
    return Assurance(score, told)


def _moved(score: float, alike: float) -> float:
    """Return how sure it is once it is known how like it is to before."""
    if alike < ALIKE:
        return min(score, UNLIKE * alike / ALIKE)
    if score < min(CLAIMED.values()):
        return score  # being like it makes up for nothing that is missing
    return LIKE + (ALWAYS_LIKE - LIKE) * (alike - ALIKE) / (1 - ALIKE)


def likeness_of(lookup: VehicleLookup | None, shown: Fingerprint | None) -> Likeness | None:
    """Compare what was shown with what is known of the vehicle, if anything is."""
    if lookup is None or not lookup.prints or shown is None:
        return None
    return likeness(lookup.prints, shown)


def keeps_it(lookup: VehicleLookup | None) -> bool:
    """Whether a vehicle whose address might be another each time has kept it."""
    return lookup is not None and len(lookup.prints) >= STABLE_VISITS


def evccid_is_registered(visit: Visit) -> bool:
    """Whether what it sends as its EVCCID is what its owner has registered."""
    record = None if visit.vehicle is None else visit.vehicle.record
    return record is not None and record.evccid == visit.identity.evccid
