"""Weighing what speaks for a plug-in, and what against it: values and functions, no machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import assert_never

from seccstack.auth.addresses import format_mac, notes, rotating
from seccstack.auth.decision import (
    CONTRACT,
    CardRecord,
    Decision,
    Denied,
    Granted,
    Pending,
    Policy,
    VehicleRecord,
    objection,
)
from seccstack.auth.fingerprint import NOTHING, Fingerprint, Likeness, likeness
from seccstack.auth.limiter import CALM, Limiter
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
from seccstack.errors import UsageError


@dataclass(frozen=True, slots=True)
class Settings:
    """How this charger decides."""

    policy: Policy = Policy.AUTOCHARGE
    card_wait_seconds: float = 60.0  # from the vehicle's asking; 0: refuse at once
    card_ahead_seconds: float = 60.0  # how long a card held up before plugging in counts
    registry_wait_seconds: float = 5.0  # then the registry is taken to be silent
    autocharge_sources: int = 2  # of the three `Source`s; from 2 on, with SLAC and EVCCID
    downgrade_refused: bool = False  # of who has used TLS before, and does without it now
    fingerprint: FingerprintUse = FingerprintUse.EXPLAIN
    rotating: RotatingUse = RotatingUse.CARD

    def __post_init__(self) -> None:
        waits = (self.card_wait_seconds, self.card_ahead_seconds, self.registry_wait_seconds)
        if not all(0 <= wait < float("inf") for wait in waits):
            raise UsageError(f"seconds to wait must be 0 or more: {waits}")
        if not 1 <= self.autocharge_sources <= len(Source):
            raise UsageError(f"there are 1 to 3 sources, not {self.autocharge_sources}")


@dataclass(frozen=True, slots=True)
class VehicleLookup:
    """A question to the registry about a vehicle."""

    key: bytes
    asked_at: float
    answered: bool = False
    record: VehicleRecord | None = None
    used_tls: bool = False
    again: bool = False  # it is asked once more, about who was let in already
    prints: tuple[Fingerprint, ...] = ()
    family: tuple[Relative, ...] = ()


@dataclass(frozen=True, slots=True)
class CardLookup:
    """A question to the registry about a card."""

    key: str
    asked_at: float
    answered: bool = False
    record: CardRecord | None = None
    again: bool = False


REGISTERING = "vehicles and cards are being registered: meanwhile nobody is let in"


@dataclass(frozen=True, slots=True)
class Visit:
    """One plug-in, and all that is known of it."""

    plug_in: int
    identity: Identity = field(default_factory=Identity)
    wanted_at: float | None = None
    vehicle: VehicleLookup | None = None
    cards: tuple[CardLookup, ...] = ()
    decision: Decision | None = None
    vouched: tuple[str, ...] = ()  # why its contract may charge, if it does
    tls: bool | None = None  # whether its latest connection is encrypted
    fingerprint: Fingerprint = NOTHING
    judged: Fingerprint = NOTHING  # the same, as of the grant: what is granted is granted
    limiter: Limiter = CALM  # as of plugging in
    halted: str | None = None  # why only a card can start it again
    registering: bool = False  # it came while vehicles are registered, and they still are
    enrolled: bool = False  # it was registered in this very visit
    checked_at: float = 0.0  # when it was granted, or the registry last asked about that


def decide(visit: Visit, settings: Settings, wanted_at: float, now: float) -> Decision:
    """Decide from everything that is known, whatever has been decided before."""
    weighed = weigh(visit, settings, now)
    if isinstance(weighed, Granted):
        return weighed
    if now < wanted_at + settings.card_wait_seconds:
        awaited = () if visit.registering else ("a card is awaited",)
        return Pending((*weighed, *awaited))
    if any(now < point for point in silences(visit, settings)):
        return Pending(weighed)
    if not (visit.cards or visit.registering):
        waited = f"no card was held to the reader in {settings.card_wait_seconds:g} s"
        return Denied((*weighed, waited))
    return Denied(weighed)


def weigh(visit: Visit, settings: Settings, now: float) -> Granted | tuple[str, ...]:
    """Grant, or say everything that has kept us from it so far."""
    if visit.registering:
        return (REGISTERING,)
    halted = (visit.halted,) if visit.halted else None
    grant = by_card(visit) or halted or by_contract(visit) or by_policy(visit, settings, now)
    if isinstance(grant, Granted):
        return grant
    return (*grant, *card_obstacles(visit, settings, now))


def by_card(visit: Visit) -> Granted | None:
    """Grant if a valid card was held to the reader, whatever the vehicle says of itself."""
    for card in visit.cards:
        if card.record is not None and by_one(card):
            known = f"{named('card', card.key, card.record.label)} is registered"
            return Granted(Policy.CARD.value, (known, *visit.identity.disagreements))
    return None


def by_one(card: CardLookup) -> bool:
    """Whether this card grants."""
    record = card.record
    return record is not None and not record.setup and objection(record) is None


def by_contract(visit: Visit) -> Granted | None:
    """Grant for a contract that is proven, whatever the vehicle says of itself besides."""
    return Granted(CONTRACT, visit.vouched) if visit.vouched else None


def by_policy(visit: Visit, settings: Settings, now: float) -> Granted | tuple[str, ...]:
    """Grant without a card, or say why not."""
    match settings.policy:
        case Policy.OPEN:
            reasons = ("everybody may charge here", *visit.identity.disagreements)
            return Granted(Policy.OPEN.value, reasons)
        case Policy.AUTOCHARGE:
            return by_claims(visit, settings, now)
        case Policy.CARD:
            return ()
        case _:
            assert_never(settings.policy)


def by_claims(visit: Visit, settings: Settings, now: float) -> Granted | tuple[str, ...]:
    """Grant for the vehicle's claims alone, or say everything that they lack."""
    identity, lookup = visit.identity, visit.vehicle
    if identity.conflicts:
        return identity.conflicts
    if lookup is None:
        return ("the vehicle has not said who it is",)
    vehicle = f"vehicle {format_mac(lookup.key)}"
    if not lookup.answered:
        return (_unanswered(vehicle, lookup.asked_at, settings, now),)
    if locked := visit.limiter.locked(now):
        return (locked,)
    record = lookup.record
    if record is None:
        return by_family(visit, lookup, settings)
    obstacles = [f"{vehicle} {why}"] if (why := objection(record)) else []
    obstacles += address_obstacles(record, lookup.prints)
    obstacles += evccid_obstacles(identity, record.evccid, settings.autocharge_sources)
    if settings.downgrade_refused and lookup.used_tls and visit.tls is False:
        obstacles.append(f"{vehicle} has used TLS here before, and does without it now")
    alike = likeness(lookup.prints, visit.judged)
    required = settings.fingerprint is FingerprintUse.REQUIRE and not visit.enrolled
    if required and not alike.high:
        obstacles.append(f"{vehicle}: {alike.words}")
    if obstacles:
        return tuple(obstacles)
    known = f"{named('vehicle', format_mac(record.mac), record.label)} is registered"
    return Granted(
        Policy.AUTOCHARGE.value, (known, *notes(record.mac), *_told(alike, settings))
    )


