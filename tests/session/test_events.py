"""What a session can be told."""

from math import inf, nan

import pytest

from seccstack.errors import UsageError
from seccstack.session.events import (
    MOST_STEPS,
    DischargeWanted,
    ForecastChanged,
    LimitChanged,
    Meter,
)


@pytest.mark.parametrize("amps", [inf, -inf, nan])
def test_a_limit_is_a_number(amps):
    with pytest.raises(UsageError, match="limit"):
        LimitChanged(amps)


@pytest.mark.parametrize(("name", "reading"), [("x" * 33, 0), ("x", -1)])
def test_a_meter_reading_is_one_that_a_vehicle_can_be_told(name, reading):
    with pytest.raises(UsageError, match="meter"):
        Meter(name, reading)


@pytest.mark.parametrize("steps", [((0.0, float("nan")),), ((0.0, 6.0),) * (MOST_STEPS + 1)])
def test_a_forecast_that_is_none_is_refused(steps):
    with pytest.raises(UsageError):
        ForecastChanged(steps)


@pytest.mark.parametrize("watts", [inf, nan, -1.0])
def test_what_is_wanted_of_a_vehicle_is_a_power(watts):
    with pytest.raises(UsageError, match="draw out"):
        DischargeWanted(watts)
