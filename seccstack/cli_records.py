"""The registry's records as JSON lines, and what all ways to write them have in common.

Keys are those of the records; addresses and numbers in upper-case hexadecimal, times in
RFC 3339.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from seccstack.auth.addresses import format_mac, parse_mac, parse_uid
from seccstack.auth.audit import AuditEntry
from seccstack.auth.decision import CardRecord, ContractRecord, Record, VehicleRecord
from seccstack.auth.emaid import misprint, normal
from seccstack.auth.fingerprint import Fingerprint
from seccstack.auth.port import Sighting
from seccstack.auth.pseudonyms import Pseudonyms
from seccstack.errors import UsageError

Moment = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
MOST_PRINTS = 64  # of a vehicle, in a file: far more than are ever kept


class VehicleLine(
    msgspec.Struct, tag_field="kind", tag="vehicle", forbid_unknown_fields=True, kw_only=True
):
    """A vehicle; ``fingerprints``: how it spoke, the latest last."""

    mac: str
    label: str = ""
    evccid: str | None = None
    added_at: Moment | None = None
    first_seen: Moment | None = None
    last_seen: Moment | None = None
    times_seen: Count = 0
    proven_at: Moment | None = None
    certificate: Annotated[str, Meta(pattern=r"\A[0-9A-F]{64}\Z")] | None = None
    enabled: bool = True
    expires: Moment | None = None
    max_amps: float | None = None
    note: str = ""
    fingerprints: Annotated[list[dict[str, Any]], Meta(max_length=MOST_PRINTS)] = []


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
    setup: bool = False


class ContractLine(
    msgspec.Struct, tag_field="kind", tag="contract", forbid_unknown_fields=True, kw_only=True
):
    """A contract."""

    emaid: str
    label: str = ""
    added_at: Moment | None = None
    enabled: bool = True
    expires: Moment | None = None
    note: str = ""


Line = VehicleLine | CardLine | ContractLine


def line_of(record: Record, prints: Sequence[Fingerprint] = ()) -> Line:
    """Return a record as it is written."""
    common: dict[str, Any] = {
        "label": record.label,
        "added_at": moment(record.added_at),
        "enabled": record.enabled,
        "expires": moment(record.expires),
        "note": record.note,
    }
    if isinstance(record, CardRecord):
        return CardLine(uid=record.uid, setup=record.setup, **common)
    if isinstance(record, ContractRecord):
        return ContractLine(emaid=record.emaid, **common)
    return VehicleLine(
        mac=format_mac(record.mac),
        evccid=None if record.evccid is None else record.evccid.hex().upper(),
        first_seen=moment(record.first_seen),
        last_seen=moment(record.last_seen),
        times_seen=record.times_seen,
        proven_at=moment(record.proven_at),
        certificate=record.certificate,
        max_amps=record.max_amps,
        fingerprints=[one.to_json() for one in prints],
        **common,
    )


def to_line(record: Record) -> str:
    """Write a record as one line of JSON."""
    return msgspec.json.encode(line_of(record)).decode()


def hidden(line: Line, names: Pseudonyms) -> Line:
    """Put names in the place of what names somebody, also inside what the owner has noted.

    How a vehicle speaks is left out: there are addresses in it, and a vehicle is known by it.
    """
    label, note = names.hide(line.label), names.hide(line.note)
    line = msgspec.structs.replace(line, label=label, note=note)
    if isinstance(line, CardLine):
        return msgspec.structs.replace(line, uid=names.uid(line.uid))
    if isinstance(line, ContractLine):
        return msgspec.structs.replace(line, emaid=names.emaid(line.emaid))
    evccid = None if line.evccid is None else names.evccid(line.evccid)
    mac = names.mac(line.mac)
    return msgspec.structs.replace(line, mac=mac, evccid=evccid, fingerprints=[])


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
        **({"box": sighting.box} if sighting.box else {}),
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


def entry_line(entry: AuditEntry) -> str:
    """Write an entry of the trail as one line of JSON."""
    fields = {
        "kind": entry.kind.value,
        "at": moment(entry.at),
        "box": entry.box,
        "plug_in": entry.plug_in,
        "by": entry.by,
        "mac": None if entry.mac is None else format_mac(entry.mac),
        "uid": entry.uid,
        "emaid": entry.emaid,
        "reasons": entry.reasons,
        "evidence": entry.evidence,
    }
    return msgspec.json.encode(fields).decode()


def record_of(line: Line, now: float) -> Record:
    """Make the record that a line is of; UsageError or ValueError says why it can't be one.

    ``now``: when a record without a date was added.
    """
    common: dict[str, Any] = {
        "label": parse_text(line.label),
        "added_at": now if line.added_at is None else line.added_at.timestamp(),
        "enabled": line.enabled,
        "expires": _seconds(line.expires),
        "note": parse_text(line.note),
    }
    if isinstance(line, CardLine):
        return CardRecord(uid=parse_uid(line.uid), setup=line.setup, **common)
    if isinstance(line, ContractLine):
        return ContractRecord(emaid=parse_emaid(line.emaid), **common)
    return VehicleRecord(
        mac=parse_mac(line.mac),
        evccid=None if line.evccid is None else bytes.fromhex(line.evccid),
        first_seen=_seconds(line.first_seen),
        last_seen=_seconds(line.last_seen),
        times_seen=line.times_seen,
        proven_at=_seconds(line.proven_at),
        certificate=line.certificate,
        max_amps=line.max_amps,
        **common,
    )


def parse_emaid(text: str) -> str:
    """Read an eMAID into its 14 characters; UsageError if it isn't one."""
    found = normal(text)
    if found is None:
        raise UsageError(f"{text!r} is no eMAID; give all of it, as in DE-8AA-1A2B3C4D5-V")
    why = misprint(text)
    if why is not None:
        raise UsageError(f"{text!r}: {why}; correct it, or leave the check digit away")
    return found


def parse_text(text: str) -> str:
    """Take a label or a note; UsageError if it isn't one printable line."""
    if not text.isprintable():
        raise UsageError(f"{text!r} is not one line of printable text")
    return text


def moment(seconds: float | None) -> datetime | None:
    """Turn seconds since 1970 into a time of day."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def name_of(record: Record) -> str:
    """Say which record it is."""
    if isinstance(record, VehicleRecord):
        return f"vehicle {format_mac(record.mac)}"
    if isinstance(record, ContractRecord):
        return f"contract {record.emaid}"
    return f"{'setup card' if record.setup else 'card'} {record.uid}"


def counts(records: Iterable[Record]) -> str:
    """Say how many there are of each kind; of contracts only if there are any."""
    kinds = [type(record) for record in records]
    numbers = {"vehicle": kinds.count(VehicleRecord), "card": kinds.count(CardRecord)}
    if ContractRecord in kinds:
        numbers["contract"] = kinds.count(ContractRecord)
    return ", ".join(f"{n} {kind}{'' if n == 1 else 's'}" for kind, n in numbers.items())


def _seconds(time: datetime | None) -> float | None:
    return None if time is None else time.timestamp()
