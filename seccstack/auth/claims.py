"""Granting for what a vehicle says of itself, or saying everything that this lacks."""

from __future__ import annotations

from collections.abc import Iterator

from seccstack.auth.addresses import format_mac, notes, rotating
from seccstack.auth.confidence import Assurance, confidence_of
from seccstack.auth.decision import Granted, VehicleRecord, objection
from seccstack.auth.fingerprint import Likeness, likeness
from seccstack.auth.judgement import Below, Settings, VehicleLookup, Visit
from seccstack.auth.policies import Factor
from seccstack.auth.suspicion import (
    FingerprintUse,
    Relative,
    RotatingUse,
    address_obstacles,
    like,
    named,
    probably,
)
from seccstack.auth.vehicle import Identity, Source, show

WEIGHED = (FingerprintUse.WEIGH, FingerprintUse.REQUIRE)  # where it counts in the confidence


def by_claims(
    visit: Visit, settings: Settings, now: float, backed: bool
) -> Granted | tuple[str, ...]:
    """Grant for the vehicle's claims, or say everything that they lack.

    ``backed``: there is a card or a contract besides, which makes up for what only makes less
    sure. Nothing makes up for claims that contradict each other.
    """
    identity, lookup = visit.identity, visit.vehicle
    if identity.conflicts:
        return identity.conflicts
    if lookup is None:
        return ("the vehicle has not said who it is",)
    vehicle = f"vehicle {format_mac(lookup.key)}"
    if not lookup.answered:
        return (unanswered(vehicle, lookup.asked_at, settings, now),)
    if lookup.failed:
        return (unread(vehicle),)
    if locked := visit.limiter.locked(now):
        return (locked,)
    record = lookup.record
    if record is None:
        return by_family(visit, lookup, settings, backed)
    certified = record.certificate is not None and record.certificate in identity.holders
    obstacles = [f"{vehicle} {why}"] if (why := objection(record)) else []
    if not certified:
        obstacles += evccid_obstacles(identity, record.evccid, settings.autocharge_sources)
    elif Source.SLAC not in identity.sources:
        obstacles.append(
            f"{vehicle} has shown its certificate, but not that it is at this plug"
        )
    if settings.downgrade_refused and lookup.used_tls and visit.tls is False:
        obstacles.append(f"{vehicle} has used TLS here before, and does without it now")
    alike = likeness(lookup.prints, visit.judged)
    if not backed:
        obstacles += () if certified else address_obstacles(record, lookup.prints)
        obstacles += proof_obstacles(visit, record, vehicle)
        required = settings.fingerprint is FingerprintUse.REQUIRE and not visit.enrolled
        if required and not alike.high:
            obstacles.append(f"{vehicle}: {alike.words}")
    if obstacles:
        return tuple(obstacles)
    known = f"{named('vehicle', format_mac(record.mac), record.label)} is registered"
    shown = ("it has shown its certificate, and that it has the key",) if certified else ()
    reasons = (known, *shown, *notes(record.mac), *_told(alike, settings))
    if backed or certified or not (doubts := doubts_of(visit, settings)):
        return Granted(Factor.AUTOCHARGE.value, reasons)
    if settings.below is not Below.REDUCED:
        return (f"{vehicle}: {doubts}",)
    amps = settings.reduced_amps
    limited = f"{doubts}: {amps:g} A, until a card is held to the reader"
    return Granted(Factor.AUTOCHARGE.value, (*reasons, limited), amps)


def assurance_of(visit: Visit, settings: Settings) -> Assurance:
    """Weigh a visit as this charger does: by how it speaks only where that is to count."""
    weighed = settings.fingerprint in WEIGHED
    return confidence_of(visit, visit.judged if weighed else None)


def doubts_of(visit: Visit, settings: Settings) -> str | None:
    """Say that it is less sure who it is than is wanted, if so."""
    assurance = assurance_of(visit, settings)
    if visit.enrolled or assurance.score >= settings.confidence:
        return None  # what was registered in this visit, its owner has just seen
    said = "; ".join(assurance.reasons)
    return f"confidence {assurance.score:.2f}, wanted is {settings.confidence:.2f} ({said})"


def proof_obstacles(visit: Visit, record: VehicleRecord, vehicle: str) -> Iterator[str]:
    """Say that a vehicle that can prove itself has to.

    Who has copied its address has not copied its key; so from the first proof on the address
    says nothing any more, until the owner registers the vehicle anew.
    """
    if record.certificate is not None:
        if record.certificate not in visit.identity.holders:
            other = "another vehicle's" if visit.identity.holders else "none"
            yield (
                f"{vehicle} has shown its certificate here before, and shows {other} now: it "
                "can pay by its contract, or a card is needed"
            )
    elif record.proven_at is not None or (visit.proved and not visit.identity.holders):
        yield (
            f"{vehicle} has proven itself here before, by a contract: since then its address "
            "alone is not enough; it can pay by its contract, or a card is needed"
        )


