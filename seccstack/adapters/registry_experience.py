"""How vehicles behave, in the registry's database: a row for each vehicle and family."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

from sqlalchemy import Connection, delete, select

from seccstack.adapters.registry_tables import EXPERIENCES
from seccstack.adapters.registry_trail import put
from seccstack.errors import UsageError
from seccstack.experience.port import MAX_EXPERIENCES, Key, parse_key
from seccstack.experience.record import Experience, dump, load

Transaction = Callable[[bool], AbstractContextManager[Connection]]  # whether it writes


class SqlExperiences:
    """What is known of them, common to all boxes."""

    most = MAX_EXPERIENCES

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    def recall(self, key: Key) -> Experience | None:
        """Return what is known of a vehicle or family."""
        named = select(EXPERIENCES.c.known).where(EXPERIENCES.c.name == str(key))
        with self._transaction(False) as db:
            row = db.execute(named).first()
            return None if row is None else _read(row.known)

    def keep(self, key: Key, experience: Experience) -> None:
        """Keep it in the place of what was known; the oldest goes."""
        row = {"name": str(key), "at": experience.at or 0.0, "known": dump(experience)}
        with self._transaction(True) as db:
            put(db, EXPERIENCES, [row])
            latest = select(EXPERIENCES.c.name).order_by(EXPERIENCES.c.at.desc())
            kept = latest.limit(self.most).scalar_subquery()
            db.execute(delete(EXPERIENCES).where(EXPERIENCES.c.name.not_in(kept)))

    def forget(self, key: Key | None = None) -> int:
        """Forget a vehicle or family, or everything."""
        gone = delete(EXPERIENCES)
        if key is not None:
            gone = gone.where(EXPERIENCES.c.name == str(key))
        with self._transaction(True) as db:
            return int(db.execute(gone).rowcount)

    def all(self) -> Sequence[tuple[Key, Experience]]:
        """Return all that is known, the latest first."""
        latest = select(EXPERIENCES).order_by(EXPERIENCES.c.at.desc(), EXPERIENCES.c.name)
        with self._transaction(False) as db:
            rows = [(row.name, _read(row.known)) for row in db.execute(latest)]
        return [(parse_key(name), known) for name, known in rows if known is not None]


def _read(text: str) -> Experience | None:
    """Read a row; what a later version wrote, or nobody, is not known, and learned anew."""
    try:
        return load(text)
    except UsageError:
        return None
