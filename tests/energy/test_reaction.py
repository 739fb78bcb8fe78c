"""How long a vehicle is given, by how long it has taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.energy.reaction import LEAST, MOST, SURE, reaction_of


def test_of_a_vehicle_that_has_never_followed_nothing_is_known():
    assert reaction_of(None, 0) is None


def test_one_that_is_quick_is_given_less_once_that_is_sure():
    assert reaction_of(2.0, SURE - 1) == 5.0
    assert reaction_of(2.0, SURE) == 4.0


def test_but_never_less_than_a_poll_a_ramp_and_a_reading_take():
    assert reaction_of(0.4, SURE) == LEAST


def test_one_that_is_slow_is_given_more_at_once():
    assert reaction_of(8.0, 1) == 13.0


def test_but_what_is_slower_still_is_disobedience():
    assert reaction_of(40.0, 100) == MOST


def test_how_long_a_stranger_is_given_is_configured():
    assert reaction_of(2.0, 1, 9.0) == 9.0


@pytest.mark.parametrize("times", [1, SURE])
@given(st.floats(0, 1e4))
def test_it_is_always_within_bounds(times, slowest):
    assert LEAST <= reaction_of(slowest, times) <= MOST


def test_who_configures_more_than_that_is_not_overruled():
    assert reaction_of(20.0, SURE, 40.0) == 31.0
    assert reaction_of(50.0, SURE, 40.0) == 40.0
