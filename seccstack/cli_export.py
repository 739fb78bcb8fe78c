"""`seccstack vehicles export` and `import`: all of a registry in one file."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from seccstack.adapters.privacy import key_of, key_path
from seccstack.auth.audit import AuditEntry, AuditKind
from seccstack.auth.decision import Record, VehicleRecord
from seccstack.auth.port import Registry
from seccstack.auth.pseudonyms import Pseudonyms
from seccstack.cli_backup import (
    HASHED,
    MAX_OCTETS,
    PLAIN,
    differences,
    names_of,
    parse,
    to_csv,
    to_json,
)
from seccstack.cli_records import Line, counts, hidden, line_of, moment, to_line
from seccstack.cli_registry import (
    OWNER,
    Config,
    Db,
    Json,
    everything,
    hashes,
    local_path,
    print_lines,
    registry,
    warn,
    with_history,
)
from seccstack.errors import UsageError


class Format(Enum):
    """How it is written."""

    JSON = "json"
    CSV = "csv"


def export(
    file: Annotated[Path | None, typer.Argument(help="Default: standard output.")] = None,
    plain: Annotated[
        bool,
        typer.Option(
            "--plain",
            help="With MACs, EVCCIDs, card numbers and eMAIDs as they are: a backup. Without, "
            "names stand for them, and it is a report that cannot be imported.",
        ),
    ] = False,
    format_: Annotated[
        Format | None, typer.Option("--format", help="Default: csv for *.csv, else json.")
    ] = None,
    config: Config = None,
    db: Db = None,
) -> None:
    """Write all vehicles, cards and contracts: JSON lines, or a table for spreadsheets."""
    with registry(config, db) as known:
        hashed = not plain and hashes(config)
        lines = list(_lines(known))
        if hashed:
            names = Pseudonyms(key_of(key_path(local_path(config, db))))
            lines = [hidden(line, names) for line in lines]
        text = _written(lines, format_ or _usual(file), HASHED if hashed else PLAIN)
        if file is None:
            typer.echo(text, nl=False)
        else:
            _write(file, text)
    if hashed:
        warn(["this is a report, not a backup: names stand for vehicles; see --plain"])


def _lines(known: Registry) -> list[Line]:
    vehicles = [line_of(record, known.prints(record.mac)) for record in known.vehicles()]
    cards = [line_of(record) for record in known.cards()]
    contracts = [line_of(record) for record in known.contracts()]
    return [*vehicles, *cards, *contracts]


def _usual(file: Path | None) -> Format:
    return Format.CSV if file is not None and file.suffix.lower() == ".csv" else Format.JSON


def _written(lines: list[Line], format_: Format, names: str) -> str:
    if format_ is Format.CSV:
        return to_csv(lines)
    now = moment(time.time())
    assert now is not None  # noqa: S101 - it is always now
    written_at = now.isoformat(timespec="seconds")
    return "".join(f"{line}\n" for line in to_json(lines, names, written_at))


def import_(
    file: Annotated[
        typer.FileBinaryRead, typer.Argument(help="What export wrote; - is standard input.")
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Say what would change, and change nothing.")
    ] = False,
    config: Config = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """Register all that is in a file, or nothing; what is registered already is replaced."""
    with registry(config, db, create=not check) as known:
        contents = parse(file.read(MAX_OCTETS + 1), time.time())
        warn(contents.notes)
        records = [_with_history(known, record) for record in contents.records]
        told = [*differences(records, names_of(everything(known)))] if check else []
        if not check:
            known.put(records, contents.prints)
            known.record_decision(
                AuditEntry(
                    at=time.time(),
                    kind=AuditKind.CHANGED,
                    by=OWNER,
                    reasons=(f"{counts(records)} imported",),
                )
            )
    outcome = f"{counts(records)} {'could be registered' if check else 'registered'}"
    print_lines(map(to_line, records) if json else [*told, outcome])


def _with_history(known: Registry, record: Record) -> Record:
    """Return a record with what is known of its vehicle, where the file says nothing of it.

    Nor does an older backup take back that a vehicle has proven itself since.
    """
    before = known.vehicle(record.mac) if isinstance(record, VehicleRecord) else None
    if before is None or not isinstance(record, VehicleRecord):
        return record
    if not record.times_seen and not record.last_seen:
        return with_history(record, before)
    proven = [at for at in (record.proven_at, before.proven_at) if at is not None]
    own = record.certificate or before.certificate
    return replace(record, proven_at=max(proven, default=None), certificate=own)


def _write(file: Path, text: str) -> None:
    """Write a file whole or not at all; UsageError if it cannot be."""
    part = file.with_name(f"{file.name}.part")
    try:
        with os.fdopen(
            os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
        ) as out:
            out.write(text.encode())
        os.replace(part, file)
    except OSError as error:
        raise UsageError(f"cannot write {file}: {error.strerror}") from error
