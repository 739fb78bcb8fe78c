"""`seccstack doctor`: is everything there that charging needs?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seccstack import cli_run
from seccstack.errors import UsageError

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="TOML file; without it, everything is simulated."),
]
Json = Annotated[bool, typer.Option("--json", help="A JSON object per finding, on stdout.")]


def doctor(config: ConfigOption = None, json: Json = False) -> None:
    """Look at modem, interface, address, ports, files, clock; say what is wrong and what to do.

    Nothing is changed, and a running charger is only asked. Exit code 1 if anything fails.
    """
    try:
        settings = cli_run.read(config)
    except UsageError as error:
        typer.echo(f"seccstack: {error}", err=True)
        raise typer.Exit(cli_run.MISUSED) from error
    import msgspec

    from seccstack.adapters.doctor import examine
    from seccstack.doctor.finding import all_well, line

    findings = []
    for finding in examine(settings):
        told = msgspec.json.encode(finding.to_json()).decode() if json else line(finding)
        typer.echo(told)
        findings.append(finding)
    if not all_well(findings):
        raise typer.Exit(cli_run.FAILED)
