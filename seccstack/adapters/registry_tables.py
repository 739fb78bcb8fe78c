"""The registry's tables, and how its records travel into their rows and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, Column, Double, Index, Integer, MetaData, Row, String, Table

from seccstack.auth.addresses import format_mac
from seccstack.auth.audit import AuditEntry, AuditKind
from seccstack.auth.decision import CardRecord, ContractRecord, Record, VehicleRecord
from seccstack.auth.fingerprint import NOTHING, Fingerprint, from_json
from seccstack.auth.port import Sighting

SCHEMA_VERSION = 4

METADATA = MetaData()
VEHICLES = Table(
    "vehicles",
    METADATA,
    Column("mac", String, primary_key=True),
    Column("label", String, nullable=False),
    Column("evccid", String),
    Column("added_at", Double, nullable=False),
    Column("last_seen", Double),
    Column("times_seen", Integer, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("expires", Double),
    Column("note", String, nullable=False),
    Column("max_amps", Double),  # this and the next ones since version 3
    Column("first_seen", Double),
    Column("proven_at", Double),
    Column("certificate", String),  # since version 4
)
CARDS = Table(
    "cards",
    METADATA,
    Column("uid", String, primary_key=True),
    Column("label", String, nullable=False),
    Column("added_at", Double, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("expires", Double),
    Column("note", String, nullable=False),
    Column("setup", Boolean, nullable=False),  # since version 3
)
CONTRACTS = Table(  # since version 3
    "contracts",
    METADATA,
    Column("emaid", String, primary_key=True),
    Column("label", String, nullable=False),
    Column("added_at", Double, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("expires", Double),
    Column("note", String, nullable=False),
)
SIGHTINGS = Table(
    "sightings",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("mac", String),
    Column("evccid", String),
    Column("consistent", Boolean),
    Column("disagreements", String, nullable=False),  # JSON
    Column("identity", String, nullable=False),  # JSON
    Column("fingerprint", String),  # JSON; since version 2
    Column("box", String, nullable=False),  # since version 3
    Index("sightings_of_box", "box", "id"),
    sqlite_autoincrement=True,  # ids ascend without reuse, so the oldest are the lowest
)


TLS_VEHICLES = Table(  # newer than the first registries of version 1
    "tls_vehicles",
    METADATA,
    Column("mac", String, primary_key=True),
    Column("at", Double, nullable=False),
)


PRINTS = Table(  # since version 2
    "prints",
    METADATA,
    Column("mac", String, primary_key=True),
    Column("prints", String, nullable=False),  # JSON: a bounded list, the latest last
)

AUDIT = Table(  # since version 3
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("at", Double, nullable=False),
    Column("kind", String, nullable=False),
    Column("box", String, nullable=False),
    Column("plug_in", Integer),
    Column("made_by", String, nullable=False),
    Column("mac", String, index=True),
    Column("uid", String, index=True),
    Column("emaid", String, index=True),
    Column("reasons", String, nullable=False),  # JSON
    Column("evidence", String, nullable=False),  # JSON
    Index("audit_of_box", "box", "id"),
    sqlite_autoincrement=True,
)
KEPT = Table(  # since version 3
    "kept",
    METADATA,
    Column("box", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("text", String, nullable=False),
)

EXPERIENCES = Table(  # since version 4
    "experiences",
    METADATA,
    Column("name", String, primary_key=True),
    Column("at", Double, nullable=False),
    Column("known", String, nullable=False),  # JSON
)

# What an older version lacks: these columns are added, and what is no table yet is made.
ADDED_COLUMNS = {
    1: ("ALTER TABLE sightings ADD COLUMN fingerprint VARCHAR",),
    2: (
        "ALTER TABLE vehicles ADD COLUMN max_amps DOUBLE PRECISION",
        "ALTER TABLE vehicles ADD COLUMN first_seen DOUBLE PRECISION",
        "ALTER TABLE vehicles ADD COLUMN proven_at DOUBLE PRECISION",
        "ALTER TABLE cards ADD COLUMN setup BOOLEAN NOT NULL DEFAULT FALSE",
        "ALTER TABLE sightings ADD COLUMN box VARCHAR NOT NULL DEFAULT ''",
        "CREATE INDEX sightings_of_box ON sightings (box, id)",
        "UPDATE vehicles SET first_seen = coalesce("
        "(SELECT min(at) FROM sightings WHERE sightings.mac = vehicles.mac), last_seen)",
    ),
    3: ("ALTER TABLE vehicles ADD COLUMN certificate VARCHAR",),
}


def to_row(record: Record) -> tuple[Table, dict[str, Any]]:
    """Return the columns of a record, and the table they belong in."""
    columns = {
        "label": record.label,
        "added_at": record.added_at,
        "enabled": record.enabled,
        "expires": record.expires,
        "note": record.note,
    }
    if isinstance(record, CardRecord):
        return CARDS, {"uid": record.uid, "setup": record.setup, **columns}
    if isinstance(record, ContractRecord):
        return CONTRACTS, {"emaid": record.emaid, **columns}
    return VEHICLES, {
        "mac": format_mac(record.mac),
        "evccid": _hex(record.evccid),
        "last_seen": record.last_seen,
        "times_seen": record.times_seen,
        "max_amps": record.max_amps,
        "first_seen": record.first_seen,
        "proven_at": record.proven_at,
        "certificate": record.certificate,
        **columns,
    }


def to_vehicle(row: Row[Any], now: float) -> VehicleRecord:
    """Read a vehicle's record, expired or not as of ``now``."""
    return VehicleRecord(
        mac=bytes.fromhex(row.mac),
        evccid=_octets(row.evccid),
        last_seen=row.last_seen,
        times_seen=row.times_seen,
        max_amps=row.max_amps,
        first_seen=row.first_seen,
        proven_at=row.proven_at,
        certificate=row.certificate,
        **_of_any(row, now),
    )


