"""`seccstack replay`: what captures hold, a session for each plug-in."""

from __future__ import annotations

from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import Annotated, Any

import typer

WIDE = 160  # columns where there is no terminal that has a width

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

Jobs = Annotated[
    int | None,
    typer.Option(
        min=1,
        show_default="one per processor",
        help="How many processes read captures at once.",
    ),
]


def replay(
    capture: Captures,
    json: Json = False,
    keylog: KeyLogs = None,
    html: Html = None,
    strict: Strict = False,
    jobs: Jobs = None,
) -> None:
    """Read captures: a session for each plug-in, with its SLAC, SDP and V2G messages.

    A file that can't be read is named on standard error; the others are read all the same, and
    the exit code is 1. TLS is read with the secrets that a capture holds itself, or with those
    of --keylog. What our charger recorded is told from both sides, and run again.
    """
    from seccstack.cli_jobs import jobs_for, tell_all

    pages: list[Any] = []
    good = True
    wanted = _wanted(json, html is not None, _secrets(keylog or []))
    with closing(tell_all(capture, wanted, jobs_for(capture, jobs))) as read:
        for told in read:
            before = len(told.complaints)
            for complaint in told.complaints[:before]:
                _warn(complaint)
            for piece in told.text:
                typer.echo(piece, nl=False)
            for complaint in told.complaints[before:]:
                _warn(complaint)
            good = good and told.readable and (told.acts_alike or not strict)
            pages += [told.page] if html else []
    if html is not None:
        good = any(not page.problem for page in pages) and _draw(html, pages) and good
    if not good:
        raise typer.Exit(1)


def _wanted(json: bool, page: bool, secrets: Any) -> Any:
    from rich.console import Console

    from seccstack.cli_telling import Wanted

    console = Console()
    columns = console.width if console.is_terminal else WIDE
    return Wanted(json, page, secrets, columns, colours=console.is_terminal)


def _warn(message: str) -> None:
    typer.echo(f"seccstack: {message}", err=True)


def _secrets(paths: list[Path]) -> Any:
    """Return the key log that these files are; exit code 2 if one of them is none."""
    from seccstack.tls.keylog import MAX_LINE, KeyLog

    secrets = KeyLog()
    for path in paths:
        log = KeyLog()
        try:
            with path.open("rb") as file:
                log.read(iter(lambda: file.readline(MAX_LINE), b""), str(path))
        except OSError as error:
            _warn(f"--keylog {path}: {error.strerror or error}")
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
