"""What the line carries in each phase."""

import pytest

from seccstack.pilot.phases import (
    Barred,
    Changing,
    Halting,
    Offering,
    Rested,
    Step,
    Stepping,
    Talking,
    Vacant,
    Welded,
    plugged_in,
    signal_of,
    steps_down,
)
from seccstack.pilot.port import Digital, Fault, Limit, Steady
from seccstack.pilot.settings import Fallback, Settings, Start

FOUR_SECONDS_OF_F = Step(Fault(), 4.0)
THREE_SECONDS_OF_X1 = Step(Steady(), 3.0)


@pytest.mark.parametrize(
    ("phase", "signal"),
    [
        (Vacant(), Steady()),
        (Talking(retries_left=0), Digital()),
        (Stepping((FOUR_SECONDS_OF_F,), 4.0, 0), Fault()),
        (Stepping((THREE_SECONDS_OF_X1, FOUR_SECONDS_OF_F), 3.0, 0), Steady()),
        (Changing(3.0), Steady()),
        (Offering(16.0), Limit(16)),
        (Offering(None), Steady()),
        (Halting(0.0, Start.NOMINAL), Steady()),
        (Rested(0.0, Start.DIGITAL, by_us=False), Steady()),
        (Barred(), Steady()),
        (Welded(0.3), Fault()),
    ],
    ids=str,
)
def test_a_phase_has_its_signal(phase, signal):
    assert signal_of(phase) == signal


def test_only_with_a_vehicle_on_a_sound_outlet_there_is_a_plug_in():
    assert not plugged_in(Vacant())
    assert not plugged_in(Welded(0.3))
    assert plugged_in(Barred())


def test_a_vehicle_that_never_spoke_is_told_by_f():
    assert steps_down(Settings(), broken_off=False) == (FOUR_SECONDS_OF_F,)


def test_a_vehicle_that_broke_off_has_x1_to_leave_the_network_before_f():
    steps = steps_down(Settings(), broken_off=True)
    assert steps == (THREE_SECONDS_OF_X1, FOUR_SECONDS_OF_F)


@pytest.mark.parametrize("broken_off", [False, True])
def test_a_vehicle_that_takes_f_for_a_defect_is_told_by_x1_alone(broken_off):
    assert steps_down(Settings(fallback=Fallback.STEADY), broken_off) == (THREE_SECONDS_OF_X1,)
