"""The meters' place in a running charger: the outlet's own, and the house's.

Each is read for ever, one way or the other; one that does not answer is a state that is told
once, and no error. The outlet's own says what the vehicle draws, and what it has drawn; what
follows of it and of the house's is the business of `seccstack.adapters.sharing`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import structlog

from seccstack.adapters.sharing import House
from seccstack.adapters.unavailable import UnavailableError
from seccstack.config import Config
from seccstack.config_meter import Meter as MeterConfig
from seccstack.config_meter import phases_of
from seccstack.energy.freshness import Answered, Failed, Found, Freshness, Timed
from seccstack.energy.port import Meter
from seccstack.energy.reading import Reading
from seccstack.errors import ConfigError, MalformedError
from seccstack.events import CurrentLost, CurrentMeasured, Event
from seccstack.session.events import METER_ID, MeterRead
from seccstack.session.events import Meter as SessionMeter
from seccstack.sim.meter import SimMeter

LABELS = {"meter": "meter", "house_meter": "house meter"}  # of sections of a configuration
MISSING = "pip install 'seccstack[meters]'"
# A vehicle's current trembles, and each value is told, shown and recorded.
AMPS_STEP = 0.5
ENERGY_SECONDS = 5.0  # between counts that are told

Feed = Callable[[Event], None]


class SimulatedMeter:
    """A `Meter` in real time, of what a simulated car draws."""

    def __init__(self, phases: int, volts: float) -> None:
        self.name = "simulated"
        self._meter = SimMeter(phases, volts)

    async def read(self) -> Reading:
        """Read it; it is always there."""
        return self._meter.read(asyncio.get_running_loop().time())

    def draw(self, amps: float) -> None:
        """Let a car draw this from now on."""
        self._meter.draw(amps, asyncio.get_running_loop().time())

    def close(self) -> None:
        """Go on counting."""


class Followed:
    """A meter that is read for ever, each reading with the time of the event loop."""

    def __init__(
        self,
        label: str,
        meter: Meter,
        config: MeterConfig,
        log: structlog.typing.FilteringBoundLogger,
        taken: Callable[[Reading], None] = lambda reading: None,
        lost: Callable[[], None] = lambda: None,
    ) -> None:
        self.label, self._meter, self._log = label, meter, log
        self._taken, self._lost = taken, lost
        self._poll_seconds = config.poll_seconds
        self._clock = asyncio.get_running_loop().time
        self._freshness = Freshness(config.stale_seconds, self._clock())

    async def run(self) -> None:
        """Read it as often as configured, or as it is able to."""
        while True:
            began = self._clock()
            await self._read()
            await asyncio.sleep(max(0.0, began + self._poll_seconds - self._clock()))

    def believed(self) -> Timed | None:
        """Return the last reading, unless it is too old to be true."""
        return self._freshness.believed(self._clock())

    def status(self) -> dict[str, Any]:
        """Return what there is to know, for people."""
        status: dict[str, Any] = {"name": self._meter.name, "trouble": self._freshness.trouble}
        if (timed := self.believed()) is not None:
            reading = timed.reading
            status |= {
                "amps": reading.amps,
                "volts": reading.volts,
                "watts": reading.watts,
                "energy_wh": reading.energy_wh,
                "seconds_old": round(self._clock() - timed.at, 1),
            }
        return status

    def close(self) -> None:
        """Let go of the meter."""
        self._meter.close()

    async def _read(self) -> None:
        event: Answered | Failed
        try:
            event = Answered(await self._meter.read())
        except (UnavailableError, MalformedError) as error:
            event = Failed(str(error))
        for action in self._freshness.receive(event, self._clock()):
            if isinstance(action, Found):
                self._log.info(f"{self.label} found", meter=self._meter.name)
            else:
                self._log.warning(f"{self.label} lost", why=action.why)
                self._lost()
        if isinstance(event, Answered):
            self._taken(event.reading)


class Telling:
    """What the outlet is told of readings: what has changed enough, or long enough ago."""

    def __init__(
        self,
        meter_id: str,
        feed: Feed,
        clock: Callable[[], float] = time.monotonic,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self._id, self._feed = meter_id[:METER_ID], feed
        self._clock, self._wall_clock = clock, wall_clock
        self._amps: float | None = None
        self._energy: int | None = None
        self._told_at = 0.0

    def take(self, reading: Reading) -> None:
        """Tell the outlet, or not."""
        self._tell_amps(reading.most_amps)
        if reading.energy_wh is not None:
            self._tell_energy(round(reading.energy_wh))

    def lose(self) -> None:
        """Tell the outlet that it knows nothing any more; whatever comes next is news."""
        if self._amps is not None:
            self._amps = None
            self._feed(CurrentLost())

    def _tell_amps(self, amps: float | None) -> None:
        if amps is None or (self._amps is not None and abs(amps - self._amps) < AMPS_STEP):
            return
        self._amps = amps
        self._feed(CurrentMeasured(round(amps, 1)))

    def _tell_energy(self, energy: int) -> None:
        now = self._clock()
        soon = self._energy is not None and now < self._told_at + ENERGY_SECONDS
        if energy == self._energy or soon:
            return
        self._energy, self._told_at = energy, now
        read_at = int(self._wall_clock())
        self._feed(MeterRead(SessionMeter(self._id, energy, read_at)))


class Meters:
    """Those that are configured."""

    def __init__(
        self,
        config: Config,
        feed: Feed,
        log: structlog.typing.FilteringBoundLogger,
        share: House | None = None,
    ) -> None:
        made = meters_of(config)
        self._simulated = [each for each in made.values() if isinstance(each, SimulatedMeter)]
        self.own: Followed | None = None
        self.house: Followed | None = None
        if (own := made.get("meter")) is not None:
            telling = Telling(config.meter.id or config.meter.model or "simulated", feed)
            taken = [telling.take] if share is None else [telling.take, share.take_own]
            self.own = Followed(LABELS["meter"], own, config.meter, log, _each(taken))
        if (house := made.get("house_meter")) is not None:
            takers = [] if share is None else [share.take_house]
            label = LABELS["house_meter"]
            self.house = Followed(label, house, config.house_meter, log, _each(takers))
        self._followed = [each for each in (self.own, self.house) if each is not None]

    def work(self) -> list[Coroutine[Any, Any, None]]:
        """Return what has to run as long as the charger does."""
        return [meter.run() for meter in self._followed]

    def status(self) -> dict[str, Any]:
        """Return what `seccstack tell status` shows of them."""
        return {meter.label: meter.status() for meter in self._followed}

    def beside(self, feed: Feed) -> Feed:
        """Return a way for what a simulated car draws: to who measures it, or to ``feed``."""

        def take(event: Event) -> None:
            if isinstance(event, CurrentMeasured):
                for meter in self._simulated:
                    meter.draw(event.amps)
                if self.own is not None:
                    return
            feed(event)

        return take if self._followed else feed

    def close(self) -> None:
        """Let go of them."""
        for meter in self._followed:
            meter.close()


def _each(takers: Sequence[Callable[[Reading], None]]) -> Callable[[Reading], None]:
    def take(reading: Reading) -> None:
        for taker in takers:
            taker(reading)

    return take


def meters_of(config: Config) -> dict[str, Meter]:
    """Make them, unopened, by section; ConfigError if what they take is missing."""
    charger = config.charger
    made: dict[str, Meter] = {}
    modbus: dict[str, MeterConfig] = {}
    for section, given in (("meter", config.meter), ("house_meter", config.house_meter)):
        if given.kind == "simulated":
            made[section] = SimulatedMeter(charger.phases, charger.voltage)
        elif given.kind != "none":
            modbus[section] = given
    return made | _modbus(modbus, charger.phases) if modbus else made


def _modbus(configs: dict[str, MeterConfig], charger_phases: int) -> dict[str, Meter]:
    try:
        from seccstack.adapters.meter_modbus import Lines  # for who has it

        if any(given.kind == "modbus-rtu" for given in configs.values()):
            import serial  # noqa: F401 - pymodbus misses it later
    except ImportError as error:
        section, given = next(iter(configs.items()))
        raise ConfigError(
            f"{section}.kind", f"is {given.kind!r}, and a library is missing: {error}", MISSING
        ) from error
    lines = Lines()
    return {
        section: lines.meter(given, phases_of(given, charger_phases))
        for section, given in configs.items()
    }
