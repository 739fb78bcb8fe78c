"""Which phases a vehicle charges on, as its meter has it.

A phase that carries current is one that it uses, at once: the limit of that phase counts. That
it does *not* use the others is believed once it has drawn enough for a while, since a vehicle
may begin with one phase and add the others.
"""

from __future__ import annotations

from collections.abc import Sequence

from seccstack.energy.arbiter import PhasesUsed
from seccstack.energy.balance import OwnMeasured

DRAWS_AMPS = 1.0  # meters and filters make some tenths
CLEAR_AMPS = 4.0  # that a vehicle charges, and does not only heat its battery or wake up
CLEAR_SECONDS = 20.0

ALL: frozenset[int] = frozenset()
CLAIMED = frozenset({0})  # all that a vehicle can say of its phases


class Phases:
    """Tells what has become clear; `PhasesUsed()` as soon as nothing is drawn any more."""

    deadline = None

    def __init__(self) -> None:
        self._used: frozenset[int] = ALL
        self._since: float | None = None  # it has drawn enough on the same phases
        self._seen: frozenset[int] = ALL

    def receive(self, event: OwnMeasured, now: float) -> Sequence[PhasesUsed]:
        """Take what flows into the vehicle."""
        seen = frozenset(n for n, amps in enumerate(event.amps) if abs(amps) >= DRAWS_AMPS)
        clear = max(map(abs, event.amps)) >= CLEAR_AMPS
        if seen != self._seen or not clear:
            self._since = None
        self._seen = seen
        if clear and self._since is None:
            self._since = now
        if self._since is not None and now >= self._since + CLEAR_SECONDS:
            return self._tell(seen)
        if not seen:
            return self._tell(ALL)
        if self._used == ALL:  # one that says that it charges on L1 alone may do otherwise
            return [] if seen <= CLAIMED else self._tell(frozenset(range(len(event.amps))))
        return [] if seen <= self._used else self._tell(seen | self._used)

    def tick(self, now: float) -> Sequence[PhasesUsed]:
        """Nothing becomes of waiting: it is measured all the time."""
        return []

    def _tell(self, used: frozenset[int]) -> Sequence[PhasesUsed]:
        before, self._used = self._used, used
        return [] if used == before else [PhasesUsed(tuple(sorted(used)))]
