"""The guard of a DC output: no voltage at the plug without a right to it.

Theory of operation
-------------------
A session wishes, the supply obeys, and between them stands this guard, which believes neither.
It gives nothing unless this very plug-in is authorised, the pilot shows that the vehicle is
ready, its insulation has been found good since, and the supply has no fault. Then there are two
cases. Before energy is allowed (that is,
before PowerDelivery has been answered) there may be a voltage to bring the cable up to the
battery's, with a current that can do no harm, and for a limited time. After it, there may be
what the vehicle demands, within what supply and limit allow.

Energy goes back only where the supply can take it, and only while energy was allowed for both
directions: then a limit bounds what is drawn out of the vehicle as it bounds what is given.

Whatever takes the right away, takes the output away in the same step. A vehicle that demands
nothing for a while gets nothing, however long its session may stay open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from seccstack.energy.supply import OFF, CheckInsulation, Limits, Order, SetOutput

PRECHARGE_AMPS = 2.0  # IEC 61851-23: the most that may flow before the contactors have closed
PRECHARGE_SECONDS = 10.0  # a vehicle gives its own pre-charge 7 s
SILENT_SECONDS = 5.0  # ours: a vehicle demands about every 0.1 s, and repeats itself after 3


@dataclass(frozen=True, slots=True)
class Authorised:
    """This plug-in may charge, or may not any more."""

    on: bool


@dataclass(frozen=True, slots=True)
class VehicleReady:
    """The pilot shows that the vehicle is ready, or not any more."""

    on: bool


@dataclass(frozen=True, slots=True)
class EnergyAllowed:
    """PowerDelivery was answered: start, or stop; ``discharge``: energy may go back, too."""

    on: bool
    discharge: bool = False


@dataclass(frozen=True, slots=True)
class PowerLimited:
    """No more than this may be drawn in all, or fed back."""

    watts: float


@dataclass(frozen=True, slots=True)
class OutputWanted:
    """The vehicle demands this voltage, and at most this current; below 0, it gives it."""

    volts: float
    amps: float


@dataclass(frozen=True, slots=True)
class InsulationWanted:
    """The vehicle lets the insulation be checked."""


@dataclass(frozen=True, slots=True)
class InsulationFound:
    """It was checked."""

    ok: bool


@dataclass(frozen=True, slots=True)
class SupplyFailed:
    """The supply cannot go on; or, with no reason, it can again."""

    why: str


Event = (
    Authorised
    | VehicleReady
    | EnergyAllowed
    | PowerLimited
    | OutputWanted
    | InsulationWanted
    | InsulationFound
    | SupplyFailed
)
Action = Order


class Output:
    """One DC output."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._authorised = False
        self._ready = False
        self._allowed = False
        self._discharge = False
        self._insulated = False
        self._broken = False
        self._watts = 0.0
        self._wanted = OFF
        self._until: float | None = None  # the wish is believed
        self._precharge_until: float | None = None
        self._given = OFF

    @property
    def deadline(self) -> float | None:
        """When what is given has to end, if nobody says otherwise before."""
        return None if self._given == OFF else self._until

    @property
    def given(self) -> SetOutput:
        """What the supply was told last."""
        return self._given

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event; return the orders to the supply."""
        match event:
            case Authorised(on):
                self._authorised = on
                self._insulated = self._insulated and on
            case VehicleReady(on):
                self._ready = on
                self._insulated = self._insulated and on
            case EnergyAllowed(on, discharge):
                self._allowed, self._discharge = on, on and discharge
                self._forget()
            case PowerLimited(watts):
                self._watts = max(watts, 0.0)
            case OutputWanted(volts, amps):
                self._want(SetOutput(volts, amps), now)
            case InsulationWanted():
                return self._check()
            case InsulationFound(ok):
                self._insulated = ok and self._entitled
            case SupplyFailed(why):
                self._broken = bool(why)
            case _:
                assert_never(event)
        return self._settle()

    def tick(self, now: float) -> Sequence[Action]:
        """End what has lasted long enough."""
        if self.deadline is None or now < self.deadline:
            return []
        self._wanted = OFF
        return self._settle()

    def _check(self) -> list[Action]:
        if self._allowed or not self._entitled:
            return []
        self._insulated = False
        self._forget()
        return [*self._settle(), CheckInsulation()]

    def _want(self, wanted: SetOutput, now: float) -> None:
        self._wanted, self._until = wanted, now + SILENT_SECONDS
        if self._allowed:
            return
        if self._precharge_until is None:
            self._precharge_until = now + PRECHARGE_SECONDS
        self._until = min(self._until, self._precharge_until)
        if now >= self._precharge_until:
            self._wanted = OFF

    def _forget(self) -> None:
        """Begin anew: what was wanted before was wanted of another state."""
        self._precharge_until = None
        self._wanted = self._wanted if self._allowed else OFF

    @property
    def _entitled(self) -> bool:
        return self._authorised and self._ready and not self._broken

    def _settle(self) -> list[Action]:
        may = self._bounded() if self._entitled and self._insulated else OFF
        if may == self._given:
            return []
        self._given = may
        return [may]

    def _bounded(self) -> SetOutput:
        limits, wanted = self._limits, self._wanted
        volts = min(wanted.volts, limits.max_volts)
        if volts <= 0:
            return OFF
        if wanted.amps < 0 and self._discharge:
            return SetOutput(volts, -self._back(-wanted.amps, volts))
        amps = min(max(wanted.amps, 0.0), limits.max_amps)
        if not self._allowed:
            return SetOutput(volts, min(amps, PRECHARGE_AMPS))
        return SetOutput(volts, min(amps, min(limits.max_watts, self._watts) / volts))

    def _back(self, amps: float, volts: float) -> float:
        """Return how much of a current may be drawn out of the vehicle."""
        watts = min(self._limits.discharge_watts, self._watts)
        return min(amps, self._limits.discharge_amps, watts / volts)
