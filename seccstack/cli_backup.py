"""All of a registry as a text, and back: JSON lines for programs, CSV for spreadsheets.

JSON lines begin with one that says what they are, and how many. A text is read whole or not at
all, and what is wrong with it is said of each line. CSV has no fingerprints, and is for people:
what a spreadsheet would take for a formula is written so that it doesn't, and read back as it
was.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from seccstack.auth.addresses import format_mac
from seccstack.auth.decision import Record, VehicleRecord
from seccstack.auth.fingerprint import Fingerprint, from_json
from seccstack.cli_records import (
    CardLine,
    ContractLine,
    Line,
    VehicleLine,
    line_of,
    name_of,
    record_of,
)
from seccstack.errors import UsageError

VERSION = 1
MAX_OCTETS = 64 << 20  # of a text that is read: 100,000 vehicles with all their fingerprints
MOST_PROBLEMS = 20  # that are said of a text; who has more has another kind of text
PLAIN, HASHED = "plain", "hashed"
REPORT = (
    "this is a report, in which names stand for vehicles, cards and contracts; they cannot be "
    "undone. A backup is made with `seccstack vehicles export --plain`"
)
UNCOUNTED = (
    "it does not say how many records it has, as older backups do not, so nothing tells "
    "whether its end is missing"
)
KINDS: Mapping[str, type[Line]] = {
    "vehicle": VehicleLine,
    "card": CardLine,
    "setup card": CardLine,
    "contract": ContractLine,
}
COLUMNS = (
    "kind",
    "id",
    "label",
    "note",
    "enabled",
    "expires",
    "max_amps",
    "evccid",
    "added_at",
    "first_seen",
    "last_seen",
    "times_seen",
    "proven_at",
    "certificate",
)
TRUTH = {"yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
FORMULAS = "=+-@\t\r"  # what a cell begins with that a spreadsheet calculates
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"  # spreadsheets take a text with it for UTF-8


@dataclass
class Contents:
    """What was read: records, and how vehicles among them spoke."""

    records: list[Record] = field(default_factory=list)
    prints: dict[bytes, tuple[Fingerprint, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  # for its owner, who imports it all the same


class Header(
    msgspec.Struct, tag_field="kind", tag="registry", forbid_unknown_fields=True, kw_only=True
):
    """What the first line says of the others; ``records`` None: not how many."""

    version: int
    names: str = PLAIN
    records: int | None = None
    written_at: str = ""
    note: str = ""


def to_json(lines: Iterable[Line], names: str, written_at: str) -> Iterator[str]:
    """Write lines of JSON, the first of which says what they are."""
    note = REPORT if names == HASHED else ""
    all_lines = list(lines)
    header = Header(
        version=VERSION, names=names, records=len(all_lines), written_at=written_at, note=note
    )
    yield msgspec.json.encode(header).decode()
    for line in all_lines:
        yield msgspec.json.encode(line).decode()


def to_csv(lines: Iterable[Line]) -> str:
    """Write a table."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in lines:
        values = _cells(line)
        writer.writerow([neutral(values.get(name, "")) for name in COLUMNS])
    return BOM + text.getvalue()


def _cells(line: Line) -> dict[str, str]:
    values = {name: msgspec.to_builtins(getattr(line, name, None)) for name in COLUMNS[2:]}
    cells = {name: _cell(value) for name, value in values.items()}
    if isinstance(line, VehicleLine):
        return {**cells, "kind": "vehicle", "id": line.mac}
    if isinstance(line, ContractLine):
        return {**cells, "kind": "contract", "id": line.emaid}
    return {**cells, "kind": "setup card" if line.setup else "card", "id": line.uid}


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def neutral(text: str) -> str:
    """Write a cell so that no spreadsheet calculates it; `restored` reads it."""
    quoted = text[:1] == "'" and text[1:2] in (*FORMULAS, "'")
    return f"'{text}" if text[:1] and (text[0] in FORMULAS or quoted) else text


