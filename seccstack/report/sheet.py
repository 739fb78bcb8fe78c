"""All that the page shows, as one JSON object: findings, rows, messages, plots."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from seccstack.auth.vehicle import NAMES
from seccstack.capture.sessions import Session
from seccstack.capture.trace import Trace
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


def sheet_of(captures: Sequence[Capture], made_by: str) -> Json:
    """Return what the page shows of these captures."""
    book = Book()
    reader = Reader(book)
    sessions = [
        _session(session, number, reader, book)
        for number, capture in enumerate(captures)
        for session in capture.sessions
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


def _session(session: Session, capture: int, reader: Reader, book: Book) -> Json:
    rows = rows_of(session, reader)
    told = session.to_json()
    return {
        "capture": capture,
        "started": told["started"],
        "protocol": told["protocol"],
        "tls": told["tls"],
        "identity": told["identity"],
        "identity_names": dict(NAMES),
        "disagreements": session.identity.disagreements,
        "identity_notes": session.identity.notes,
        "slac": told["slac"],
        "offered": told["offered_protocols"],
        "ended": told["ended"],
        "errors": told["errors"],
        "failed": sum(row.level == FAILED for row in rows),
        "rows": rows_to_json(rows, session.started, book),
        "plots": _plots(session, rows, reader),
    }


def _plots(session: Session, rows: Sequence[Row], reader: Reader) -> list[Json]:
    plots = Plots()
    for row in rows:
        time = round((row.time - session.started) * MICRO)
        plots.add(time, row.sender, reader.told(row))
    return plots.to_json()
