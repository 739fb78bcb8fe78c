"""What a supply reports: numbers, or it is a fault of who speaks to it."""

from math import inf, nan

import pytest

from seccstack.energy.supply import OutputMeasured
from seccstack.errors import UsageError


def test_what_is_measured_may_be_less_than_nothing():
    assert OutputMeasured(-0.2, -0.1).volts == -0.2


@pytest.mark.parametrize("measured", [(nan, 0.0), (400.0, inf)])
def test_what_is_no_number_was_not_measured(measured):
    with pytest.raises(UsageError, match="an output of"):
        OutputMeasured(*measured)
