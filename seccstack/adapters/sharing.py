"""The house's place in a running charger: readings and orders in, offers to the outlet out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from seccstack.config import Config
from seccstack.energy import household, solar
from seccstack.energy.arbiter import (
    BACK_OFFICE,
    CABLE,
    HOUSE,
    SOLAR,
    THERMAL,
    LimitOffered,
    PhasesUsed,
    Source,
)
from seccstack.energy.balance import Amps, HouseMeasured, OwnMeasured
from seccstack.energy.peak import ContactTurned, NetworkLimited
from seccstack.energy.phases import Phases
from seccstack.energy.reading import Reading
from seccstack.energy.sharing import Event, Settings, Sharing
from seccstack.errors import UsageError
from seccstack.events import LimitOffered as Offered


class House:
    """Feeds the outlet what its house lets it have."""

    def __init__(self, config: Config, feed: Callable[[Offered | PhasesUsed], None]) -> None:
        self._feed = feed
        self._phases = config.charger.phases
        self._metered = config.house_meter.kind != "none"
        self._contact_read = config.energy.contact == "input"
        self._wanted = config.energy.connection_amps > 0 or config.energy.solar != "direct"
        self._machine = Sharing(settings_of(config))
        self._used = Phases()
        self._clock = asyncio.get_running_loop().time

    def take_house(self, reading: Reading) -> None:
        """Take what the meter at the grid connection point says."""
        if (amps := amps_of(reading)) is not None:
            self.take(HouseMeasured(amps))

    def take_own(self, reading: Reading) -> None:
        """Take what the meter at the outlet says."""
        if (amps := amps_of(reading)) is not None:
            measured = OwnMeasured(amps)
            for used in self._used.receive(measured, self._clock()):
                self._feed(used)
            self.take(measured)

    def tell(self, amps: Amps) -> None:
        """Take what somebody else has measured; UsageError says why not."""
        if not self._wanted:
            right = "set energy.connection_amps or energy.solar"
            raise UsageError(f"nothing is shared out in this house: {right}")
        if self._metered:
            raise UsageError("the house has a meter of its own, in [house_meter]")
        if len(amps) != self._phases:
            raise UsageError(f"the charger has {self._phases} phases; not {len(amps)}")
        try:
            measured = HouseMeasured(amps)
        except ValueError as error:
            raise UsageError(str(error)) from error
        self.take(measured)

    def turn(self, on: bool) -> None:
        """Take it that somebody else turns the network operator's contact."""
        if self._contact_read:
            raise UsageError("the network operator's contact is read (energy.contact)")
        self.take(ContactTurned(on))

    def free(self) -> None:
        """Take it that the network operator orders nothing any more.

        A contact that is read stays where it is.
        """
        if not self._contact_read:
            self.take(ContactTurned(False))
        self.take(NetworkLimited(None))

    def take(self, event: Event) -> None:
        """Give the machine an event, and the outlet what comes of it."""
        now = self._clock()
        for offered in self._machine.receive(event, now):
            self._feed(_told(offered))


def settings_of(config: Config) -> Settings:
    """Translate the configuration file; ConfigError where a fuse leaves nothing."""
    given = config.energy
    house = (
        household.Settings(
            connection_amps=given.connection_amps,
            step_amps=given.step_amps,
            delay_seconds=given.delay_seconds,
            min_amps=given.min_amps,
            stale_seconds=given.stale_seconds,
        )
        if given.connection_amps
        else None
    )
    sun = (
        solar.Settings(
            mode=solar.Mode(given.solar),
            phases=config.charger.phases,
            volts=config.charger.voltage,
            min_amps=given.min_amps,
            manual_amps=given.manual_amps,
            start_watts=given.start_watts,
            start_seconds=given.start_seconds,
            stop_watts=given.stop_watts,
            stop_seconds=given.stop_seconds,
            min_off_seconds=given.min_off_seconds,
            stale_seconds=given.stale_seconds,
        )
        if given.solar != "direct"
        else None
    )
    return Settings(house=house, sun=sun, contact_amps=given.contact_amps)


def sources_of(config: Config) -> tuple[Source, ...]:
    """Return whose word the outlet's arbiter waits for, and what holds until it comes."""
    given = config.energy
    found = []
    if given.connection_amps:
        found.append(Source(HOUSE, given.house_safe_amps))
    if given.solar != "direct":
        found.append(Source(SOLAR, given.solar_safe_amps))
    if config.pilot.cable == "socket":
        found.append(Source(CABLE, 0.0))
    if config.temperature.kind != "none":
        found.append(Source(THERMAL, config.temperature.safe_amps))
    if given.back_office_safe_amps is not None:
        found.append(Source(BACK_OFFICE, given.back_office_safe_amps))
    return tuple(found)


def amps_of(reading: Reading) -> Amps | None:
    """Return the currents of a reading, if it has all of them."""
    amps = tuple(each for each in reading.amps if each is not None)
    return amps if amps and len(amps) == len(reading.amps) else None


def _told(offered: LimitOffered) -> Offered:
    said = (offered.source, offered.amps, offered.until, offered.reason)
    return Offered(*said, offered.each)
