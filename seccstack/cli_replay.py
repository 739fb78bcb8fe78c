"""`seccstack replay`: what captures hold, a session for each plug-in."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from seccstack.errors import UsageError

WIDE = 160  # columns where there is no terminal that has a width
MOST_EVIDENCE = 8  # packets that are named in a line; JSON has all of them
MAX_KEY_LOG = 1 << 26  # octets of a key log; ten times what its greatest number of secrets has

Captures = Annotated[
    list[Path],
    typer.Argument(metavar="CAPTURE", show_default=False, help="pcap or pcapng, or .gz, .xz."),
]
Json = Annotated[bool, typer.Option("--json", help="A JSON object per session on stdout.")]
KeyLogs = Annotated[
    list[Path] | None,
    typer.Option(
        "--keylog",
        metavar="FILE",
        show_default=False,
        help="TLS secrets, as SSLKEYLOGFILE has them; may be given more than once.",
    ),
]


Html = Annotated[
    Path | None,
    typer.Option(
        "--html",
        metavar="FILE",
        show_default=False,
        help="Draw the sessions: a page to look at with a browser, which needs nothing else.",
    ),
]
Strict = Annotated[
    bool,
    typer.Option(
        "--strict-rerun", help="Exit code 1 if a recording run again does anything else."
    ),
]


def replay(
    captures: Captures,
    json: Json = False,
    keylog: KeyLogs = None,
    html: Html = None,
    strict: Strict = False,
) -> None:
    """Read captures: a session for each plug-in, with its SLAC, SDP and V2G messages.

    A file that can't be read is named on standard error; the others are read all the same, and
    the exit code is 1. TLS is read with the secrets that a capture holds itself, or with those
    of --keylog. What our charger recorded is told from both sides, and run again.
    """
    from seccstack import cli_recording

    secrets = _secrets(keylog or [])
    read: list[Any] = []
    same = True
    for path in captures:
        account = _account(path)
        capture = _read(path, secrets, alone=account is None)
        read.append(cli_recording.drawn(capture, account) if html else capture)
        same = same and (account is None or account.rerun.acts_alike is True)
        if json:
            _print_json(capture.sessions, account)
        elif html is None:
            _print(capture.sessions, account)
    could = [capture for capture in read if not capture.problem]
    drawn = bool(html is None or (could and _draw(html, read)))
    if not drawn or len(could) < len(read) or (strict and not same):
        raise typer.Exit(1)


def _warn(message: str) -> None:
    typer.echo(f"seccstack: {message}", err=True)


def _secrets(paths: list[Path]) -> Any:
    """Return the key log that these files are; exit code 2 if one of them is none."""
    from seccstack.tls.keylog import KeyLog

    secrets = KeyLog()
    for path in paths:
        log = KeyLog()
        try:
            with path.open("rb") as file:
                log.add(file.read(MAX_KEY_LOG), str(path))
        except OSError as error:
            _warn(f"--keylog {path}: {error.strerror}")
            raise typer.Exit(2) from None
        if not log.secrets:
            _warn(f"--keylog {path}: no TLS secret in it; its lines must be like")
            _warn("CLIENT_RANDOM <64 hexadecimal digits> <96 hexadecimal digits>")
            raise typer.Exit(2)
        secrets.secrets |= log.secrets
        secrets.problems += log.problems
    for problem in secrets.problems:
        _warn(f"--keylog {problem}")
    return secrets


def _account(path: Path) -> Any:
    """Return what our charger told beside a capture of its own; None for any other."""
    from seccstack.cli_recording import account_of

    try:
        with _working(f"running {path.name} again"):
            account = account_of(path)
    except OSError as error:
        _warn(f"{error.filename}: {error.strerror}")
        return None
    return account if account is not None and account.leg is not None else None


def _read(path: Path, secrets: Any, *, alone: bool) -> Any:
    """Return what a file holds; one without any session, or that can't be read, is named."""
    from seccstack.capture.reader import read_capture
    from seccstack.capture.sessions import sessions_of
    from seccstack.capture.trace import read_trace
    from seccstack.report.sheet import Capture

    try:
        with _working(f"reading {path.name}"):
            trace = read_trace(str(path), read_capture(path), secrets)
            sessions = sessions_of(trace)
    except (OSError, UsageError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        _warn(f"{path}: {why}")
        return Capture(str(path), problem=why or type(error).__name__)
    if not sessions and alone:
        lost = "".join(f"; {loss.what}" for loss in trace.losses[:3])
        _warn(f"{path}: no vehicle in it, in {trace.packets} packets{lost}")
    return Capture(str(path), trace, sessions)


def _draw(path: Path, captures: list[Any]) -> bool:
    """Write the page; return whether that came to anything."""
    from seccstack.cli_report import write_report

    try:
        with _working(f"drawing {path.name}"):
            write_report(path, captures)
    except OSError as error:
        _warn(f"--html {path}: {error.strerror}")
        return False
    return True


def _working(what: str) -> AbstractContextManager[Any]:
    from rich.console import Console

    console = Console(stderr=True)
    return console.status(what) if console.is_terminal else nullcontext()


def _print_json(sessions: list[Any], account: Any) -> None:
    import msgspec

    told = [session.to_json() for session in sessions]
    for session in told if account is None else [account.session(told)]:
        typer.echo(msgspec.json.encode(session).decode())


def _print(sessions: list[Any], account: Any) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from seccstack import cli_recording
    from seccstack.capture.timeline import plain

    console = Console()
    if not console.is_terminal:
        console.width = WIDE
    for session, lines in cli_recording.timelines(sessions, account):
        began = datetime.fromtimestamp(session.started, UTC)
        head = f"{plain(session.plug_in.source)}  {began:%Y-%m-%d %H:%M:%S} UTC"
        console.print(Text(head, style="bold"))
        console.print(Text(_who(session)))
        table = Table.grid(padding=(0, 2))
        table.add_column(justify="right", style="dim")
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for line in lines:
            style = "yellow" if line.trouble else ""
            table.add_row(f"{line.at:.3f}", Text(line.who), Text(str(line), style=style))
        console.print(table)
        console.print(Text(f"ended: {plain(session.ended)}"))
        if session.failure is not None:
            console.print(Text(plain(_verdict(session.failure)), style="red"))
        console.print()
    for said in cli_recording.verdict(sessions, account):
        console.print(Text(plain(said)), soft_wrap=True)


def _verdict(failure: Any) -> str:
    packets = ", ".join(map(str, failure.evidence[:MOST_EVIDENCE]))
    where = f" (packets {packets})" if packets else ""
    return f"failed, by {failure.whose}: {failure.why}{where}"


def _who(session: Any) -> str:
    from seccstack.auth.addresses import format_mac

    identity = session.identity
    if identity.disagreements:
        return f"vehicle: {'; '.join(identity.disagreements)}"
    name = "unknown" if identity.mac is None else format_mac(identity.mac)
    agree = ", and all that it says of itself agrees" if identity.consistent else ""
    return f"vehicle {name}, {session.protocol or 'no protocol'}{agree}"
