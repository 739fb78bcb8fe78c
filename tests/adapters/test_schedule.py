"""The clock that times of day are of, and what an operator foresees."""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from seccstack.adapters.schedule import Place, Planner, place_of
from seccstack.config import Schedule
from seccstack.errors import ConfigError, UsageError
from seccstack.events import LimitPlanned
from tests.adapters.conftest import run

HOUR = 3600
ZONES = ["Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Pacific/Chatham"]


@pytest.fixture
def zone(monkeypatch):
    """Have this machine be in another zone."""

    def set_to(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield set_to
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("name", ZONES)
def test_where_this_machine_is_the_clock_is_as_its_zone_has_it(zone, name):
    zone(name)
    here, there = place_of(""), Place(ZoneInfo(name))
    for days in range(0, 366, 5):
        moment = datetime(2026, 1, 1, 1, 10, tzinfo=UTC).timestamp() + days * 24 * HOUR
        day = there.day(moment)
        assert here.day(moment) == day
        assert here.moment(day, 6 * 60 + 30) == there.moment(day, 6 * 60 + 30)
        assert here.read("2026-07-01T12:00") == there.read("2026-07-01T12:00")


def test_a_zone_may_be_told_in_any_way_that_the_system_takes(zone):
    zone("EST5EDT,M3.2.0,M11.1.0")
    assert place_of("").read("2026-07-01T08:00") == Place(UTC).read("2026-07-01T12:00")


def test_a_named_zone_is_that_one():
    berlin = place_of("Europe/Berlin")
    assert berlin.read("2026-07-01T12:00") == Place(UTC).read("2026-07-01T10:00")
    assert berlin.read("2026-07-01T12:00") == berlin.read("2026-07-01T10:00Z")


@pytest.mark.parametrize("name", ["Middle/Earth", "../etc/passwd", "\0", "UTC\n"])
def test_a_zone_that_nobody_knows_is_named(name):
    with pytest.raises(ConfigError, match=r"schedule\.zone: is .*; give one that this machine"):
        place_of(name)


def planned(times):
    async def scenario():
        told = []
        planner = Planner(Schedule(times=times), told.append)
        planner.open()
        planner.close()
        planner.open()
        return told

    return run(scenario())


def test_a_timetable_is_told_when_it_is_opened_and_not_when_it_is_closed():
    [told] = planned({"06:30": 10.0, "22:00": 32.0})
    assert isinstance(told, LimitPlanned)
    assert told.source == "schedule"
    assert {amps for _, amps in told.steps} == {10.0, 32.0}


def test_without_one_nothing_is():
    assert planned({}) == []


def read(text):
    steps = Planner(Schedule(zone="UTC"), lambda told: None).read(text)
    return [(round((at - time.monotonic()) / HOUR, 3), amps) for at, amps in steps]


def test_a_forecast_is_words_or_json():
    day = datetime.now(UTC).replace(year=2060).isoformat()
    [now, (later, amps)] = read(f"now=16 {day}=6.5")
    assert (now, amps) == ((0, 16), 6.5)
    assert later > 24 * 365
    assert read(f'[["{day}", 6.5], ["now", 16]]') == read(f"now=16 {day}=6.5")
    assert read(" now=none") == read('[["now", null]]') == [(0, None)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "1 to 96 steps; not 0"),
        ("16", "'16' is no step"),
        ("=16", "'=16' is no step"),
        ("22:00", "'22:00' is no step; give moment and amperes as in 22:00=16"),
        ("22:00=", "'22:00=' is no step"),
        ("22:00=lots", "'22:00=lots' is no step"),
        ("25:00=6", "'25:00' is no moment; give now, a time of day as in 22:00"),
        ("22:00=-6", "no number of amperes"),
        ("22:00=nan", "no number of amperes"),
        ("now=6 " * 5000, "1 to 96 steps; not 97"),
        ("[", 'no JSON as in [["now", 16]'),
        ('[["now"]]', "no JSON as in"),
        ('[["now", "16"]]', "no JSON as in"),
        ("[[16, 16]]", "no JSON as in"),
        ("[" * 4000, "no JSON as in"),
    ],
    ids=lambda text: text[:12],
)
def test_what_is_no_forecast_is_refused_with_what_would_be(text, why):
    with pytest.raises(UsageError) as caught:
        read(text)
    assert why in str(caught.value)
