"""Opening the registry of a charger: one SQLite file, which survives the power going off.

SQLAlchemy takes longer to load than all else a charger starts with, so it is loaded here, and
only when a registry is opened: a charger does that in a thread, beside its start.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from seccstack.auth.audit import MAX_AUDIT
from seccstack.auth.port import Registry, RegistryError


def open_registry(
    path: Path,
    *,
    create: bool = True,
    clock: Callable[[], float] = time.time,
    most: int = MAX_AUDIT,
) -> Registry:
    """Open a registry, or make a new one; RegistryError says what is wrong with the file.

    ``clock``: seconds since 1970, by which records expire. ``most``: how long its trail may be.
    """
    if not create and not path.exists():
        raise RegistryError(f"there is no registry {path}; `seccstack vehicles add` makes one")
    from seccstack.adapters.registry_sql import SqlRegistry
    from seccstack.adapters.registry_sqlite import SqliteDatabase

    return SqlRegistry(SqliteDatabase(path), clock, most=most)
