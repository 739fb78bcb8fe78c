"""The rows of the sequence: every item of a session, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from seccstack.capture.items import (
    Connected,
    Disconnected,
    Discovery,
    Item,
    Powerline,
    Sender,
    TlsEvent,
    V2gMessage,
)
from seccstack.capture.matching import vehicle_of
from seccstack.capture.sessions import Problem, Session
from seccstack.exi.spans import Spans, spans_of
from seccstack.messages.codec import tables_of
from seccstack.report.book import Book
from seccstack.report.elements import element_parts
from seccstack.report.fields import detail_parts, frame_parts, sdp_parts
from seccstack.report.notes import discovery_note, note_of, slac_note
from seccstack.report.parts import Part
from seccstack.report.plots import MICRO
from seccstack.report.quantities import Quantity, quantities

SLAC, SDP, TLS, V2G, NOTE = range(5)  # lanes; a note is of none of them
FINE, ODD, FAILED = range(3)  # levels
SENDERS = {"ev": 0, "evse": 1, None: 2}
NO_CONTENT = -1


class Row(NamedTuple):
    """One line of the sequence; ``content`` is its number in the book."""

    number: int
    time: float
    lane: int
    sender: Sender | None
    what: str
    note: str = ""
    level: int = FINE
    content: int = NO_CONTENT
    why: tuple[str, ...] = ()


class Reader:
    """Makes rows of items, and keeps in a book what they consist of."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._said: dict[int, tuple[str, list[Quantity]]] = {}  # by number in the book

    def row(self, item: Item) -> Row:
        """Return the row of an item."""
        match item:
            case Powerline():
                return self._frame(item)
            case Discovery():
                return self._discovery(item)
            case V2gMessage():
                return self._message(item)
            case TlsEvent():
                return self._tls(item)
            case Connected(link=link):
                what = "connects with TLS" if link.tls else "connects"
                note = "" if link.beginning_seen else "the capture lacks the beginning"
                return Row(item.number, item.time, TLS, "ev", what, note)
            case Disconnected():
                reset = item.how == "RST"
                what, level = ("resets", ODD) if reset else ("closes", FINE)
                what = f"{what} the connection"
                return Row(item.number, item.time, TLS, item.sender, what, level=level)
            case _:
                return Row(item.number, item.time, NOTE, None, "trouble", item.what, ODD)

    def told(self, row: Row) -> list[Quantity]:
        """Return the quantities in the message of a row."""
        return self._said[row.content][1] if row.content in self._said else []

    def _frame(self, item: Powerline) -> Row:
        frame, key = item.frame, ("frame", item.octets)
        content = self._book.number_of(key)
        if content is None:
            parts = frame_parts(item.octets, frame)
            content = self._book.keep(key, item.octets, parts)
        if frame is None:
            why = item.problem
            return Row(item.number, item.time, SLAC, None, "frame", why, ODD, content)
        sender: Sender = "ev" if frame.source == vehicle_of(frame) else "evse"
        name, note = frame.message.name, slac_note(frame.message)
        return Row(item.number, item.time, SLAC, sender, name, note, FINE, content)

    def _discovery(self, item: Discovery) -> Row:
        key = ("SDP", item.octets)
        content = self._book.number_of(key)
        if content is None:
            parts = sdp_parts(item.octets, item.message)
            content = self._book.keep(key, item.octets, parts)
        what = "SDP request" if item.sender == "ev" else "SDP response"
        note = discovery_note(item.message) if item.message else item.problem
        level = FINE if item.message else ODD
        return Row(item.number, item.time, SDP, item.sender, what, note, level, content)

    def _tls(self, item: TlsEvent) -> Row:
        key = (item.name, tuple(item.details.items()))
        content = self._book.number_of(key)
        if content is None:
            content = self._book.keep(key, b"", detail_parts(item.name, item.details))
        level = FAILED if item.fatal else FINE
        return Row(
            item.number, item.time, TLS, item.sender, item.name, item.says, level, content
        )

    def _message(self, item: V2gMessage) -> Row:
        content = self._book.number_of((item.schema, item.exi))
        if content is None:
            content = self._read(item)
        failed = item.message is None or item.code.lower().startswith("failed")
        level = FAILED if failed else ODD if item.problems else FINE
        what, note = item.name or "unreadable message", self._said[content][0]
        return Row(item.number, item.time, V2G, item.sender, what, note, level, content)

    def _read(self, item: V2gMessage) -> int:
        spans = Spans((), ())
        parts: list[Part] = []
        if item.schema is not None:
            spans = spans_of(tables_of(item.schema), item.exi)
            parts = element_parts(item.schema, spans.spans)
        broken_at = spans.error.bit if spans.error else None
        told = list(quantities(parts))
        content = self._book.keep((item.schema, item.exi), item.exi, parts, broken_at)
        self._said[content] = note_of(item, parts, told), told
        return content


def rows_of(session: Session, reader: Reader) -> list[Row]:
    """Return the rows of a session in the order of its packets, with all its errors."""
    rows = [reader.row(item) for item in session.plug_in.items]
    places: dict[int, list[int]] = {}  # by the number of the packet
    for place, row in enumerate(rows):
        places.setdefault(row.number, []).append(place)
    notes: list[Row] = []
    for problem in session.errors:
        about = _place(problem, rows, places.get(problem.packet, []))
        if about is None:
            notes.append(_note(problem, session.started))
            continue
        row = rows[about]
        why = row.why if problem.what == row.note else (*row.why, problem.what)
        rows[about] = row._replace(why=why, level=max(row.level, ODD))
    return sorted([*rows, *notes], key=lambda row: row.number)


def _place(problem: Problem, rows: Sequence[Row], places: Sequence[int]) -> int | None:
    """Of the rows of a packet, return the one that a problem is about."""
    named = [p for p in places if problem.what in rows[p].note or rows[p].what in problem.what]
    return next(iter([*named, *places]), None)


def _note(problem: Problem, started: float) -> Row:
    time = started if problem.time is None else problem.time
    return Row(problem.packet, time, NOTE, None, "note", problem.what, ODD)


def rows_to_json(rows: Sequence[Row], started: float, book: Book) -> dict[str, Any]:
    """Return the rows as columns; times are microseconds since the session began."""
    return {
        "t": [round((row.time - started) * MICRO) for row in rows],
        "n": [row.number for row in rows],
        "lane": [row.lane for row in rows],
        "from": [SENDERS[row.sender] for row in rows],
        "what": [book.names.of(row.what) for row in rows],
        "note": [book.names.of(row.note) for row in rows],
        "level": [row.level for row in rows],
        "content": [row.content for row in rows],
        "why": {place: row.why for place, row in enumerate(rows) if row.why},
    }
