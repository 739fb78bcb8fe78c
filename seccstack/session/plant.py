"""What a session knows of the charger around it, beside the messages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from math import ceil
from typing import Literal

from seccstack.auth.decision import Decision, Denied, Granted
from seccstack.errors import UsageError
from seccstack.session.events import (
    Change,
    ContactorChanged,
    Decided,
    DischargeWanted,
    ForecastChanged,
    InsulationChecked,
    LeastChanged,
    LimitChanged,
    Meter,
    MeterRead,
    OutputMeasured,
    PilotChanged,
    Renegotiate,
    StopCharging,
    SupplyFailed,
)

# evseIDType: how long it may be; what it is made of, such that any schema's text can hold it
EVSE_ID = re.compile(r"[A-Za-z0-9*+-]{7,37}")


class Protocol(Enum):
    """A language that vehicles speak with chargers."""

    DIN = "din"
    ISO2 = "iso2"
    ISO20 = "iso20"


LEAST_AMPS = 6.0  # below it no contactor closes, where nothing else is known: a pilot's least

ParameterValue = bool | int | str
MOST_SERVICES = 7  # a list has 8, and contract certificates are one


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedService:
    """Something to be had beside charging; ``parameter_sets``: each with its number."""

    id: int
    name: str
    category: Literal["Internet", "OtherCustom"] = "OtherCustom"
    scope: str = ""
    free: bool = True
    parameter_sets: tuple[tuple[int, tuple[tuple[str, ParameterValue], ...]], ...] = ()


INTERNET = AddedService(
    id=3,
    name="Internet",
    category="Internet",
    parameter_sets=(
        (3, (("Protocol", "http"), ("Port", 80))),
        (4, (("Protocol", "https"), ("Port", 443))),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DcSupply:
    """What a DC charger can give; and take back, which is nothing unless it says so."""

    max_volts: float
    max_amps: float
    max_watts: float
    min_volts: float = 0.0
    min_amps: float = 0.0
    ripple_amps: float = 1.0  # peak to peak
    discharge_amps: float = 0.0
    discharge_watts: float = 0.0

    @property
    def bidirectional(self) -> bool:
        """Whether energy can go back."""
        return self.discharge_amps > 0 and self.discharge_watts > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Charger:
    """What a charger is, whatever vehicle comes."""

    evse_id: str
    phases: int = 3
    nominal_volts: int = 230  # between a phase and neutral
    free: bool = False  # of charge
    supply: DcSupply | None = None  # None: it charges AC
    discharge_amps: float = 0.0  # per phase, that a vehicle may feed back on AC; 0: it may not
    services: tuple[AddedService, ...] = ()
    contracts: bool = False  # whether a contract pays here, in TLS
    provides: bool = False  # whether there is a service that makes contracts
    tariffs: bool = False  # whether there is somebody who says what energy costs
    receipt_seconds: float | None = None  # between signed receipts; None: none is wanted
    protocols: tuple[Protocol, ...] = (Protocol.ISO20, Protocol.ISO2, Protocol.DIN)
    iso20_in_plain: bool = False  # for labs: where no vehicle has shown who it is in TLS 1.3

    def __post_init__(self) -> None:
        if not EVSE_ID.fullmatch(self.evse_id):
            right = "has 7 to 37 of A-Z, a-z, 0-9, *, + and -"
            raise UsageError(f"an EVSE id {right}: {self.evse_id!r}")
        if len(self.services) > MOST_SERVICES:
            raise UsageError(f"{len(self.services)} services, and a list has {MOST_SERVICES}")
        if self.phases not in (1, 3):
            raise UsageError(f"a charger has 1 or 3 phases, not {self.phases}")
        if not 0 < self.nominal_volts <= 1000:
            raise UsageError(f"{self.nominal_volts} V is no low voltage")

    @property
    def bidirectional(self) -> bool:
        """Whether its owner lets vehicles give energy back."""
        supply = self.supply
        return self.discharge_amps > 0 if supply is None else supply.bidirectional

    def amps_for(self, watts: float) -> float:
        """Return the current per phase that carries so much, in tenths, rounded up."""
        return ceil(watts / (self.nominal_volts * self.phases) * 10) / 10


@dataclass(slots=True, kw_only=True)
class Plant:
    """Levels, kept from before the first message on: what was true then still is.

    A contactor that closed before it was asked for is closed; a decision may come early.
    """

    decision: Decision | None = None
    limit_amps: float | None = None  # per phase; None: not known yet
    least_amps: float = LEAST_AMPS  # per phase; with less no charge begins
    ready: bool = False  # pilot state C or D
    contactor_closed: bool = False
    meter: Meter | None = None
    output_volts: float = 0.0  # of DC
    output_amps: float = 0.0
    insulated: bool | None = None  # None: not known yet
    fault: str = ""  # of the supply
    discharge_watts: float = 0.0  # wanted from a vehicle that lets the charger decide
    forecast: tuple[tuple[float, float], ...] = ()
    plans: int = 0  # another number: what is forecast has been planned anew
    stop: StopCharging | None = None
    renegotiation: Renegotiate | None = None

    @property
    def granted(self) -> bool:
        """Whether the vehicle may charge."""
        return isinstance(self.decision, Granted)

    @property
    def stopping(self) -> bool:
        """Whether the vehicle is to be asked to stop."""
        return self.stop is not None or isinstance(self.decision, Denied)

    def take(self, change: Change) -> None:
        """Keep what has changed."""
        match change:
            case Decided(decision):
                self.decision = decision
            case LimitChanged(amps):
                self.limit_amps = amps
            case LeastChanged(amps):
                self.least_amps = amps
            case PilotChanged(ready):
                self.ready = ready
            case ContactorChanged(closed):
                self.contactor_closed = closed
            case MeterRead(meter):
                self.meter = meter
            case OutputMeasured(volts, amps):
                self.output_volts, self.output_amps = volts, amps
            case InsulationChecked(ok):
                self.insulated = ok
            case SupplyFailed(why):
                self.fault = why
            case DischargeWanted(watts):
                self.discharge_watts = watts
            case ForecastChanged(steps, plans):
                self.forecast, self.plans = steps, plans
            case StopCharging():
                self.stop = change
            case _:
                self.renegotiation = change
