"""What a vehicle is offered over time, and what it makes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.messages.iso2 import ChargingProfile
from seccstack.session.events import ForecastChanged, LimitChanged
from seccstack.session.iso2 import physical
from seccstack.session.iso2.record import Stretch
from seccstack.session.iso2.schedules import DAY, LATEST, within
from tests.session.vehicle import Ev, parameters, power, profile, value

HOUR = 3600
KW = 1_000_000  # milliwatts


def offered(ev, **asked):
    response = ev.ask(parameters(**asked))
    return {
        one.sa_schedule_tuple_id: [
            (e.time_interval.start, physical.plain(e.p_max))
            for e in one.p_max_schedule.p_max_schedule_entry
        ]
        for one in response.sa_schedules.sa_schedule_tuple
    }


def ev_with(*steps, amps=16.0):
    ev = Ev().authorize().told(LimitChanged(amps))
    return ev.told(ForecastChanged(tuple((ev.now + at, a) for at, a in steps)))


def test_a_forecast_makes_a_schedule_that_follows_it_and_an_even_one():
    found = offered(ev_with((HOUR, 8.0), (2 * HOUR, 32.0)))
    assert found == {1: [(0, 11040), (HOUR, 5520), (2 * HOUR, 22080)], 2: [(0, 5520)]}


def test_a_forecast_of_the_same_makes_one_schedule():
    assert offered(ev_with((HOUR, 16.0))) == {1: [(0, 11040)]}


def test_what_lies_behind_the_departure_is_not_offered():
    found = offered(ev_with((HOUR, 8.0)), departure_time=HOUR)
    assert found == {1: [(0, 11040)]}


def test_what_has_begun_already_is_the_present():
    assert offered(ev_with((-10, 8.0))) == {1: [(0, 5520)]}


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


STEPS = st.lists(st.tuples(st.floats(-DAY, 300 * DAY), st.floats(0, 80)), max_size=96)


@given(STEPS, st.none() | st.integers(0, 65535), st.none() | st.integers(0, 2**32 - 1))
def test_whatever_is_forecast_the_offer_is_sound_and_may_be_used_up(steps, most, departure):
    ev = ev_with(*steps)
    response = ev.ask(parameters(most=most, departure_time=departure))
    for one in response.sa_schedules.sa_schedule_tuple:
        entries = one.p_max_schedule.p_max_schedule_entry
        starts = [entry.time_interval.start for entry in entries]
        assert starts[0] == 0
        assert starts == sorted(set(starts))
        assert starts[-1] <= LATEST
        assert len(entries) <= max(most, 1) if most is not None else True
        used = profile(*((e.time_interval.start, e.p_max) for e in entries))
        stretches = tuple(
            Stretch(e.time_interval.start, physical.milli(e.p_max)) for e in entries
        )
        assert within(ChargingProfile(profile_entry=used.profile_entry), stretches)
