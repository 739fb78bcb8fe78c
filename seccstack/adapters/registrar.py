"""The registry's place in a running charger: it answers the outlet, and keeps the trail."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar, assert_never

import structlog

from seccstack.adapters.lookups import Lookups
from seccstack.adapters.registry import box_of, name_of, place_of
from seccstack.auth.audit import AuditEntry, AuditKind
from seccstack.auth.contract import (
    UNANSWERED,
    ContractFound,
    LookUpContract,
)
from seccstack.auth.decision import CardRecord, VehicleRecord
from seccstack.auth.enrolment_events import Enrol, EnrolAnswered
from seccstack.auth.events import (
    CardFound,
    DowngradeSeen,
    LookUpCard,
    LookUpVehicle,
    Prove,
    VehicleFound,
    Vouch,
)
from seccstack.auth.lookup import contract_found, enrolled, vehicle_found
from seccstack.auth.port import Enrolled, Registry, Sighting, sighting_of
from seccstack.auth.trail import Trail
from seccstack.auth.vouching import vouch
from seccstack.config import Config
from seccstack.events import Event, RecordSighting
from seccstack.experience.events import (
    ExperienceFound,
    HouseholdFound,
    KeepExperience,
    LookUpExperience,
)
from seccstack.experience.keeping import (
    LearningRegistry,
    experience_found,
    experience_kept,
    household_found,
)
from seccstack.experience.record import UNKNOWN

F = TypeVar("F", VehicleFound, CardFound, ContractFound, ExperienceFound)

Question = (
    LookUpVehicle
    | LookUpCard
    | LookUpContract
    | Enrol
    | RecordSighting
    | Prove
    | Vouch
    | LookUpExperience
    | KeepExperience
)
# Entries that a registry which is away has not taken: some hours of an outlet's. Later ones
# take the places of the oldest.
MOST_WAITING = 100


class Registrar:
    """Carries out what an outlet asks of the registry. A registry that fails finds nobody."""

    def __init__(
        self,
        config: Config,
        feed: Callable[[Event], None],
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        place, most = place_of(config.registry), config.registry.decisions
        self._box = name_of(config)
        self.lookups = Lookups(place, log, box_of(config), most)
        self._feed = feed
        self._trail = Trail(self._box)
        self._sightings: list[Sighting] = []  # of one step
        self._lock = threading.Lock()  # of what waits, between the event loop and the registry
        self._waiting: deque[AuditEntry] = deque(maxlen=MOST_WAITING)

    def open(self) -> None:
        """Open the registry before it is needed: that takes a while."""
        self.lookups.open()
        now = time.time()
        self.lookups.ask(lambda registry: household_found(registry, now), self._expect)

    def close(self) -> None:
        """Let what was asked be done, and close the registry."""
        self._record()
        self.lookups.close()

    def take(self, question: Question) -> None:
        """Have it answered later, on the event loop."""
        match question:
            case LookUpVehicle(mac):
                unknown = VehicleFound(mac, None, failed=True)
                now = time.time()
                self._ask(lambda registry: vehicle_found(registry, mac, now), unknown)
            case LookUpCard(uid):
                self._trail.presented(uid)
                unread = CardFound(uid, None, failed=True)
                self._ask(lambda registry: CardFound(uid, registry.card(uid)), unread)
            case LookUpContract(emaid):
                why = "the registry cannot be asked"
                unheard = ContractFound(emaid, UNANSWERED, why)
                self._ask(lambda registry: contract_found(registry, emaid), unheard)
            case Enrol():
                self._enrol(question)
            case Prove(mac, certificate):
                at = time.time()
                self.lookups.ask(
                    lambda registry: registry.prove(mac, at, certificate), lambda nothing: None
                )
            case Vouch(mac, uid):
                at = time.time()
                self.lookups.ask(
                    lambda registry: vouch(registry, mac, uid, at), lambda nothing: None
                )
            case LookUpExperience(names):
                nothing = ExperienceFound(names, UNKNOWN)
                self._ask(lambda registry: experience_found(registry, question), nothing)
            case KeepExperience():
                at = time.time()
                self.lookups.ask(
                    lambda registry: experience_kept(registry, question, at), self._expect
                )
            case RecordSighting(identity, tls, fingerprint, certain_for):
                sighting = sighting_of(identity, time.time(), tls, fingerprint, certain_for)
                # Who is asked about in the same step is waited for: that comes first.
                self._sightings.append(sighting)
                asyncio.get_running_loop().call_soon(self._record)
            case _:
                assert_never(question)

    def noted(self, event: str, details: Mapping[str, Any]) -> None:
        """Take what has happened; keep what belongs into the trail."""
        entry = self._trail.noted(event, details, time.time())
        if entry is not None:
            self._keep(entry)

    def _ask(self, question: Callable[[LearningRegistry], F], failed: F) -> None:
        self.lookups.ask(question, lambda found: self._feed(found or failed))

    def _expect(self, found: HouseholdFound | None) -> None:
        if found is not None:
            self._feed(found)

    def _record(self) -> None:
        sightings, self._sightings = self._sightings, []
        for sighting in sightings:
            downgraded = partial(self._feed, DowngradeSeen(sighting.mac or b""))
            self.lookups.record(sighting, downgraded)

    def _enrol(self, order: Enrol) -> None:
        at = time.time()
        unwritten = EnrolAnswered(order.ticket, None)

        def answered(found: EnrolAnswered | None) -> None:
            if found is not None and found.outcome is Enrolled.ADDED:
                self._keep(self._enrolled(order.record, at))
            self._feed(found or unwritten)

        self.lookups.ask(lambda registry: enrolled(registry, order, at), answered)

    def _enrolled(self, record: VehicleRecord | CardRecord, at: float) -> AuditEntry:
        is_card = isinstance(record, CardRecord)
        return AuditEntry(
            at=at,
            kind=AuditKind.ENROLLED,
            box=self._box,
            by="registration at the charger",
            mac=record.mac if isinstance(record, VehicleRecord) else None,
            uid=record.uid if isinstance(record, CardRecord) else None,
            reasons=(
                "a card was held to the reader" if is_card else "a vehicle was plugged in",
            ),
        )

    def _keep(self, entry: AuditEntry) -> None:
        """Have it written, with those that could not be written before."""
        with self._lock:
            self._waiting.append(entry)
        self.lookups.ask(self._write, lambda nothing: None)

    def _write(self, registry: Registry) -> None:
        """Write what waits, in the registry's thread; what fails goes on waiting."""
        while self._waiting:
            entry = self._waiting[0]
            registry.record_decision(entry)
            with self._lock:
                if self._waiting[0] is entry:  # else newer ones have pushed it out
                    self._waiting.popleft()
