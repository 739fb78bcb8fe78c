import pytest

from seccstack.energy.reading import reordered
from tests.energy.meters import B23


@pytest.mark.parametrize(
    ("phases", "amps", "watts"),
    [
        ((1, 2, 3), (1.01, 2.01, 3.02), (232.66, 452.07, 566.83)),
        ((2, 3, 1), (2.01, 3.02, 1.01), (452.07, 566.83, 232.66)),
        ((3,), (3.02,), (566.83,)),
    ],
)
def test_phases_are_those_of_the_charger(phases, amps, watts):
    reading = reordered(B23.reading, phases)
    assert (reading.amps, reading.phase_watts) == (amps, watts)
    assert len(reading.volts) == len(phases)
    assert reading.watts == B23.reading.watts


def test_the_largest_current_is_that_of_a_phase_that_has_one():
    assert B23.reading.most_amps == 3.02
