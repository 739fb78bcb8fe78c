"""The registry in SQLite, through SQLAlchemy Core.

Every change is one transaction, in the rollback journal with synchronous=EXTRA: once a method
has returned, neither a kill nor the power going off can take it back. The file says of itself
that it is a registry (application_id) and of which version (user_version), so that a foreign
file is refused before anything in it is touched.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    create_engine,
    delete,
    event,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError

from seccstack.adapters.registry_tables import (
    ADDED_COLUMNS,
    CARDS,
    METADATA,
    PRINTS,
    SIGHTINGS,
    TLS_VEHICLES,
    VEHICLES,
    prints_text,
    sighting_columns,
    to_card,
    to_prints,
    to_row,
    to_sighting,
    to_vehicle,
)
from seccstack.auth.addresses import format_mac
from seccstack.auth.decision import CardRecord, VehicleRecord
from seccstack.auth.fingerprint import Fingerprint, remembered
from seccstack.auth.port import (
    MAX_SIGHTINGS,
    MAX_TLS_VEHICLES,
    RegistryError,
    Sighting,
    same_visit,
)
from seccstack.errors import UsageError

APPLICATION_ID = int.from_bytes(b"SECC")
SCHEMA_VERSION = 2
LATEST = select(SIGHTINGS).order_by(SIGHTINGS.c.id.desc())
BUSY_SECONDS = 2.0  # a writer holds the file for milliseconds; this is for slow cards

KEPT = (
    "it was left as it is. Move it away, then bring the vehicles back from an export with "
    "`seccstack vehicles import`; or name another file"
)
ADVICE = {
    "SQLITE_NOTADB": ("is not a registry", KEPT),
    "SQLITE_CORRUPT": ("is damaged", KEPT),
    "SQLITE_READONLY": (
        "cannot be written",
        "let this user write the file and its folder, and see that the disk is not mounted "
        "read-only",
    ),
    "SQLITE_FULL": (
        "cannot grow, the disk is full",
        "free some space; all that was registered before is still there",
    ),
    "SQLITE_CANTOPEN": (
        "cannot be opened",
        "see that its folder exists and that this user may write there",
    ),
    "SQLITE_BUSY": (
        "is being written by another process",
        "try again; if that does not help, end the process that holds it",
    ),
    "SQLITE_IOERR": ("cannot be read or written, the disk reports an error", "check the disk"),
}


class SqlRegistry:
    """A registry in a file."""

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        self._path = path
        self._clock = clock
        url = URL.create("sqlite+pysqlite", database=str(path))
        self._engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        try:
            self._check()
        except RegistryError:
            self.close()
            raise

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

    def vehicles(self) -> Sequence[VehicleRecord]:
        """Return every vehicle."""
        with self._transaction() as db:
            rows = db.execute(select(VEHICLES).order_by("mac"))
            return [to_vehicle(row, self._clock()) for row in rows]

    def cards(self) -> Sequence[CardRecord]:
        """Return every card."""
        with self._transaction() as db:
            rows = db.execute(select(CARDS).order_by("uid"))
            return [to_card(row, self._clock()) for row in rows]

    def add_vehicle(self, record: VehicleRecord) -> None:
        """Register a vehicle."""
        with self._adding(f"vehicle {format_mac(record.mac)}") as db:
            db.execute(insert(VEHICLES), to_row(record)[1])

    def add_card(self, record: CardRecord) -> None:
        """Register a card."""
        with self._adding(f"card {record.uid}") as db:
            db.execute(insert(CARDS), to_row(record)[1])

    def put(self, records: Iterable[VehicleRecord | CardRecord]) -> None:
        """Register all of these or none."""
        rows = [to_row(record) for record in records]
        with self._transaction(writes=True) as db:
            for table, columns in rows:
                db.execute(insert(table).prefix_with("OR REPLACE"), columns)

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

    def record_sighting(self, sighting: Sighting) -> bool:
        """Keep a sighting, and drop those that are too old to be kept beside it."""
        columns = sighting_columns(sighting)
        with self._transaction(writes=True) as db:
            latest = db.execute(LATEST.limit(1)).first()
            earlier = same_visit(None if latest is None else to_sighting(latest), sighting)
            if earlier is None:
                number = db.execute(insert(SIGHTINGS).values(columns)).lastrowid
                db.execute(delete(SIGHTINGS).where(SIGHTINGS.c.id <= number - MAX_SIGHTINGS))
            else:
                newest = select(func.max(SIGHTINGS.c.id)).scalar_subquery()
                db.execute(update(SIGHTINGS).where(SIGHTINGS.c.id == newest).values(columns))
            counted = earlier is not None and earlier.mac == sighting.mac
            times = VEHICLES.c.times_seen + (0 if counted else 1)
            here = update(VEHICLES).where(VEHICLES.c.mac == columns["mac"])
            db.execute(here.values(last_seen=sighting.at, times_seen=times))
            if sighting.certain_for is not None:
                self._learn(db, format_mac(sighting.certain_for), sighting.fingerprint)
            if sighting.mac is not None and sighting.tls:
                self._remember_tls(db, sighting.mac, sighting.at)
            plain = sighting.mac is not None and sighting.tls is False
            return plain and self._remembers_tls(db, columns["mac"])

    def prints(self, mac: bytes) -> tuple[Fingerprint, ...]:
        """Return what a registered vehicle showed of itself."""
        with self._transaction() as db:
            return self._prints(db, format_mac(mac))

    def learn(self, mac: bytes, fingerprint: Fingerprint) -> None:
        """Remember what a registered vehicle showed."""
        with self._transaction(writes=True) as db:
            self._learn(db, format_mac(mac), fingerprint)

    def _prints(self, db: Connection, mac: str) -> tuple[Fingerprint, ...]:
        row = db.execute(select(PRINTS).where(PRINTS.c.mac == mac)).first()
        return () if row is None else to_prints(row.prints)

    def _learn(self, db: Connection, mac: str, fingerprint: Fingerprint) -> None:
        if db.execute(select(VEHICLES).where(VEHICLES.c.mac == mac)).first() is None:
            return
        text = prints_text(remembered(self._prints(db, mac), fingerprint))
        row = {"mac": mac, "prints": text}
        db.execute(insert(PRINTS).prefix_with("OR REPLACE"), row)

    def used_tls(self, mac: bytes) -> bool:
        """Whether a vehicle has used TLS here."""
        with self._transaction() as db:
            return self._remembers_tls(db, format_mac(mac))

    def _remember_tls(self, db: Connection, mac: bytes, at: float) -> None:
        row = {"mac": format_mac(mac), "at": at}
        db.execute(insert(TLS_VEHICLES).prefix_with("OR REPLACE"), row)
        latest = select(TLS_VEHICLES.c.mac).order_by(TLS_VEHICLES.c.at.desc())
        kept = latest.limit(MAX_TLS_VEHICLES).scalar_subquery()
        db.execute(delete(TLS_VEHICLES).where(TLS_VEHICLES.c.mac.not_in(kept)))

    def _remembers_tls(self, db: Connection, mac: str) -> bool:
        found = db.execute(select(TLS_VEHICLES).where(TLS_VEHICLES.c.mac == mac))
        return found.first() is not None

    def sightings(self, limit: int = MAX_SIGHTINGS) -> Sequence[Sighting]:
        """Return the last sightings."""
        with self._transaction() as db:
            return [to_sighting(row) for row in db.execute(LATEST.limit(limit))]

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    def _check(self) -> None:
        """Refuse what is not a registry of ours; make one of what is nothing yet."""
        with self._transaction() as db:
            version = self._version(db)
            damage = db.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()  # takes 1 ms
        if damage != "ok":
            raise RegistryError(
                f"registry {self._path} is damaged ({damage.splitlines()[-1]}); {KEPT}"
            )
        if version < SCHEMA_VERSION:
            with self._transaction(writes=True) as db:
                self._make(db, self._version(db))  # another may have been faster

    def _make(self, db: Connection, since: int) -> None:
        db.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
        db.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")
        for version in range(since, SCHEMA_VERSION) if since else ():
            for statement in ADDED_COLUMNS[version]:
                db.exec_driver_sql(statement)
        METADATA.create_all(db)  # what is there already stays

    def _version(self, db: Connection) -> int:
        """Return the version of a registry of ours; 0: it is nothing yet."""
        application = db.exec_driver_sql("PRAGMA application_id").scalar_one()
        version = db.exec_driver_sql("PRAGMA user_version").scalar_one()
        if application == APPLICATION_ID and 1 <= version <= SCHEMA_VERSION:
            return int(version)
        if application == APPLICATION_ID:
            raise RegistryError(
                f"registry {self._path} has version {version}, this program reads version "
                f"{SCHEMA_VERSION}; install the seccstack that wrote it, or name another file"
            )
        if db.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one() or version:
            raise RegistryError(f"{self._path} is another program's database; {KEPT}")
        return 0

    @contextmanager
    def _transaction(self, *, writes: bool = False) -> Iterator[Connection]:
        try:
            with self._engine.execution_options(writes=writes).begin() as db:
                yield db
        except IntegrityError:
            raise
        except DBAPIError as error:
            raise explain(self._path, error.orig or error) from error
        except (UsageError, ValueError, TypeError) as error:  # someone else has written here
            raise RegistryError(
                f"registry {self._path} holds what it should not ({error}); {KEPT}"
            ) from error

    @contextmanager
    def _adding(self, what: str) -> Iterator[Connection]:
        try:
            with self._transaction(writes=True) as db:
                yield db
        except IntegrityError as error:
            raise UsageError(f"{what} is registered already") from error


def _prepare(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = EXTRA")


def _begin(db: Connection) -> None:
    # A writer locks at once: two that read first and write then would block each other.
    writes = db.get_execution_options().get("writes", False)
    db.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def explain(path: Path, error: BaseException) -> RegistryError:
    """Turn SQLite's error into one that says which file, and what to do."""
    code = getattr(error, "sqlite_errorname", "") if isinstance(error, sqlite3.Error) else ""
    for prefix, (problem, advice) in ADVICE.items():
        if code.startswith(prefix):
            return RegistryError(f"registry {path} {problem} ({error}); {advice}")
    return RegistryError(f"registry {path} failed: {error}")
