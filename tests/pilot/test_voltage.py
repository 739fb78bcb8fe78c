"""Measurements of the pilot line, and which of them count."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.pilot.port import PilotState
from seccstack.pilot.signal import LEVELS
from seccstack.pilot.voltage import DRAWING, LEAVE_SECONDS, SETTLE_SECONDS, Peaks, Watch

A, B, C, D, E, F = PilotState
PERIOD = 0.001
OPENS_WITHIN = 0.1  # from C to B to an open contactor

states = st.sampled_from(list(LEVELS))
noise = st.lists(st.floats(-0.9, 0.9), min_size=1, max_size=200)
anything = st.floats(allow_nan=True, allow_infinity=True)


def settled(volts, low=None):
    """A watch that has seen this voltage for long enough."""
    watch = Watch()
    told = tell(watch, [(volts, low)] * 25)
    assert len(told) == 1
    return watch


def tell(watch, peaks, start=1.0, every=PERIOD):
    """Measure in a row; return when which state was said."""
    told = []
    for number, (high, low) in enumerate(peaks):
        now = start + number * every
        if (state := watch.take(Peaks(high, low), now)) is not None:
            told.append((round(now - start, 6), state))
    return told


@pytest.mark.parametrize(("state", "volts"), LEVELS.items())
def test_a_level_that_lasts_is_its_state(state, volts):
    assert settled(volts).state is state


def test_the_generators_negative_level_is_f():
    assert settled(-12.0).state is F


@pytest.mark.parametrize("volts", [9.0, 12.0, 0.0, -12.0])
def test_to_leave_c_takes_three_periods(volts):
    [(seconds, _)] = tell(settled(6.0), [(volts, None)] * 10)
    assert LEAVE_SECONDS <= seconds <= 0.003


def test_to_reach_c_takes_longer():
    [(seconds, state)] = tell(settled(9.0), [(6.0, -12.0)] * 50)
    assert (seconds, state) == (pytest.approx(SETTLE_SECONDS, abs=PERIOD), C)


def test_whatever_is_not_c_counts_together_when_c_is_left():
    flickering = [(9.0, None), (12.0, None), (9.0, None), (12.0, None)]
    assert tell(settled(6.0), flickering) == [(0.003, A)]


def test_a_spike_of_two_periods_is_nothing():
    spike = [(9.0, -12.0)] * 2 + [(6.0, -12.0)] * 5
    assert tell(settled(6.0), spike * 20) == []


def test_a_plug_that_bounces_is_told_once_it_rests():
    bouncing = [(9.0, None), (12.0, None)] * 30 + [(9.0, None)] * 30
    assert [state for _, state in tell(settled(12.0), bouncing)] == [B]


@pytest.mark.parametrize(("volts", "state"), [(9.0, B), (6.0, C), (3.0, D)])
def test_a_vehicle_without_a_diode_is_e_within_a_tenth_of_a_second(volts, state):
    watch = settled(volts, -12.0)
    assert watch.state is state
    [(seconds, said)] = tell(watch, [(volts, -volts)] * 100)
    assert said is E
    assert seconds < OPENS_WITHIN


def test_two_measurements_have_to_agree_however_seldom_they_come():
    watch = settled(6.0)
    assert watch.take(Peaks(9.0), 5.0) is None
    assert watch.pending
    assert watch.take(Peaks(9.0), 6.0) is B
    assert not watch.pending


def test_two_at_the_same_moment_are_one():
    watch = Watch()
    assert watch.take(Peaks(9.0), -SETTLE_SECONDS) is None
    watch.forget()
    assert [watch.take(Peaks(9.0), -SETTLE_SECONDS) for _ in range(3)] == [None] * 3


def test_after_being_blind_the_state_is_told_anew():
    watch = settled(9.0)
    watch.forget()
    assert watch.state is None
    assert [state for _, state in tell(watch, [(9.0, None)] * 30)] == [B]


@given(states, noise)
def test_noise_within_a_states_window_never_flickers(state, noise):
    watch = settled(LEVELS[state])
    assert tell(watch, [(LEVELS[state] + error, None) for error in noise]) == []


@given(st.lists(st.floats(7.1, 7.9), max_size=200), st.sampled_from([B, C]))
def test_between_two_windows_the_one_before_stays(volts, state):
    watch = settled(LEVELS[state])
    assert tell(watch, [(high, -12.0) for high in volts]) == []


@given(st.floats(-1, 13), st.floats(-1, 13))
def test_more_volts_never_mean_more_load(one, other):
    order = list(LEVELS)
    low, high = sorted((one, other))
    assert order.index(settled(high).state) <= order.index(settled(low).state)


@given(st.lists(st.tuples(anything, st.none() | anything), max_size=60))
def test_whatever_is_measured_is_some_state_or_none_yet(peaks):
    assert {state for _, state in tell(Watch(), peaks)} <= set(PilotState)


def test_what_is_no_number_is_never_a_vehicle():
    assert settled(math.nan).state is E
    assert settled(6.0, math.nan).state is E


@given(st.lists(st.sampled_from([0.0, 8.0, 9.0, 12.0, -12.0]), min_size=4, max_size=20))
def test_no_row_of_other_voltages_keeps_c(volts):
    watch = settled(6.0)
    tell(watch, [(high, None) for high in volts])
    assert watch.state not in DRAWING
