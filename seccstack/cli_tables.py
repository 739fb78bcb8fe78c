"""Records and sightings as tables for people; what a vehicle said is never read as markup."""

from __future__ import annotations

from collections.abc import Sequence

from seccstack.auth.addresses import format_mac
from seccstack.auth.audit import AuditEntry
from seccstack.auth.decision import CardRecord, ContractRecord, Record, VehicleRecord
from seccstack.auth.fingerprint import TRAITS, Fingerprint, likeness
from seccstack.auth.port import Sighting
from seccstack.auth.vehicle import NAMES, show
from seccstack.cli_records import moment


def print_records(records: Sequence[Record]) -> None:
    """Print vehicles, cards and contracts."""
    rows = [
        (
            *_names(record),
            record.label,
            _state(record),
            str(record.times_seen) if isinstance(record, VehicleRecord) else "",
            _time(record.last_seen) if isinstance(record, VehicleRecord) else "",
            record.note,
        )
        for record in records
    ]
    _print(["", "MAC, UID or eMAID", "label", "state", "seen", "last seen", "note"], rows)


def print_history(record: VehicleRecord) -> None:
    """Print what became of a vehicle since it was registered."""
    told = [f"registered {_time(record.added_at)}"]
    if record.first_seen is not None:
        told.append(f"first seen {_time(record.first_seen)}")
    if record.last_seen is not None:
        times = "once" if record.times_seen == 1 else f"{record.times_seen} times"
        told.append(f"last seen {_time(record.last_seen)}, {times} in all")
    if record.proven_at is not None:
        told.append(f"proved itself last {_time(record.proven_at)}")
    if record.certificate is not None:
        told.append(f"is let in with its certificate only, that of {record.certificate[:12]}")
    if record.max_amps is not None:
        told.append(f"may draw {record.max_amps:g} A")
    print("; ".join(told))


def print_evidence(last: Sighting | None) -> None:
    """Print what a vehicle said of itself when it was here last."""
    if last is None:
        return
    rows = [
        (NAMES.get(said["claim"], said["claim"]), said["value"], said["source"])
        for said in last.identity["evidence"]
    ]
    rows += [
        (proof["kind"], proof["value"], f"proven by {proof['source']}")
        for proof in last.identity.get("proofs", ())
    ]
    where = f" at {last.box}" if last.box else ""
    print(f"evidence of its last visit, {_time(last.at)}{where}:")
    _print(["claim", "value", "source"], rows)


def print_entries(entries: Sequence[AuditEntry]) -> None:
    """Print the trail: of each entry what happened, and below it why."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    if not entries:
        print("none")
        return
    console = Console()
    for entry in entries:
        by = f" by {entry.by}" if entry.by else ""
        words = (_time(entry.at), entry.box, entry.kind.value + by, _about(entry))
        console.print(Text("  ".join(filter(None, words))))
        if why := [*entry.reasons, *entry.evidence]:
            console.print(Padding(Text("; ".join(why)), (0, 0, 0, 4)))


def _about(entry: AuditEntry) -> str:
    names = [
        "" if entry.mac is None else format_mac(entry.mac),
        "" if entry.uid is None else f"card {entry.uid}",
        "" if entry.emaid is None else f"contract {entry.emaid}",
    ]
    return ", ".join(filter(None, names))


def print_fingerprint(prints: Sequence[Fingerprint], latest: Fingerprint | None) -> None:
    """Print how a vehicle speaks, as of the visits it was learned from."""
    if not prints:
        print("fingerprint: none is known yet; the first visit with a card shows it")
        return
    last = prints[-1].to_json()
    rows = [(trait.title, _plain(last[trait.name])) for trait in TRAITS if trait.name in last]
    print(f"fingerprint, of {len(prints)} visit{'' if len(prints) == 1 else 's'}:")
    _print(["trait", "latest"], rows)
    before = [one for one in prints if one != latest]  # it may have been learned itself
    if before and latest is not None and not latest.empty:
        print(f"the last time it was here, {likeness(before, latest).words}")


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.3f} s"
    return "; ".join(value) if isinstance(value, list) else str(value)


def print_sightings(sightings: Sequence[Sighting]) -> None:
    """Print who was here."""
    rows = [
        (
            _time(sighting.at),
            "" if sighting.mac is None else format_mac(sighting.mac),
            "" if sighting.evccid is None else show(sighting.evccid),
            _agreement(sighting.consistent),
            "; ".join(sighting.disagreements),
        )
        for sighting in sightings
    ]
    _print(["seen", "MAC", "EVCCID", "claims", "why"], rows)


def _print(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not rows:
        print("none")
        return
    table = Table(*heads, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def _names(record: Record) -> tuple[str, str]:
    if isinstance(record, CardRecord):
        return "setup card" if record.setup else "card", record.uid
    if isinstance(record, ContractRecord):
        return "contract", record.emaid
    also = "" if record.evccid is None else f" + {show(record.evccid)}"
    return "vehicle", format_mac(record.mac) + also


def _state(record: Record) -> str:
    if not record.enabled:
        return "disabled"
    if record.expired:
        return "expired"
    return "ok" if record.expires is None else f"until {_time(record.expires)}"


def _time(seconds: float | None) -> str:
    time = moment(seconds)
    return "" if time is None else f"{time.astimezone():%Y-%m-%d %H:%M}"


def _agreement(consistent: bool | None) -> str:
    return {None: "too few", True: "agree", False: "disagree"}[consistent]
