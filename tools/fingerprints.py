"""How well recorded vehicles are told apart by how they speak, with one MAC address for all.

    python -m tools.fingerprints FOLDER

reads a folder of recordings with its `index.jsonl` and prints a table: each vehicle's visits
against its own others (true), and all other vehicles' visits with its address (false).
`tests/auth/FINGERPRINTS.md` holds a copy, and a test fails when it is stale.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from seccstack.auth.addresses import rotating
from seccstack.auth.fingerprint import ALIKE, Fingerprint, likeness
from seccstack.capture.plugins import plug_ins_of
from seccstack.capture.prints import fingerprint_of
from seccstack.capture.reader import read_capture
from seccstack.capture.trace import read_trace

SIMULATORS = ("Josev EV", "RISE-V2G EV", "DS5366 EV sim")
HEAD = """# How well vehicles are told apart by how they speak

`python -m tools.fingerprints FOLDER` wrote this, of recordings outside of the project.
A visit's score is how like it is to what is known of a vehicle, 1 being the same; from {alike}
on it speaks for the vehicle. *True* are a vehicle's visits against its own others. *False* are
all other vehicles' visits against all of its own, as if each had copied its MAC address: how
many there are, how many reach {alike}, the highest, and whose that is. *Laptops* are those
among them that are simulators on a computer; the last column is the highest of them where a
charger is not told of their TCP. No recording tells of the modems in vehicles.

"""
COLUMNS = (
    *("vehicle", "visits", "true: least", "reach", "false", "reach", "highest", "whose"),
    *("laptops: highest", "without TCP"),
)
TAIL = """
Vehicles whose makers buy the same controller speak alike: those of the Volkswagen group with
one software, and with the older one as Stellantis does; Hyundai as Kia; BYD as XPENG. So a
likeness never tells a vehicle from its twin, and is no reason to grant. A laptop that has
copied an address is unlike every one of them.
"""


@dataclass(frozen=True, slots=True)
class Visit:
    """A recorded plug-in."""

    vehicle: str
    shown: Fingerprint


def visits_of(folder: Path) -> Iterator[Visit]:
    """Read every recording in which a vehicle got as far as offering protocols."""
    named: dict[bytes, str] = {}
    for line in (folder / "index.jsonl").read_text().splitlines():
        entry = json.loads(line)
        vehicle = entry["ev"].removeprefix("real car: ").replace("_", " ")
        records = read_capture(folder / entry["file"])
        for number, plug_in in enumerate(plug_ins_of(read_trace(entry["file"], records))):
            shown = fingerprint_of(plug_in.items)
            if shown.offer is None or plug_in.vehicle is None:
                continue
            whose = vehicle
            if not rotating(plug_in.vehicle) and vehicle not in SIMULATORS:
                stranger = number and plug_in.vehicle not in named
                guest = f"another, after {vehicle}" if stranger else vehicle
                whose = named.setdefault(plug_in.vehicle, guest)
            yield Visit(whose, shown)


def without_tcp(shown: Fingerprint) -> Fingerprint:
    """Return what a charger sees that Linux does not tell how a connection was opened."""
    return replace(shown, tcp=None)


def table(visits: Sequence[Visit]) -> str:
    """Return the page."""
    vehicles: dict[str, list[Fingerprint]] = {}
    for visit in visits:
        vehicles.setdefault(visit.vehicle, []).append(visit.shown)
    rows = [COLUMNS, ("---",) * len(COLUMNS), *(_row(one, vehicles) for one in vehicles)]
    lines = [f"| {' | '.join(map(str, row))} |" for row in rows]
    return HEAD.format(alike=ALIKE) + "\n".join(lines) + "\n" + TAIL


def true_scores(prints: Sequence[Fingerprint]) -> list[float]:
    """Score each visit against the others of the same vehicle."""
    return [
        likeness([*prints[:at], *prints[at + 1 :]], prints[at]).score or 0.0
        for at in range(len(prints))
        if len(prints) > 1
    ]


def false_scores(
    vehicle: str, vehicles: Mapping[str, Sequence[Fingerprint]], *, tcp: bool = True
) -> list[tuple[float, str]]:
    """Score every other vehicle's visits against this one's, the highest first."""
    known = [one if tcp else without_tcp(one) for one in vehicles[vehicle]]
    scores = [
        (likeness(known, one if tcp else without_tcp(one)).score or 0.0, other)
        for other, prints in vehicles.items()
        if other != vehicle
        for one in prints
    ]
    return sorted(scores, reverse=True)


def laptops(scores: Sequence[tuple[float, str]]) -> float:
    """Return the highest score of a simulator."""
    return max((score for score, other in scores if other in SIMULATORS), default=0.0)


def _row(vehicle: str, vehicles: Mapping[str, Sequence[Fingerprint]]) -> tuple[object, ...]:
    own, others = true_scores(vehicles[vehicle]), false_scores(vehicle, vehicles)
    plain = false_scores(vehicle, vehicles, tcp=False)
    return (
        vehicle,
        len(vehicles[vehicle]),
        f"{min(own):.2f}" if own else "",
        f"{sum(score >= ALIKE for score in own)} of {len(own)}" if own else "",
        len(others),
        sum(score >= ALIKE for score, _ in others),
        f"{others[0][0]:.2f}",
        others[0][1],
        f"{laptops(others):.2f}",
        f"{laptops(plain):.2f}",
    )


if __name__ == "__main__":
    print(table(list(visits_of(Path(sys.argv[1])))), end="")
