"""What is said of one field of a certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "wrong", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be said of one field; a note is no fault."""

    field: str
    verdict: Verdict
    words: str


def right(field: str, words: str) -> Finding:
    """Say that a field is as it has to be."""
    return Finding(field, "ok", words)


def wrong(field: str, words: str) -> Finding:
    """Say that it is not."""
    return Finding(field, "wrong", words)


def presence(field: str, need: str, found: Sequence[str]) -> Finding:
    """Judge whether something is there that has to be, or that must not be."""
    words = ", ".join(repr(one) for one in found) or "absent"
    if need == "required" and not found:
        return wrong(field, "absent; it is required")
    if need == "forbidden" and found:
        return wrong(field, f"{words}; there must be none")
    return right(field, words)
