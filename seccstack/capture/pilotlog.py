"""The pilot as one maker's test system tells it: in a vendor's powerline message, as JSON.

The octets of that message are somebody else's text, and a recording may have cut it. So it is
not parsed as a whole: each value that can be read counts, whatever became of the others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seccstack.homeplug.frame import Frame, UnknownMme

MMTYPE = 0x8002
BEGINNING = b"\0\0\x64\x4d\x70dSPACE"  # no fragment, the maker's OUI, the maker's name
LONGEST = 1500  # octets; what an Ethernet frame holds
MAX_READINGS = 10_000  # of a plug-in; four a second, for as long as a recording is of use

_PAIR = re.compile(
    rb'"([^"]{1,40})"\s*:\s*(?:"([^"]{0,40})"|(-?\d{1,9}(?:\.\d{1,9})?))(?=[,}])'
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured at one moment; what the message does not say is None."""

    number: int
    time: float
    state: str | None  # A1, B2, and so on: 2 is with pulses
    cp_volts: float | None
    pp_ohms: float | None
    contactor_closed: bool | None
    amps: float | None
    volts: float | None

    def to_json(self) -> dict[str, Any]:
        """Return an element of a session's ``pilot``."""
        return {
            "t": round(self.time, 6),
            "state": self.state,
            "cp_volts": self.cp_volts,
            "pp_ohms": self.pp_ohms,
            "contactor_closed": self.contactor_closed,
            "amps": self.amps,
            "volts": self.volts,
        }

    @property
    def plugged(self) -> bool:
        """Whether a vehicle is there, as far as this tells."""
        return self.state is not None and self.state[0] in "BCD"


def tells_pilot(frame: Frame) -> bool:
    """Whether a frame is one of those that tell of the pilot."""
    message = frame.message
    if not isinstance(message, UnknownMme) or message.mmtype != MMTYPE:
        return False
    return message.body.startswith(BEGINNING)


def reading_of(frame: Frame, number: int, time: float) -> Reading | None:
    """Return what a frame tells of the pilot; None if it is another, or tells nothing."""
    message = frame.message
    if not isinstance(message, UnknownMme) or not tells_pilot(frame):
        return None
    values = {
        name.decode("latin-1"): text.decode("latin-1") if text else _number(figure)
        for name, text, figure in _PAIR.findall(message.body[:LONGEST])
    }
    reading = Reading(
        number,
        time,
        _state(values),
        _figure(values, "CP/CE Voltage [V]"),
        _figure(values, "PP Resistor [Ohm]"),
        {"Closed": True, "Open": False}.get(str(values.get("HV Contactor"))),
        _figure(values, "Present Current [A]"),
        _figure(values, "Present Voltage [V]"),
    )
    return reading if values else None


def _number(figure: bytes) -> float | None:
    return float(figure) if figure else None


def _figure(values: Mapping[str, str | float | None], name: str) -> float | None:
    value = values.get(name)
    return value if isinstance(value, float) else None


def _state(values: Mapping[str, str | float | None]) -> str | None:
    state = str(values.get("CP State")).removeprefix("State_")
    return state if re.fullmatch(r"[A-F][12]?", state) else None


def changes_of(readings: list[Reading]) -> list[Reading]:
    """Return those readings with which the state became another."""
    found: list[Reading] = []
    for reading in readings:
        if reading.state is not None and (not found or found[-1].state != reading.state):
            found.append(reading)
    return found
