"""The registry's records as JSON lines: `vehicles export` writes, `vehicles import` reads them.

Keys are those of the records; addresses and numbers in upper-case hexadecimal, times in
RFC 3339.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from seccstack.auth.addresses import format_mac, parse_mac, parse_uid
from seccstack.auth.decision import CardRecord, VehicleRecord
from seccstack.auth.fingerprint import Fingerprint
from seccstack.auth.port import Sighting
from seccstack.errors import UsageError

Moment = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Record = VehicleRecord | CardRecord


class VehicleLine(
    msgspec.Struct, tag_field="kind", tag="vehicle", forbid_unknown_fields=True, kw_only=True
):
    """A vehicle."""

    mac: str
    label: str = ""
    evccid: str | None = None
    added_at: Moment | None = None
    last_seen: Moment | None = None
    times_seen: Count = 0
    enabled: bool = True
    expires: Moment | None = None
    note: str = ""


class CardLine(
    msgspec.Struct, tag_field="kind", tag="card", forbid_unknown_fields=True, kw_only=True
):
    """A card."""

    uid: str
    label: str = ""
    added_at: Moment | None = None
    enabled: bool = True
    expires: Moment | None = None
    note: str = ""


def to_line(record: Record) -> str:
    """Write a record as one line of JSON."""
    line: VehicleLine | CardLine
    if isinstance(record, VehicleRecord):
        line = VehicleLine(
            mac=format_mac(record.mac),
            label=record.label,
            evccid=None if record.evccid is None else record.evccid.hex().upper(),
            added_at=moment(record.added_at),
            last_seen=moment(record.last_seen),
            times_seen=record.times_seen,
            enabled=record.enabled,
            expires=moment(record.expires),
            note=record.note,
        )
    else:
        line = CardLine(
            uid=record.uid,
            label=record.label,
            added_at=moment(record.added_at),
            enabled=record.enabled,
            expires=moment(record.expires),
            note=record.note,
        )
    return msgspec.json.encode(line).decode()


def sighting_line(sighting: Sighting) -> str:
    """Write a sighting as one line of JSON."""
    fields = {
        "kind": "sighting",
        "at": moment(sighting.at),
        "mac": None if sighting.mac is None else format_mac(sighting.mac),
        "consistent": sighting.consistent,
        "disagreements": sighting.disagreements,
        "identity": sighting.identity,
        "fingerprint": sighting.fingerprint.to_json(),
    }
    return msgspec.json.encode(fields).decode()


def prints_line(mac: bytes, prints: Sequence[Fingerprint]) -> str:
    """Write what is remembered of how a vehicle speaks as one line of JSON."""
    fields = {
        "kind": "fingerprint",
        "mac": format_mac(mac),
        "visits": [one.to_json() for one in prints],
    }
    return msgspec.json.encode(fields).decode()


def parse_lines(octets: bytes, now: float) -> list[Record]:
    """Read every line, or name the first that is wrong in a UsageError.

    ``now``: when a record without a date was added.
    """
    records: dict[bytes | str, tuple[int, Record]] = {}
    for number, line in enumerate(octets.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = _record(line, now)
        except (msgspec.MsgspecError, UsageError, ValueError) as error:
            raise UsageError(f"line {number}: {error}") from error
        except RecursionError as error:
            raise UsageError(f"line {number}: JSON is nested too deeply") from error
        key = record.mac if isinstance(record, VehicleRecord) else record.uid
        if key in records:
            raise UsageError(f"line {number}: the same as line {records[key][0]}, once more")
        records[key] = number, record
    return [record for _, record in records.values()]


def parse_text(text: str) -> str:
    """Take a label or a note; UsageError if it isn't one printable line."""
    if not text.isprintable():
        raise UsageError(f"{text!r} is not one line of printable text")
    return text


def moment(seconds: float | None) -> datetime | None:
    """Turn seconds since 1970 into a time of day."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def counts(records: Iterable[Record]) -> str:
    """Say how many there are of each kind."""
    kinds = [isinstance(record, VehicleRecord) for record in records]
    numbers = {"vehicle": sum(kinds), "card": len(kinds) - sum(kinds)}
    return ", ".join(f"{n} {kind}{'' if n == 1 else 's'}" for kind, n in numbers.items())


def _record(text: bytes, now: float) -> Record:
    line = msgspec.json.decode(text, type=VehicleLine | CardLine)
    added_at = now if line.added_at is None else line.added_at.timestamp()
    if isinstance(line, CardLine):
        return CardRecord(
            uid=parse_uid(line.uid),
            label=parse_text(line.label),
            added_at=added_at,
            enabled=line.enabled,
            expires=_seconds(line.expires),
            note=parse_text(line.note),
        )
    return VehicleRecord(
        mac=parse_mac(line.mac),
        label=parse_text(line.label),
        evccid=None if line.evccid is None else bytes.fromhex(line.evccid),
        added_at=added_at,
        last_seen=_seconds(line.last_seen),
        times_seen=line.times_seen,
        enabled=line.enabled,
        expires=_seconds(line.expires),
        note=parse_text(line.note),
    )


def _seconds(time: datetime | None) -> float | None:
    return None if time is None else time.timestamp()