def by_family(
    visit: Visit, lookup: VehicleLookup, settings: Settings
) -> Granted | tuple[str, ...]:
    """Grant to an unknown address, if it is one of those that no vehicle has twice."""
    identity, unknown = visit.identity, f"vehicle {format_mac(lookup.key)} is not registered"
    found = like(lookup.family, visit.judged) if rotating(lookup.key) else []
    if not found:
        return (unknown, *identity.disagreements, *identity.notes)
    reasons = (unknown, probably(found))
    if settings.rotating is not RotatingUse.FINGERPRINT or len(found) > 1:
        return (*reasons, "a card makes it certain: what it is like, others may be too")
    expected = found[0].record.evccid
    obstacles = tuple(evccid_obstacles(identity, expected, settings.autocharge_sources))
    if obstacles:
        return (*reasons, *obstacles)
    return Granted(Policy.AUTOCHARGE.value, reasons)


def certain_for(visit: Visit) -> bytes | None:
    """Return the registered vehicle that a visit was certain to be, so that it is learned from.

    What was granted to a likeness alone teaches nothing, nor does a visit unlike the others: so
    nobody can make a vehicle's fingerprint their own by coming often.
    """
    lookup = visit.vehicle
    if lookup is None or not isinstance(visit.decision, Granted) or visit.identity.conflicts:
        return None
    if visit.enrolled:
        return None  # it has been learned from in this visit
    by_card_ = visit.decision.by == Policy.CARD.value
    if lookup.record is not None:
        alike = likeness(lookup.prints, visit.fingerprint)
        return lookup.record.mac if by_card_ or not alike.low else None
    found = like(lookup.family, visit.fingerprint)
    if not found and len(lookup.family) == 1 and not lookup.family[0].prints:
        found = list(lookup.family)  # its first: nothing to compare it with yet
    return found[0].record.mac if by_card_ and len(found) == 1 else None


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


def card_obstacles(visit: Visit, settings: Settings, now: float) -> Iterator[str]:
    """Say of every card why it does not grant."""
    for card in visit.cards:
        if not card.answered:
            yield _unanswered(f"card {card.key}", card.asked_at, settings, now)
        elif card.record is None:
            yield f"card {card.key} is not registered"
        elif card.record.setup:
            yield f"card {card.key} is a setup card, which charges nothing"
        else:
            yield f"card {card.key} {objection(card.record)}"


def silences(visit: Visit, settings: Settings) -> Iterator[float]:
    """Yield when each unanswered question to the registry is given up."""
    for lookup in (visit.vehicle, *visit.cards):
        if lookup is not None and not lookup.answered:
            yield lookup.asked_at + settings.registry_wait_seconds


def _unanswered(what: str, asked_at: float, settings: Settings, now: float) -> str:
    if now < asked_at + settings.registry_wait_seconds:
        return f"the registry is being asked about {what}"
    return f"the registry did not answer about {what} in {settings.registry_wait_seconds:g} s"


def _told(alike: Likeness, settings: Settings) -> tuple[str, ...]:
    compared = alike.score is not None and settings.fingerprint is not FingerprintUse.OFF
    return (alike.words,) if compared else ()
