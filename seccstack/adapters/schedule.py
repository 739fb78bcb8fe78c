"""Limits by the time of day, with the clock and the time zone that the machine has."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo
from datetime import time as clock_time

import msgspec

from seccstack import config, events
from seccstack.adapters.driver import Driver
from seccstack.energy.arbiter import MOST_STEPS, LimitPlanned, Step
from seccstack.energy.schedule import (
    Clock,
    ClockRead,
    ReadClock,
    Schedule,
    plan_of,
    timetable_of,
)
from seccstack.errors import ConfigError, UsageError

Action = ReadClock | LimitPlanned
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - in whatever zone


class _Here(tzinfo):
    """The zone that this machine is set to, whichever way."""

    def utcoffset(self, dt: datetime | None) -> timedelta:
        moment = time.mktime((*(dt or EPOCH).timetuple()[:8], -1))
        return timedelta(seconds=time.localtime(moment).tm_gmtoff)

    def fromutc(self, dt: datetime) -> datetime:
        seconds = (dt.replace(tzinfo=None) - EPOCH).total_seconds()
        return dt + timedelta(seconds=time.localtime(seconds).tm_gmtoff)

    def dst(self, dt: datetime | None) -> timedelta | None:
        return None

    def tzname(self, dt: datetime | None) -> str | None:
        return None


class Place:
    """Where the clock is that times of day are of."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def day(self, moment: float) -> int:
        """Return which day it is."""
        return datetime.fromtimestamp(moment, self._zone).toordinal()

    def moment(self, day: int, minute: int) -> float:
        """Return when it is that time; the first, on the night that has an hour twice."""
        at = clock_time(minute // 60, minute % 60)
        return datetime.combine(date.fromordinal(day), at, self._zone).timestamp()

    def read(self, text: str) -> float:
        """Read a moment as of ISO 8601, of this place unless it says otherwise."""
        try:
            moment = datetime.fromisoformat(text)
            placed = moment if moment.tzinfo else moment.replace(tzinfo=self._zone)
            return placed.timestamp()
        except (ValueError, OverflowError) as error:
            right = "now, a time of day as in 22:00, or 2030-12-31T22:00"
            raise UsageError(f"{text!r} is no moment; give {right}") from error


def place_of(zone: str) -> Place:
    """Return the place of a time zone; without a name, where this machine is."""
    if not zone:
        return Place(_Here())
    from zoneinfo import ZoneInfo

    try:
        return Place(ZoneInfo(zone))
    except (OSError, ValueError, LookupError) as error:
        right = "give one that this machine knows, as in Europe/Berlin"
        raise ConfigError("schedule.zone", f"is {zone!r}, which is none here", right) from error


class Planner:
    """Feeds the outlet what is configured, and reads what an operator says for once."""

    def __init__(
        self, settings: config.Schedule, feed: Callable[[events.LimitPlanned], None]
    ) -> None:
        self._feed = feed
        self._place = place_of(settings.zone)
        self._driver: Driver[ClockRead, Action] | None = None
        if settings.times:
            machine = Schedule(timetable_of(settings.times, self._place))
            self._driver = Driver(machine, self._carry_out)

    def open(self) -> None:
        """Say what holds, from now on."""
        if self._driver is not None:
            self._driver.feed(ClockRead(time.time()))

    def close(self) -> None:
        """Say no more."""
        if self._driver is not None:
            self._driver.close()

    def read(self, text: str) -> tuple[Step, ...]:
        """Read what an operator foresees; UsageError says what is wrong with it."""
        return plan_of(_said(text), Clock(time.monotonic(), time.time(), self._place))

    def _carry_out(self, action: Action) -> None:
        match action:
            case ReadClock():
                self.open()
            case LimitPlanned(source, steps):
                self._feed(events.LimitPlanned(source, steps))


def _said(text: str) -> list[tuple[str, float | None]]:
    """Take a forecast apart: JSON, or words like 22:00=16."""
    if text.lstrip().startswith("["):
        try:
            return msgspec.json.decode(text, type=list[tuple[str, float | None]])
        except msgspec.MsgspecError as error:
            raise UsageError(
                f'no JSON as in [["now", 16], ["2030-12-31T22:00", null]]: {error}'
            ) from error
    words = text.split()[: MOST_STEPS + 1]
    return [_step(word) for word in words]


def _step(word: str) -> tuple[str, float | None]:
    moment, _, amps = word.rpartition("=")
    try:
        if moment:
            return moment, None if amps == "none" else float(amps)
        raise ValueError(word)
    except ValueError as error:
        raise UsageError(
            f"{word!r} is no step; give moment and amperes as in 22:00=16"
        ) from error
