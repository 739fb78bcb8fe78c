"""A figure, and how it is taken from samples."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

RATE = "1/s"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured quantity; ``peer`` is the other implementation's, ``aim`` what is wanted.

    A figure that could not be had has no median, and ``note`` says why.
    """

    name: str
    unit: str
    median: float | None = None
    p99: float | None = None
    aim: str = ""
    peer: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times better than the peer's ours is: less, or more where it is a rate."""
        if not self.peer or not self.median:
            return None
        return self.median / self.peer if self.unit == RATE else self.peer / self.median

    def to_json(self) -> dict[str, Any]:
        """Return the figure as a JSON object."""
        return {
            "name": self.name,
            "unit": self.unit,
            "median": self.median,
            "p99": self.p99,
            "aim": self.aim or None,
            "peer": self.peer,
            "ratio": self.ratio,
            "note": self.note or None,
        }


def figure_of(
    name: str, unit: str, samples: Sequence[float], *, aim: str = "", note: str = ""
) -> Figure:
    """Sum samples up: their median, and the value that 99 of 100 do not exceed."""
    ordered = sorted(samples)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return Figure(name, unit, median(ordered), p99, aim, note=note)


def microseconds(work: Callable[[], object], times: int) -> list[float]:
    """Run something so often and return what each run took, in microseconds."""
    clock = time.perf_counter_ns
    samples = []
    for _ in range(times):
        begun = clock()
        work()
        samples.append((clock() - begun) / 1000)
    return samples