def restored(cell: str) -> str:
    """Read a cell that `neutral` wrote."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in f"{FORMULAS}'" else cell


def parse(octets: bytes, now: float) -> Contents:
    """Read all of a text, JSON lines or a table; UsageError names what is wrong with it.

    ``now``: when a record without a date was added.
    """
    if len(octets) > MAX_OCTETS:
        raise UsageError(f"it has more than {MAX_OCTETS >> 20} MB, which no registry has")
    table = _is_table(octets)
    try:
        numbered = list(_rows(octets)) if table else _json_lines(octets)
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"it cannot be read: {error}") from error
    if not numbered:
        raise UsageError("it is empty: neither a backup nor a table with rows")
    return _Reader(now, counted=not table).read(numbered)


def _is_table(octets: bytes) -> bool:
    head = octets.removeprefix(BOM.encode()).split(b"\n", 1)[0]
    return b"kind" in head and b"id" in head and not head.startswith(b"{")


def _json_lines(octets: bytes) -> list[tuple[int, bytes | dict[str, Any]]]:
    lines = enumerate(octets.removeprefix(BOM.encode()).splitlines(), start=1)
    return [(number, line) for number, line in lines if line.strip()]


def _rows(octets: bytes) -> Iterator[tuple[int, bytes | dict[str, Any]]]:
    """Yield the rows of a table as the objects that JSON would have, with line numbers."""
    text = octets.decode("utf-8-sig")
    head = text.split("\n", 1)[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","  # as spreadsheets please
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = [name.strip() for name in next(rows)]
    unknown = sorted(set(names) - set(COLUMNS))
    if unknown or len(set(names)) < len(names):
        why = f"there is no column {unknown[0]!r}" if unknown else "a column is there twice"
        raise UsageError(f"line 1: {why}; the columns are {', '.join(COLUMNS)}")
    before = rows.line_num
    for row in rows:
        number, before = before + 1, rows.line_num
        if any(cell.strip() for cell in row):
            cells = zip(names, row, strict=False)
            yield number, {name: restored(cell.strip()) for name, cell in cells}


class _Reader:
    """Reads one line after the other, and goes on where one is wrong, to tell of all."""

    def __init__(self, now: float, counted: bool) -> None:
        self._now = now
        self._counted = counted
        self._promised: int | None = None
        self._contents = Contents()
        self._lines: dict[str, int] = {}
        self._problems: list[str] = []

    def read(self, numbered: Sequence[tuple[int, bytes | dict[str, Any]]]) -> Contents:
        for number, line in numbered:
            try:
                self._take(number, line)
            except (msgspec.MsgspecError, UsageError, ValueError, OverflowError) as error:
                self._problems.append(f"line {number}: {error}")
            except RecursionError:
                self._problems.append(f"line {number}: JSON is nested too deeply")
            if len(self._problems) == MOST_PROBLEMS:
                self._problems.append("and perhaps more; no more was read")
                break
        else:
            self._count()
        if self._problems:
            raise UsageError("\n".join([*self._problems, "nothing was imported"]))
        return self._contents

    def _count(self) -> None:
        """See that nothing is missing; a text that was read in part is not counted."""
        found, promised = len(self._contents.records), self._promised
        if self._problems or not self._counted:
            return
        if promised is None:
            self._contents.notes.append(UNCOUNTED)
        elif promised != found:
            self._problems.append(
                f"its first line says that it has {promised} records, and {found} are there: "
                f"{'its end is missing' if found < promised else 'some were added'}"
            )

    def _take(self, number: int, text: bytes | dict[str, Any]) -> None:
        line = _decoded(text) if isinstance(text, bytes) else _converted(text)
        if isinstance(line, Header):
            self._check(line, number)
            return
        record = record_of(line, self._now)
        name = name_of(record).removeprefix("setup ")
        if name in self._lines:
            first = self._lines[name]
            raise UsageError(f"{name} is on line {first} already; leave one of them away")
        self._lines[name] = number
        self._contents.records.append(record)
        if isinstance(record, VehicleRecord) and isinstance(line, VehicleLine):
            prints = tuple(map(from_json, line.fingerprints))
            if prints:
                self._contents.prints[record.mac] = prints

    def _check(self, header: Header, number: int) -> None:
        if number != 1 or header.version != VERSION:
            raise UsageError(
                f"it is of version {header.version}, this program reads version {VERSION}"
                if header.version != VERSION
                else "this belongs into the first line: import one backup after the other"
            )
        if header.names != PLAIN:
            raise UsageError(REPORT)
        self._promised = header.records


def _decoded(text: bytes) -> Line | Header:
    return msgspec.json.decode(text, type=VehicleLine | CardLine | ContractLine | Header)


def _converted(cells: dict[str, Any]) -> Line:
    """Make of a row's cells what JSON would say."""
    kind, name = cells.pop("kind", ""), cells.pop("id", "")
    if kind not in KINDS:
        raise UsageError(f"kind is {kind!r}; give {', '.join(KINDS)}")
    known = {key: value for key, value in cells.items() if value != ""}
    if kind == "vehicle":
        values: dict[str, Any] = {"kind": "vehicle", "mac": name}
    elif kind == "contract":
        values = {"kind": "contract", "emaid": name}
    else:
        values = {"kind": "card", "uid": name, "setup": kind == "setup card"}
    if (enabled := known.pop("enabled", "yes").lower()) not in TRUTH:
        raise UsageError(f"enabled is {enabled!r}; give yes or no")
    try:
        line: Line = msgspec.convert(
            {**values, **known, "enabled": TRUTH[enabled]},
            type=VehicleLine | CardLine | ContractLine,
            strict=False,
        )
    except msgspec.ValidationError as error:
        raise UsageError(str(error).replace("`$.", "`")) from error
    return line


def differences(records: Sequence[Record], known: Mapping[str, Record]) -> Iterator[str]:
    """Say of each record what importing it would do; ``known``: those there are, by name."""
    for record in records:
        name = name_of(record)
        before = known.get(name.removeprefix("setup "))
        if before is None:
            yield f"{name}{_label(record)}: new"
        elif changed := _changes(before, record):
            yield f"{name}{_label(record)}: changed ({', '.join(changed)})"
        else:
            yield f"{name}{_label(record)}: as it is"


def _changes(before: Record, after: Record) -> list[str]:
    was, will_be = line_of(before), line_of(after)  # a text has no times finer than it says
    names = (name for name in (*COLUMNS[2:], "setup") if hasattr(was, name))
    return [name for name in names if getattr(was, name) != getattr(will_be, name)]


def _label(record: Record) -> str:
    return f" ({record.label})" if record.label else ""


def names_of(records: Iterable[Record]) -> dict[str, Record]:
    """Return records by their names."""
    return {name_of(record).removeprefix("setup "): record for record in records}


def about(record: Record) -> str:
    """Return what the trail finds a record by."""
    if isinstance(record, VehicleRecord):
        return format_mac(record.mac)
    return name_of(record).rsplit(" ", 1)[1]
