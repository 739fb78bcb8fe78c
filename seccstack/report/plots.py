"""What was when: a plot for each unit, a line for each name; and of states, the words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seccstack.capture.items import Sender
from seccstack.report.quantities import Quantity

TITLES = {"V": "Voltage", "A": "Current", "W": "Power", "%": "State of charge"}
DIGITS = 4  # after the point: a multiplier of -3 and no more
PRODUCT = "EVSEPresentVoltage x EVSEPresentCurrent"
FACTORS = ("EVSEPresentVoltage", "EVSEPresentCurrent")
SCHEDULED = {"PMax", "Power"}
MEASURED = ("Present", "EVRESSSOC", "drawn", "measured")
MICRO = 1_000_000


@dataclass(slots=True)
class Line:
    """One quantity; the times are microseconds since the session began."""

    sender: Sender | None
    unit: str
    times: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def add(self, time: int, value: float) -> None:
        """Add a value; of a row of equal ones, the first and the last are kept."""
        value = round(value, DIGITS)
        if self.values[-2:] == [value, value]:
            self.times[-1] = time
        else:
            self.times.append(time)
            self.values.append(value)

    def forget_from(self, time: int) -> None:
        """Forget what a schedule foresaw from here on: there is a new one."""
        while self.times and self.times[-1] >= time:
            self.times.pop()
            self.values.pop()


class Plots:
    """Collects the lines of one session; as many as there are names."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}
        self._states: dict[str, Line] = {}
        self._words: dict[str, int] = {}

    def state(self, time: int, name: str, word: str) -> None:
        """Take the state that something is in from now on."""
        line = self._states.setdefault(name, Line(None, ""))
        line.add(time, self._words.setdefault(word, len(self._words)))

    def add(self, time: int, sender: Sender | None, told: Sequence[Quantity]) -> None:
        """Take the quantities of a message."""
        simple = {q.name: q for q in told if q.unit != "s" and q.name not in SCHEDULED}
        for quantity in simple.values():
            self._line(quantity, sender).add(time, quantity.value)
        if all(name in simple for name in FACTORS):
            product = simple[FACTORS[0]].value * simple[FACTORS[1]].value
            self._line(Quantity(PRODUCT, product, "W"), sender).add(time, product)
        for number, (offset, power) in enumerate(_schedule(told)):
            line = self._line(power, sender)
            if not number:
                line.forget_from(time)
            line.add(time + round(offset * MICRO), power.value)

    def _line(self, quantity: Quantity, sender: Sender | None) -> Line:
        return self._lines.setdefault(quantity.name, Line(sender, quantity.unit))

    def to_json(self) -> list[dict[str, Any]]:
        """Return the plots that have a line."""
        states = _plot("States", "", self._states)
        plots = [{**states, "words": list(self._words)}] if self._states else []
        for unit, title in TITLES.items():
            lines = {name: line for name, line in self._lines.items() if line.unit == unit}
            if lines:
                plots.append(_plot(title, unit, lines))
        return plots


def _plot(title: str, unit: str, lines: Mapping[str, Line]) -> dict[str, Any]:
    told = [
        {"name": name, "from": line.sender, "role": role_of(name),
         "t": line.times, "v": line.values}
        for name, line in lines.items()
    ]  # fmt: skip
    return {"title": title, "unit": unit, "lines": told}


def _schedule(told: Sequence[Quantity]) -> Iterator[tuple[float, Quantity]]:
    """Yield from when on, in seconds, there is how much power: of the first schedule only.

    DIN 70121 and -2 say when an entry starts, -20 says how long each lasts.
    """
    start, lasts, last = 0.0, 0.0, -1.0
    for quantity in told:
        if quantity.name == "start":
            start = quantity.value
        elif quantity.name == "Duration":
            start, lasts = start + lasts, quantity.value
        elif quantity.name in SCHEDULED:
            if start <= last:
                return
            last = start
            yield start, quantity


def role_of(name: str) -> str:
    """Say whether a quantity is measured, wished for, or a bound: each is drawn its way."""
    if any(word in name for word in MEASURED):
        return "is"
    return "target" if "Target" in name else "limit"
