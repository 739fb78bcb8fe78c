"""Whether the contactor does what it is told."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from seccstack.pilot.settings import CLOSE_WITHIN, OPEN_WITHIN


@dataclass(frozen=True, slots=True)
class Contactor:
    """What the contactor was told last, and what its feedback said last. None: nothing yet."""

    told: bool | None = None
    seen: bool | None = None
    since: float = -math.inf

    def order(self, closed: bool, now: float) -> Contactor:
        """Note an order."""
        return replace(self, told=closed, since=now)

    def report(self, closed: bool, now: float) -> Contactor:
        """Note the feedback. The time that a difference has lasted goes on."""
        return replace(self, seen=closed, since=self.since if self.differs else now)

    @property
    def differs(self) -> bool:
        """Whether it is not where it ought to be; an unknown position counts as open."""
        return bool(self.told) != bool(self.seen)

    @property
    def deadline(self) -> float | None:
        """When a contactor that differs from its order counts as broken."""
        if not self.differs:
            return None
        return self.since + (CLOSE_WITHIN if self.told else OPEN_WITHIN)
