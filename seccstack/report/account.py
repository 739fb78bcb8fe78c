"""What no message shows: what our own charger told, and what others measured at the pilot."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from seccstack.capture.pilotlog import Reading
from seccstack.report.plots import MICRO, Plots
from seccstack.report.quantities import Quantity
from seccstack.report.rows import FAILED, FINE, NOTE, ODD, Row

OUTLET = "outlet"  # who tells it
FAULTS = {"pilot fault", "contactor fault"}
TROUBLES = {
    "revoked", "handshake failed", "foreign station", "powerline trouble", "network lost",
    "pulse width",
}  # fmt: skip


class Happening(NamedTuple):
    """Something that happened at the outlet: when, since 1970, as JSON and in words."""

    time: float
    told: Mapping[str, Any]
    words: str


def with_account(rows: Sequence[Row], happenings: Sequence[Happening]) -> list[Row]:
    """Return the rows with those of the outlet among them, by their times."""
    times = [row.time for row in rows]
    merged = [(place, 0, row) for place, row in enumerate(rows)]
    for happening in happenings:
        place = bisect_right(times, happening.time) - 1
        merged.append((place, 1, _row(happening, rows[max(place, 0)].number)))
    return [row for *_, row in sorted(merged, key=lambda one: one[:2])]


def _row(happening: Happening, number: int) -> Row:
    event = happening.told["event"]
    level = FAILED if event in FAULTS else ODD if event in TROUBLES else FINE
    return Row(number, happening.time, NOTE, None, OUTLET, happening.words, level)


def draw(happenings: Sequence[Happening], started: float, plots: Plots) -> None:
    """Add the pilot, the contactor and the limits to a session's plots."""
    for time, told, _ in happenings:
        at = round((time - started) * MICRO)
        match told["event"]:
            case "pilot" | "pilot fault":
                plots.state(at, "pilot state", told["state"])
            case "signal":
                plots.state(at, "pilot carries", told["says"])
            case "contactor":
                plots.state(at, "contactor", "closed" if told["closed"] else "open")
            case "limit":
                plots.add(at, "evse", [Quantity("limit set", told["amps"], "A")])
            case "current":
                plots.add(at, "ev", [Quantity("drawn current", told["amps"], "A")])
            case _:
                pass


def draw_pilot(readings: Sequence[Reading], started: float, plots: Plots) -> None:
    """Add what a test system in the capture measured at the pilot and behind it."""
    for reading in readings:
        at = round((reading.time - started) * MICRO)
        if reading.state is not None:
            plots.state(at, "pilot state", reading.state)
        if reading.contactor_closed is not None:
            plots.state(at, "contactor", "closed" if reading.contactor_closed else "open")
        measured = (
            ("measured voltage", reading.volts, "V"),
            ("measured current", reading.amps, "A"),
        )
        plots.add(at, None, [Quantity(n, v, u) for n, v, u in measured if v is not None])
