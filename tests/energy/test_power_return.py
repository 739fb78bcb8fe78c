"""Whether the power was away, and for how long to wait after that."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.energy.arbiter import INSTALLATION, Arbiter, LimitOffered
from seccstack.energy.power_return import (
    LONG_UP,
    After,
    Start,
    Trace,
    delay_seconds,
    plan_of,
    power_was_away,
)

SHORT = Trace("a", orderly=False)  # the last run was cut short
ENDED = Trace("a", orderly=True)


@pytest.mark.parametrize(
    ("after", "start", "away"),
    [
        (After.POWER_LOSS, Start("b", 20, SHORT), True),
        (After.POWER_LOSS, Start("b", 20, ENDED), False),  # restarted to be updated
        (After.POWER_LOSS, Start("a", 20, SHORT), False),  # killed, with power all the time
        (After.POWER_LOSS, Start("b", 20, None), False),  # the first run of all
        (After.POWER_LOSS, Start("", 20, SHORT), False),  # it cannot be known
        (After.POWER_LOSS, Start("b", LONG_UP + 1, SHORT), False),  # the grid has recovered
        (After.BOOT, Start("b", 20, ENDED), True),
        (After.BOOT, Start("a", 20, ENDED), False),
        (After.NEVER, Start("b", 20, SHORT), False),
    ],
)
def test_a_power_cut_is_told_from_a_restart(after, start, away):
    assert power_was_away(start, after) is away


@given(st.floats(0, 1))
def test_what_is_drawn_is_between_1_and_120_seconds(drawn):
    assert 1 <= delay_seconds(drawn, 120) <= 120


def test_the_whole_range_is_used():
    assert [delay_seconds(drawn, 120) for drawn in (0.0, 0.5, 1.0)] == [1, 60.5, 120]


@pytest.mark.parametrize("drawn", [-0.1, 1.1])
def test_what_is_no_draw_is_refused(drawn):
    with pytest.raises(ValueError, match="between 0 and 1"):
        delay_seconds(drawn, 120)


def test_energy_is_withheld_for_so_long_and_it_is_said_why():
    arbiter = Arbiter()
    arbiter.receive(LimitOffered(INSTALLATION, 16), 5.0)
    changed, forecast = arbiter.receive(plan_of(73.4, 5.0), 5.0)
    assert (changed.amps, changed.source) == (0, "power return")
    assert changed.reason == "the power was away, and it waits 73.4 s, a time drawn at random"
    assert forecast.steps == ((78.4, 16.0),)
    assert arbiter.deadline == 78.4
    assert arbiter.tick(78.4)[0].amps == 16
