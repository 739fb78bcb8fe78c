"""What a registry keeps of what has happened: sightings, the trail of decisions, who used TLS.

Each function works inside a transaction of its caller's, which writes alone. The oldest go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, or_, select, update

from seccstack.adapters.registry_tables import (
    AUDIT,
    PRINTS,
    SIGHTINGS,
    TLS_VEHICLES,
    VEHICLES,
    entry_columns,
    prints_text,
    sighting_columns,
    to_entry,
    to_prints,
    to_sighting,
)
from seccstack.auth.addresses import format_mac
from seccstack.auth.audit import AuditEntry, bounded
from seccstack.auth.fingerprint import Fingerprint, remembered
from seccstack.auth.port import MAX_SIGHTINGS, MAX_TLS_VEHICLES, Sighting, same_visit


def put(db: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Write rows in the places of those with their keys, of two with the same key the latter.

    The dialects have no word in common for that.
    """
    keys = list(table.primary_key)
    latest = {tuple(row[key.name] for key in keys): row for row in rows}
    if not latest:
        return
    same = delete(table).where(*(key == bindparam(f"key_{key.name}") for key in keys))
    db.execute(same, [{f"key_{key.name}": row[key.name] for key in keys} for row in rows])
    db.execute(insert(table), list(latest.values()))


def see(db: Connection, sighting: Sighting, box: str) -> bool:
    """Keep a sighting, count it; whether TLS was used before and is not now."""
    columns = sighting_columns(sighting, box)
    earlier = _keep(db, sighting, columns)
    counted = earlier is not None and earlier.mac == sighting.mac
    times = VEHICLES.c.times_seen + (0 if counted else 1)
    first = func.coalesce(VEHICLES.c.first_seen, sighting.at)
    here = update(VEHICLES).where(VEHICLES.c.mac == columns["mac"])
    db.execute(here.values(last_seen=sighting.at, first_seen=first, times_seen=times))
    if sighting.certain_for is not None:
        learn(db, format_mac(sighting.certain_for), sighting.fingerprint)
    if sighting.mac is not None and sighting.tls:
        _remember_tls(db, sighting.mac, sighting.at)
    plain = sighting.mac is not None and sighting.tls is False
    return plain and remembers_tls(db, columns["mac"])


def _keep(db: Connection, sighting: Sighting, columns: dict[str, Any]) -> Sighting | None:
    """Keep a sighting; return the earlier one whose place it took, if any."""
    ours = select(SIGHTINGS).where(SIGHTINGS.c.box == columns["box"])
    latest = db.execute(ours.order_by(SIGHTINGS.c.id.desc()).limit(1)).first()
    earlier = same_visit(None if latest is None else to_sighting(latest), sighting)
    if latest is None or earlier is None:
        db.execute(insert(SIGHTINGS).values(columns))
        drop_oldest(db, SIGHTINGS, columns["box"], MAX_SIGHTINGS)
    else:
        db.execute(update(SIGHTINGS).where(SIGHTINGS.c.id == latest.id).values(columns))
    return earlier


def sightings(db: Connection, limit: int) -> Sequence[Sighting]:
    """Return the last sightings of all boxes."""
    latest = select(SIGHTINGS).order_by(SIGHTINGS.c.id.desc())
    return [to_sighting(row) for row in db.execute(latest.limit(limit))]


def drop_oldest(db: Connection, table: Table, box: str, most: int) -> None:
    """Keep the newest rows of a box only."""
    newest_first = select(table.c.id).where(table.c.box == box).order_by(table.c.id.desc())
    last_kept = newest_first.limit(1).offset(most - 1).scalar_subquery()
    db.execute(delete(table).where(table.c.box == box, table.c.id < last_kept))


def prints(db: Connection, mac: str) -> tuple[Fingerprint, ...]:
    """Return what a vehicle showed of itself."""
    row = db.execute(select(PRINTS).where(PRINTS.c.mac == mac)).first()
    return () if row is None else to_prints(row.prints)


def learn(db: Connection, mac: str, fingerprint: Fingerprint) -> None:
    """Remember what a vehicle showed, if it is registered."""
    if db.execute(select(VEHICLES.c.mac).where(VEHICLES.c.mac == mac)).first() is None:
        return
    text = prints_text(remembered(prints(db, mac), fingerprint))
    put(db, PRINTS, [{"mac": mac, "prints": text}])


def _remember_tls(db: Connection, mac: bytes, at: float) -> None:
    put(db, TLS_VEHICLES, [{"mac": format_mac(mac), "at": at}])
    latest = select(TLS_VEHICLES.c.mac).order_by(TLS_VEHICLES.c.at.desc())
    kept = latest.limit(MAX_TLS_VEHICLES).scalar_subquery()
    db.execute(delete(TLS_VEHICLES).where(TLS_VEHICLES.c.mac.not_in(kept)))


def remembers_tls(db: Connection, mac: str) -> bool:
    """Whether a vehicle has used TLS."""
    found = db.execute(select(TLS_VEHICLES.c.mac).where(TLS_VEHICLES.c.mac == mac))
    return found.first() is not None


def note(db: Connection, entry: AuditEntry, most: int) -> None:
    """Keep an entry of the trail, and as many of its box as there may be."""
    db.execute(insert(AUDIT), entry_columns(bounded(entry)))
    drop_oldest(db, AUDIT, entry.box, most)


def entries(db: Connection, limit: int, about: str | None) -> Sequence[AuditEntry]:
    """Return the last entries of all boxes."""
    asked = select(AUDIT).order_by(AUDIT.c.id.desc()).limit(limit)
    if about is not None:
        names = AUDIT.c.mac, AUDIT.c.uid, AUDIT.c.emaid
        asked = asked.where(or_(*(name == about for name in names)))
    return [to_entry(row) for row in db.execute(asked)]
