"""`seccstack vehicles`: the registry of vehicles and cards, as its owner handles it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from seccstack import (
    cli_cards,
    cli_contracts,
    cli_experience,
    cli_export,
    cli_history,
    cli_learn,
)
from seccstack.adapters.control import NoChargerError
from seccstack.auth.addresses import MAC_OCTETS, format_mac
from seccstack.auth.audit import AuditKind
from seccstack.auth.decision import Record, VehicleRecord
from seccstack.auth.fingerprint import likeness
from seccstack.auth.port import Registry, Sighting
from seccstack.auth.suspicion import advice
from seccstack.auth.vehicle import mac_from_evccid
from seccstack.cli_backup import about
from seccstack.cli_records import prints_line, sighting_line, to_line
from seccstack.cli_registry import (
    Config,
    Db,
    Disabled,
    Evccid,
    Expires,
    Json,
    Label,
    Mac,
    MaxAmps,
    Note,
    Replace,
    Whom,
    control_socket,
    enter,
    everything,
    holder_in,
    local_path,
    locked_out,
    print_lines,
    real_name,
    registry,
    said,
    warn,
    warn_of,
    write_down,
)
from seccstack.cli_tables import (
    print_entries,
    print_evidence,
    print_fingerprint,
    print_history,
    print_records,
    print_sightings,
)
from seccstack.errors import UsageError

SHOWN_ENTRIES = 10  # of the trail, beside a record
POLL_SECONDS = 0.5  # how often `learn` looks whether a vehicle has come

app = typer.Typer(
    no_args_is_help=True, help="Who may charge: the registry of vehicles, cards and contracts."
)
app.add_typer(
    cli_cards.app, name="cards", epilog="Example: seccstack vehicles cards add 04A2B3C4D5E680"
)
app.add_typer(
    cli_contracts.app,
    name="contracts",
    epilog="Example: seccstack vehicles contracts add DE-8AA-1A2B3C4D5-V",
)
app.command(epilog="Example: seccstack vehicles history EC65CC4FC201")(cli_history.history)
app.command(epilog="Example: seccstack vehicles experience --export pack.jsonl")(
    cli_experience.experience
)
app.command(epilog="Example: seccstack vehicles export --plain backup.jsonl")(cli_export.export)
app.command("import", epilog="Example: seccstack vehicles import --check backup.jsonl")(
    cli_export.import_
)


@app.command("list", epilog="Example: seccstack vehicles list --json")
def list_all(config: Config = None, db: Db = None, json: Json = False) -> None:
    """List vehicles, cards and contracts; a lock-out of them is said on standard error."""
    with registry(config, db) as known:
        records = everything(known)
        warn(locked_out(known))
    if json:
        print_lines(to_line(record) for record in records)
    else:
        print_records(records)


@app.command(epilog="Example: seccstack vehicles show EC:65:CC:4F:C2:01")
def show(whom: Whom, config: Config = None, db: Db = None, json: Json = False) -> None:
    """Show a vehicle, how it speaks and when it was here; or a card, or a contract."""
    with registry(config, db) as known:
        record = found(known, real_name(known, whom, local_path(config, db)))
        mac = record.mac if isinstance(record, VehicleRecord) else None
        prints = () if mac is None else known.prints(mac)
        seen = [] if mac is None else [s for s in known.sightings() if s.mac == mac]
        entries = known.audit(SHOWN_ENTRIES, about(record))
    if json:
        lines = [prints_line(mac, prints)] if mac is not None and prints else []
        print_lines([to_line(record), *lines, *map(sighting_line, seen)])
        return
    print_records([record])
    if isinstance(record, VehicleRecord):
        print_history(record)
        print_fingerprint(prints, seen[0].fingerprint if seen else None)
        print_evidence(seen[0] if seen else None)
        print_sightings(seen)
    if entries:
        print_entries(entries)


@app.command(epilog='Example: seccstack vehicles add EC:65:CC:4F:C2:01 --label "i4"')
def add(
    mac: Mac,
    label: Label = "",
    evccid: Evccid = None,
    expires: Expires = None,
    note: Note = "",
    max_amps: MaxAmps = None,
    disabled: Disabled = False,
    replacing: Replace = False,
    config: Config = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """Register a vehicle."""
    with registry(config, db, create=True) as known:
        record = VehicleRecord(
            mac=mac,
            label=label,
            evccid=evccid,
            added_at=time.time(),
            enabled=not disabled,
            expires=expires,
            note=note,
            max_amps=max_amps,
        )
        entered = enter(known, record, known.vehicle(mac), replacing)
    print_lines([to_line(entered) if json else f"vehicle {format_mac(mac)} is registered"])
    warn(advice(mac))
    warn_of(entered)


@app.command(epilog="Example: seccstack vehicles remove EC65CC4FC201")
def remove(mac: Mac, config: Config = None, db: Db = None, json: Json = False) -> None:
    """Forget a vehicle."""
    with registry(config, db) as known:
        record = registered(known, mac)
        known.remove_vehicle(mac)
        write_down(known, AuditKind.REMOVED, record)
    print_lines([to_line(record) if json else f"vehicle {format_mac(mac)} is forgotten"])


@app.command(epilog='Example: seccstack vehicles learn --config secc.toml --label "i4"')
def learn(
    last: Annotated[
        bool, typer.Option("--last", help="Do not wait: the one that was here last.")
    ] = False,
    within: Annotated[float, typer.Option(min=0, help="Seconds ago --last may be.")] = 3600,
    wait: Annotated[
        float, typer.Option(min=0, max=3600, help="Seconds to wait for one, and for another.")
    ] = 120,
    label: Label = "",
    expires: Expires = None,
    note: Note = "",
    config: Config = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """Register vehicles and cards at the running charger, as its setup card does.

    Each one that is plugged in, or held to the reader, until Ctrl-C; with a label, note or date
    only the first. With --last or --db, or where no charger answers, it is the unknown vehicle
    that was here last, or is seen next, as the registry has it.
    """
    if not last and db is None and at_charger(config, wait, label, expires, note, json):
        return
    with registry(config, db, create=True) as known:
        if last:
            sighting = unknown_since(known, time.time() - within)
            nobody = f"no unknown vehicle was here in the last {within:g} s"
        else:
            warn([f"plug the vehicle in; waiting {wait:g} s for it"])
            sighting = awaited(known, wait, time.time, time.sleep)
            nobody = f"no unknown vehicle came within {wait:g} s"
        if sighting is None:
            raise UsageError(nobody)
        record = replace(
            claimed(sighting, time.time()), label=label, expires=expires, note=note
        )
        twins = like_registered(known, sighting)
        known.add_vehicle(record)
        known.learn(record.mac, sighting.fingerprint)
        write_down(known, AuditKind.ENROLLED, record)
    said = f"vehicle {format_mac(record.mac)} is registered"
    print_lines([to_line(record) if json else said])
    warn([*advice(record.mac), *twins])


def at_charger(
    config: Path | None,
    wait: float,
    label: str,
    expires: float | None,
    note: str,
    json: bool,
) -> bool:
    """Have the running charger register, and say each step; False if there is none."""
    once = bool(label or note or expires)
    registered = 0
    with said(), cli_learn.until_ctrl_c() as wanted:
        try:
            steps = cli_learn.begin(
                control_socket(config),
                wait=max(wait, 1.0),
                label=label,
                expires=expires,
                note=note,
                once=once,
            )
        except NoChargerError:
            return False
        for step in cli_learn.follow(control_socket(config), steps, wanted):
            print_lines([cli_learn.line(step, json)])
            registered += step["step"] == cli_learn.REGISTERED
        if not registered:
            raise UsageError("nothing was registered")
    return True


@app.command(epilog="Example: seccstack vehicles sightings")
def sightings(
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    config: Config = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """List the vehicles that were here, registered or not, the latest first."""
    with registry(config, db) as known:
        seen = known.sightings(limit)
    if json:
        print_lines(map(sighting_line, seen))
    else:
        print_sightings(seen)


def found(known: Registry, name: str) -> Record:
    """Return the record that goes by a name; UsageError if there is none."""
    mac = bytes.fromhex(name) if len(name) == 2 * MAC_OCTETS else None
    record: Record | None = None if mac is None else known.vehicle(mac)
    record = record or known.card(name) or known.contract(name)
    if record is None:
        what = "vehicle" if mac is not None else "card or contract"
        raise UsageError(f"{what} {name} is not registered")
    return record


def registered(known: Registry, mac: bytes) -> VehicleRecord:
    """Return the record of a vehicle; UsageError if there is none."""
    record = known.vehicle(mac)
    if record is None:
        raise UsageError(f"vehicle {format_mac(mac)} is not registered")
    return record


def unknown_since(known: Registry, earliest: float) -> Sighting | None:
    """Return the latest sighting of a vehicle that is not registered, if it is not too old."""
    for sighting in known.sightings():
        if sighting.at < earliest:
            return None
        if sighting.mac is None or known.vehicle(sighting.mac) is None:
            return sighting
    return None


def like_registered(known: Registry, sighting: Sighting) -> list[str]:
    """Say of each registered vehicle that speaks alike that it may be the same one."""
    return [
        f"it speaks like vehicle {format_mac(record.mac)}{_label(record)}, which is registered "
        "already: they are of one make and software, or one and the same"
        for record in known.vehicles()
        if likeness(known.prints(record.mac), sighting.fingerprint).high
    ]


def _label(record: VehicleRecord) -> str:
    return f" ({record.label})" if record.label else ""


def awaited(
    known: Registry,
    patience: float,
    clock: Callable[[], float],
    pause: Callable[[float], object],
) -> Sighting | None:
    """Wait until an unknown vehicle is seen; None if none was."""
    since = clock()
    while (sighting := unknown_since(known, since)) is None and clock() < since + patience:
        pause(POLL_SECONDS)
    return sighting


def claimed(sighting: Sighting, now: float) -> VehicleRecord:
    """Make a record of what a vehicle has said; UsageError if it contradicted itself."""
    if sighting.mac is None:
        problem = "; ".join(sighting.disagreements) or "it said nothing of itself"
        raise UsageError(f"the last vehicle cannot be registered: {problem}")
    evccid = sighting.evccid
    return VehicleRecord(
        mac=sighting.mac,
        evccid=None if evccid is None or mac_from_evccid(evccid) is not None else evccid,
        added_at=now,
        first_seen=sighting.at,
        last_seen=sighting.at,
        times_seen=1,
        certificate=holder_in(sighting),
    )
