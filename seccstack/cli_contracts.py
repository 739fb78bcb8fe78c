"""`seccstack vehicles contracts`: the contracts of the registry, as its owner handles them."""

from __future__ import annotations

import time

import typer

from seccstack.auth.audit import AuditKind
from seccstack.auth.decision import ContractRecord
from seccstack.cli_records import name_of, to_line
from seccstack.cli_registry import (
    Config,
    Db,
    Disabled,
    Emaid,
    Expires,
    Json,
    Label,
    Note,
    Replace,
    enter,
    print_lines,
    registry,
    warn_of,
    write_down,
)
from seccstack.cli_tables import print_records
from seccstack.errors import UsageError

app = typer.Typer(
    no_args_is_help=True, help='Contracts that may charge, where contract.trust is "list".'
)


@app.command("list", epilog="Example: seccstack vehicles contracts list")
def list_contracts(config: Config = None, db: Db = None, json: Json = False) -> None:
    """List the contracts."""
    with registry(config, db) as known:
        records = known.contracts()
    if json:
        print_lines(to_line(record) for record in records)
    else:
        print_records(records)


@app.command(epilog='Example: seccstack vehicles contracts add DE-8AA-1A2B3C4D5-V --label "i4"')
def add(
    emaid: Emaid,
    label: Label = "",
    expires: Expires = None,
    note: Note = "",
    disabled: Disabled = False,
    replacing: Replace = False,
    config: Config = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """Register a contract."""
    record = ContractRecord(
        emaid=emaid,
        label=label,
        added_at=time.time(),
        enabled=not disabled,
        expires=expires,
        note=note,
    )
    with registry(config, db, create=True) as known:
        entered = enter(known, record, known.contract(emaid), replacing)
    print_lines([to_line(entered) if json else f"{name_of(entered)} is registered"])
    warn_of(entered)


@app.command(epilog="Example: seccstack vehicles contracts remove DE-8AA-1A2B3C4D5-V")
def remove(emaid: Emaid, config: Config = None, db: Db = None, json: Json = False) -> None:
    """Forget a contract."""
    with registry(config, db) as known:
        record = known.contract(emaid)
        if record is None or not known.remove_contract(emaid):
            raise UsageError(f"contract {emaid} is not registered")
        write_down(known, AuditKind.REMOVED, record)
    print_lines([to_line(record) if json else f"{name_of(record)} is forgotten"])
