"""Opening the registry of a charger: one SQLite file, or a database that many boxes share.

SQLAlchemy takes longer to load than all else a charger starts with, so it is loaded here, and
only when a registry is opened: a charger does that in a thread, beside its start.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from seccstack.auth.audit import MAX_AUDIT
from seccstack.auth.port import RegistryError
from seccstack.config import Config
from seccstack.config import Registry as Settings
from seccstack.experience.keeping import LearningRegistry


def place_of(settings: Settings) -> Path | str:
    """Return where a configuration has the registry: a file, or the address of a server."""
    return settings.url or Path(settings.path)


def box_of(config: Config) -> str:
    """Return the name of a box in its registry: none, where it has one alone."""
    return name_of(config) if config.registry.url else ""


def name_of(config: Config) -> str:
    """Return the name of a box in the trail."""
    return config.registry.box or config.charger.evse_id


def open_registry(
    place: Path | str,
    *,
    create: bool = True,
    clock: Callable[[], float] = time.time,
    box: str = "",
    most: int = MAX_AUDIT,
) -> LearningRegistry:
    """Open a registry, or make a new one; RegistryError says what is wrong with it.

    ``place``: a file, or the address of a PostgreSQL server, which need not be there yet.
    ``clock``: seconds since 1970, by which records expire. ``box``: whose it is, where several
    share one. ``most``: how long the trail of a box may be.
    """
    if isinstance(place, Path) and not create and not place.exists():
        raise RegistryError(f"there is no registry {place}; `seccstack vehicles add` makes one")
    from seccstack.adapters.registry_sql import Database, SqlRegistry

    database: Database
    if isinstance(place, Path):
        from seccstack.adapters.registry_sqlite import SqliteDatabase

        database = SqliteDatabase(place)
    else:
        from seccstack.adapters.registry_postgres import PostgresDatabase

        database = PostgresDatabase(place)
    return SqlRegistry(database, clock, box, most)
