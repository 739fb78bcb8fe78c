"""All that the page shows, as one JSON object: findings, rows, messages, plots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import Any, NamedTuple

from seccstack.auth.vehicle import NAMES
from seccstack.capture.sessions import Session
from seccstack.capture.trace import Trace
from seccstack.messages.app_protocol import SupportedAppProtocolRes
from seccstack.report.account import Happening, draw, draw_pilot, with_account
from seccstack.report.book import Book
from seccstack.report.plots import MICRO, Plots
from seccstack.report.rows import FAILED, Reader, Row, rows_of, rows_to_json

Json = dict[str, Any]


class Capture(NamedTuple):
    """A file: what was read of it, or why it could not be."""

    source: str
    trace: Trace | None = None
    sessions: Sequence[Session] = ()
    problem: str = ""
    happenings: Sequence[Happening] = ()  # if our own charger recorded it
    own: Json | None = None  # what it adds to the session: decision, limits, contactor


def sheet_of(captures: Sequence[Capture], made_by: str) -> Json:
    """Return what the page shows of these captures."""
    book = Book()
    reader = Reader(book)
    sessions = [
        _session(session, told, number, reader, book) | (capture.own or {})
        for number, capture in enumerate(captures)
        for session, told in _told(capture)
    ]
    return {
        "made_by": made_by,
        "captures": [_capture(capture) for capture in captures],
        "sessions": sessions,
        **book.to_json(),
    }


def _capture(capture: Capture) -> Json:
    trace = capture.trace
    return {
        "source": capture.source,
        "problem": capture.problem,
        "packets": trace.packets if trace else 0,
        "losses": [
            {"packet": loss.number, "what": loss.what}
            for loss in (trace.losses if trace else ())
        ],
    }


def _told(capture: Capture) -> Iterator[tuple[Session, list[Happening]]]:
    """Yield each session, and what happened at the outlet meanwhile."""
    bounds = [-inf, *(session.started for session in capture.sessions[1:]), inf]
    for session, begin, end in zip(capture.sessions, bounds, bounds[1:], strict=False):
        yield session, [one for one in capture.happenings if begin <= one.time < end]


def _session(
    session: Session, happenings: Sequence[Happening], capture: int, reader: Reader, book: Book
) -> Json:
    rows = rows_of(session, reader)
    told = session.to_json()
    plots = _plots(session, rows, reader)
    draw(happenings, session.started, plots)
    if not happenings:  # which tell the pilot, and at the very moment
        draw_pilot(session.plug_in.pilot, session.started, plots)
    rows = with_account(rows, happenings)
    return {
        "capture": capture,
        "started": told["started"],
        "protocol": told["protocol"],
        "tls": told["tls"],
        "failure": told["failure"],
        "identity": told["identity"],
        "identity_names": dict(NAMES),
        "disagreements": session.identity.disagreements,
        "identity_notes": session.identity.notes,
        "slac": told["slac"],
        "offered": told["offered_protocols"],
        "taken": _taken(session),
        "ended": told["ended"],
        "errors": told["errors"],
        "failed": sum(row.level == FAILED for row in rows),
        "rows": rows_to_json(rows, session.started, book),
        "plots": plots.to_json(),
    }


def _taken(session: Session) -> int | None:
    """Return the SchemaID of the offer that the charger took, as far as it is known."""
    answers = [m.message for m in session.messages]
    taken = [a.schema_id for a in answers if isinstance(a, SupportedAppProtocolRes)]
    return taken[-1] if taken else None


def _plots(session: Session, rows: Sequence[Row], reader: Reader) -> Plots:
    plots = Plots()
    for row in rows:
        time = round((row.time - session.started) * MICRO)
        plots.add(time, row.sender, reader.told(row))
    return plots
