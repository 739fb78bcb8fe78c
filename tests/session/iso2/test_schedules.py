"""What a vehicle is offered over time, and what it makes of it."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.messages.iso2 import ChargingProfile
from seccstack.session import scaled
from seccstack.session.events import ForecastChanged, LimitChanged
from seccstack.session.iso2 import schedules
from seccstack.session.iso2.record import Stretch
from seccstack.session.iso2.schedules import DAY, LATEST, within
from tests.session.vehicle import CHARGER, ONE, THREE, Ev, parameters, power, profile, value

HOUR = 3600
KW = 1_000_000  # milliwatts


def offered(ev, **asked):
    response = ev.ask(parameters(**asked))
    return {
        one.sa_schedule_tuple_id: [
            (e.time_interval.start, scaled.plain(e.p_max))
            for e in one.p_max_schedule.p_max_schedule_entry
        ]
        for one in response.sa_schedules.sa_schedule_tuple
    }


def ev_with(*steps, amps=16.0):
    ev = Ev().authorize().told(LimitChanged(amps))
    return ev.told(ForecastChanged(tuple((ev.now + at, a) for at, a in steps)))


# The facts sheet's table: 230 V, one phase and three.
@pytest.mark.parametrize(
    ("amps", "one", "three"),
    [
        (0, 0, 0), (6, 1380, 4140), (8, 1840, 5520), (10, 2300, 6900), (12, 2760, 8280),
        (13, 2990, 8970), (16, 3680, 11040), (20, 4600, 13800), (24, 5520, 16560),
        (25, 5750, 17250), (32, 7360, 22080), (40, 9200, 27600),
    ],
)  # fmt: skip
def test_the_power_is_the_exact_product(amps, one, three):
    for phases, watts in ((1, one), (3, three)):
        ev = Ev(replace(CHARGER, phases=phases)).authorize().told(LimitChanged(float(amps)))
        assert offered(ev, mode=ONE if phases == 1 else THREE) == {1: [(0, watts)]}


def test_a_forecast_makes_a_schedule_that_follows_it_and_an_even_one():
    found = offered(ev_with((HOUR, 8.0), (2 * HOUR, 32.0)))
    assert found == {1: [(0, 11040), (HOUR, 5520), (2 * HOUR, 22080)], 2: [(0, 5520)]}


def test_a_forecast_of_the_same_makes_one_schedule():
    assert offered(ev_with((HOUR, 16.0))) == {1: [(0, 11040)]}


def test_what_lies_behind_the_departure_is_not_offered():
    found = offered(ev_with((HOUR, 8.0)), departure_time=HOUR)
    assert found == {1: [(0, 11040)]}


def test_of_the_present_the_limit_says_more_than_a_forecast_that_has_begun():
    assert offered(ev_with((-10, 8.0), (0, 6.0))) == {1: [(0, 11040)]}


def test_more_steps_than_the_vehicle_can_take_end_in_the_least_of_them():
    found = offered(ev_with((HOUR, 8.0), (2 * HOUR, 6.0), (3 * HOUR, 32.0)), most=2)
    assert found[1] == [(0, 11040), (HOUR, 4140)]


@pytest.mark.parametrize("most", [0, 1])
def test_a_vehicle_that_takes_one_entry_is_offered_the_least(most):
    assert offered(ev_with((HOUR, 8.0)), most=most) == {1: [(0, 5520)]}


def test_a_later_departure_takes_another_entry_after_the_forecast():
    found = offered(ev_with((HOUR, 8.0)), departure_time=3 * DAY)
    assert found[1] == [(0, 11040), (HOUR, 5520), (2 * DAY, 5520)]


def test_a_later_departure_is_covered_also_where_the_forecast_would_fill_the_list():
    ev = ev_with((HOUR, 8.0), (2 * HOUR, 6.0))
    found = offered(ev, most=3, departure_time=2 * DAY)
    assert found[1] == [(0, 11040), (HOUR, 4140), (DAY, 4140)]


@pytest.mark.parametrize(("tuple_id", "code"), [(1, "OK"), (2, "OK"), (3, "FAILED_Tariff")])
def test_either_tuple_may_be_chosen(tuple_id, code):
    from seccstack.session.events import ContactorChanged, PilotChanged

    ev = ev_with((HOUR, 8.0)).told(PilotChanged(True), ContactorChanged(True))
    offered(ev)
    assert ev.code(power("Start", tuple_id)).startswith(code)


def test_there_are_never_three_which_some_vehicles_could_not_read():
    many = [(HOUR * n, 6.0 + n % 5) for n in range(1, 24)]
    assert offered(ev_with(*many), most=1024).keys() == {1, 2}


STRETCHES = (Stretch(0, 11 * KW), Stretch(HOUR, 5 * KW), Stretch(2 * HOUR, 22 * KW))


@pytest.mark.parametrize(
    ("entries", "fits"),
    [
        ([(0, 11), (HOUR, 5), (2 * HOUR, 22)], True),
        ([(0, 11)], False),  # it lasts beyond the hour
        ([(0, 5)], True),
        ([(0, 5), (2 * HOUR, 23)], False),
        ([(0, 5), (100 * HOUR, 22)], True),
        ([(HOUR, 5), (0, 11), (2 * HOUR, 11)], True),  # in another order
        ([(0, 11), (0, 5)], True),  # two at once
        ([(0, 12), (0, 5)], False),
        ([(0, -1)], False),
    ],
)
def test_a_profile_is_held_to_p_max_over_all_of_its_time(entries, fits):
    asked = profile(*((at, value(kw, "W", 3)) for at, kw in entries))
    assert within(asked, STRETCHES) is fits


def test_no_profile_is_fine():
    assert within(None, STRETCHES)


def test_a_profile_in_amperes_is_none():
    assert not within(profile((0, value(1, "A"))), STRETCHES)


TENTHS = st.integers(0, 800).map(lambda tenths: tenths / 10)  # as the arbiter rounds
STEPS = st.lists(st.tuples(st.floats(-DAY, 300 * DAY), TENTHS), max_size=96)
MOST = st.none() | st.integers(0, 65535)
DEPARTURES = st.none() | st.integers(0, 2**32 - 1)


@given(STEPS, TENTHS, MOST, DEPARTURES)
def test_whatever_is_forecast_the_offer_is_sound_and_may_be_used_up(
    steps, amps, most, departure
):
    ev = ev_with(*steps, amps=amps)
    response = ev.ask(parameters(most=most, departure_time=departure))
    tuples = response.sa_schedules.sa_schedule_tuple
    assert [one.sa_schedule_tuple_id for one in tuples] in ([1], [1, 2])
    for one in tuples:
        entries = one.p_max_schedule.p_max_schedule_entry
        starts = [entry.time_interval.start for entry in entries]
        assert starts[0] == 0
        assert starts == sorted(set(starts))
        assert starts[-1] <= LATEST
        assert len(entries) <= schedules.entries_of(most)
        assert covers(entries, departure or DAY, schedules.entries_of(most))
        used = profile(*((e.time_interval.start, e.p_max) for e in entries))
        stretches = tuple(
            Stretch(e.time_interval.start, scaled.milli(e.p_max)) for e in entries
        )
        assert within(ChargingProfile(profile_entry=used.profile_entry), stretches)


def covers(entries, seconds, most):
    """Whether the offer lasts for a day or until departure, and for all of it if it can."""
    last = entries[-1].time_interval
    end = last.start + last.duration
    whole = end == min(seconds, LATEST + DAY)
    return end >= min(seconds, DAY) and (whole or len(entries) == most)


def exact(amps):
    """The whole watts of three phases, as fractions have them."""
    return floor(Fraction(str(amps)) * 3 * 230)


def sayable(watts):
    """The most that a message can say of it: from 32768 W on, only tens."""
    return watts if watts <= 32767 else watts // 10 * 10


@given(STEPS, TENTHS, MOST)
def test_at_no_time_is_more_offered_than_is_foreseen_and_where_there_is_room_no_less(
    steps, amps, most
):
    found = offered(ev_with(*steps, amps=amps), most=most)
    begins = [(0, amps), *((floor(at), a) for at, a in sorted(steps) if 0 < floor(at) < DAY)]
    moments = {at for at, _ in begins} | {at for plan in found.values() for at, _ in plan}
    changes = len([1 for one, other in pairwise(begins) if one[1] != other[1]])
    for moment in moments:
        foreseen = sayable(exact([a for at, a in begins if at <= moment][-1]))
        following, *even = [
            [power for at, power in plan if at <= moment][-1] for plan in found.values()
        ]
        assert all(power <= following for power in even)
        assert following <= foreseen
        if changes < schedules.entries_of(most):
            assert following == foreseen
