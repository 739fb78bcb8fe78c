"""A registry in memory. It does not simulate a disk: nothing in it is lost, full or slow."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from seccstack.auth import emaid as emaids
from seccstack.auth.addresses import format_mac
from seccstack.auth.audit import MAX_AUDIT, AuditEntry, bounded
from seccstack.auth.decision import CardRecord, ContractRecord, Record, VehicleRecord
from seccstack.auth.fingerprint import Fingerprint, remembered
from seccstack.auth.port import (
    MAX_SIGHTINGS,
    MAX_TLS_VEHICLES,
    NO_PRINTS,
    Enrolled,
    Sighting,
    check_room,
    same_visit,
)
from seccstack.errors import UsageError
from seccstack.sim.experience import SimExperiences

R = TypeVar("R", VehicleRecord, CardRecord, ContractRecord)


class SimRegistry:
    """Vehicles and cards of a charger that exists only while it is simulated."""

    def __init__(
        self, records: Iterable[Record] = (), now: float = 0.0, most: int = MAX_AUDIT
    ) -> None:
        self.now = now  # seconds since 1970; its owner moves it on
        self._vehicles: dict[bytes, VehicleRecord] = {}
        self._cards: dict[str, CardRecord] = {}
        self._contracts: dict[str, ContractRecord] = {}
        self._sightings: deque[Sighting] = deque(maxlen=MAX_SIGHTINGS)
        self._prints: dict[bytes, tuple[Fingerprint, ...]] = {}
        self._tls: dict[bytes, float] = {}  # since when it was last used, the oldest first
        self._audit: deque[AuditEntry] = deque(maxlen=most)
        self._kept: dict[str, str] = {}
        self.experiences = SimExperiences()
        self.put(records)

    def vehicle(self, mac: bytes) -> VehicleRecord | None:
        """Return the vehicle's record."""
        record = self._vehicles.get(mac)
        return None if record is None else self._dated(record)

    def card(self, uid: str) -> CardRecord | None:
        """Return the card's record."""
        record = self._cards.get(uid)
        return None if record is None else self._dated(record)

    def contract(self, emaid: str) -> ContractRecord | None:
        """Return the contract's record."""
        record = self._contracts.get(emaids.normal(emaid) or "")
        return None if record is None else self._dated(record)

    def vehicles(self) -> Sequence[VehicleRecord]:
        """Return every vehicle."""
        return [self._dated(self._vehicles[mac]) for mac in sorted(self._vehicles)]

    def vehicles_of(self, prefixes: Iterable[bytes], most: int) -> Sequence[VehicleRecord]:
        """Return vehicles of these ranges."""
        ranges = tuple(prefixes)
        return [known for known in self.vehicles() if known.mac.startswith(ranges)][:most]

    def cards(self) -> Sequence[CardRecord]:
        """Return every card."""
        return [self._dated(self._cards[uid]) for uid in sorted(self._cards)]

    def contracts(self) -> Sequence[ContractRecord]:
        """Return every contract."""
        return [self._dated(self._contracts[emaid]) for emaid in sorted(self._contracts)]

    def add_vehicle(self, record: VehicleRecord) -> None:
        """Register a vehicle."""
        if record.mac in self._vehicles:
            raise UsageError(f"vehicle {format_mac(record.mac)} is registered already")
        self._vehicles[record.mac] = record

    def add_card(self, record: CardRecord) -> None:
        """Register a card."""
        if record.uid in self._cards:
            raise UsageError(f"card {record.uid} is registered already")
        self._cards[record.uid] = record

    def add_contract(self, record: ContractRecord) -> None:
        """Register a contract."""
        if record.emaid in self._contracts:
            raise UsageError(f"contract {record.emaid} is registered already")
        self._contracts[record.emaid] = record

    def enrol(self, record: VehicleRecord | CardRecord, most: int) -> Enrolled:
        """Register one more, unless it is there or too many are."""
        setup = isinstance(record, CardRecord) and record.setup
        cards = sum(card.setup == setup for card in self._cards.values())
        known = (
            record.uid in self._cards
            if isinstance(record, CardRecord)
            else record.mac in self._vehicles
        )
        if known:
            return Enrolled.KNOWN
        if cards + (0 if setup else len(self._vehicles)) >= most:
            return Enrolled.FULL
        self.put([record])
        return Enrolled.ADDED

    def put(
        self,
        records: Iterable[Record],
        prints: Mapping[bytes, Sequence[Fingerprint]] = NO_PRINTS,
    ) -> None:
        """Register all of these."""
        for record in list(records):
            if isinstance(record, VehicleRecord):
                self._vehicles[record.mac] = record
            elif isinstance(record, CardRecord):
                self._cards[record.uid] = record
            else:
                self._contracts[record.emaid] = record
        self._prints.update({mac: tuple(shown) for mac, shown in prints.items()})

    def remove_vehicle(self, mac: bytes) -> bool:
        """Forget a vehicle."""
        self._prints.pop(mac, None)
        return self._vehicles.pop(mac, None) is not None

    def remove_card(self, uid: str) -> bool:
        """Forget a card."""
        return self._cards.pop(uid, None) is not None

    def remove_contract(self, emaid: str) -> bool:
        """Forget a contract."""
        return self._contracts.pop(emaids.normal(emaid) or "", None) is not None

    def prove(self, mac: bytes, at: float, certificate: str | None = None) -> None:
        """Note that a vehicle has proven who it is."""
        known = self._vehicles.get(mac)
        if known is None:
            return
        taken = certificate in [one.certificate for one in self._vehicles.values()]
        own = known.certificate or (None if taken else certificate)
        self._vehicles[mac] = replace(known, proven_at=at, certificate=own)

    def record_sighting(self, sighting: Sighting) -> bool:
        """Keep a sighting."""
        earlier = same_visit(self._sightings[0] if self._sightings else None, sighting)
        if earlier is not None:
            self._sightings.popleft()
        self._sightings.appendleft(replace(sighting, tls=None, certain_for=None))
        if sighting.certain_for is not None:
            self.learn(sighting.certain_for, sighting.fingerprint)
        known = self._vehicles.get(sighting.mac) if sighting.mac is not None else None
        if known is not None:
            counted = earlier is not None and earlier.mac == known.mac
            times = known.times_seen + (0 if counted else 1)
            first = sighting.at if known.first_seen is None else known.first_seen
            self._vehicles[known.mac] = replace(
                known, last_seen=sighting.at, first_seen=first, times_seen=times
            )
        if sighting.mac is None:
            return False
        if sighting.tls:
            self._tls.pop(sighting.mac, None)
            self._tls[sighting.mac] = sighting.at
            if len(self._tls) > MAX_TLS_VEHICLES:
                del self._tls[next(iter(self._tls))]
        return sighting.tls is False and self.used_tls(sighting.mac)

    def prints(self, mac: bytes) -> tuple[Fingerprint, ...]:
        """Return what a registered vehicle showed of itself."""
        return self._prints.get(mac, ())

    def learn(self, mac: bytes, fingerprint: Fingerprint) -> None:
        """Remember what a registered vehicle showed."""
        if mac in self._vehicles:
            self._prints[mac] = remembered(self.prints(mac), fingerprint)

    def used_tls(self, mac: bytes) -> bool:
        """Whether a vehicle has used TLS here."""
        return mac in self._tls

    def sightings(self, limit: int = MAX_SIGHTINGS) -> Sequence[Sighting]:
        """Return the last sightings."""
        return list(self._sightings)[:limit]

    def record_decision(self, entry: AuditEntry) -> None:
        """Keep an entry of the trail."""
        self._audit.appendleft(bounded(entry))

    def audit(self, limit: int = MAX_AUDIT, about: str | None = None) -> Sequence[AuditEntry]:
        """Return the last entries."""
        found = [entry for entry in self._audit if about is None or about in _names(entry)]
        return found[:limit]

    def keep(self, name: str, text: str) -> None:
        """Keep a text as long as the rest."""
        check_room(name, text, len(self._kept.keys() - {name}))
        self._kept[name] = text

    def kept(self, name: str) -> str | None:
        """Return what is kept under a name."""
        return self._kept.get(name)

    def close(self) -> None:
        """Do nothing: there is no storage."""

    def _dated(self, record: R) -> R:
        return replace(
            record, expired=record.expires is not None and record.expires <= self.now
        )


def _names(entry: AuditEntry) -> tuple[str | None, ...]:
    mac = None if entry.mac is None else format_mac(entry.mac)
    return mac, entry.uid, entry.emaid
