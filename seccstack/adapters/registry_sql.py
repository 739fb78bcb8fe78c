"""The registry in a database, through SQLAlchemy Core: SQLite or PostgreSQL, in the same words.

Every change is one transaction, and those that write come one after the other, whoever makes
them: what a method reads before it writes is still so when it writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from sqlalchemy import Connection, Table, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from seccstack.adapters import registry_trail as trail
from seccstack.adapters.registry_experience import SqlExperiences
from seccstack.adapters.registry_tables import (
    CARDS,
    CONTRACTS,
    KEPT,
    PRINTS,
    VEHICLES,
    prints_text,
    to_card,
    to_contract,
    to_row,
    to_vehicle,
)
from seccstack.auth import emaid as emaids
from seccstack.auth.addresses import format_mac
from seccstack.auth.audit import MAX_AUDIT, AuditEntry
from seccstack.auth.decision import CardRecord, ContractRecord, Record, VehicleRecord
from seccstack.auth.fingerprint import Fingerprint
from seccstack.auth.port import (
    MAX_SIGHTINGS,
    NO_PRINTS,
    Enrolled,
    RegistryError,
    Sighting,
    check_room,
)
from seccstack.errors import UsageError


class Database(Protocol):
    """Where the tables are."""

    def transaction(self, *, writes: bool = False) -> AbstractContextManager[Connection]:
        """Do all or nothing; who ``writes`` does so alone. RegistryError says what to do."""

    def foreign(self, error: Exception) -> RegistryError:
        """Make the error of a row that someone else has written."""

    def close(self) -> None:
        """Let go of it."""


class SqlRegistry:
    """``box``: the name of this one of several that share it; ``most``: of its trail kept."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], float],
        box: str = "",
        most: int = MAX_AUDIT,
    ) -> None:
        self._database = database
        self._clock = clock
        self._box = box
        self._most = most
        self.experiences = SqlExperiences(lambda writes: self._transaction(writes=writes))

    def vehicle(self, mac: bytes) -> VehicleRecord | None:
        """Return the vehicle's record."""
        with self._transaction() as db:
            row = db.execute(select(VEHICLES).where(VEHICLES.c.mac == format_mac(mac))).first()
            return None if row is None else to_vehicle(row, self._clock())

    def card(self, uid: str) -> CardRecord | None:
        """Return the card's record."""
        with self._transaction() as db:
            row = db.execute(select(CARDS).where(CARDS.c.uid == uid)).first()
            return None if row is None else to_card(row, self._clock())

    def contract(self, emaid: str) -> ContractRecord | None:
        """Return the contract's record."""
        named = CONTRACTS.c.emaid == emaids.normal(emaid)
        with self._transaction() as db:
            row = db.execute(select(CONTRACTS).where(named)).first()
            return None if row is None else to_contract(row, self._clock())

    def vehicles(self) -> Sequence[VehicleRecord]:
        """Return every vehicle."""
        with self._transaction() as db:
            rows = db.execute(select(VEHICLES).order_by(VEHICLES.c.mac))
            return [to_vehicle(row, self._clock()) for row in rows]

    def vehicles_of(self, prefixes: Iterable[bytes], most: int) -> Sequence[VehicleRecord]:
        """Return vehicles of these ranges, which the index finds."""
        digits = [prefix.hex().upper() for prefix in prefixes]
        mac = VEHICLES.c.mac
        within = or_(*(and_(mac >= first, mac < f"{first}G") for first in digits))
        with self._transaction() as db:
            rows = db.execute(select(VEHICLES).where(within).order_by(mac).limit(most))
            return [to_vehicle(row, self._clock()) for row in rows]

    def cards(self) -> Sequence[CardRecord]:
        """Return every card."""
        with self._transaction() as db:
            rows = db.execute(select(CARDS).order_by(CARDS.c.uid))
            return [to_card(row, self._clock()) for row in rows]

    def contracts(self) -> Sequence[ContractRecord]:
        """Return every contract."""
        with self._transaction() as db:
            rows = db.execute(select(CONTRACTS).order_by(CONTRACTS.c.emaid))
            return [to_contract(row, self._clock()) for row in rows]

    def add_vehicle(self, record: VehicleRecord) -> None:
        """Register a vehicle."""
        self._add(record, f"vehicle {format_mac(record.mac)}")

    def add_card(self, record: CardRecord) -> None:
        """Register a card."""
        self._add(record, f"card {record.uid}")

    def add_contract(self, record: ContractRecord) -> None:
        """Register a contract."""
        self._add(record, f"contract {record.emaid}")

    def enrol(self, record: VehicleRecord | CardRecord, most: int) -> Enrolled:
        """Register one more, unless it is there or too many are."""
        table, columns = to_row(record)
        [key] = table.primary_key
        setup = isinstance(record, CardRecord) and record.setup
        with self._transaction(writes=True) as db:
            if db.execute(select(key).where(key == columns[key.name])).first() is not None:
                return Enrolled.KNOWN
            alike = select(func.count()).select_from(CARDS).where(CARDS.c.setup == setup)
            count = db.execute(alike).scalar_one()
            if not setup:
                count += db.execute(select(func.count()).select_from(VEHICLES)).scalar_one()
            if count >= most:
                return Enrolled.FULL
            db.execute(insert(table), columns)
            return Enrolled.ADDED

    def put(
        self,
        records: Iterable[Record],
        prints: Mapping[bytes, Sequence[Fingerprint]] = NO_PRINTS,
    ) -> None:
        """Register all of these or none."""
        rows: dict[Table, list[dict[str, Any]]] = {}
        for table, columns in map(to_row, records):
            rows.setdefault(table, []).append(columns)
        rows[PRINTS] = [
            {"mac": format_mac(mac), "prints": prints_text(shown)}
            for mac, shown in prints.items()
        ]
        with self._transaction(writes=True) as db:
            for table, some in rows.items():
                trail.put(db, table, some)

    def remove_vehicle(self, mac: bytes) -> bool:
        """Forget a vehicle."""
        with self._transaction(writes=True) as db:
            db.execute(delete(PRINTS).where(PRINTS.c.mac == format_mac(mac)))
            gone = db.execute(delete(VEHICLES).where(VEHICLES.c.mac == format_mac(mac)))
            return gone.rowcount > 0

    def remove_card(self, uid: str) -> bool:
        """Forget a card."""
        with self._transaction(writes=True) as db:
            return db.execute(delete(CARDS).where(CARDS.c.uid == uid)).rowcount > 0

    def remove_contract(self, emaid: str) -> bool:
        """Forget a contract."""
        named = CONTRACTS.c.emaid == emaids.normal(emaid)
        with self._transaction(writes=True) as db:
            return db.execute(delete(CONTRACTS).where(named)).rowcount > 0

    def prove(self, mac: bytes, at: float, certificate: str | None = None) -> None:
        """Note that a vehicle has proven who it is."""
        with self._transaction(writes=True) as db:
            here = update(VEHICLES).where(VEHICLES.c.mac == format_mac(mac))
            db.execute(here.values(proven_at=at))
            holders = select(VEHICLES.c.mac).where(VEHICLES.c.certificate == certificate)
            if certificate is not None and db.execute(holders).first() is None:
                unbound = here.where(VEHICLES.c.certificate.is_(None))
                db.execute(unbound.values(certificate=certificate))

    def record_sighting(self, sighting: Sighting) -> bool:
        """Keep a sighting, and drop those that are too old to be kept beside it."""
        with self._transaction(writes=True) as db:
            return trail.see(db, sighting, self._box)

    def prints(self, mac: bytes) -> tuple[Fingerprint, ...]:
        """Return what a registered vehicle showed of itself."""
        with self._transaction() as db:
            return trail.prints(db, format_mac(mac))

    def learn(self, mac: bytes, fingerprint: Fingerprint) -> None:
        """Remember what a registered vehicle showed."""
        with self._transaction(writes=True) as db:
            trail.learn(db, format_mac(mac), fingerprint)

    def used_tls(self, mac: bytes) -> bool:
        """Whether a vehicle has used TLS here."""
        with self._transaction() as db:
            return trail.remembers_tls(db, format_mac(mac))

    def sightings(self, limit: int = MAX_SIGHTINGS) -> Sequence[Sighting]:
        """Return the last sightings."""
        with self._transaction() as db:
            return trail.sightings(db, limit)

    def record_decision(self, entry: AuditEntry) -> None:
        """Keep an entry of the trail."""
        with self._transaction(writes=True) as db:
            trail.note(db, entry, self._most)

    def audit(self, limit: int = MAX_AUDIT, about: str | None = None) -> Sequence[AuditEntry]:
        """Return the last entries."""
        with self._transaction() as db:
            return trail.entries(db, limit, about)

    def keep(self, name: str, text: str) -> None:
        """Keep a text over a restart."""
        others = select(func.count()).select_from(KEPT)
        others = others.where(KEPT.c.box == self._box, KEPT.c.name != name)
        with self._database.transaction(writes=True) as db:
            check_room(name, text, db.execute(others).scalar_one())
            trail.put(db, KEPT, [{"box": self._box, "name": name, "text": text}])

    def kept(self, name: str) -> str | None:
        """Return what is kept under a name."""
        named = KEPT.c.box == self._box, KEPT.c.name == name
        with self._transaction() as db:
            row = db.execute(select(KEPT.c.text).where(*named)).first()
            return None if row is None else str(row.text)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    @contextmanager
    def _transaction(self, *, writes: bool = False) -> Iterator[Connection]:
        with self._database.transaction(writes=writes) as db:
            try:
                yield db
            except (UsageError, ValueError, TypeError) as error:  # not written by us
                raise self._database.foreign(error) from error

    def _add(self, record: Record, what: str) -> None:
        table, columns = to_row(record)
        try:
            with self._transaction(writes=True) as db:
                db.execute(insert(table), columns)
        except IntegrityError as error:
            raise UsageError(f"{what} is registered already") from error
