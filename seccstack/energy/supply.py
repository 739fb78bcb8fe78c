"""The port of a DC power supply: what it is told, what it reports, and what it can give.

The supply is a charger's own: rectifiers, insulation monitor and output contactors. It measures
the insulation at a voltage of its own choice when it is asked to, takes a voltage and the most
current that it may drive at it, and says what is at the plug. One that can feed back takes a
current below nothing, too: so much, at most, it may draw out of the vehicle.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from math import isfinite
from typing import Protocol

from seccstack.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a supply can give at its plug; and what it can take there, which most cannot."""

    max_volts: float
    max_amps: float
    max_watts: float
    min_volts: float = 0.0
    discharge_amps: float = 0.0
    discharge_watts: float = 0.0

    def __post_init__(self) -> None:
        numbers = (self.max_volts, self.max_amps, self.max_watts)
        back = (self.discharge_amps, self.discharge_watts)
        if not all(isfinite(n) and n >= 0 for n in back):
            raise UsageError(f"no limits of a supply: {self}")
        if not all(isfinite(n) and n > 0 for n in numbers):
            raise UsageError(f"no limits of a supply: {self}")
        if not 0 <= self.min_volts < self.max_volts:
            raise UsageError(f"a supply from {self.min_volts} V to {self.max_volts} V")


# What it reports.


@dataclass(frozen=True, slots=True)
class OutputMeasured:
    """This is at the plug now."""

    volts: float
    amps: float

    def __post_init__(self) -> None:
        if not (isfinite(self.volts) and isfinite(self.amps)):
            raise UsageError(f"an output of {self.volts} V, {self.amps} A")


@dataclass(frozen=True, slots=True)
class InsulationChecked:
    """The insulation was measured, and is good enough, or is not."""

    ok: bool


@dataclass(frozen=True, slots=True)
class SupplyFault:
    """It cannot go on, and has switched off; empty: it can again."""

    why: str


# What it is told.


@dataclass(frozen=True, slots=True)
class SetOutput:
    """Hold this voltage, and drive at most this current; 0 V: nothing, contactors open.

    A current below nothing is drawn out of the vehicle, whatever voltage its battery has up to
    this one.
    """

    volts: float
    amps: float


@dataclass(frozen=True, slots=True)
class CheckInsulation:
    """Measure the insulation; the answer is `InsulationChecked`."""


Report = OutputMeasured | InsulationChecked | SupplyFault
Order = SetOutput | CheckInsulation

OFF = SetOutput(0.0, 0.0)


class PowerSupply(Protocol):
    """What a charger's DC side must do for us.

    An order replaces the one before it; `order` returns when the supply has taken it.
    """

    async def order(self, order: Order) -> None:
        """Take an order."""

    def reports(self) -> AsyncIterator[Report]:
        """Yield what is at the plug, several times a second, and whatever else happens."""
