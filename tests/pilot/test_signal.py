"""Duty cycles, and what is read from them and from the line (IEC 61851-1, annex A)."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.pilot.port import Digital, Fault, Limit, PilotState, Steady
from seccstack.pilot.signal import (
    COARSEST_STEP,
    CONNECTED_OHMS,
    READY_OHMS,
    READY_VENTILATED_OHMS,
    diode_present,
    duty_cycle,
    line_volts,
    offered_amps,
    reading,
    state_of_resistance,
    state_of_voltage,
)

A, B, C, D, E, F = PilotState
GENERATOR_ERROR = 0.005  # 5 us of 1 ms
HAIR = 1e-9
CENTIAMPERES = range(600, 8001)

limits = st.floats(6, 80)
steps = st.one_of(
    st.just(0.0), st.floats(1e-5, COARSEST_STEP), st.integers(100, 65536).map(lambda n: 1 / n)
)


@pytest.mark.parametrize(
    ("amps", "percent"),
    [
        (6, 10.00), (8, 13.33), (10, 16.67), (12, 20.00), (13, 21.67), (16, 26.67), (20, 33.33),
        (24, 40.00), (25, 41.67), (32, 53.33), (40, 66.67), (51, 85.00), (52.5, 85.0),
        (63, 89.2), (80, 96.0),
    ],
)  # fmt: skip
def test_the_duty_cycle_of_a_limit(amps, percent):
    assert duty_cycle(Limit(amps)) * 100 == pytest.approx(percent, abs=0.005)


def test_the_signals_that_offer_no_current():
    assert duty_cycle(Steady()) == 1.0
    assert duty_cycle(Digital()) == 0.05
    assert duty_cycle(Fault()) == 0.0
    assert [offered_amps(duty) for duty in (1.0, 0.05, 0.0)] == [0, 0, 0]


def test_no_hundredth_of_an_ampere_from_6_to_80_is_exceeded():
    for amps in (n / 100 for n in CENTIAMPERES):
        assert amps - 1.5 - HAIR <= offered_amps(duty_cycle(Limit(amps))) <= amps + HAIR


@pytest.mark.parametrize("period", [1000, 4800, 255, 100])
def test_no_hundredth_of_an_ampere_is_exceeded_by_a_generator_of_so_many_steps(period):
    for amps in (n / 100 for n in CENTIAMPERES):
        assert offered_amps(duty_cycle(Limit(amps), 1 / period)) <= amps + HAIR


@given(limits, steps)
def test_no_limit_is_exceeded_whatever_the_generators_step(amps, step):
    duty = duty_cycle(Limit(amps), step)
    assert 6 <= offered_amps(duty) <= amps + HAIR
    assert duty == pytest.approx(duty_cycle(Limit(amps)), abs=step + HAIR)


@pytest.mark.parametrize("period", [100, 4800, 1000, 65536])
@given(limits)
def test_a_generator_is_given_whole_steps(period, amps):
    counts = duty_cycle(Limit(amps), 1 / period) * period
    assert counts == pytest.approx(round(counts), abs=1e-6)


@given(limits, limits, steps)
def test_a_greater_limit_never_offers_less(one, other, step):
    less, more = sorted([one, other])
    offers = [offered_amps(duty_cycle(Limit(amps), step)) for amps in (less, more)]
    assert offers[0] <= offers[1] + HAIR


@given(limits, steps, st.floats(-GENERATOR_ERROR, GENERATOR_ERROR))
def test_an_error_of_the_generator_never_turns_a_current_into_something_else(amps, step, error):
    assert isinstance(reading(duty_cycle(Limit(amps), step) + error), Limit)


@given(steps, st.floats(-0.01, 0.01))
def test_five_percent_are_read_as_digital_with_every_error_at_the_vehicle(step, error):
    assert reading(duty_cycle(Digital(), step) + error) == Digital()


@pytest.mark.parametrize("amps", [51, 51.5, 52, 52.49, 52.5])
def test_the_gap_that_no_duty_cycle_says_is_written_as_51_amperes(amps):
    assert offered_amps(duty_cycle(Limit(amps))) == pytest.approx(51)
    assert offered_amps(duty_cycle(Limit(amps), 1 / 4800)) == pytest.approx(51)


@pytest.mark.parametrize("step", [-0.001, 0.0101, float("nan")])
def test_a_generator_that_is_too_coarse_is_refused(step):
    with pytest.raises(ValueError, match="step"):
        duty_cycle(Limit(6), step)


@pytest.mark.parametrize(
    ("percent", "read"),
    [
        (0, None), (2.9, None), (3, Digital()), (5, Digital()), (7, Digital()), (7.1, None),
        (7.9, None), (8, 6), (9.9, 6), (10, 6), (20, 12), (85, 51), (85.5, 53.75), (96, 80),
        (96.5, 80), (97, 80), (97.1, None), (100, None),
    ],
)  # fmt: skip
def test_what_a_vehicle_reads(percent, read):
    duty = percent / 100
    if isinstance(read, int | float):
        assert reading(duty).amps == pytest.approx(read)
        assert offered_amps(duty) == pytest.approx(read)
    else:
        assert reading(duty) == read
        assert offered_amps(duty) == 0


@pytest.mark.parametrize(
    ("ohms", "volts", "state"),
    [
        (math.inf, 12, A),
        (CONNECTED_OHMS, 9, B),
        (READY_OHMS, 6, C),
        (READY_VENTILATED_OHMS, 3, D),
        (0, 0.7, E),
    ],
)
def test_a_resistor_makes_the_voltage_of_its_state(ohms, volts, state):
    assert line_volts(ohms) == pytest.approx(volts, abs=0.1)
    assert state_of_resistance(ohms) is state


def test_a_resistor_without_its_diode_loads_the_line_more():
    assert line_volts(CONNECTED_OHMS, diode=False) == pytest.approx(8.79, abs=0.01)
    assert line_volts(0, diode=False) == 0


@pytest.mark.parametrize(
    ("volts", "state"),
    [
        (12.6, A), (11.4, A), (10.6, A), (10.4, B), (9, B), (7.6, B), (7.4, C), (6, C),
        (4.6, C), (4.4, D), (3, D), (1.6, D), (1.4, E), (0, E), (-3, E), (-11.4, F), (-12.6, F),
    ],
)  # fmt: skip
def test_a_voltage_without_a_past_belongs_to_the_nearest_state(volts, state):
    assert state_of_voltage(volts) is state


@pytest.mark.parametrize(("upper", "lower", "low", "high"), [
    (A, B, 10, 11), (B, C, 7, 8), (C, D, 4, 5), (D, E, 1, 2),
])  # fmt: skip
def test_between_two_windows_the_state_before_holds(upper, lower, low, high):
    for volts in (low + 0.01, high - 0.01):
        assert state_of_voltage(volts, previous=upper) is upper
        assert state_of_voltage(volts, previous=lower) is lower
    assert state_of_voltage(low, previous=upper) is lower
    assert state_of_voltage(high, previous=lower) is upper


def test_a_state_from_afar_holds_nothing():
    assert state_of_voltage(9.4, previous=D) is B
    assert state_of_voltage(9.4, previous=F) is B


@given(st.floats(-13, 13), st.sampled_from(PilotState))
def test_a_voltage_that_stays_is_one_state_and_stays_it(volts, previous):
    state = state_of_voltage(volts, previous=previous)
    assert state_of_voltage(volts, previous=state) is state


@pytest.mark.parametrize("volts", [12, 9, 6, 3])
def test_pulses_whose_negative_peak_is_loaded_are_no_vehicle(volts):
    assert state_of_voltage(volts, -8.8) is E
    assert state_of_voltage(volts, -11.4) is not E
    assert not diode_present(-8.8)