def by_family(
    visit: Visit, lookup: VehicleLookup, settings: Settings, backed: bool = False
) -> Granted | tuple[str, ...]:
    """Grant to an unknown address, if it is one of those that no vehicle has twice."""
    identity, unknown = visit.identity, f"vehicle {format_mac(lookup.key)} is not registered"
    family = lookup.family if rotating(lookup.key) else ()
    certified = [one for one in family if one.record.certificate in identity.holders]
    if certified and objection(certified[0].record) is None:
        return _by_certificate(identity, certified[0].record)
    found = like([one for one in family if one.record.certificate is None], visit.judged)
    if not found:
        return (unknown, *identity.disagreements, *identity.notes)
    reasons = (unknown, probably(found))
    trusted = None if len(found) > 1 else _trusted(found[0], settings, backed)
    if trusted is None:
        return (*reasons, "a card makes it certain: what it is like, others may be too")
    obstacles = tuple(
        evccid_obstacles(identity, found[0].record.evccid, settings.autocharge_sources)
    )
    if obstacles:
        return (*reasons, *obstacles)
    reduced = settings.rotating is RotatingUse.REDUCED and not backed
    most = (settings.reduced_amps if reduced else None, found[0].record.max_amps)
    amps = min((one for one in most if one is not None), default=None)
    return Granted(Factor.AUTOCHARGE.value, (*reasons, trusted), amps)


def _by_certificate(identity: Identity, record: VehicleRecord) -> Granted | tuple[str, ...]:
    """Grant to one that has another address each time, and proves which vehicle it is."""
    vehicle = named("vehicle", format_mac(record.mac), record.label)
    if Source.SLAC not in identity.sources:
        return (f"it has shown the certificate of {vehicle}, but not that it is at this plug",)
    why = f"its address is new, and it has shown the certificate of {vehicle}"
    return Granted(Factor.AUTOCHARGE.value, (why,), record.max_amps)


def _trusted(found: Relative, settings: Settings, backed: bool) -> str | None:
    """Say why a likeness is enough, if it is."""
    if backed:
        return "there is more than its likeness"
    match settings.rotating:
        case RotatingUse.FINGERPRINT:
            return "that is enough here"
        case RotatingUse.REDUCED:
            return f"that is enough here for {settings.reduced_amps:g} A"
        case RotatingUse.ONCE if vouched(found, settings):
            days = (found.vouched or 0.0) / 86400
            return f"a card was held up for it {days:.1f} days ago"
        case _:
            return None


def vouched(found: Relative, settings: Settings) -> bool:
    """Whether a card still vouches for whoever is like this vehicle."""
    return found.vouched is not None and 0 <= found.vouched < settings.vouch_seconds


def evccid_obstacles(
    identity: Identity, registered: bytes | None, needed: int
) -> Iterator[str]:
    """Say whether the EVCCID is another's, or too few layers name this vehicle.

    An EVCCID that is no MAC address counts only if it is, octet for octet, the registered one.
    """
    sources = identity.sources
    if registered is not None and identity.evccid:
        if identity.evccid != registered:
            yield f"EVCCID is {show(identity.evccid)}, registered is {show(registered)}"
            return
        sources |= {Source.EVCCID}
    elif identity.foreign_evccid:
        yield f"{identity.foreign_evccid}, and none is registered with this vehicle"
        return
    # SLAC is what ties a session to this plug: without it, whoever is still in our network
    # could speak for a vehicle that stands here and says nothing.
    sure = {Source.SLAC, Source.EVCCID} if needed > 1 else set()
    if len(sources) < needed or not sure <= sources:
        by = " and ".join(source.value for source in Source if source in sources)
        also = ", SLAC and the EVCCID among them" if needed > 1 else ""
        yield f"the vehicle is named by {by} only; autocharge needs {needed} sources{also}"


def unanswered(what: str, asked_at: float, settings: Settings, now: float) -> str:
    """Say that the registry has not answered yet, or will not."""
    if now < asked_at + settings.registry_wait_seconds:
        return f"the registry is being asked about {what}"
    return f"the registry did not answer about {what} in {settings.registry_wait_seconds:g} s"


def unread(what: str) -> str:
    """Say that the registry could not be asked."""
    return f"the registry cannot be read, so nothing is known of {what}"


def _told(alike: Likeness, settings: Settings) -> tuple[str, ...]:
    compared = alike.score is not None and settings.fingerprint is not FingerprintUse.OFF
    return (alike.words,) if compared else ()
