"""`seccstack why`: why is it not charging?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from seccstack import cli_run
from seccstack.errors import UsageError

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="TOML file of the running charger.")
]
Json = Annotated[bool, typer.Option("--json", help="A JSON object per plug-in, on stdout.")]
Recordings = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[RECORDING]...",
        help="Of our recorder, or any capture; without one, the running charger is asked.",
    ),
]

Account = dict[str, Any]


def why(recording: Recordings = None, config: ConfigOption = None, json: Json = False) -> None:
    """Say why it is not charging, or that it is: in a sentence, with what can be done about it.

    Then how it came to that. A running charger tells of the present plug-in and the last ones.
    """
    if recording:
        told = [_of_file(path) for path in recording]
        for path, accounts in zip(recording, told, strict=True):
            _print(accounts or [], json, source=str(path))
        if not all(told):
            raise typer.Exit(cli_run.FAILED)
    else:
        _print(_of_charger(config), json)


def _of_charger(config: Path | None) -> list[Account]:
    from seccstack.adapters.control import tell

    try:
        path = Path(cli_run.read(config).control.socket)
    except UsageError as error:
        raise _fail(str(error), cli_run.MISUSED) from error
    try:
        accounts: list[Account] = tell(path, {"do": "why"})["accounts"]
    except UsageError as error:
        raise _fail(str(error), cli_run.FAILED) from error
    return accounts


def _fail(message: str, code: int) -> typer.Exit:
    typer.echo(f"seccstack: {message}", err=True)
    return typer.Exit(code)


def _of_file(path: Path) -> list[Account] | None:
    """Return the accounts of a recording; None, with a line why, if nothing can be said."""
    from seccstack.explain.captured import of_session

    try:
        if (ours := _of_sidecar(path)) is not None:
            return ours
        sessions = _sessions(path)
    except (OSError, UsageError) as error:
        said = (isinstance(error, OSError) and error.strerror) or str(error)
        _fail(f"{path}: {said}", cli_run.FAILED)
        return None
    if not sessions:
        _fail(f"{path}: no vehicle in it", cli_run.FAILED)
        return None
    return [of_session(session, number) for number, session in enumerate(sessions, start=1)]


def _of_sidecar(path: Path) -> list[Account] | None:
    """Return what our charger told beside a capture of its own; None for any other."""
    from seccstack.cli_recording import BEGINS, SIDECAR
    from seccstack.explain.captured import of_recording

    sidecar = path.with_suffix(SIDECAR)
    if path.suffix not in (".pcapng", SIDECAR) or not sidecar.is_file():
        return None
    with sidecar.open("rb") as lines:
        if lines.read(len(BEGINS)) != BEGINS:
            return None
        lines.seek(0)
        return of_recording(lines) or None


def _sessions(path: Path) -> list[Any]:
    from seccstack.capture.reader import read_capture
    from seccstack.capture.sessions import sessions_of
    from seccstack.capture.trace import read_trace

    return sessions_of(read_trace(str(path), read_capture(path), None))


def _print(accounts: list[Account], json: bool, **source: str) -> None:
    if json:
        import msgspec

        for account in accounts:
            typer.echo(msgspec.json.encode({**source, **account}).decode())
        return
    for account in accounts:
        for line in lines(account, **source):
            typer.echo(line)


def lines(account: Account, source: str = "") -> Iterator[str]:
    """Yield the lines that say an account to people."""
    from seccstack.timeline import plain

    answer = account["answer"]
    yield plain(" ".join(part for part in (source, _heading(account)) if part))
    yield plain(answer["says"])
    yield from (plain(f"  -> {what}") for what in answer["do"])
    yield from (plain(f"  also: {what}") for what in account["also"])
    for step in account["steps"]:
        times = "" if step["times"] == 1 else f" ({step['times']} times)"
        yield plain(f"  {_clock(step['t'])}  {step['says']}{times}")
    if account["left_out"]:
        yield f"  ({account['left_out']} steps in the middle were not kept)"
    yield ""


def _heading(account: Account) -> str:
    if account["plug_in"] is None:
        return "At present:"
    began = f"Plug-in {account['plug_in']}, from {_clock(account['since'], date=True)}"
    if account["until"] is None:
        return f"{began}:"
    return f"{began} to {_clock(account['until'])}; before it was unplugged:"


def _clock(seconds: float, *, date: bool = False) -> str:
    """Return a time of day here; of what a damaged file claims, the number."""
    try:
        at = datetime.fromtimestamp(seconds).astimezone()
    except (OverflowError, ValueError, OSError):
        return f"{seconds:.0f} s after 1970"
    return f"{at:%Y-%m-%d %H:%M:%S %Z}" if date else f"{at:%H:%M:%S}"
