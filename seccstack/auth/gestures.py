"""One gesture, one card: a card that is held for long, or twice in a moment, counts once.

Readers differ in what they make of a card that stays: some say it once, some again and again,
and in a shaking hand all of them do. Whoever holds a card up to start a charge must not stop it
with the same gesture.
"""

from __future__ import annotations

from collections import OrderedDict

SAME_SECONDS = 3.0  # a hand that comes back sooner has not meant two things
MAX_CARDS = 8  # remembered at once; a purse held to the reader has a few


class Gestures:
    """Of one reader."""

    def __init__(self, same_seconds: float = SAME_SECONDS) -> None:
        self._same = same_seconds
        self._last: OrderedDict[str, float] = OrderedDict()  # the oldest first

    def is_new(self, uid: str, now: float) -> bool:
        """Take a card that the reader sees; return whether it has been away before."""
        before = self._last.pop(uid, None)
        self._last[uid] = now
        if len(self._last) > MAX_CARDS:
            self._last.popitem(last=False)
        return before is None or now - before >= self._same
