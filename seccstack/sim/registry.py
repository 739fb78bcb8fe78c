"""A registry in memory. It does not simulate a disk: nothing in it is lost, full or slow."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from seccstack.auth.addresses import format_mac
from seccstack.auth.decision import CardRecord, VehicleRecord
from seccstack.auth.fingerprint import Fingerprint, remembered
from seccstack.auth.port import MAX_SIGHTINGS, MAX_TLS_VEHICLES, Sighting, same_visit
from seccstack.errors import UsageError

R = TypeVar("R", VehicleRecord, CardRecord)


class SimRegistry:
    """Vehicles and cards of a charger that exists only while it is simulated."""

    def __init__(
        self, records: Iterable[VehicleRecord | CardRecord] = (), now: float = 0.0
    ) -> None:
        self.now = now  # seconds since 1970; its owner moves it on
        self._vehicles: dict[bytes, VehicleRecord] = {}
        self._cards: dict[str, CardRecord] = {}
        self._sightings: deque[Sighting] = deque(maxlen=MAX_SIGHTINGS)
        self._prints: dict[bytes, tuple[Fingerprint, ...]] = {}
        self._tls: dict[bytes, float] = {}  # since when it was last used, the oldest first
        self.put(records)

    def vehicle(self, mac: bytes) -> VehicleRecord | None:
        """Return the vehicle's record."""
        record = self._vehicles.get(mac)
        return None if record is None else self._dated(record)

    def card(self, uid: str) -> CardRecord | None:
        """Return the card's record."""
        record = self._cards.get(uid)
        return None if record is None else self._dated(record)

    def vehicles(self) -> Sequence[VehicleRecord]:
        """Return every vehicle."""
        return [self._dated(self._vehicles[mac]) for mac in sorted(self._vehicles)]

    def cards(self) -> Sequence[CardRecord]:
        """Return every card."""
        return [self._dated(self._cards[uid]) for uid in sorted(self._cards)]

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

    def put(self, records: Iterable[VehicleRecord | CardRecord]) -> None:
        """Register all of these."""
        for record in list(records):
            if isinstance(record, VehicleRecord):
                self._vehicles[record.mac] = record
            else:
                self._cards[record.uid] = record

    def remove_vehicle(self, mac: bytes) -> bool:
        """Forget a vehicle."""
        self._prints.pop(mac, None)
        return self._vehicles.pop(mac, None) is not None

    def remove_card(self, uid: str) -> bool:
        """Forget a card."""
        return self._cards.pop(uid, None) is not None

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
            self._vehicles[known.mac] = replace(known, last_seen=sighting.at, times_seen=times)
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

    def close(self) -> None:
        """Do nothing: there is no storage."""

    def _dated(self, record: R) -> R:
        return replace(
            record, expired=record.expires is not None and record.expires <= self.now
        )
