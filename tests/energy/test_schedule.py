"""Limits by the time of day: when they hold, also where clocks are put forward and back."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.adapters.schedule import Place
from seccstack.energy.arbiter import MOST_STEPS, SCHEDULE, LimitPlanned
from seccstack.energy.schedule import (
    LOOK,
    Clock,
    ClockRead,
    ReadClock,
    Schedule,
    Timetable,
    plan_of,
    timetable_of,
)
from seccstack.errors import UsageError

BERLIN = ZoneInfo("Europe/Berlin")
HOUR, DAY = 3600.0, 86400.0
NIGHT = {"06:30": 10, "22:00": 32}
NOW = 1000.0  # of machines
BERLIN_NIGHTS = timetable_of(NIGHT, Place(BERLIN))


def at(text, zone=BERLIN):
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def plan(times, text, zone=BERLIN):
    """The plan of that moment, in hours from then on."""
    steps = timetable_of(times, Place(zone)).plan(at(text, zone), NOW)
    return [((moment - NOW) / HOUR, amps) for moment, amps in steps]


def clock(text, zone=BERLIN):
    return Clock(NOW, at(text, zone), Place(zone))


# What holds every day.


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("2026-11-25T05:30", [(0, 32), (1, 10), (16.5, 32)]),
        ("2026-11-25T06:30", [(0, 10), (15.5, 32), (24, 10)]),  # it has just begun
        ("2026-11-25T23:00", [(0, 32), (7.5, 10), (23, 32)]),
    ],
)
def test_a_day_s_times_hold_one_after_the_other(text, begins):
    assert plan(NIGHT, text)[:3] == begins


def test_a_plan_reaches_as_far_as_there_is_room_and_ends_in_the_least_of_all():
    steps = plan({"12:00": 10, "00:00": 16, "18:00": 32}, "2026-11-25T12:00", UTC)
    assert len(steps) == MOST_STEPS
    assert steps[-3:] == [(744, 10), (750, 32), (756, 10)]  # 16, if more fitted


def test_what_is_always_the_same_never_changes():
    assert plan({"06:00": 16, "12:00": 16}, "2026-11-25T07:00") == [(0, 16)]
    assert plan({"06:00": 16}, "2026-11-25T05:00") == [(0, 16)]


def test_in_the_night_that_lacks_an_hour_the_morning_comes_sooner():
    assert plan(NIGHT, "2026-03-28T22:00")[:2] == [(0, 32), (7.5, 10)]


def test_in_the_night_that_has_an_hour_twice_it_comes_later():
    assert plan(NIGHT, "2026-10-24T22:00")[:2] == [(0, 32), (9.5, 10)]


def test_a_time_that_this_night_lacks_is_an_hour_later():
    assert plan({"02:30": 6, "12:00": 32}, "2026-03-29T00:00")[:2] == [(0, 32), (2.5, 6)]


@given(
    st.dictionaries(st.integers(0, 1439), st.floats(0, 80), min_size=1, max_size=MOST_STEPS),
    st.floats(0, 4e9),
)
def test_a_plan_says_at_each_of_its_steps_what_the_wall_s_clock_would(times, wall):
    zone = ZoneInfo("Asia/Kolkata")
    steps = Timetable(tuple(sorted(times.items())), Place(zone)).plan(wall, NOW)
    assert len(steps) <= MOST_STEPS
    assert [moment for moment, _ in steps] == sorted({moment for moment, _ in steps})
    assert steps[0][0] == NOW
    assert steps[-1][1] == min(times.values())
    for moment, amps in steps[:-1]:
        told = datetime.fromtimestamp(wall + moment - NOW + 0.001, zone)
        minute = told.hour * 60 + told.minute
        begun = max((m for m in times if m <= minute), default=max(times))
        assert amps == times[begun]


@pytest.mark.parametrize("text", ["24:00", "6:30", "06.30", "", "0630", "06:60"])
def test_what_is_no_time_of_day_is_refused(text):
    with pytest.raises(UsageError, match="is no time of day; give one as in 06:30"):
        timetable_of({text: 6}, Place(UTC))


@pytest.mark.parametrize("times", [(), ((5, 1.0), (5, 2.0)), ((9, 1.0), (5, 2.0))])
def test_a_timetable_has_times_and_each_of_them_once(times):
    with pytest.raises(UsageError, match="a timetable has 1 to 96 times, each of them once"):
        Timetable(times, Place(UTC))


# What is said for once.


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("now", 0),
        ("22:00", 1),
        ("20:59", 23 + 59 / 60),
        ("21:00", 24),
        ("2026-11-26T21:30", 24.5),
        ("2026-11-25T20:30+00:00", 0.5),
        ("2026-11-25T20:00", -1),
    ],
)
def test_a_moment_is_told_as_people_tell_it(text, hours):
    assert clock("2026-11-25T21:00").at(text) == NOW + hours * HOUR


@pytest.mark.parametrize("text", ["soon", "", "2026-13-01T00:00"])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(UsageError, match="is no moment; give now, a time of day"):
        clock("2026-11-25T21:00").at(text)


def test_steps_come_in_their_order_and_what_has_begun_begins_now():
    said = [("06:00", 10.0), ("2026-11-25T12:00", 8.0), ("22:00", None), ("now", 16.0)]
    assert plan_of(said, clock("2026-11-25T21:00")) == (
        (NOW, 16.0),
        (NOW + HOUR, None),
        (NOW + 9 * HOUR, 10.0),
    )


def test_one_that_begins_later_leaves_the_present_as_it_is():
    assert plan_of([("22:00", 6.0)], clock("2026-11-25T21:00")) == ((NOW + HOUR, 6.0),)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ([], "a forecast has 1 to 96 steps; not 0"),
        ([("22:00", 6.0)] * 97, "not 97"),
        ([("22:00", 6.0)] * 2, "two steps begin at the same moment"),
        ([("22:00", -1.0)], "-1.0 from 22:00 on is no number of amperes"),
        ([("22:00", float("nan"))], "nan from 22:00 on"),
    ],
)
def test_what_is_no_forecast_is_refused(said, why):
    with pytest.raises(UsageError, match=why):
        plan_of(said, clock("2026-11-25T21:00"))


# When it is said.


def begun(times=NIGHT, wall="2026-11-25T21:00"):
    machine = Schedule(timetable_of(times, Place(BERLIN)))
    return machine, machine.receive(ClockRead(at(wall)), NOW)


def test_a_timetable_is_said_once():
    machine, [told] = begun()
    steps = machine.timetable.plan(at("2026-11-25T21:00"), NOW)
    assert told == LimitPlanned(SCHEDULE, steps)
    assert machine.receive(ClockRead(at("2026-11-25T21:01")), NOW + LOOK) == []


def test_the_clock_is_looked_at_again_and_again():
    machine, _ = begun()
    assert machine.deadline == NOW + LOOK
    assert machine.tick(NOW + LOOK - 1) == []
    assert machine.tick(NOW + LOOK) == [ReadClock()]
    assert machine.deadline is None
    assert machine.tick(NOW + LOOK) == []


@pytest.mark.parametrize("wall", ["2026-11-25T20:00", "2026-11-25T21:01:05"])
def test_a_clock_that_was_set_is_followed(wall):
    machine, _ = begun()
    [told] = machine.receive(ClockRead(at(wall)), NOW + LOOK)
    assert told.steps == machine.timetable.plan(at(wall), NOW + LOOK)


def test_a_plan_is_said_anew_before_it_runs_out():
    machine, [told] = begun()
    half = (told.steps[-1][0] - NOW) / 2
    wall = at("2026-11-25T21:00")
    assert machine.receive(ClockRead(wall + half - 1), NOW + half - 1) == []
    [again] = machine.receive(ClockRead(wall + half), NOW + half)
    assert again.steps[-1][0] > told.steps[-1][0]


def test_what_never_changes_does_not_run_out():
    machine, [told] = begun({"00:00": 16})
    assert told.steps == ((NOW, 16),)
    wall = at("2026-11-25T21:00") + 1000 * DAY
    assert machine.receive(ClockRead(wall), NOW + 1000 * DAY) == []
