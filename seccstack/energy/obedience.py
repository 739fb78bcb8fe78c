"""Of every limit: when it was set, when the vehicle was told, when it drew no more than it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

MAX_RECORDS = 10_000  # per plug-in: one each 9 s for a day
OBEYED_WITHIN = 0.5  # amperes: what a household meter may err by
WRITTEN_WITHIN = 0.001  # amperes: what is lost and gained in making watts of it, and back


class Followed(Enum):
    """What has just become of the present limit."""

    TOLD = "told"
    OBEYED = "obeyed"


@dataclass(slots=True)
class LimitRecord:
    """One limit, and what the vehicle made of it; None: not yet.

    ``since``: when this vehicle's time began to count, where it came after the limit.
    ``fell``: whether it drew more than that when it was told, so that it had to follow;
    ``forced``: whether something else than the limit has made it draw less.
    """

    t: float
    amps: float
    source: str
    told: float | None = None
    obeyed: float | None = None
    since: float | None = None
    fell: bool = False
    forced: bool = False

    @property
    def told_ms(self) -> int | None:
        """How long after it was decided the vehicle was told."""
        return self._since(self.told)

    @property
    def obeyed_ms(self) -> int | None:
        """How long after it was decided the vehicle drew no more than it."""
        return self._since(self.obeyed)

    def _since(self, moment: float | None) -> int | None:
        began = self.t if self.since is None else self.since
        return None if moment is None else round((moment - began) * 1000)

    @property
    def reaction(self) -> float | None:
        """How many seconds the vehicle took from being told; None if it had not to follow."""
        if self.told is None or self.obeyed is None or not self.fell or self.forced:
            return None
        return self.obeyed - self.told

    def to_json(self) -> dict[str, Any]:
        """Return an element of a session's ``limits``."""
        return {
            "t": self.t,
            "amps": self.amps,
            "source": self.source,
            "told": self.told,
            "obeyed": self.obeyed,
            "told_ms": self.told_ms,
            "obeyed_ms": self.obeyed_ms,
        }


class Obedience:
    """Follows the limits of one plug-in; only the present one can still be told or obeyed.

    ``most``: how many records are kept.
    """

    def __init__(self, most: int = MAX_RECORDS) -> None:
        self.records: list[LimitRecord] = []
        self.present: LimitRecord | None = None
        self._most = most
        self._drawn: float | None = None

    def set(self, t: float, amps: float, source: str, since: float | None = None) -> None:
        """Take a new limit."""
        self.present = LimitRecord(t, amps, source, since=since)
        if len(self.records) < self._most:
            self.records.append(self.present)

    def tell(self, amps: float, now: float) -> tuple[Followed, ...]:
        """Note that the vehicle was told that it may draw so much."""
        present = self.present
        if present is None or present.told is not None:
            return ()
        if amps > present.amps + WRITTEN_WITHIN:
            return ()
        present.told = now
        present.fell = self._drawn is not None and self._drawn > present.amps + OBEYED_WITHIN
        return (Followed.TOLD, *self._judge(now))

    def measure(self, amps: float, now: float) -> tuple[Followed, ...]:
        """Note what the vehicle draws."""
        self._drawn = amps
        return self._judge(now)

    def force(self) -> None:
        """Note that the power is off, or soon will be, whatever the vehicle does."""
        if self.present is not None:
            self.present.forced = True

    def _judge(self, now: float) -> tuple[Followed, ...]:
        present, drawn = self.present, self._drawn
        if present is None or present.told is None or present.obeyed is not None:
            return ()
        if drawn is None or drawn > present.amps + OBEYED_WITHIN:
            return ()
        present.obeyed = now
        return (Followed.OBEYED,)
