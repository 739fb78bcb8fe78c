"""The registry's database on a PostgreSQL server, for a site with many boxes.

Who writes holds one advisory lock until the commit, so that changes of all boxes come one
after the other, as those of one file do; who only reads waits for nobody. The tables and their
version are made, and brought up to date, in one transaction under that lock. No password is
ever said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, inspect, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError

from seccstack.adapters.registry_tables import ADDED_COLUMNS, METADATA, SCHEMA_VERSION
from seccstack.auth.port import RegistryError

WRITERS = int.from_bytes(b"SECC")  # the advisory lock of all who write
# A vehicle is told "wait" for some seconds only, so what hangs is given up within them.
CONNECT_SECONDS = 2  # the least that libpq knows
SETTINGS = {
    "lock_timeout": "2s",
    "statement_timeout": "4s",
    "idle_in_transaction_session_timeout": "10s",  # of a box that died while it held the lock
    "synchronous_commit": "on",  # what was acknowledged outlives the server's end
    "timezone": "UTC",
}
SILENT_MILLISECONDS = 3000  # until a server that a cable no longer leads to is given up
CHECK = "see that it runs and is reached from here; until then, nobody is found in it"
# What the server says, by its SQLSTATE or in its words, and what to do.
ADVICE = {
    r"28P01|password authentication failed": ("refuses this user", "correct the password"),
    r"no password supplied": ("wants a password", "put one into ~/.pgpass"),
    r"28000|no pg_hba\.conf entry": ("refuses this host", "let it in, in its pg_hba.conf"),
    r'3D000|(database|role) "[^"]*" does not exist': (
        "is not there",
        "make it, with createuser and createdb",
    ),
    r"42501|permission denied": ("lacks a right", "GRANT it to this user"),
    r"55P03": ("is being written by others for too long", "try again"),
    r"57014": ("is too slow", "try again; look at the server's load"),
    r"53100": ("cannot grow, the server's disk is full", "free some space there"),
    r"25006": ("cannot be written", "name the primary server"),
}


class PostgresDatabase:
    """A database on a server; made whether the server is there or not."""

    def __init__(self, url: str) -> None:
        self._url = _parsed(url)
        self.name = without_password(self._url)
        self.engine = _engine(self._url)
        self._ready = False

    @contextmanager
    def transaction(self, *, writes: bool = False) -> Iterator[Connection]:
        """Do all or nothing; RegistryError says what is wrong, and what to do."""
        try:
            self._prepare()
            with self.engine.begin() as db:
                if writes:
                    _lock(db)
                yield db
        except IntegrityError:
            raise
        except DBAPIError as error:
            raise self._explained(error.orig or error) from None  # it may quote the password

    def foreign(self, error: Exception) -> RegistryError:
        """Make the error of a row that someone else has written."""
        return RegistryError(
            f"registry {self.name} holds what it should not ({error}); look who else writes it"
        )

    def look(self) -> bool:
        """Whether there is a registry of ours already; nothing is made."""
        try:
            with self.engine.begin() as db:
                return self._version(db) > 0
        except DBAPIError as error:
            raise self._explained(error.orig or error) from None

    def close(self) -> None:
        """Let the connections go."""
        self.engine.dispose()

    def _prepare(self) -> None:
        """Make the tables, or bring them up to date, once."""
        if self._ready:
            return
        with self.engine.begin() as db:
            if self._version(db) < SCHEMA_VERSION:
                _lock(db)
                self._make(db, self._version(db))  # another may have been faster
        self._ready = True

    def _make(self, db: Connection, since: int) -> None:
        for version in range(since, SCHEMA_VERSION) if since else ():
            for statement in ADDED_COLUMNS[version]:
                db.exec_driver_sql(statement)
        METADATA.create_all(db)  # what is there already stays
        db.exec_driver_sql("CREATE TABLE IF NOT EXISTS seccstack_schema (version INTEGER)")
        db.exec_driver_sql("DELETE FROM seccstack_schema")
        db.exec_driver_sql(f"INSERT INTO seccstack_schema VALUES ({SCHEMA_VERSION})")  # noqa: S608

    def _version(self, db: Connection) -> int:
        """Return the version of the tables; 0: there are none of ours yet."""
        tables = set(inspect(db).get_table_names())
        if "seccstack_schema" not in tables:
            if theirs := sorted(tables & METADATA.tables.keys()):
                raise RegistryError(
                    f"registry {self.name} has tables of another program "
                    f"({', '.join(theirs)}); it was left as it is. Name another database"
                )
            return 0
        version = db.exec_driver_sql("SELECT max(version) FROM seccstack_schema").scalar_one()
        if not 1 <= (version or 0) <= SCHEMA_VERSION:
            raise RegistryError(
                f"registry {self.name} has version {version}, this program reads version "
                f"{SCHEMA_VERSION}; install the seccstack that wrote it, or name another one"
            )
        return int(version)

    def _explained(self, error: BaseException) -> RegistryError:
        said = " ".join(str(error).split())
        if self._url.password:
            said = said.replace(str(self._url.password), "***")
        state = getattr(error, "sqlstate", None)
        for sign, (problem, advice) in ADVICE.items():
            if re.search(sign, f"{state} {said}"):
                return RegistryError(f"registry {self.name} {problem} ({said}); {advice}")
        if state is None or state.startswith(("08", "57P")):
            return RegistryError(f"registry {self.name} cannot be reached ({said}); {CHECK}")
        return RegistryError(f"registry {self.name} failed: {said}")


def without_password(url: URL) -> str:
    """Write the address of a server as it may be said: no password, of the rest a host."""
    host = {name: value for name, value in url.query.items() if name == "host"}
    shown = url.set(drivername="postgresql", password=None, query=host)
    return shown.render_as_string(hide_password=True)


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        parsed = None
    if parsed is None or parsed.get_backend_name() != "postgresql":
        raise RegistryError(  # not what it is: it may have a password
            "the registry's address cannot be read; give "
            '"postgresql://USER@HOST/DATABASE", special characters as %XX'
        )
    return parsed.set(drivername="postgresql+psycopg")


def _engine(url: URL) -> Engine:
    try:
        import psycopg  # noqa: F401 - what most chargers need not have
    except ImportError as error:
        raise RegistryError(
            "a registry on a PostgreSQL server needs psycopg, which is not installed "
            f"({error}); pip install 'seccstack[postgres]'"
        ) from error
    settings = [f"-c {name}={value}" for name, value in SETTINGS.items()]
    own = url.query.get("options")
    options: dict[str, Any] = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "seccstack",
        "tcp_user_timeout": SILENT_MILLISECONDS,
        "options": " ".join([*([own] if isinstance(own, str) else []), *settings]),
    }
    asked = {name: value for name, value in url.query.items() if name != "options"}
    return create_engine(
        url.set(query=asked),
        connect_args={**options, **asked},
        pool_pre_ping=True,  # a server that was away is found again
        pool_size=2,
        hide_parameters=True,
    )


def _lock(db: Connection) -> None:
    db.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS})")
