"""What a reason that some part of the charger gave means to its owner, and what to do about it.

Reasons are sentences of the parts that gave them; here each kind has its remedy. What comes
first in a table says more than what comes later: of several reasons it is the one to tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from seccstack.explain.answer import Turn

REPLUG = "unplug the vehicle, and plug it in again"
DOCTOR = "find out what is wrong: `seccstack doctor --config secc.toml`"


@dataclass(frozen=True, slots=True)
class Reason:
    """A kind of reasons; ``says`` and ``do`` may use ``why``, all of it, and its groups.

    ``words`` are those of its group ``code``; ``says`` may use them as ``meant``.
    """

    pattern: str
    cause: str
    turn: Turn
    do: tuple[str, ...]
    says: str = "{why}"
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Meaning:
    """A reason, understood."""

    cause: str
    says: str
    turn: Turn
    do: tuple[str, ...]


DEFAULT = Reason(r"", "another reason", Turn.OWNER, (REPLUG, DOCTOR))


def understood(reason: str, table: Sequence[Reason]) -> Meaning | None:
    """Return what a reason means, by the first kind that it is of."""
    for kind in table:
        found = re.search(kind.pattern, reason)
        if found is not None:
            return _meaning(reason, kind, found)
    return None


def understood_best(reasons: Iterable[str], table: Sequence[Reason]) -> Meaning | None:
    """Return the meaning of the reason that says most."""
    given = list(reasons)
    for kind in table:
        for reason in given:
            found = re.search(kind.pattern, reason)
            if found is not None:
                return _meaning(reason, kind, found)
    return unheard_of(given[0]) if given else None


def unheard_of(reason: str) -> Meaning:
    """Return what can be said of a reason of no kind that has words here."""
    return _meaning(reason, DEFAULT, None)


def _meaning(reason: str, kind: Reason, found: re.Match[str] | None) -> Meaning:
    groups = {} if found is None else found.groupdict(default="")
    meant = groups.get("detail") or kind.words.get(groups.get("code", ""), "which is new to us")
    told = {**groups, "why": reason, "meant": meant}
    do = tuple(what.format(**told) for what in kind.do)
    return Meaning(kind.cause, kind.says.format(**told), kind.turn, do)
