"""A current that falls at once and rises slowly."""

from hypothesis import given
from hypothesis import strategies as st

from seccstack.energy.hold import Hold


def held(wanted, *, at=range(10_000), **others):
    """Return what is made of one wanted current a second."""
    settings = {"min_amps": 6.0, "raise_seconds": 3.0, "min_off_seconds": 10.0, **others}
    hold = Hold(**settings)
    return [hold.follow(amps, float(now)) for amps, now in zip(wanted, at, strict=False)]


def test_it_rises_once_it_could_for_a_while_to_the_lowest_of_that_while():
    assert held([16, 14.9, 16, 16]) == [0, 0, 0, 14]


def test_it_falls_at_once():
    assert held([16, 16, 16, 16, 9.7])[-2:] == [16, 9]


def test_a_gap_begins_the_while_anew():
    assert held([16, 16, 5, 16, 16, 16, 16]) == [0, 0, 0, 0, 0, 0, 16]


def test_what_is_less_than_an_ampere_is_no_news():
    assert held([10] * 4 + [10.9] * 9)[-1] == 10


def test_below_the_least_is_nothing_and_for_a_while():
    assert held([10] * 4 + [5.9] + [10] * 12)[3:] == [10] + [0] * 10 + [10] * 3


def test_the_least_need_not_be_a_whole_number():
    assert held([6.6] * 4, min_amps=6.5)[-1] == 6.5


def test_it_may_begin_with_what_it_can_be():
    begun = Hold(6.0, 30.0, 10.0)
    begun.begin(5.9)
    assert begun.amps == 0.0
    begun.begin(9.9)
    assert begun.amps == 9.0


def test_to_stop_what_is_stopped_changes_nothing():
    hold = Hold(6.0, 0.0, 10.0)
    hold.stop(0.0)
    hold.follow(9.0, 1.0)
    assert hold.follow(9.0, 2.0) == 9.0


@given(st.lists(st.floats(0, 40), max_size=60))
def test_it_is_never_more_than_what_is_wanted_and_never_below_the_least(wanted):
    for amps, could in zip(held(wanted), wanted, strict=True):
        assert amps <= could
        assert amps == 0 or amps >= 6
