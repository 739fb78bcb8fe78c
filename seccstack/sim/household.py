"""A made day of a household with a charger: always the same, in seconds of virtual time.

In the house are what hurts a fuse (a water heater of 17 kW, a heat pump, an oven and a hob that
switch all the time, kettles) and a roof of 10 kW under clouds. A vehicle is plugged in all
day, is always hungry, and follows what it is told 5 s later. The meters are read once a second,
half a second apart; what they say is exact. Not simulated: a power factor, phases of the
vehicle that are not loaded alike, and a battery in the house.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from seccstack.energy.arbiter import (
    HOUSE,
    INSTALLATION,
    SOLAR,
    Arbiter,
    LimitChanged,
    LimitOffered,
    Source,
)
from seccstack.energy.balance import Amps, HouseMeasured, OwnMeasured
from seccstack.energy.sharing import Settings, Sharing

DAY = 86_400  # seconds
VOLTS = 230.0
PHASES = 3
FUSE_AMPS = 35.0
HOUR = 3600
TOLD_SECONDS = 0.5  # until a vehicle has asked again, and knows its limit
FOLLOW_SECONDS = 5.0  # until it draws no more than that
OWN_SECONDS = 0.5  # after the house's meter, the outlet's own is read
ROOF_WATTS = 10_000.0
SUNRISE, SUNSET = 6.0, 20.5  # hours

# What a fuse bears: the heat of 1.05 times its rated current, with which breakers of meter
# panels never trip, in an image that heats up within a minute (real ones need several); and
# never twice its rated current, which their magnets leave alone up to five times.
HEAT_SECONDS = 60.0
MOST_HEAT = 1.05**2
MOST_TIMES = 2.0


@dataclass(frozen=True, slots=True)
class Appliance:
    """Draws so much on these phases; of each ``period`` only the first ``on`` seconds."""

    phases: Sequence[int]
    amps: float
    begin: float  # hours
    end: float
    on: int = DAY
    period: int = DAY

    def seconds(self) -> Iterator[tuple[int, int]]:
        """Yield from when to when it draws."""
        last = round(self.end * HOUR)
        for begin in range(round(self.begin * HOUR), last, self.period):
            yield begin, min(begin + self.on, last)


ALL = (0, 1, 2)
APPLIANCES = (
    Appliance(ALL, 0.9, 0, 24),  # what is always on
    Appliance((2,), 0.7, 0, 24, 900, 2700),  # refrigerator
    Appliance(ALL, 7.0, 0.4, 24, 1500, 4500),  # heat pump
    Appliance((0,), 9.0, 6.6, 6.67),  # kettle
    Appliance((0,), 9.0, 7.4, 7.45),
    Appliance(ALL, 24.0, 6.75, 6.86),  # water heater: a shower
    Appliance(ALL, 24.0, 7.1, 7.2),
    Appliance((1,), 2.9, 6.5, 7.5),  # light, radio, coffee
    Appliance((1,), 9.5, 10.0, 10.35),  # washing machine heats
    Appliance((1,), 2.0, 10.35, 11.6, 40, 60),  # and turns
    Appliance((0,), 9.0, 15.9, 15.96),
    Appliance((2,), 8.7, 16.5, 18.0, 420, 1500),  # dishwasher
    Appliance((1,), 15.0, 17.5, 17.75),  # oven
    Appliance((1,), 15.0, 17.75, 18.75, 45, 105),
    Appliance((0, 2), 14.0, 18.0, 18.6, 7, 15),  # hob, in pulses
    Appliance((0,), 3.0, 17.0, 23.0),  # light, television
    Appliance(ALL, 24.0, 21.4, 21.5),
    Appliance((2,), 9.0, 20.9, 20.95),
)


def load() -> list[list[float]]:
    """Return what all these draw, per phase and second."""
    drawn = [[0.0] * DAY for _ in range(PHASES)]
    for appliance in APPLIANCES:
        for begin, end in appliance.seconds():
            for phase in appliance.phases:
                drawn[phase][begin:end] = [a + appliance.amps for a in drawn[phase][begin:end]]
    return drawn


def sun(second: int) -> float:
    """Return what the roof gives, in watts: a clear morning, clouds from eleven to four."""
    hour = second / HOUR
    if not SUNRISE < hour < SUNSET:
        return 0.0
    clear = math.pow(math.sin(math.pi * (hour - SUNRISE) / (SUNSET - SUNRISE)), 1.5)
    if not 11.0 < hour < 16.0:
        return ROOF_WATTS * clear
    passing = math.sin(second / 190) + math.sin(second / 470) + 0.6 * math.sin(second / 61)
    cover = 1 / (1 + math.exp(-6 * (passing - 0.5)))  # of the sun, by the clouds
    return ROOF_WATTS * clear * (1 - 0.75 * cover)


class Follower:
    """A vehicle: at most ``most_amps``, nothing below 6 A, and always late."""

    def __init__(self, most_amps: float) -> None:
        self._most = most_amps
        self._told: list[tuple[float, float]] = []
        self.amps = 0.0

    def tell(self, amps: float, now: float) -> None:
        """Set a limit, which it will know, and then follow."""
        wanted = min(amps, self._most)
        self._told.append((now + TOLD_SECONDS + FOLLOW_SECONDS, wanted if wanted >= 6 else 0))

    def draw(self, now: float) -> float:
        """Return what it draws."""
        while self._told and self._told[0][0] <= now:
            self.amps = self._told.pop(0)[1]
        return self.amps


class Fuse:
    """What becomes of one pole of the fuse at the grid connection point."""

    def __init__(self, rated_amps: float) -> None:
        self._rated = rated_amps
        self._run = 0
        self.heat = 0.0  # 1: that of the rated current
        self.most_heat = 0.0
        self.most_times = 0.0  # the rated current
        self.longest = 0  # seconds in a row above it

    def carry(self, amps: float) -> None:
        """Let this flow for a second."""
        times = abs(amps) / self._rated
        self.heat += (times * times - self.heat) / HEAT_SECONDS
        self.most_heat = max(self.most_heat, self.heat)
        self.most_times = max(self.most_times, times)
        self._run = self._run + 1 if times > 1 else 0
        self.longest = max(self.longest, self._run)

    @property
    def holds(self) -> bool:
        """Whether it has never been near to tripping."""
        return self.most_heat <= MOST_HEAT and self.most_times <= MOST_TIMES


@dataclass(slots=True)
class Day:
    """What happened, second by second; currents are in amperes per phase."""

    fuses: list[Fuse]
    others: list[float] = field(default_factory=list)  # of the phase that carries most
    total: list[float] = field(default_factory=list)  # of it, with the vehicle
    sun_watts: list[float] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)
    drawn: list[float] = field(default_factory=list)
    changes: list[tuple[int, LimitChanged]] = field(default_factory=list)
    drawn_wh: float = 0.0  # by the vehicle
    from_grid_wh: float = 0.0  # of that

    @property
    def stops(self) -> int:
        """How often the vehicle was stopped."""
        pairs = zip(self.drawn, self.drawn[1:], strict=False)
        return sum(1 for before, after in pairs if before and not after)


class Household:
    """The whole of it; ``silent`` are seconds in which the house's meter is.

    ``drawn``: by others, per phase and second, instead of what is made of `APPLIANCES`.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        most_amps: float = 32.0,
        fuse_amps: float = FUSE_AMPS,
        silent: range = range(0),
        drawn: Sequence[Sequence[float]] | None = None,
    ) -> None:
        self._sharing = Sharing(settings)
        sources = [Source(HOUSE, 6.0)] if settings.house else []
        sources += [Source(SOLAR, 0.0)] if settings.sun else []
        self._arbiter = Arbiter(sources)
        self._car = Follower(most_amps)
        self._silent = silent
        self._load = load() if drawn is None else drawn
        self.day = Day([Fuse(fuse_amps) for _ in range(PHASES)])
        self._limited(self._arbiter.receive(LimitOffered(INSTALLATION, most_amps), 0.0), 0)

    def live(self, seconds: Iterable[int] = range(DAY)) -> Day:
        """Let these seconds pass."""
        for second in seconds:
            self._pass(second)
        return self.day

    def _pass(self, second: int) -> None:
        watts = sun(second)
        drawn = self._car.draw(float(second))
        fed_in = watts / VOLTS / PHASES
        others = tuple(phase[second] - fed_in for phase in self._load)
        house = tuple(amps + drawn for amps in others)
        if second not in self._silent:
            self._sharing.receive(HouseMeasured(house), float(second))
        self._read_own(second)
        due = self._arbiter.deadline
        if due is not None and due <= second + 1:
            self._limited(self._arbiter.tick(second + 1.0), second)
        self._note(others, house, watts, drawn)

    def _read_own(self, second: int) -> None:
        at = second + OWN_SECONDS
        own: Amps = (self._car.draw(at),) * PHASES
        for offered in self._sharing.receive(OwnMeasured(own), at):
            self._limited(self._arbiter.receive(offered, at), second)

    def _limited(self, actions: Iterable[object], second: int) -> None:
        for changed in [action for action in actions if isinstance(action, LimitChanged)]:
            self.day.changes.append((second, changed))
            self._car.tell(changed.amps, second + OWN_SECONDS)

    def _note(self, others: Amps, house: Amps, watts: float, drawn: float) -> None:
        day = self.day
        for fuse, amps in zip(day.fuses, house, strict=True):
            fuse.carry(amps)
        day.others.append(max(others))
        day.total.append(max(house))
        day.sun_watts.append(watts)
        day.limit.append(self._arbiter.limit.amps)
        day.drawn.append(drawn)
        car = drawn * VOLTS * PHASES
        day.drawn_wh += car / HOUR
        day.from_grid_wh += min(car, max(0.0, sum(house) * VOLTS)) / HOUR
