"""`seccstack drive`: recorded cars at our charger, in virtual time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

from seccstack.cli_names import named
from seccstack.errors import UsageError

CARD = ".toml"
FOLDER = Path("captures")

Captures = Annotated[
    list[Path],
    typer.Argument(
        metavar="CAPTURE",
        show_default=False,
        help="pcap or pcapng, or .gz, .xz; or a card that --record wrote.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="A JSON object per session on stdout.")]
Record = Annotated[
    str,
    typer.Option(
        "--record", metavar="NAME", show_default=False, help="Keep what comes of it as a test."
    ),
]
Into = Annotated[Path, typer.Option(metavar="FOLDER", help="Where --record keeps it.")]
Copy = Annotated[bool, typer.Option("--copy", help="--record: keep the capture, too.")]
What = Annotated[str, typer.Option(show_default=False, help="--record: what it is.")]
Origin = Annotated[str, typer.Option(show_default=False, help="--record: where it is from.")]
Licence = Annotated[str, typer.Option(show_default=False, help="--record: the capture's.")]
Accept = Annotated[
    bool, typer.Option("--accept", help="Of a card: what comes of it now is right.")
]


def drive(
    capture: Captures,
    json: Json = False,
    record: Record = "",
    into: Into = FOLDER,
    copy: Copy = False,
    what: What = "",
    origin: Origin = "",
    licence: Licence = "",
    accept: Accept = False,
) -> None:
    """Make the cars of captures talk to our charger, and say where they would part.

    A car keeps its own pace; its session id is exchanged for ours, nothing else of it is
    changed. --record NAME makes a test of it: a card, and what came of it. Driven again by its
    card, it says what has changed; --accept keeps that.

    Exit code 1: a file could not be read, there is no car in it, or something has changed.
    """
    from seccstack.cli_scenarios import Order

    cards = [path for path in capture if path.suffix == CARD]
    order = Order(record, into, copy, what, origin, licence)
    wrong = _misuse(order, capture, cards, accept=accept)
    if wrong:
        _warn(wrong)
        raise typer.Exit(2)
    done = True
    for path in capture:
        if path in cards:
            done &= _drive_card(path, json, accept)
        else:
            sessions = _drive(path, json)
            done &= bool(sessions) and (not record or _keep(order, path, sessions))
    if not done:
        raise typer.Exit(1)


def _misuse(order: Any, captures: list[Path], cards: list[Path], *, accept: bool) -> str:
    """Say what is wrong with how the options go together, before anything is done."""
    if accept and len(cards) < len(captures):
        return "--accept: it is for cards, NAME.toml"
    if not order.name:
        given = {"--copy": order.copy, "--what": order.what, "--origin": order.origin}
        given["--licence"] = order.licence
        named = [name for name, value in given.items() if value]
        return f"{named[0]}: it goes with --record NAME" if named else ""
    if len(captures) > 1 or cards:
        return "--record: it is for one capture at a time"
    try:
        order.check()
    except UsageError as error:
        return str(error)
    return ""


def _warn(message: str) -> None:
    typer.echo(f"seccstack: {message}", err=True)


def _drive(path: Path, json: bool) -> list[dict[str, Any]]:
    """Drive a file's cars, and show it; return the sessions, none if it did not succeed."""
    try:
        sessions, strangers = driven(path)
    except (OSError, UsageError) as error:
        _warn(f"{path}: {_why(error)}")
        return []
    if not sessions and not strangers:
        _warn(f"{path}: no car is in it")
    if strangers:
        _warn(f"{path}: nothing says who the car was; not driven: {strangers}")
    for session in sessions:
        (_print_json if json else _print)(session)
    return sessions


def _why(error: OSError | UsageError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def _keep(order: Any, capture: Path, sessions: list[dict[str, Any]]) -> bool:
    """Make a card of what came of a drive; return whether it could be kept."""
    from seccstack.cli_scenarios import record
    from seccstack.drive.report import report_of

    try:
        card = record(order, capture, [report_of(session) for session in sessions])
    except (OSError, UsageError) as error:
        where = f"{error.filename}: " if isinstance(error, OSError) and error.filename else ""
        _warn(f"not recorded: {where}{_why(error)}")
        return False
    typer.echo(f"recorded: {card.path}, {card.results.name}", err=True)
    return True


def _drive_card(path: Path, json: bool, accept: bool) -> bool:
    """Drive a card's cars; return whether it came of it what was accepted, or now is."""
    from seccstack.cli_scenarios import DRIVE, read_card
    from seccstack.drive.report import changes, report_of

    try:
        card = read_card(path)
        accepted = card.load().get(DRIVE)
        sessions, _ = driven(card.find())
        found = [report_of(session) for session in sessions]
        new = accepted is None
        changed = ["no drive of it was accepted before"] if new else changes(accepted, found)
        if accept and changed:
            card.keep(drive=found)
    except (OSError, UsageError) as error:
        _warn(f"{path}: {_why(error)}")
        return False
    if json:
        for session in sessions:
            _print_json(session)
    said = "as accepted" if not changed else "accepted now" if accept else "changed"
    typer.echo("\n  ".join([f"{card.name}: {said}", *changed]), err=json)
    if changed and not accept:
        _warn(f"if that is right: seccstack drive {path} --accept")
    return accept or not changed


def driven(path: Path) -> tuple[list[dict[str, Any]], int]:
    """Return the sessions of a file's cars, and how many cars of it nobody knows."""
    from seccstack.capture.reader import read_capture
    from seccstack.capture.sessions import sessions_of
    from seccstack.capture.trace import read_trace
    from seccstack.drive.course import drive as drive_one
    from seccstack.drive.octets import octets_of

    with _working(f"driving {named(path.name)}"):
        recorded = sessions_of(read_trace(named(path), read_capture(path)))
        octets = octets_of(named(path.name))
        drives = [drive_one(session.plug_in, octets) for session in recorded]
    known = [session for session in drives if session is not None]
    return known, len(drives) - len(known)


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
