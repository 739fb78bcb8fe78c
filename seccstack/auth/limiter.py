"""How many strangers may try their luck: against whoever goes through addresses one by one.

A MAC address of a known maker is one of 16 million; who may try 5 in an hour, and then has to
wait, longer each time, will not find one. Only what is granted for claims alone is withheld
meanwhile: cards, and proofs, are not guessed. What was counted outlives a restart, or pulling
the plug of the box itself would begin another hour.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from seccstack.errors import MalformedError

MAX_STRANGERS = 5  # different ones an hour; a household's guests are fewer
WINDOW_SECONDS = 3600.0
LOCK_SECONDS = 900.0  # the first time; then twice as long each time
MOST_LOCK_SECONDS = 86400.0
MOST_LOCKS = 7  # that are counted: the eighth in a row is as long as they get
CALM_SECONDS = 86400.0  # without a lock-out; then the next one is the first again
KEPT = "lock-out"  # the name under which a registry keeps it
LONGEST_NAME = 64  # characters of a stranger's


@dataclass(frozen=True, slots=True)
class Limiter:
    """The strangers of the last hour. A value: each change returns another."""

    strangers: tuple[tuple[str, float], ...] = ()  # who, and when first; the oldest first
    locks: int = 0
    locked_until: float = float("-inf")

    def failed(self, who: str, now: float) -> Limiter:
        """Count a vehicle that was here and was not let in; the same one counts once."""
        recent = tuple(one for one in self.strangers if now < one[1] + WINDOW_SECONDS)
        if any(name == who for name, _ in recent):
            return replace(self, strangers=recent)
        if len(recent) < MAX_STRANGERS:
            return replace(self, strangers=(*recent, (who, now)))
        locks = 0 if now > self.locked_until + CALM_SECONDS else self.locks
        seconds = min(LOCK_SECONDS * 2**locks, MOST_LOCK_SECONDS)
        return Limiter((), min(locks + 1, MOST_LOCKS), now + seconds)

    def locked(self, now: float) -> str | None:
        """Say why nobody is let in for claims alone now, if so."""
        if now >= self.locked_until:
            return None
        minutes = int((self.locked_until - now) // 60) + 1
        return (
            f"more than {MAX_STRANGERS} strangers were here within an hour: for {minutes} min "
            "no vehicle is let in for its address alone"
        )

    def seen_from(self, now: float) -> Limiter:
        """Return the same with times of which 0 is now, for whoever has another clock."""
        return self.dated(-now)

    def dated(self, now: float) -> Limiter:
        """Return the same with times of which 0 was now."""
        strangers = tuple((who, at + now) for who, at in self.strangers)
        return replace(self, strangers=strangers, locked_until=self.locked_until + now)


CALM = Limiter()


def text_of(limiter: Limiter, wall_time: float) -> str:
    """Write what was counted, as seen from now; ``wall_time``: seconds since 1970."""
    until = limiter.locked_until
    return json.dumps(
        {
            "at": wall_time,
            "locks": limiter.locks,
            "locked_for": until if isfinite(until) else None,
            "strangers": [[who, at] for who, at in limiter.strangers],
        }
    )


def limiter_of(text: str, wall_time: float) -> Limiter:
    """Read what `text_of` wrote, as seen from now.

    A clock that went back, or never was set, costs nobody anything but waiting.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"is no JSON: {error}", path=KEPT) from error
    if not isinstance(value, dict):
        raise MalformedError("is no object", path=KEPT)
    passed = max(0.0, wall_time - _number(value, "at", 0.0, 1e12))
    locks = _number(value, "locks", 0, MOST_LOCKS)
    left = _number(value, "locked_for", -1e12, MOST_LOCK_SECONDS, None)
    strangers = value.get("strangers")
    if not isinstance(strangers, list) or len(strangers) > MAX_STRANGERS:
        raise MalformedError("is no list of the strangers that count", path=KEPT)
    known = tuple(_stranger(one) for one in strangers)
    until = float("-inf") if left is None else left
    return Limiter(known, int(locks or 0), until).seen_from(passed)


def _number(value: Any, name: str, least: float, most: float, *other: None) -> Any:
    found = value.get(name)
    if found is None and other:
        return None
    if type(found) not in (int, float) or not least <= found <= most:
        raise MalformedError(f"cannot be {str(found)[:40]!r}", path=f"{KEPT}.{name}")
    return found


def _stranger(value: Any) -> tuple[str, float]:
    if isinstance(value, list) and len(value) == 2:
        who, at = value
        if isinstance(who, str) and len(who) <= LONGEST_NAME and type(at) in (int, float):
            return who, min(float(at), 0.0)
    raise MalformedError(f"{str(value)[:40]!r} is no stranger", path=f"{KEPT}.strangers")
