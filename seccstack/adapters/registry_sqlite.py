"""The registry's database as one SQLite file.

Every change is one transaction, in the rollback journal with synchronous=EXTRA: once a method
has returned, neither a kill nor the power going off can take it back. The file says of itself
that it is a registry (application_id) and of which version (user_version), so that a foreign
file is refused before anything in it is touched.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, IntegrityError

from seccstack.adapters.registry_tables import ADDED_COLUMNS, METADATA, SCHEMA_VERSION
from seccstack.auth.port import RegistryError

APPLICATION_ID = int.from_bytes(b"SECC")
BUSY_SECONDS = 4.0  # a writer holds the file for milliseconds; this is for slow cards

LEFT_AS_IT_WAS = (
    "it was left as it is. Move it away, then bring the vehicles back from an export with "
    "`seccstack vehicles import`; or name another file"
)
ADVICE = {
    "SQLITE_NOTADB": ("is not a registry", LEFT_AS_IT_WAS),
    "SQLITE_CORRUPT": ("is damaged", LEFT_AS_IT_WAS),
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


class SqliteDatabase:
    """A file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        _make_private(path)
        url = URL.create("sqlite+pysqlite", database=str(path))
        self.engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(self.engine, "connect", _prepare)
        event.listen(self.engine, "begin", _begin)
        try:
            self._check()
        except RegistryError:
            self.close()
            raise

    @contextmanager
    def transaction(self, *, writes: bool = False) -> Iterator[Connection]:
        """Do all or nothing; RegistryError says which file, and what to do."""
        try:
            with self.engine.execution_options(writes=writes).begin() as db:
                yield db
        except IntegrityError:
            raise
        except DBAPIError as error:
            raise explain(self._path, error.orig or error) from error

    def foreign(self, error: Exception) -> RegistryError:
        """Make the error of a row that someone else has written."""
        return RegistryError(
            f"registry {self._path} holds what it should not ({error}); {LEFT_AS_IT_WAS}"
        )

    def close(self) -> None:
        """Close the file."""
        self.engine.dispose()

    def _check(self) -> None:
        """Refuse what is not a registry of ours; make one of what is nothing yet."""
        with self.transaction() as db:
            version = self._version(db)
            damage = db.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()  # takes 1 ms
        if damage != "ok":
            raise RegistryError(
                f"registry {self._path} is damaged ({damage.splitlines()[-1]}); "
                f"{LEFT_AS_IT_WAS}"
            )
        if version < SCHEMA_VERSION:
            with self.transaction(writes=True) as db:
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
            raise RegistryError(f"{self._path} is another program's database; {LEFT_AS_IT_WAS}")
        return 0


def _make_private(path: Path) -> None:
    """Make a file that only its user may read: a card's number is as good as the card."""
    with suppress(OSError):  # it is there, or SQLite will say what is wrong
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


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
