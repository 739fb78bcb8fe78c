"""The physical quantities in a message of any of the schemas, by their names in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from seccstack.report.parts import Part

SCALES = {"Multiplier", "Exponent"}  # of -2 and DIN 70121, of -20: a power of ten
UNITS = {"Voltage": "V", "Current": "A", "Power": "W"}
NAMED = re.compile(
    r"EV(SE)?(Present|Target|Max|Maximum|Min|Minimum|Nominal)(Charge|Discharge|Active)?"
    r"(Voltage|Current|Power)(Limit)?(_L[23])?"
)
NUMBERS = {  # what is a plain number, in all schemas or in one of them
    "EVRESSSOC": "%",
    "PresentSOC": "%",
    "TargetSOC": "%",
    "FullSOC": "%",
    "BulkSOC": "%",
    "PMax": "W",
    "start": "s",
    "Duration": "s",
}
SCHEDULED = {"PMax": "W", "Power": "W"}


class Quantity(NamedTuple):
    """A number with its unit: V, A, W, % or s."""

    name: str
    value: float
    unit: str


def quantities(parts: Sequence[Part]) -> Iterator[Quantity]:
    """Yield the quantities of a message that are worth a plot, in its order."""
    owner, scale = "", 0
    for part in parts:
        if part.form is None:
            owner, scale = part.name, 0
        elif part.name in SCALES:
            scale = int(part.value)
        elif part.name == "Value":
            unit = unit_of(owner)
            if unit:
                yield Quantity(owner, _scaled(int(part.value), scale), unit)
        elif part.name in NUMBERS:
            yield Quantity(part.name, float(part.value), NUMBERS[part.name])


def unit_of(name: str) -> str:
    """Return the unit of an element, empty for what has none here."""
    found = NAMED.fullmatch(name)
    return UNITS[found[4]] if found else SCHEDULED.get(name, "")


def _scaled(value: int, scale: int) -> float:
    """Exactly what is meant: 4005 and -1 are 400.5."""
    return value * 10.0**scale if scale >= 0 else value / 10.0**-scale
