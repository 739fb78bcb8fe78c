"""What the port's words can hold."""

import pytest

from seccstack.pilot.port import Limit, PilotState


@pytest.mark.parametrize("amps", [5.99, 80.01, 0, -1, float("nan"), float("inf")])
def test_a_current_no_duty_cycle_can_say_is_refused(amps):
    with pytest.raises(ValueError, match="duty cycle"):
        Limit(amps)


@pytest.mark.parametrize("amps", [6, 51, 51.7, 80])
def test_every_current_from_6_to_80_amperes_is_a_limit(amps):
    assert Limit(amps).amps == amps


def test_the_states_bear_the_standards_letters():
    assert [state.value for state in PilotState] == list("ABCDEF")