def to_card(row: Row[Any], now: float) -> CardRecord:
    """Read a card's record, expired or not as of ``now``."""
    return CardRecord(uid=row.uid, setup=row.setup, **_of_any(row, now))


def to_contract(row: Row[Any], now: float) -> ContractRecord:
    """Read a contract's record, expired or not as of ``now``."""
    return ContractRecord(emaid=row.emaid, **_of_any(row, now))


def _of_any(row: Row[Any], now: float) -> dict[str, Any]:
    """Read what every record has."""
    return {
        "label": row.label,
        "added_at": row.added_at,
        "enabled": row.enabled,
        "expires": row.expires,
        "expired": _is_past(row.expires, now),
        "note": row.note,
    }


def to_entry(row: Row[Any]) -> AuditEntry:
    """Read an entry of the trail."""
    return AuditEntry(
        at=row.at,
        kind=AuditKind(row.kind),
        box=row.box,
        plug_in=row.plug_in,
        by=row.made_by,
        mac=_octets(row.mac),
        uid=row.uid,
        emaid=row.emaid,
        reasons=tuple(json.loads(row.reasons)),
        evidence=tuple(json.loads(row.evidence)),
    )


def entry_columns(entry: AuditEntry) -> dict[str, Any]:
    """Return the columns of an entry of the trail."""
    return {
        "at": entry.at,
        "kind": entry.kind.value,
        "box": entry.box,
        "plug_in": entry.plug_in,
        "made_by": entry.by,
        "mac": _hex(entry.mac),
        "uid": entry.uid,
        "emaid": entry.emaid,
        "reasons": json.dumps(entry.reasons),
        "evidence": json.dumps(entry.evidence),
    }


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
        box=row.box,
    )


def to_prints(text: str) -> tuple[Fingerprint, ...]:
    """Read what is remembered of a vehicle."""
    return tuple(map(from_json, json.loads(text)))


def prints_text(prints: Sequence[Fingerprint]) -> str:
    """Write what is remembered of a vehicle."""
    return json.dumps([one.to_json() for one in prints])


def sighting_columns(sighting: Sighting, box: str) -> dict[str, Any]:
    """Return the columns of a sighting."""
    return {
        "at": sighting.at,
        "mac": _hex(sighting.mac),
        "evccid": _hex(sighting.evccid),
        "consistent": sighting.consistent,
        "disagreements": json.dumps(sighting.disagreements),
        "identity": json.dumps(sighting.identity),
        "fingerprint": json.dumps(sighting.fingerprint.to_json()),
        "box": box,
    }


def _is_past(expires: float | None, now: float) -> bool:
    return expires is not None and expires <= now


def _hex(octets: bytes | None) -> str | None:
    return None if octets is None else octets.hex().upper()


def _octets(digits: str | None) -> bytes | None:
    return None if digits is None else bytes.fromhex(digits)
