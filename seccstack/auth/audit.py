"""What was decided at an outlet and what became of its records: the trail an owner can read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

MAX_AUDIT = 10_000  # entries of one box: some years of a household's charging, some megabytes
MAX_TEXTS = 16  # reasons of one entry, and as many words of evidence; a decision has a handful
MAX_LETTERS = 400  # of each: a vehicle has its say in them


class AuditKind(Enum):
    """What has happened."""

    GRANTED = "granted"
    DENIED = "denied"
    REVOKED = "revoked"  # what was granted ended before the vehicle left
    ENROLLED = "enrolled"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """``at``: seconds since 1970. ``box``: the charger, where several share a registry.

    ``by``: what granted it, or who has changed a record. ``evidence``: what the vehicle was
    known by then, in words.
    """

    at: float
    kind: AuditKind
    box: str = ""
    plug_in: int | None = None
    by: str = ""
    mac: bytes | None = None
    uid: str | None = None
    emaid: str | None = None
    reasons: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


def bounded(entry: AuditEntry) -> AuditEntry:
    """Cut what a vehicle had its say in to the size an entry may have."""
    return replace(entry, reasons=_cut(entry.reasons), evidence=_cut(entry.evidence))


def _cut(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(text[:MAX_LETTERS] for text in texts[:MAX_TEXTS])
