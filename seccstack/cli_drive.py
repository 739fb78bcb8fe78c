"""`seccstack drive`: recorded cars at our charger, in virtual time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from seccstack.errors import UsageError

Captures = Annotated[
    list[Path],
    typer.Argument(metavar="CAPTURE", show_default=False, help="pcap or pcapng, or .gz, .xz."),
]
Json = Annotated[bool, typer.Option("--json", help="A JSON object per session on stdout.")]


def drive(captures: Captures, json: Json = False) -> None:
    """Make the cars of captures talk to our charger, and say where they would part.

    A car keeps its own pace; its session id is exchanged for ours, nothing else of it is
    changed. Exit code 1: a file could not be read, or there is no car in it.
    """
    failed = False
    for path in captures:
        try:
            sessions, strangers = _driven(path)
        except (OSError, UsageError) as error:
            failed = True
            _warn(f"{path}: {error.strerror if isinstance(error, OSError) else error}")
            continue
        if not sessions and not strangers:
            _warn(f"{path}: no car is in it")
        if strangers:
            _warn(f"{path}: nothing says who the car was; not driven: {strangers}")
        failed = failed or not sessions
        for session in sessions:
            (_print_json if json else _print)(session)
    if failed:
        raise typer.Exit(1)


def _warn(message: str) -> None:
    typer.echo(f"seccstack: {message}", err=True)


def _driven(path: Path) -> tuple[list[dict[str, Any]], int]:
    """Return the sessions of a file's cars, and how many cars of it nobody knows."""
    import secrets

    from seccstack.capture.reader import read_capture
    from seccstack.capture.sessions import sessions_of
    from seccstack.capture.trace import read_trace
    from seccstack.drive.course import drive as drive_one

    with _working(f"driving {path.name}"):
        recorded = sessions_of(read_trace(str(path), read_capture(path)))
        driven = [drive_one(session.plug_in, secrets.token_bytes) for session in recorded]
    known = [session for session in driven if session is not None]
    return known, len(driven) - len(known)


def _working(what: str) -> AbstractContextManager[Any]:
    from rich.console import Console

    console = Console(stderr=True)
    return console.status(what) if console.is_terminal else nullcontext()


def _print_json(session: dict[str, Any]) -> None:
    import msgspec

    typer.echo(msgspec.json.encode(session).decode())


def _print(session: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.text import Text

    from seccstack.timeline import plain

    console = Console(highlight=False, soft_wrap=True)
    console.print(Text(plain(session["source"]), style="bold"))
    for style, line in _lines(session):
        console.print(Text(plain(line), style=style))
    console.print()


def _lines(session: dict[str, Any]) -> Iterator[tuple[str, str]]:
    identity, slac, partings = session["identity"], session["slac"], session["partings"]
    who = identity["evccid"] or identity["slac_mac"] or "unknown"
    yield "", f"vehicle   {who}, claims consistent: {identity['consistent']}"
    if slac is not None:
        seconds, db = slac["seconds"], slac["attenuation_db"]
        matched = f"in {seconds:.3f} s, attenuation {db} dB" if slac["matched"] else "not"
        yield "", f"matched   {matched}"
    yield "", f"messages  {len(session['messages'])}, ended: {session['ended']}"
    for one in partings:
        yield (
            "red",
            f"parting   {one['t'] - session['started']:9.3f} s  {one['message']}: "
            f"ours {one['ours'] or 'nothing'}; theirs {one['theirs'] or 'not compared'}; "
            f"{one['why']}",
        )
    if not partings:
        yield "green", "no parting: our charger lets the car do all that it did then"
