"""Weighing what speaks for a plug-in, and what against it: values and functions, no machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import assert_never

from seccstack.auth.addresses import format_mac, notes
from seccstack.auth.decision import (
    CardRecord,
    Decision,
    Denied,
    Granted,
    Pending,
    Policy,
    VehicleRecord,
    objection,
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


@dataclass(frozen=True, slots=True)
class CardLookup:
    """A question to the registry about a card."""

    key: str
    asked_at: float
    answered: bool = False
    record: CardRecord | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One plug-in, and all that is known of it."""

    plug_in: int
    identity: Identity = field(default_factory=Identity)
    wanted_at: float | None = None
    vehicle: VehicleLookup | None = None
    cards: tuple[CardLookup, ...] = ()
    decision: Decision | None = None
    tls: bool | None = None  # whether its latest connection is encrypted


def decide(visit: Visit, settings: Settings, wanted_at: float, now: float) -> Decision:
    """Decide from everything that is known, whatever has been decided before."""
    weighed = weigh(visit, settings, now)
    if isinstance(weighed, Granted):
        return weighed
    if now < wanted_at + settings.card_wait_seconds:
        return Pending((*weighed, "a card is awaited"))
    if any(now < point for point in silences(visit, settings)):
        return Pending(weighed)
    if not visit.cards:
        waited = f"no card was held to the reader in {settings.card_wait_seconds:g} s"
        return Denied((*weighed, waited))
    return Denied(weighed)


def weigh(visit: Visit, settings: Settings, now: float) -> Granted | tuple[str, ...]:
    """Grant, or say everything that has kept us from it so far."""
    grant = by_card(visit) or by_policy(visit, settings, now)
    if isinstance(grant, Granted):
        return grant
    return (*grant, *card_obstacles(visit, settings, now))


def by_card(visit: Visit) -> Granted | None:
    """Grant if a valid card was held to the reader, whatever the vehicle says of itself."""
    for card in visit.cards:
        if card.record is not None and objection(card.record) is None:
            known = f"{_named('card', card.key, card.record.label)} is registered"
            return Granted(Policy.CARD.value, (known, *visit.identity.disagreements))
    return None


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
    record = lookup.record
    if record is None:
        return (f"{vehicle} is not registered", *identity.disagreements, *identity.notes)
    obstacles = [f"{vehicle} {why}"] if (why := objection(record)) else []
    obstacles += evccid_obstacles(identity, record, settings.autocharge_sources)
    if settings.downgrade_refused and lookup.used_tls and visit.tls is False:
        obstacles.append(f"{vehicle} has used TLS here before, and does without it now")
    if obstacles:
        return tuple(obstacles)
    known = f"{_named('vehicle', format_mac(record.mac), record.label)} is registered"
    return Granted(Policy.AUTOCHARGE.value, (known, *notes(record.mac)))


def evccid_obstacles(identity: Identity, record: VehicleRecord, needed: int) -> Iterator[str]:
    """Say whether the EVCCID is another's, or too few layers name this vehicle.

    An EVCCID that is no MAC address counts only if it is, octet for octet, the registered one.
    """
    sources = identity.sources
    if record.evccid is not None and identity.evccid:
        if identity.evccid != record.evccid:
            yield f"EVCCID is {show(identity.evccid)}, registered is {show(record.evccid)}"
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


def _named(kind: str, key: str, label: str) -> str:
    return f"{kind} {key} ({label})" if label else f"{kind} {key}"
