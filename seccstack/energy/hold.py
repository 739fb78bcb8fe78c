"""A current that falls at once and rises slowly, so that no vehicle is poked all the time.

It is in whole amperes, but for the least that it may be. What falls below the least that a
vehicle charges with is zero, for some time: vehicles that are stopped too often stop for good,
and contactors wear out.
"""

from __future__ import annotations

import math

RISE = 1.0  # amperes; what is less is not worth telling a vehicle


class Hold:
    """One current; it begins with zero."""

    def __init__(self, min_amps: float, raise_seconds: float, min_off_seconds: float) -> None:
        self.min_amps = min_amps
        self._raise_seconds = raise_seconds
        self._min_off_seconds = min_off_seconds
        self._off_until = -math.inf
        self._since: float | None = None  # when it began to be able to rise
        self._lowest = 0.0  # that it could have been since then
        self.amps = 0.0

    def begin(self, wanted: float) -> None:
        """Be what it can be at once: there was nothing before that it could rise from."""
        if wanted >= self.min_amps:
            self._set(wanted)

    def lower(self, min_amps: float) -> None:
        """Let another current be the least; one that it was below is that now."""
        self.min_amps = min_amps
        if 0 < self.amps < min_amps:
            self.amps = min_amps

    def follow(self, wanted: float, now: float) -> float:
        """Take what it could be now; return what it is."""
        if wanted < self.amps:
            self.stop(now) if wanted < self.min_amps else self._set(wanted)
        elif wanted < max(self.amps + RISE, self.min_amps):
            self._since = None
        elif self._since is None:
            self._since, self._lowest = now, wanted
        else:
            self._lowest = min(self._lowest, wanted)
            if now >= max(self._since + self._raise_seconds, self._off_until):
                self._set(self._lowest)
        return self.amps

    def stop(self, now: float) -> None:
        """Make it zero."""
        if self.amps:
            self._off_until = now + self._min_off_seconds
        self.amps, self._since = 0.0, None

    def _set(self, amps: float) -> None:
        self.amps, self._since = float(max(math.floor(amps), self.min_amps)), None
