"""The registry's tables, and how its records travel into their rows and back."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Boolean, Column, Float, Integer, MetaData, Row, String, Table

from seccstack.auth.addresses import format_mac
from seccstack.auth.decision import CardRecord, VehicleRecord
from seccstack.auth.fingerprint import NOTHING, Fingerprint, from_json
from seccstack.auth.port import Sighting

METADATA = MetaData()
VEHICLES = Table(
    "vehicles",
    METADATA,
    Column("mac", String, primary_key=True),
    Column("label", String, nullable=False),
    Column("evccid", String),
    Column("added_at", Float, nullable=False),
    Column("last_seen", Float),
    Column("times_seen", Integer, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("expires", Float),
    Column("note", String, nullable=False),
)
CARDS = Table(
    "cards",
    METADATA,
    Column("uid", String, primary_key=True),
    Column("label", String, nullable=False),
    Column("added_at", Float, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("expires", Float),
    Column("note", String, nullable=False),
)
SIGHTINGS = Table(
    "sightings",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", Float, nullable=False),
    Column("mac", String),
    Column("evccid", String),
    Column("consistent", Boolean),
    Column("disagreements", String, nullable=False),  # JSON
    Column("identity", String, nullable=False),  # JSON
    Column("fingerprint", String),  # JSON; since version 2
    sqlite_autoincrement=True,  # ids ascend without reuse, so the oldest are the lowest
)


TLS_VEHICLES = Table(  # newer than the first registries of version 1
    "tls_vehicles",
    METADATA,
    Column("mac", String, primary_key=True),
    Column("at", Float, nullable=False),
)


PRINTS = Table(  # since version 2
    "prints",
    METADATA,
    Column("mac", String, primary_key=True),
    Column("prints", String, nullable=False),  # JSON: a bounded list, the latest last
)

# What an older version lacks: tables are made, and these columns added.
ADDED_COLUMNS = {1: ("ALTER TABLE sightings ADD COLUMN fingerprint VARCHAR",)}


def to_row(record: VehicleRecord | CardRecord) -> tuple[Table, dict[str, Any]]:
    """Return the columns of a record, and the table they belong in."""
    columns = {
        "label": record.label,
        "added_at": record.added_at,
        "enabled": record.enabled,
        "expires": record.expires,
        "note": record.note,
    }
    if isinstance(record, CardRecord):
        return CARDS, {"uid": record.uid, **columns}
    return VEHICLES, {
        "mac": format_mac(record.mac),
        "evccid": _hex(record.evccid),
        "last_seen": record.last_seen,
        "times_seen": record.times_seen,
        **columns,
    }


def to_vehicle(row: Row[Any], now: float) -> VehicleRecord:
    """Read a vehicle's record, expired or not as of ``now``."""
    return VehicleRecord(
        mac=bytes.fromhex(row.mac),
        label=row.label,
        evccid=_octets(row.evccid),
        added_at=row.added_at,
        last_seen=row.last_seen,
        times_seen=row.times_seen,
        enabled=row.enabled,
        expires=row.expires,
        expired=_is_past(row.expires, now),
        note=row.note,
    )


def to_card(row: Row[Any], now: float) -> CardRecord:
    """Read a card's record, expired or not as of ``now``."""
    return CardRecord(
        uid=row.uid,
        label=row.label,
        added_at=row.added_at,
        enabled=row.enabled,
        expires=row.expires,
        expired=_is_past(row.expires, now),
        note=row.note,
    )


def to_sighting(row: Row[Any]) -> Sighting:
    """Read a sighting."""
    return Sighting(
        at=row.at,
        mac=_octets(row.mac),
        evccid=_octets(row.evccid),
        consistent=row.consistent,
        disagreements=tuple(json.loads(row.disagreements)),
        identity=json.loads(row.identity),
        fingerprint=NOTHING
        if row.fingerprint is None
        else from_json(json.loads(row.fingerprint)),
    )


def to_prints(text: str) -> tuple[Fingerprint, ...]:
    """Read what is remembered of a vehicle."""
    return tuple(map(from_json, json.loads(text)))


def prints_text(prints: tuple[Fingerprint, ...]) -> str:
    """Write what is remembered of a vehicle."""
    return json.dumps([one.to_json() for one in prints])


def sighting_columns(sighting: Sighting) -> dict[str, Any]:
    """Return the columns of a sighting."""
    return {
        "at": sighting.at,
        "mac": _hex(sighting.mac),
        "evccid": _hex(sighting.evccid),
        "consistent": sighting.consistent,
        "disagreements": json.dumps(sighting.disagreements),
        "identity": json.dumps(sighting.identity),
        "fingerprint": json.dumps(sighting.fingerprint.to_json()),
    }


def _is_past(expires: float | None, now: float) -> bool:
    return expires is not None and expires <= now


def _hex(octets: bytes | None) -> str | None:
    return None if octets is None else octets.hex().upper()


def _octets(digits: str | None) -> bytes | None:
    return None if digits is None else bytes.fromhex(digits)
