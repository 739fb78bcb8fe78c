"""What `seccstack replay` adds to a capture that our own charger recorded: its sidecar.

The capture has what was on the wire; the sidecar beside it has what the charger made of it, and
lets that be tried again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from pathlib import Path
from typing import Any

from seccstack.cli_names import named

SIDECAR = ".jsonl"
BEGINS = b'{"recording":'  # so that no other file of that name is taken for one
OUTLET = "outlet"  # who does what a sidecar tells


def account_of(capture: Path) -> Any:
    """Return the review of a capture's sidecar; None if it has none. Raises OSError."""
    path = capture.with_suffix(SIDECAR)
    if capture.suffix != ".pcapng" or not path.is_file():
        return None
    from seccstack.recording.review import review

    with path.open("rb") as lines:
        if lines.read(len(BEGINS)) != BEGINS:
            return None
        lines.seek(0)
        return review(named(capture), lines)


def timelines(sessions: Sequence[Any], account: Any) -> Iterator[tuple[Any, list[Any]]]:
    """Yield each session with its timeline, in which both sides are told."""
    from seccstack.capture.timeline import PILOT, Line, timeline_of

    told = [] if account is None else list(_told(account))
    bounds = [-inf, *(session.started for session in sessions[1:]), inf]
    for session, begin, end in zip(sessions, bounds, bounds[1:], strict=False):
        ours = [
            Line(at - session.started, OUTLET, what) for at, what in told if begin <= at < end
        ]
        heard = [line for line in timeline_of(session) if account is None or line.who != PILOT]
        yield session, sorted(heard + ours, key=lambda line: line.at)


def verdict(sessions: Sequence[Any], account: Any) -> Iterator[str]:
    """Say whether a recording runs again, and what it lacks; and what no timeline has told."""
    if account is None:
        return
    told = [] if sessions else list(_told(account))
    yield from (f"{at - told[0][0]:.3f}  {OUTLET}  {what}" for at, what in told)
    rerun = account.rerun
    if rerun.identical is None:
        yield "run again: nothing of it could be compared"
    elif rerun.identical:
        yield f"run again: all {rerun.steps} steps with identical actions"
    else:
        yield f"run again: of {rerun.steps} steps {_differ(rerun.differences)}"
    began = account.leg.t
    for one in rerun.differences:
        yield f"  {one.t - began:.3f} s in, {'done' if one.acts else 'told'} differently {one}"
    yield from (f"  not run again: {why}" for why in rerun.omissions)
    yield from (f"  {note}" for note in account.notes)


def drawn(capture: Any, account: Any) -> Any:
    """Return a capture for its page, with the charger's own account of it."""
    if account is None:
        return capture
    from seccstack.report.account import Happening
    from seccstack.timeline import line

    offset = account.leg.offset / 1e9
    told = [Happening(one["t"] + offset, one, line(one)) for one in account.happenings]
    whole = account.session([session.to_json() for session in capture.sessions])
    own = {key: whole[key] for key in ("decision", "limits", "contactor", "rerun")}
    return capture._replace(happenings=told, own=own)


def _told(account: Any) -> Iterator[tuple[float, str]]:
    """Yield what happened at the outlet: when, in seconds since 1970, and what."""
    from seccstack.timeline import line

    offset = account.leg.offset / 1e9
    for happening in account.happenings:
        yield happening["t"] + offset, line(happening)


def _differ(differences: Sequence[Any]) -> str:
    from seccstack.recording.rerun import MAX_DIFFERENCES

    said = []
    for acts, how in ((True, "are DONE differently"), (False, "only told differently")):
        count = len([one for one in differences if one.acts is acts])
        more = "at least " if count >= MAX_DIFFERENCES else ""
        said += [f"{more}{count} {how}"] if count else []
    return ", ".join(said)
