"""A whole day of a household: its fuse holds, and the sun is used."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seccstack.energy import household, solar
from seccstack.energy.arbiter import HOUSE, INSTALLATION, SOLAR
from seccstack.energy.sharing import Settings
from seccstack.sim.household import DAY, FUSE_AMPS, Follower, Fuse, Household, load, sun

LATEST = 7  # seconds: meters, telling and following
FUSE = household.Settings(connection_amps=FUSE_AMPS, step_amps=24.0)  # a water heater
STRICT = solar.Settings(mode=solar.Mode.STRICT)


@pytest.fixture(scope="module")
def loaded():
    return Household(Settings(house=FUSE)).live()


@pytest.fixture(scope="module")
def strict():
    return Household(Settings(house=FUSE, sun=STRICT), most_amps=16.0).live()


def test_the_household_alone_never_overloads_its_fuse():
    assert 34 < max(map(max, load())) < FUSE_AMPS


def test_a_vehicle_that_nobody_slows_down_does():
    day = Household(Settings()).live(range(8 * 3600))
    assert not any(fuse.holds for fuse in day.fuses)
    assert {changed.source for _, changed in day.changes} == {INSTALLATION}


def test_the_fuse_holds_all_day(loaded):
    assert all(fuse.holds for fuse in loaded.fuses)
    assert max(fuse.most_heat for fuse in loaded.fuses) < 1.0


def test_it_is_overloaded_no_longer_than_a_vehicle_needs_to_follow(loaded):
    assert 0 < max(fuse.longest for fuse in loaded.fuses) <= LATEST


def test_without_a_reserve_it_would_carry_more_heat_than_its_rated_current_s():
    no_reserve = household.Settings(connection_amps=FUSE_AMPS, step_amps=0.0)
    day = Household(Settings(house=no_reserve)).live(range(8 * 3600))
    assert max(fuse.most_heat for fuse in day.fuses) > 1.0


MINUTES = 5


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([0.0, 5.0, 11.0, 24.0]), min_size=MINUTES, max_size=MINUTES))
def test_whatever_is_switched_on_in_a_minute_the_fuse_holds(minutes):
    phase = [amps for amps in minutes for _ in range(60)]
    day = Household(Settings(house=FUSE), drawn=[phase, [0.0] * len(phase), phase]).live(
        range(len(phase))
    )
    assert all(fuse.holds for fuse in day.fuses)
    assert max(fuse.longest for fuse in day.fuses) <= LATEST


def test_the_vehicle_gets_most_of_what_is_left(loaded):
    left = sum(min(32.0, FUSE_AMPS - max(others, 0)) for others in loaded.others)
    assert 0.8 < sum(loaded.drawn) / left < 0.95


def test_it_is_not_told_something_new_all_the_time(loaded):
    assert len(loaded.changes) < 250
    assert loaded.stops <= 5


def test_every_limit_has_a_source_and_a_reason(loaded):
    assert {changed.source for _, changed in loaded.changes[2:]} == {HOUSE}
    assert all(changed.reason for _, changed in loaded.changes[2:])


def test_strict_draws_next_to_nothing_from_the_grid(strict):
    assert strict.drawn_wh > 20_000
    assert strict.from_grid_wh < 0.04 * strict.drawn_wh


def test_strict_stops_a_vehicle_a_bounded_number_of_times(strict):
    assert 0 < strict.stops <= 16
    assert {changed.source for _, changed in strict.changes[2:]} <= {HOUSE, SOLAR, INSTALLATION}


def test_a_vehicle_that_was_stopped_stays_so_for_the_minimum_time(strict):
    pauses = "".join("x" if amps else "." for amps in strict.drawn).strip(".").split("x")
    assert min(len(pause) for pause in pauses if pause) >= STRICT.min_off_seconds


def test_manual_charges_through_the_night():
    sharing = Settings(house=FUSE, sun=solar.Settings(mode=solar.Mode.MANUAL))
    day = Household(sharing, most_amps=16.0).live(range(4 * 3600))
    assert set(day.drawn[60:]) == {6.0}


def test_a_meter_that_is_silent_for_a_while_costs_the_vehicle_its_limit():
    silent = range(3600, 3700)
    day = Household(Settings(house=FUSE), silent=silent).live(range(3800))
    assert set(day.limit[3612:3700]) == {6.0}
    assert day.limit[3599] > 20 < day.limit[3799]


def test_the_sun_neither_shines_at_night_nor_gives_more_than_the_roof_has():
    watts = [sun(second) for second in range(0, DAY, 60)]
    assert watts[0] == watts[-1] == 0
    assert 8000 < max(watts) <= 10_000


def test_a_vehicle_follows_late_and_takes_nothing_below_its_least():
    car = Follower(16.0)
    car.tell(32.0, 0.0)
    car.tell(5.0, 10.0)
    assert [car.draw(at) for at in (5.4, 5.5, 15.4, 15.5)] == [0.0, 16.0, 16.0, 0.0]


@pytest.mark.parametrize(("amps", "seconds", "holds"), [(71, 1, False), (36, 999, True)])
def test_a_fuse_minds_much_at_once_and_little_for_long(amps, seconds, holds):
    fuse = Fuse(35.0)
    for _ in range(seconds):
        fuse.carry(amps)
    assert (fuse.holds, fuse.longest) == (holds, seconds)
