"""What is known of vehicles' behaviour as a text: a backup, or a pack for others without names.

JSON lines, the first of which says what they are. A pack has families only, so nobody can tell
from it whose vehicles these were. A text is read whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from seccstack.errors import UsageError
from seccstack.experience.port import MAX_EXPERIENCES, SILENT, Key, Vehicle, parse_key
from seccstack.experience.record import Experience

T = TypeVar("T")

MAX_OCTETS = 4 << 20  # of a text that is read: `MAX_EXPERIENCES` of all that can be known


class Header(
    msgspec.Struct, tag_field="kind", tag="experience", forbid_unknown_fields=True, kw_only=True
):
    """What the first line says of the others."""

    version: Literal[1] = 1
    families_only: bool
    records: Annotated[int, Meta(ge=0, le=MAX_EXPERIENCES)]


class Line(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What is known of one."""

    name: Annotated[str, Meta(max_length=80)]
    known: Experience


def shared(every: Iterable[tuple[Key, Experience]]) -> list[tuple[Key, Experience]]:
    """Return what others may have of it: no vehicles, nor those that are nobody's family."""
    return [(key, known) for key, known in every if not is_private(key)]


def is_private(key: Key) -> bool:
    """Whether it is of this charger's own guests."""
    return isinstance(key, Vehicle) or key == SILENT


def written(some: Sequence[tuple[Key, Experience]]) -> Iterator[str]:
    """Write lines."""
    families_only = not any(is_private(key) for key, _ in some)
    header = Header(families_only=families_only, records=len(some))
    yield msgspec.json.encode(header).decode()
    for key, known in some:
        line = {"name": str(key), "known": known.to_json()}
        yield msgspec.json.encode(line).decode()


def read(octets: bytes) -> list[tuple[Key, Experience]]:
    """Read what `written` wrote; UsageError names the line that cannot be so."""
    if len(octets) > MAX_OCTETS:
        raise UsageError(f"it has more than {MAX_OCTETS >> 20} MB, which no memory has")
    numbered = [(n, line) for n, line in enumerate(octets.splitlines(), 1) if line.strip()]
    if not numbered:
        raise UsageError("it is empty")
    header = _decoded(1, numbered[0][1], Header)
    if header.records != len(numbered) - 1:
        have = f"{len(numbered) - 1} records, and says that it has {header.records}"
        raise UsageError(f"it has {have}: it was cut short")
    return [_entry(number, line, header.families_only) for number, line in numbered[1:]]


def _entry(number: int, text: bytes, families_only: bool) -> tuple[Key, Experience]:
    line = _decoded(number, text, Line)
    try:
        key = parse_key(line.name)
    except UsageError as error:
        raise UsageError(f"line {number}: {error}") from error
    if families_only and is_private(key):
        raise UsageError(f"line {number}: {key} is no family, and it says it has those only")
    return key, line.known


def _decoded(number: int, text: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise UsageError(f"line {number}: {error}") from error
