"""What authorisation needs of the world: a registry, and a card reader."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from seccstack.auth.decision import CardRecord, VehicleRecord
from seccstack.auth.fingerprint import NOTHING, Fingerprint
from seccstack.auth.vehicle import Identity
from seccstack.errors import SeccError

# Some years of a household's charging; some kilobytes each, since an identity is bounded.
MAX_SIGHTINGS = 1000
MAX_TLS_VEHICLES = 1000  # of which it is remembered that they have used TLS; the oldest goes


class RegistryError(SeccError):
    """The registry cannot be read or written; the text says which file, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A vehicle was here, and this is what it said of itself.

    ``mac``: the address all its claims share but for an EVCCID that is not one; None if they
    contradict each other. ``at``: seconds since 1970. ``identity``: the object of a session.
    ``tls``: whether its connection was encrypted, None if there was none; not kept with the
    sighting, but with the vehicle. ``certain_for``: the registered vehicle that this was
    certain to be, so that its fingerprint is learned; not kept either.
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


class Registry(Protocol):
    """The vehicles and cards an owner has registered, and the vehicles that have been here.

    Every change is one transaction: when the method returns, it has been made for good. Calls
    block for as long as a disk takes, and may come from any thread. `RegistryError` if the
    storage fails. Implementations: `seccstack.adapters.registry`, `seccstack.sim.registry`.
    """

    def vehicle(self, mac: bytes) -> VehicleRecord | None:
        """Return the vehicle's record, with ``expired`` as of now."""

    def card(self, uid: str) -> CardRecord | None:
        """Return the card's record, with ``expired`` as of now."""

    def vehicles(self) -> Sequence[VehicleRecord]:
        """Return every vehicle, by MAC address."""

    def cards(self) -> Sequence[CardRecord]:
        """Return every card, by number."""

    def add_vehicle(self, record: VehicleRecord) -> None:
        """Register a vehicle; UsageError if it is registered already."""

    def add_card(self, record: CardRecord) -> None:
        """Register a card; UsageError if it is registered already."""

    def put(self, records: Iterable[VehicleRecord | CardRecord]) -> None:
        """Register all of these or none, each in the place of what it replaces."""

    def remove_vehicle(self, mac: bytes) -> bool:
        """Forget a vehicle; False if it was not registered."""

    def remove_card(self, uid: str) -> bool:
        """Forget a card; False if it was not registered."""

    def record_sighting(self, sighting: Sighting) -> bool:
        """Keep a sighting, the last `MAX_SIGHTINGS` of them.

        If the latest one is of the same visit, this one takes its place. If its ``mac`` is
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
        """Return the last sightings, the latest first."""

    def close(self) -> None:
        """Let go of the storage."""


class CardReader(Protocol):
    """A reader of RFID cards."""

    def cards(self) -> AsyncIterator[str]:
        """Yield the number of each card that is held to it, in upper-case hexadecimal."""
