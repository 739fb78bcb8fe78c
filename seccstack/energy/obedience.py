"""Of every limit: when it was set, when the vehicle was told, when it drew no more than it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MAX_RECORDS = 10_000  # per plug-in: one each 9 s for a day
OBEYED_WITHIN = 0.5  # amperes: what a household meter may err by


@dataclass(slots=True)
class LimitRecord:
    """One limit, and what the vehicle made of it; None: not yet."""

    t: float
    amps: float
    source: str
    told: float | None = None
    obeyed: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return an element of a session's ``limits``."""
        return {
            "t": self.t,
            "amps": self.amps,
            "source": self.source,
            "told": self.told,
            "obeyed": self.obeyed,
        }


class Obedience:
    """Follows the limits of one plug-in; only the present one can still be told or obeyed."""

    def __init__(self) -> None:
        self.records: list[LimitRecord] = []
        self.present: LimitRecord | None = None
        self._drawn: float | None = None

    def set(self, t: float, amps: float, source: str) -> None:
        """Take a new limit."""
        self.present = LimitRecord(t, amps, source)
        if len(self.records) < MAX_RECORDS:
            self.records.append(self.present)

    def tell(self, amps: float, now: float) -> None:
        """Note that the vehicle was told that it may draw so much."""
        present = self.present
        if present is not None and present.told is None and amps <= present.amps:
            present.told = now
            self._judge(now)

    def measure(self, amps: float, now: float) -> None:
        """Note what the vehicle draws."""
        self._drawn = amps
        self._judge(now)

    def _judge(self, now: float) -> None:
        present, drawn = self.present, self._drawn
        if present is None or present.told is None or present.obeyed is not None:
            return
        if drawn is not None and drawn <= present.amps + OBEYED_WITHIN:
            present.obeyed = now
