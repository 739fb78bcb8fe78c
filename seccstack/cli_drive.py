"""`seccstack drive`: recorded cars at our charger, in virtual time."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated, Any

import typer

JsonOption = Annotated[
    bool, typer.Option("--json", help="A session object per line, on stdout.")
]


def drive(
    captures: Annotated[
        list[Path], typer.Argument(help="pcap or pcapng files", metavar="CAPTURE...")
    ],
    json: JsonOption = False,
) -> None:
    """Make the cars of captures talk to our charger, and say where they would part.

    A car keeps its own pace; its session id is exchanged for ours, nothing else of it is
    changed. Exit code 1: a file could not be read, or there is no car in it.
    """
    import msgspec

    from seccstack.capture.reader import read_capture
    from seccstack.capture.sessions import sessions_of
    from seccstack.capture.trace import read_trace
    from seccstack.drive.course import drive as drive_one
    from seccstack.errors import UsageError

    failed = False
    for path in captures:
        try:
            trace = read_trace(str(path), read_capture(path))
        except (OSError, UsageError) as error:
            why = getattr(error, "strerror", None) or str(error)
            typer.echo(f"seccstack: {path}: {why}", err=True)
            failed = True
            continue
        driven = [drive_one(s.plug_in, secrets.token_bytes) for s in sessions_of(trace)]
        sessions = [session for session in driven if session is not None]
        if not sessions:
            typer.echo(f"seccstack: {path}: no car is in it", err=True)
        for session in sessions:
            if json:
                typer.echo(msgspec.json.encode(session).decode())
            else:
                _tell(session)
        failed = failed or not sessions
    if failed:
        raise typer.Exit(1)


def _tell(session: dict[str, Any]) -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    identity, slac = session["identity"], session["slac"]
    console.rule(session["source"])
    console.print(
        f"vehicle   {identity['evccid'] or identity['slac_mac'] or 'unknown'}, "
        f"claims consistent: {identity['consistent']}"
    )
    if slac is not None:
        matched = f"in {slac['seconds']:.3f} s" if slac["matched"] else "not"
        console.print(f"matched   {matched}, attenuation {slac['attenuation_db']} dB")
    console.print(f"messages  {len(session['messages'])}, ended: {session['ended']}")
    for parting in session["partings"]:
        seconds = parting["t"] - session["started"]
        console.print(
            f"[red]parting[/red]   {seconds:9.3f} s  {parting['message']}: "
            f"ours {parting['ours'] or 'nothing'}; theirs {parting['theirs'] or 'unknown'}; "
            f"{parting['why']}"
        )
    if not session["partings"]:
        console.print(
            "[green]no parting[/green]: our charger lets the car do all that it did then"
        )
