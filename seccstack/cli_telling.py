"""What `seccstack replay` says of one capture, ready to be printed, in whatever process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from seccstack.cli_names import named
from seccstack.errors import UsageError

MOST_EVIDENCE = 8  # packets that are named in a line; JSON has all of them
MOST_OF_FAULT = 300  # characters: one line, whatever an exception says

Advance = Callable[[int], None]  # told how many octets have been read


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a capture is asked for; ``columns`` and ``colours`` are the terminal's."""

    json: bool = False
    page: bool = False
    secrets: Any = None
    columns: int = 160
    colours: bool = False


@dataclass(slots=True)
class Told:
    """What is to be said of one capture; without ``page`` its content is not kept."""

    path: Path
    text: Iterable[str] = ()  # made piece by piece: all at once is several times the capture
    complaints: list[str] = field(default_factory=list)
    readable: bool = True
    acts_alike: bool = True  # run again, where it can be
    page: Any = None


def tell(path: Path, wanted: Wanted, advance: Advance = lambda octets: None) -> Told:
    """Read a capture, and what our charger recorded beside it; say what is in it.

    A fault of ours in one file is said, and loses nothing of the others.
    """
    try:
        return _tell(path, wanted, advance)
    except Exception as error:  # of any kind: what it would be is not known
        return _fault(path, error)


def _sound(told: Told, pieces: Iterable[str]) -> Iterator[str]:
    """Yield the pieces; a fault of ours in making one is said as one in reading is."""
    try:
        yield from pieces
    except Exception as error:  # of any kind, too
        told.complaints += _fault(told.path, error).complaints
        told.readable = False


def _fault(path: Path, error: Exception) -> Told:
    from seccstack.report.sheet import Capture

    source = named(path)
    what = f"{type(error).__name__}: {error}"[:MOST_OF_FAULT]
    why = f"fault of seccstack itself reading {source}: {what}; please report"
    page = Capture(source, problem=why)
    return Told(path, complaints=[why], readable=False, page=page)


def _tell(path: Path, wanted: Wanted, advance: Advance) -> Told:
    told = Told(path)
    account = _account(told)
    capture = _read(told, wanted, alone=account is None, advance=advance)
    if account is not None:
        told.acts_alike = account.rerun.acts_alike is True
        capture = _unplugged(capture, account.unplugged_at)
    if wanted.json:
        told.text = _sound(told, _lines(capture.sessions, account))
    elif not wanted.page:
        told.text = _sound(told, _timelines(capture.sessions, account, wanted))
    if wanted.page:
        from seccstack import cli_recording

        told.page = cli_recording.drawn(capture, account)
    return told


def tell_whole(path: Path, wanted: Wanted) -> Told:
    """Do the same for another process, to which pieces still to be made can't be sent."""
    told = tell(path, wanted)
    told.text = [*told.text]
    return told


def _account(told: Told) -> Any:
    """Return what our charger told beside a capture of its own; None for any other."""
    from seccstack.cli_recording import account_of

    try:
        account = account_of(told.path)
    except OSError as error:
        told.complaints.append(f"{error.filename}: {error.strerror or error}")
        return None
    return account if account is not None and account.leg is not None else None


def _read(told: Told, wanted: Wanted, *, alone: bool, advance: Advance) -> Any:
    """Return what a file holds; one without any session, or that can't be read, is named."""
    from seccstack.capture.reader import read_capture
    from seccstack.capture.sessions import sessions_of
    from seccstack.capture.trace import read_trace
    from seccstack.report.sheet import Capture

    source = named(told.path)
    try:
        trace = read_trace(source, _counted(read_capture(told.path), advance), wanted.secrets)
        sessions = sessions_of(trace)
    except (OSError, UsageError) as error:
        why = (isinstance(error, OSError) and error.strerror) or str(error)
        told.complaints.append(f"{source}: {why}")
        told.readable = False
        return Capture(source, problem=why or type(error).__name__)
    if trace.unread:
        told.complaints.append(f"{source}: {trace.unread}; cut it into smaller captures")
        told.readable = False
    if not sessions and alone:
        lost = "".join(f"; {loss.what}" for loss in (*trace.losses[:2], *trace.losses[2:][-1:]))
        told.complaints.append(f"{source}: no vehicle in it, in {trace.packets} packets{lost}")
    return Capture(source, trace, sessions)


def _unplugged(capture: Any, at: float | None) -> Any:
    """Judge anew what our charger saw being unplugged: who hangs up then has not failed."""
    from seccstack.capture.sessions import ended_session_of

    if at is None or len(capture.sessions) != 1:
        return capture
    plug_in = capture.sessions[0].plug_in
    plug_in.unplugged_at = at
    return capture._replace(sessions=[ended_session_of(plug_in)])


def _counted(records: Iterable[Any], advance: Advance) -> Iterator[Any]:
    from seccstack.capture.packets import Packet

    for record in records:
        if isinstance(record, Packet):
            advance(len(record.octets))
        yield record


def _lines(sessions: list[Any], account: Any) -> Iterator[str]:
    import msgspec

    told = (session.to_json() for session in sessions)
    for session in told if account is None else [account.session([*told])]:
        yield msgspec.json.encode(session).decode() + "\n"


def _timelines(sessions: list[Any], account: Any, wanted: Wanted) -> Iterator[str]:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from seccstack import cli_recording
    from seccstack.capture.timeline import plain

    console = Console(file=StringIO(), width=wanted.columns, force_terminal=wanted.colours)
    for session, lines in cli_recording.timelines(sessions, account):
        head = f"{plain(session.plug_in.source)}  {_date(session.started)}"
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
        yield _printed(console)
    for said in cli_recording.verdict(sessions, account):
        console.print(Text(plain(said)), soft_wrap=True)
    yield _printed(console)


def _printed(console: Any) -> str:
    """Return what was printed since the last time."""
    made, console.file = console.file, StringIO()
    lines = str(made.getvalue()).split("\n")
    return "\n".join(line.rstrip(" ") for line in lines)  # tables pad theirs


def _date(seconds: float) -> str:
    """Return a time of day; of what a damaged file claims, the number."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return f"{seconds:.0f} s after 1970"


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
