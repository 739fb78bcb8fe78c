"""What a running charger senses beside the pilot line: its cable, its heat and a contact.

It is read several times a second, as far as it is configured, and the outlet is told what comes
of it: a limit each. What cannot be read is nothing that holds the rest up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import structlog

from seccstack.adapters.pilot import Pilot
from seccstack.adapters.sharing import House
from seccstack.config import Config
from seccstack.config_pilot import Temperature
from seccstack.energy.arbiter import CABLE
from seccstack.energy.peak import Contact, ContactLost, ContactRead
from seccstack.energy.thermal import Settings, TemperatureMeasured, Thermal
from seccstack.events import LimitOffered
from seccstack.pilot.port import Sensed
from seccstack.pilot.proximity import Proximity, ProximityRead

POLL_SECONDS = 0.25
HEAT_SECONDS = 1.0  # between two looks at a file, which may be a sensor on a slow bus
ANSWER_SECONDS = 0.1  # for which a file holds up the cable's reading; then it is not waited for


class Heat:
    """Where the temperature comes from."""

    def __init__(self, given: Temperature, clock: Callable[[], float]) -> None:
        self._given, self._clock = given, clock
        self._read_at = -HEAT_SECONDS
        self._reading: asyncio.Task[str] | None = None  # one at a time, however long it takes
        self.celsius: float | None = None
        self.trouble: str | None = None

    async def look(self, sensed: Sensed) -> bool:
        """Look, if it is time to; return whether there is a new reading."""
        if self._clock() < self._read_at + HEAT_SECONDS:
            return False
        self._read_at = self._clock()
        self.celsius = sensed.celsius
        self.trouble = None if sensed.celsius is not None else "no sensor says anything"
        if self._given.kind == "file":
            await self._look_at_file()
        return self.celsius is not None

    async def _look_at_file(self) -> None:
        file = Path(self._given.file)
        self.celsius = None
        if self._reading is None:
            self._reading = asyncio.create_task(asyncio.to_thread(file.read_text))
        await asyncio.wait({self._reading}, timeout=ANSWER_SECONDS)
        if not self._reading.done():
            self.trouble = f"{file}: it does not answer"
            return
        reading, self._reading = self._reading, None
        try:
            text = reading.result()
            counts = int(text.partition("\n")[0])
            self.celsius = counts * self._given.scale + self._given.offset
            self.trouble = None
        except (OSError, ValueError, OverflowError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no number"
            self.trouble = f"{file}: {why}"


class Senses:
    """Feeds the outlet; ``house`` has a say for the network operator."""

    def __init__(
        self,
        config: Config,
        pilot: Pilot,
        feed: Callable[[LimitOffered], None],
        house: House,
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        self._pilot, self._feed, self._house, self._log = pilot, feed, house, log
        self._clock = asyncio.get_running_loop().time
        heat = config.temperature
        self._socket = Proximity() if config.pilot.cable == "socket" else None
        self._contact = Contact() if config.energy.contact == "input" else None
        self._heat = Heat(heat, self._clock) if heat.kind != "none" else None
        self._thermal = Thermal(thermal_settings_of(config))
        self._said: str | None = None

    def work(self) -> list[Coroutine[Any, Any, None]]:
        """Return what has to run as long as the charger does, if anything is to be read."""
        wanted = (self._socket, self._contact, self._heat)
        return [] if wanted == (None, None, None) else [self._run()]

    def status(self) -> dict[str, Any]:
        """Return what `seccstack tell status` shows."""
        status: dict[str, Any] = {}
        if self._socket is not None:
            cable = self._socket.cable
            status["cable"] = {"says": "not read yet" if cable is None else cable.says}
        if self._heat is not None:
            status["temperature"] = {
                "celsius": self._heat.celsius,
                "trouble": self._heat.trouble,
            }
        return status

    async def look(self) -> None:
        """Read all of it once."""
        sensed = await self._pilot.sense()
        now = self._clock()
        if self._socket is not None:
            for changed in self._socket.receive(ProximityRead(sensed.proximity_ohms), now):
                cable = changed.cable
                self._log.info("cable", says=cable.says)
                self._feed(LimitOffered(CABLE, cable.amps, None, cable.says))
        if self._contact is not None:
            for turned in self._contact.receive(ContactRead(sensed.peak_load), now):
                on = None if isinstance(turned, ContactLost) else turned.on
                self._log.info("network operator's contact", on=on)
                self._house.take(turned)
        if self._heat is not None and await self._heat.look(sensed):
            self._felt(self._heat)
        if self._heat is not None and self._heat.trouble != self._said:
            self._said = self._heat.trouble
            self._log.warning("temperature", trouble=self._said)

    async def _run(self) -> None:
        while True:
            await self.look()
            await asyncio.sleep(POLL_SECONDS)

    def _felt(self, heat: Heat) -> None:
        assert heat.celsius is not None  # noqa: S101 - it has just been read
        try:
            measured = TemperatureMeasured(heat.celsius)
        except ValueError as error:
            heat.trouble = str(error)
            return
        for offered in self._thermal.receive(measured, self._clock()):
            said = (offered.source, offered.amps, offered.until, offered.reason)
            self._feed(LimitOffered(*said))


def thermal_settings_of(config: Config) -> Settings:
    """Translate the configuration file; ConfigError where bounds do not go together."""
    given = config.temperature
    return Settings(
        rated_amps=config.charger.rated_amps,
        derate_celsius=given.derate_celsius,
        stop_celsius=given.stop_celsius,
        resume_celsius=given.resume_celsius,
        stale_seconds=given.stale_seconds,
    )
