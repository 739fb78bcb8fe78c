"""How many strangers may try their luck: against whoever goes through addresses one by one.

A MAC address of a known maker is one of 16 million; who may try 5 in an hour, and then has to
wait, longer each time, will not find one. Only what is granted for claims alone is withheld
meanwhile: cards, and proofs, are not guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

MAX_STRANGERS = 5  # different ones an hour; a household's guests are fewer
WINDOW_SECONDS = 3600.0
LOCK_SECONDS = 900.0  # the first time; then twice as long each time
MOST_LOCK_SECONDS = 86400.0
MOST_LOCKS = 7  # that are counted: the eighth in a row is as long as they get
CALM_SECONDS = 86400.0  # without a lock-out; then the next one is the first again


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


CALM = Limiter()
