"""The vehicle takes what the household leaves of its fuse."""

import pytest

from seccstack.energy.arbiter import HOUSE, Arbiter, LimitChanged, Source
from seccstack.energy.balance import Balanced
from seccstack.energy.household import HEAT_SECONDS, Household, Settings
from seccstack.errors import ConfigError

FUSE = Settings(connection_amps=35.0)


def offers(others, settings=FUSE):
    """Return the offers that come of what others draw, one second after the other."""
    household = Household(settings)
    balanced = [Balanced(each, (0.0,) * len(each)) for each in others]
    return [o for now, b in enumerate(balanced) for o in household.receive(b, float(now))]


def test_a_fuse_that_leaves_just_the_least_for_a_vehicle_will_do():
    Settings(connection_amps=35.0, min_amps=FUSE.steady_amps)
    with pytest.raises(ConfigError, match="no 40 A for a vehicle"):
        Settings(connection_amps=35.0, min_amps=40.0)


def test_what_is_left_at_first_is_offered_at_once():
    assert offers([(1.0, 2.0, 1.0)])[0].amps == 30.0


def test_more_is_offered_once_it_has_been_left_for_a_while():
    assert {o.amps for o in offers([(30.0,)] + [(2.0,)] * 30)} == {0.0}
    assert offers([(30.0,)] + [(2.0,)] * 31)[-1].amps == 30.0


def test_the_phase_with_the_least_left_decides_and_is_named():
    last = offers([(1.0, 12.0, 1.0)] * 31)[-1]
    assert (last.source, last.amps, last.until) == (HOUSE, 20.0, 40.0)
    assert last.reason == (
        "others draw 1.0/12.0/1.0 A on L1/L2/L3 of a fuse of 35 A, of which 2.2 A are kept free"
    )


def test_what_each_phase_has_left_is_said_where_they_differ():
    [first, *_] = offers([(1.0, 12.0, 4.0)] * 2)
    assert (first.amps, first.each) == (20.0, (31.0, 20.0, 28.0))
    assert offers([(3.0, 3.0, 3.0)])[0].each == ()


def test_a_phase_that_alone_has_changed_is_said_at_once():
    told = offers([(12.0, 12.0, 12.0), (12.0, 12.0, 14.0), (13.0, 12.0, 14.0)])
    assert [o.each for o in told] == [(), (20.0, 20.0, 18.0), (19.0, 20.0, 18.0)]


def test_an_oven_takes_at_once_what_it_needs():
    assert offers([(1.0, 2.0, 1.0)] * 31 + [(1.0, 17.0, 1.0)])[-1].amps == 15.0


def test_what_the_sun_gives_on_a_phase_is_no_room_for_the_vehicle():
    assert offers([(-20.0, -20.0, -20.0)] * 31)[-1].amps == 32.0


def test_an_offer_is_made_again_before_it_ends():
    assert [o.until for o in offers([(30.0,)] * 12)] == [10.0, 15.0, 20.0]


@pytest.mark.parametrize("step", [6.0, 16.0, 24.0, 35.0])
def test_the_reserve_keeps_the_heat_of_a_minute_at_that_of_the_rated_current(step):
    settings = Settings(connection_amps=35.0, step_amps=step)
    before, during = settings.steady_amps / 35, (settings.steady_amps + step) / 35
    delay = settings.delay_seconds
    heat = during**2 * delay + before**2 * (HEAT_SECONDS - delay)
    assert heat == pytest.approx(HEAT_SECONDS)


def test_who_is_late_keeps_more_free():
    prompt = Settings(connection_amps=35.0, delay_seconds=1.0)
    assert (
        prompt.steady_amps
        > FUSE.steady_amps
        > Settings(connection_amps=35.0, delay_seconds=20.0).steady_amps
    )


@pytest.mark.parametrize(("connection", "step"), [(6.0, 16.0), (16.0, 48.0), (20.0, 60.0)])
def test_a_fuse_that_leaves_nothing_for_a_vehicle_is_refused(connection, step):
    with pytest.raises(ConfigError, match=r"energy\.connection_amps.*beside steps"):
        Settings(connection_amps=connection, step_amps=step)


def test_a_meter_that_falls_silent_costs_the_limit_after_its_own_time():
    arbiter = Arbiter([Source(HOUSE, 6.0)])
    assert arbiter.limit == LimitChanged(6.0, HOUSE)
    for offered in offers([(1.0,)] * 31):
        arbiter.receive(offered, offered.until - 10.0)
    assert (arbiter.limit.amps, arbiter.deadline) == (31.0, 40.0)
    assert arbiter.tick(40.0) == [LimitChanged(6.0, HOUSE)]
    assert arbiter.limit.reason == "nothing is heard of it, so its safe value holds"


def test_nothing_becomes_of_waiting():
    household = Household(FUSE)
    assert (household.deadline, household.tick(1e6)) == (None, [])


def suited(*floors, left, settings=FUSE):
    """Return what is offered where so much is left, and each floor is known in its turn."""
    household, said = Household(settings), []
    balanced = Balanced((settings.steady_amps - left,), (0.0,))
    for now, floor in enumerate(floors):
        household.suit(floor)
        said += household.receive(balanced, float(now))
    return [offer.amps for offer in said]


def test_a_vehicle_that_follows_less_than_pulses_can_say_is_given_what_little_is_left():
    assert suited(2.8, left=4.5) == [4.0]
    assert suited(2.8, left=2.9) == [2.8]
    assert suited(2.8, left=2.7) == [0.0]
    assert suited(6.0, left=4.5) == [0.0]


def test_what_little_is_left_is_nothing_again_once_it_cannot_be_told():
    assert suited(2.8, 6.0, left=4.5) == [4.0, 0.0]


def test_the_fuse_is_not_exceeded_for_the_sake_of_a_vehicle_that_needs_more():
    assert suited(2.8, 8.0, left=7.0) == [7.0, 0.0]


def test_who_has_set_a_higher_least_keeps_it():
    dear = Settings(connection_amps=35.0, min_amps=8.0)
    assert suited(2.8, left=7.0, settings=dear) == [0.0]
    assert suited(2.8, 9.0, left=8.5, settings=dear) == [8.0, 0.0]
