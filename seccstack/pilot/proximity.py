"""What the proximity contact says of a cable in a socket (IEC 61851-1).

The plug has a resistor: 1.5 kilohm for 13 A, 680 ohm for 20 A, 220 ohm for 32 A, 100 ohm for
63 A. A cable that is fixed to the charger (case C) has none that we could read, and its rating
belongs to the charger's.

Between two codings the lesser cable counts: the bounds below are ours, near the geometric mean
and never above it. What has lasted for `SETTLE_SECONDS` over two readings is believed. The
rating of a cable is taken once, and may only fall until it has been unplugged: one that seems
to become thicker while it hangs there is a contact that is going bad, and no better cable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

OPEN_OHMS = 4500.0  # and above: nothing is there; down to 3000 what was there before counts
PRESENT_OHMS = 3000.0
SHORT_OHMS = 60.0  # and below, no plug is coded like that
CODINGS = ((1000.0, 13.0), (330.0, 20.0), (148.0, 32.0), (SHORT_OHMS, 63.0))  # from so many on
SETTLE_SECONDS = 0.1  # a plug that is being pushed in bounces
LOST_SECONDS = 1.0  # without a reading, until nothing is known of the cable any more


@dataclass(frozen=True, slots=True)
class Cable:
    """What is known of the cable; ``amps``: 0 where there is none, or none that can be read."""

    amps: float
    says: str


UNPLUGGED = Cable(0.0, "no cable is plugged in")
UNREAD = Cable(0.0, "the proximity contact cannot be read")


@dataclass(frozen=True, slots=True)
class ProximityRead:
    """The contact has this resistance to earth now; infinite: open; None: nobody can tell."""

    ohms: float | None


@dataclass(frozen=True, slots=True)
class CableChanged:
    """Another cable is there, or none, or it can no longer be told which."""

    cable: Cable


def cable_of(ohms: float | None, plugged: bool = False) -> Cable:
    """Say what a resistance means; ``plugged``: whether something was there before."""
    if ohms is None:
        return UNREAD
    if ohms >= (OPEN_OHMS if plugged else PRESENT_OHMS):
        return UNPLUGGED
    for least, amps in CODINGS:
        if ohms >= least:
            return Cable(amps, f"a cable of {amps:g} A is plugged in")
    return Cable(0.0, f"the cable's coding cannot be read ({_rounded(ohms)} ohm)")


class Proximity:
    """One socket's proximity contact."""

    deadline = None

    def __init__(self) -> None:
        self._candidate: Cable | None = None
        self._since = 0.0
        self._rating: float | None = None  # of the cable that hangs there
        self.cable: Cable | None = None  # None: nothing has lasted yet

    def receive(self, event: ProximityRead, now: float) -> Sequence[CableChanged]:
        """Take a reading."""
        seen = cable_of(event.ohms, plugged=self.cable not in (None, UNPLUGGED))
        if self._candidate is None or _kind(seen) != _kind(self._candidate):
            self._candidate, self._since = seen, now
            return []
        if now < self._since + (LOST_SECONDS if seen is UNREAD else SETTLE_SECONDS):
            return []
        cable = self._rated(seen)
        before, self.cable = self.cable, cable
        if before is not None and _kind(before) == _kind(cable):
            return []
        return [CableChanged(cable)]

    def tick(self, now: float) -> Sequence[CableChanged]:
        """Nothing becomes of waiting."""
        return []

    def _rated(self, seen: Cable) -> Cable:
        if seen is UNPLUGGED:
            self._rating = None
            return seen
        if not seen.amps:
            return seen
        before = self._rating
        self._rating = seen.amps if before is None else min(before, seen.amps)
        if before in (None, seen.amps):
            return seen
        both = f"the cable's coding says {seen.amps:g} A, and said {before:g} A before"
        return Cable(self._rating, f"{both}: the lesser counts until it is unplugged")


def _kind(cable: Cable) -> tuple[float, bool, bool]:
    """Say what makes it another one; how far a coding is off does not."""
    return cable.amps, cable is UNPLUGGED, cable is UNREAD


def _rounded(ohms: float) -> int:
    return round(max(ohms, 0.0))
