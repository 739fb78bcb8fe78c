"""What authorisation needs of the world: a registry, and a card reader."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Any, Protocol

from seccstack.auth.audit import MAX_AUDIT, AuditEntry
from seccstack.auth.decision import CardRecord, ContractRecord, Record, VehicleRecord
from seccstack.auth.fingerprint import NOTHING, Fingerprint
from seccstack.auth.vehicle import Identity
from seccstack.errors import SeccError, UsageError

# Some years of a household's charging; some kilobytes each, since an identity is bounded.
MAX_SIGHTINGS = 1000
MAX_TLS_VEHICLES = 1000  # of which it is remembered that they have used TLS; the oldest goes
MAX_KEPT = 16  # names a box keeps some state under; each part of a charger has one or two
MAX_KEPT_OCTETS = 65536  # of each: a table of tariffs, the days of a week
NO_PRINTS: Mapping[bytes, Sequence[Fingerprint]] = MappingProxyType({})


class RegistryError(SeccError):
    """The registry cannot be read or written; the text says which file, and what to do."""


class Enrolled(Enum):
    """What became of a record that was to be enrolled."""

    ADDED = "added"
    KNOWN = "known"  # it was there already, and is as it was
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A vehicle was here, and this is what it said of itself.

    ``mac``: the address all its claims share but for an EVCCID that is not one; None if they
    contradict each other. ``at``: seconds since 1970. ``identity``: the object of a session.
    ``tls``: whether its connection was encrypted, None if there was none; not kept with the
    sighting, but with the vehicle. ``certain_for``: the registered vehicle that this was
    certain to be, so that its fingerprint is learned; not kept either. ``box``: which of those
    that share a registry has seen it, as the registry says.
    """

    at: float
    mac: bytes | None
    evccid: bytes | None
    consistent: bool | None
    disagreements: tuple[str, ...] = ()
    identity: dict[str, Any]
    tls: bool | None = None
    fingerprint: Fingerprint = NOTHING
    certain_for: bytes | None = None
    box: str = ""


def sighting_of(
    identity: Identity,
    at: float,
    tls: bool | None = None,
    fingerprint: Fingerprint = NOTHING,
    certain_for: bytes | None = None,
) -> Sighting:
    """Make a sighting of what a vehicle has said."""
    return Sighting(
        at=at,
        mac=identity.common_mac,
        evccid=identity.evccid or None,
        consistent=identity.consistent,
        disagreements=identity.disagreements,
        identity=identity.to_json(),
        tls=tls,
        fingerprint=fingerprint,
        certain_for=certain_for,
    )


def same_visit(latest: Sighting | None, sighting: Sighting) -> Sighting | None:
    """Return the latest sighting if both began with the same words at the same moment."""
    if latest is None:
        return None
    began = latest.identity["evidence"][:1]
    return latest if began and began == sighting.identity["evidence"][:1] else None


def check_room(name: str, text: str, others: int) -> None:
    """Refuse a text that is too long to be kept, or one name too many, with a UsageError."""
    size = len(text.encode())
    if size > MAX_KEPT_OCTETS:
        raise UsageError(f"{name} has {size} octets; {MAX_KEPT_OCTETS} can be kept")
    if others >= MAX_KEPT:
        raise UsageError(f"{others} names are kept already; there is no room for {name}")


