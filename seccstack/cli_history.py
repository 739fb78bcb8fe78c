"""`seccstack vehicles history`: what was decided, for whom, and what became of records."""

from __future__ import annotations

from typing import Annotated

import typer

from seccstack.auth.audit import MAX_AUDIT
from seccstack.cli_records import entry_line
from seccstack.cli_registry import (
    Config,
    Db,
    Json,
    local_path,
    parse_name,
    parsed,
    print_lines,
    real_name,
    registry,
)
from seccstack.cli_tables import print_entries

Whom = Annotated[
    str | None,
    typer.Argument(
        parser=parsed(parse_name),
        metavar="[WHOM]",
        help="A vehicle's MAC, a UID or an eMAID, or its name in the log; default: all.",
    ),
]


def history(
    whom: Whom = None,
    limit: Annotated[int, typer.Option(min=1, max=MAX_AUDIT, help="How many.")] = 50,
    config: Config = None,
    db: Db = None,
    json: Json = False,
) -> None:
    """Show who was let in and who was not, when and why; the latest first."""
    with registry(config, db) as known:
        about = None if whom is None else real_name(known, whom, local_path(config, db))
        entries = known.audit(limit, about)
    if json:
        print_lines(map(entry_line, entries))
    else:
        print_entries(entries)
