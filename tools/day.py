"""Draw the made day of `seccstack.sim.household`: python -m tools.day OUT.svg

Above, load-optimised: what flows in the phase that carries most, against its fuse. Below,
solar-optimised: what the roof gives, and what the vehicle takes of it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from seccstack.energy import household, solar
from seccstack.energy.sharing import Settings
from seccstack.sim.household import DAY, FUSE_AMPS, PHASES, VOLTS, Day, Household, load

WIDTH, HEIGHT, LEFT, RIGHT, TOP, GAP = 1200, 300, 56, 26, 64, 96
MINUTE = 60
KILOWATTS = VOLTS * PHASES / 1000  # of an ampere on all phases
FUSE = household.Settings(connection_amps=FUSE_AMPS, step_amps=24.0)
STRICT = solar.Settings(mode=solar.Mode.STRICT)
GREY, BLUE, GREEN, RED, YELLOW = "#8a8f98", "#1f5fbf", "#2f8f4e", "#c8332b", "#e0a100"

Pick = Callable[[Sequence[float]], float]


def mean(values: Sequence[float]) -> float:
    """Return the middle of some values."""
    return sum(values) / len(values)


class Panel:
    """One diagram, ``top`` below the edge of the picture."""

    def __init__(self, title: str, top: float, most: float, step: float, unit: str) -> None:
        self._top, self._most = top, most
        self._keys = 0
        self.parts = [f'<text x="{LEFT}" y="{top - 34}" class="title">{title}</text>']
        for mark in range(int(most / step) + 1):
            y = self._y(mark * step)
            self.parts.append(f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" class="grid"/>')
            label = f"{mark * step:g} {unit}"
            self.parts.append(f'<text x="{LEFT - 6}" y="{y + 4}" class="right">{label}</text>')
        for hour in range(0, 25, 2):
            x, y = self._x(hour * 60), top + HEIGHT + 18
            self.parts.append(f'<text x="{x}" y="{y}" class="middle">{hour}:00</text>')

    def line(
        self,
        name: str,
        values: Sequence[float],
        colour: str,
        pick: Pick = mean,
        width: float = 1.3,
    ) -> None:
        """Draw a value per second as a line, one point a minute."""
        how = f'fill="none" stroke="{colour}" style="stroke-width:{width}"'
        path = f'<path d="M{self._path(values, pick)}" {how}/>'
        self._add(name, colour, path)

    def area(self, name: str, values: Sequence[float], colour: str) -> None:
        """Draw one as an area."""
        floor = self._y(0)
        path = f"M{LEFT} {floor}L{self._path(values, mean)}L{WIDTH - RIGHT} {floor}Z"
        self._add(name, colour, f'<path d="{path}" fill="{colour}" fill-opacity=".3"/>')

    def level(self, name: str, value: float, colour: str) -> None:
        """Draw what is always the same."""
        path = f'<path d="M{LEFT} {self._y(value)}H{WIDTH - RIGHT}" stroke="{colour}"/>'
        self._add(name, colour, path)

    def _add(self, name: str, colour: str, path: str) -> None:
        x, y = LEFT + self._keys, self._top - 12
        self._keys += 40 + 7 * len(name)
        key = f'<path d="M{x} {y - 4}h18" stroke="{colour}" stroke-width="5"/>'
        self.parts += [path, key, f'<text x="{x + 24}" y="{y}">{name}</text>']

    def _path(self, values: Sequence[float], pick: Pick) -> str:
        minutes = range(0, len(values), MINUTE)
        points = ((self._x(at / 60), self._y(pick(values[at : at + MINUTE]))) for at in minutes)
        return " ".join(f"{x} {y}" for x, y in points)

    def _x(self, minute: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * minute * MINUTE / DAY, 1)

    def _y(self, value: float) -> float:
        within = min(max(value, 0.0), self._most)
        return round(self._top + HEIGHT * (1 - within / self._most), 1)


def loaded(day: Day) -> Panel:
    """Draw how the vehicle leaves the household its fuse."""
    heat = max(fuse.most_heat for fuse in day.fuses)
    longest = max(fuse.longest for fuse in day.fuses)
    title = (
        f"Load-optimised: {day.drawn_wh / 1000:.0f} kWh; above the fuse's rating for at most "
        f"{longest} s at a time, heat at most {heat:.0%} of that of its rated current"
    )
    panel = Panel(title, TOP, 60.0, 10.0, "A")
    panel.area("household", day.others, GREY)
    panel.line("limit", day.limit, YELLOW, width=4)
    panel.line("vehicle", day.drawn, BLUE)
    panel.line("both, worst second of each minute", day.total, GREEN, max)
    panel.level("fuse", FUSE_AMPS, RED)
    return panel


def sunny(day: Day) -> Panel:
    """Draw how the vehicle follows the sun."""
    title = (
        f"Solar-optimised, strict: {day.drawn_wh / 1000:.1f} kWh, of which "
        f"{day.from_grid_wh / 1000:.2f} kWh from the grid; {day.stops} stops"
    )
    panel = Panel(title, TOP + HEIGHT + GAP, 12.0, 2.0, "kW")
    watts = [sum(amps) * VOLTS / 1000 for amps in zip(*load(), strict=True)]
    panel.area("sun", [watts / 1000 for watts in day.sun_watts], YELLOW)
    panel.line("household", watts, GREY)
    panel.line("limit", [amps * KILOWATTS for amps in day.limit], RED, width=4)
    panel.line("vehicle", [amps * KILOWATTS for amps in day.drawn], BLUE)
    return panel


STYLE = (
    "text{font:13px sans-serif;fill:#222}.title{font-weight:bold;font-size:15px}"
    ".right{text-anchor:end}.middle{text-anchor:middle}"
    ".grid{stroke:#ddd;stroke-width:1}path{stroke-width:1.3;fill-rule:nonzero}"
)


def picture() -> str:
    """Return the SVG."""
    panels = [
        loaded(Household(Settings(house=FUSE)).live()),
        sunny(Household(Settings(house=FUSE, sun=STRICT), most_amps=16.0).live()),
    ]
    height = TOP + 2 * HEIGHT + GAP + 40
    parts = [part for panel in panels for part in panel.parts]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}">',
            f'<style>{STYLE}</style><rect width="100%" height="100%" fill="#fff"/>',
            *parts,
            "</svg>\n",
        ]
    )


def main(arguments: Sequence[str]) -> int:
    """Write the picture."""
    if len(arguments) != 1:
        print("usage: python -m tools.day OUT.svg", file=sys.stderr)
        return 2
    Path(arguments[0]).write_text(picture(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
