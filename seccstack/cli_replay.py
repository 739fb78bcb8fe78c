"""`seccstack replay`: what captures hold, a session for each plug-in."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from seccstack.errors import UsageError

WIDE = 160  # columns where there is no terminal that has a width

Captures = Annotated[
    list[Path],
    typer.Argument(metavar="CAPTURE", show_default=False, help="pcap or pcapng, or .gz, .xz."),
]
Json = Annotated[bool, typer.Option("--json", help="A JSON object per session on stdout.")]


def replay(captures: Captures, json: Json = False) -> None:
    """Read captures: a session for each plug-in, with its SLAC, SDP and V2G messages.

    A file that can't be read is named on standard error; the others are read all the same, and
    the exit code is 1.
    """
    failed = False
    for path in captures:
        try:
            sessions, loss = _read(path)
        except (OSError, UsageError) as error:
            failed = True
            why = error.strerror if isinstance(error, OSError) else str(error)
            _warn(f"{path}: {why}")
            continue
        if not sessions:
            _warn(f"{path}: no vehicle in it{loss}")
        (_print_json if json else _print)(sessions)
    if failed:
        raise typer.Exit(1)


def _warn(message: str) -> None:
    typer.echo(f"seccstack: {message}", err=True)


def _read(path: Path) -> tuple[list[Any], str]:
    """Return the sessions of a file, and what of it was lost, for a file without any."""
    from seccstack.capture.reader import read_capture
    from seccstack.capture.sessions import sessions_of
    from seccstack.capture.trace import read_trace

    with _working(f"reading {path.name}"):
        trace = read_trace(str(path), read_capture(path))
        sessions = sessions_of(trace)
    lost = "".join(f"; {loss.what}" for loss in trace.losses[:3])
    return sessions, f", in {trace.packets} packets{lost}"


def _working(what: str) -> AbstractContextManager[Any]:
    from rich.console import Console

    console = Console(stderr=True)
    return console.status(what) if console.is_terminal else nullcontext()


def _print_json(sessions: list[Any]) -> None:
    import msgspec

    for session in sessions:
        typer.echo(msgspec.json.encode(session.to_json()).decode())


def _print(sessions: list[Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from seccstack.capture.timeline import plain, timeline_of

    console = Console()
    if not console.is_terminal:
        console.width = WIDE
    for session in sessions:
        began = datetime.fromtimestamp(session.started, UTC)
        head = f"{plain(session.plug_in.source)}  {began:%Y-%m-%d %H:%M:%S} UTC"
        console.print(Text(head, style="bold"))
        console.print(Text(_who(session)))
        table = Table.grid(padding=(0, 2))
        table.add_column(justify="right", style="dim")
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for line in timeline_of(session):
            style = "yellow" if line.trouble else ""
            table.add_row(f"{line.at:.3f}", Text(line.who), Text(str(line), style=style))
        console.print(table)
        console.print(Text(f"ended: {plain(session.ended)}\n"))


def _who(session: Any) -> str:
    from seccstack.auth.addresses import format_mac

    identity = session.identity
    if identity.disagreements:
        return f"vehicle: {'; '.join(identity.disagreements)}"
    name = "unknown" if identity.mac is None else format_mac(identity.mac)
    agree = ", and all that it says of itself agrees" if identity.consistent else ""
    return f"vehicle {name}, {session.protocol or 'no protocol'}{agree}"
