"""`seccstack vehicles cards`: the cards of the registry, as its owner handles them."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from seccstack.auth.audit import AuditKind
from seccstack.auth.decision import CardRecord
from seccstack.auth.enrolling import card_refused
from seccstack.cli_records import name_of, to_line
from seccstack.cli_registry import (
    Config,
    Db,
    Disabled,
    Expires,
    Json,
    Label,
    Note,
    Replace,
    Uid,
    enter,
    print_lines,
    registry,
    warn,
    warn_of,
    write_down,
)
from seccstack.cli_tables import print_records
from seccstack.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="Cards that may be held to the reader.")


@app.command("list", epilog="Example: seccstack vehicles cards list")
def list_cards(config: Config = None, db: Db = None, json: Json = False) -> None:
    """List the cards."""
    with registry(config, db) as known:
        records = known.cards()
    if json:
        print_lines(to_line(record) for record in records)
    else:
        print_records(records)


@app.command(epilog='Example: seccstack vehicles cards add 04A1B2C3 --label "Ada"')
def add(
    uid: Uid,
    label: Label = "",
    expires: Expires = None,
    note: Note = "",
    disabled: Disabled = False,
    setup: Annotated[
        bool, typer.Option("--setup", help="It registers others, and charges nothing.")
    ] = False,
    replacing: Replace = False,
    config: Config = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """Register a card."""
    record = CardRecord(
        uid=uid,
        label=label,
        added_at=time.time(),
        enabled=not disabled,
        expires=expires,
        note=note,
        setup=setup,
    )
    with registry(config, db, create=True) as known:
        entered = enter(known, record, known.card(uid), replacing)
    print_lines([to_line(entered) if json else f"{name_of(entered)} is registered"])
    warn_of(entered)
    if (refusal := card_refused(uid)) is not None:
        warn([refusal[1]])


@app.command(epilog="Example: seccstack vehicles cards remove 04A1B2C3")
def remove(uid: Uid, config: Config = None, db: Db = None, json: Json = False) -> None:
    """Forget a card."""
    with registry(config, db) as known:
        record = known.card(uid)
        if record is None or not known.remove_card(uid):
            raise UsageError(f"card {uid} is not registered")
        write_down(known, AuditKind.REMOVED, record)
    print_lines([to_line(record) if json else f"{name_of(record)} is forgotten"])