class Registry(Protocol):
    """What an owner has registered (vehicles, cards, contracts), and who has been here.

    Several boxes may share one. What they have learned and registered is common; sightings and
    what is kept by name are of each box alone.

    Every change is one transaction: when the method returns, it has been made for good. Calls
    block for as long as a disk takes, and may come from any thread. `RegistryError` if the
    storage fails. Implementations: `seccstack.adapters.registry`, `seccstack.sim.registry`.
    """

    def vehicle(self, mac: bytes) -> VehicleRecord | None:
        """Return the vehicle's record, with ``expired`` as of now."""

    def card(self, uid: str) -> CardRecord | None:
        """Return the card's record, with ``expired`` as of now."""

    def contract(self, emaid: str) -> ContractRecord | None:
        """Return the contract's record, with ``expired`` as of now, however it is written."""

    def vehicles(self) -> Sequence[VehicleRecord]:
        """Return every vehicle, by MAC address."""

    def vehicles_of(self, prefixes: Iterable[bytes], most: int) -> Sequence[VehicleRecord]:
        """Return the first vehicles of these ranges of addresses, by MAC address."""

    def cards(self) -> Sequence[CardRecord]:
        """Return every card, by number."""

    def contracts(self) -> Sequence[ContractRecord]:
        """Return every contract, by eMAID."""

    def add_vehicle(self, record: VehicleRecord) -> None:
        """Register a vehicle; UsageError if it is registered already."""

    def add_card(self, record: CardRecord) -> None:
        """Register a card; UsageError if it is registered already."""

    def add_contract(self, record: ContractRecord) -> None:
        """Register a contract; UsageError if it is registered already."""

    def enrol(self, record: VehicleRecord | CardRecord, most: int) -> Enrolled:
        """Register one more, unless it is there, or ``most`` are.

        Vehicles and the cards that charge are counted together, setup cards apart.
        """

    def put(
        self,
        records: Iterable[Record],
        prints: Mapping[bytes, Sequence[Fingerprint]] = NO_PRINTS,
    ) -> None:
        """Register all of these or none, each in the place of what it replaces.

        ``prints``: what some of these vehicles have shown, in the place of what is remembered.
        """

    def remove_vehicle(self, mac: bytes) -> bool:
        """Forget a vehicle; False if it was not registered."""

    def remove_card(self, uid: str) -> bool:
        """Forget a card; False if it was not registered."""

    def remove_contract(self, emaid: str) -> bool:
        """Forget a contract, however it is written; False if it was not registered."""

    def prove(self, mac: bytes, at: float, certificate: str | None = None) -> None:
        """Note that a vehicle has proven who it is, if it is registered.

        ``certificate`` is its own from then on, if it had none before, nor any other has it.
        """

    def record_sighting(self, sighting: Sighting) -> bool:
        """Keep a sighting, the last `MAX_SIGHTINGS` of them of this box.

        If its latest one is of the same visit, this one takes its place. If its ``mac`` is
        registered, that vehicle has been seen once more, but once per visit; ``certain_for``
        learns the fingerprint. Return whether the vehicle, registered or not, has used TLS here
        before and now does without.
        """

    def prints(self, mac: bytes) -> tuple[Fingerprint, ...]:
        """Return what a registered vehicle showed of itself, the latest last."""

    def learn(self, mac: bytes, fingerprint: Fingerprint) -> None:
        """Remember what a registered vehicle showed, beside the last few times."""

    def used_tls(self, mac: bytes) -> bool:
        """Whether a vehicle with this address, registered or not, has used TLS here."""

    def sightings(self, limit: int = MAX_SIGHTINGS) -> Sequence[Sighting]:
        """Return the last sightings of all boxes, the latest first."""

    def record_decision(self, entry: AuditEntry) -> None:
        """Keep an entry of the trail; of those of its box, the oldest go."""

    def audit(self, limit: int = MAX_AUDIT, about: str | None = None) -> Sequence[AuditEntry]:
        """Return the last entries, the latest first.

        ``about``: only of this MAC in hexadecimal, card number or eMAID of 14 characters.
        """

    def keep(self, name: str, text: str) -> None:
        """Keep a text over a restart, in the place of what had this name.

        UsageError beyond `MAX_KEPT` names, or `MAX_KEPT_OCTETS`.
        """

    def kept(self, name: str) -> str | None:
        """Return what this box keeps under a name."""

    def close(self) -> None:
        """Let go of the storage."""


class CardReader(Protocol):
    """A reader of RFID cards."""

    def cards(self) -> AsyncIterator[str]:
        """Yield the number of each card that is held to it, in upper-case hexadecimal."""
