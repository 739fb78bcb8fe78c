"""Physical values: what is written is never more than what is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.messages.iso2 import UnitSymbol
from seccstack.session import scaled
from seccstack.session.iso2 import physical
from tests.session.vehicle import value


@pytest.mark.parametrize(
    ("meant", "written"),
    [
        (6.1, value(61, "A", -1)),
        (13.79, value(137, "A", -1)),
        (-1.0, value(0, "A", -1)),
        (1e9, value(32767, "A", -1)),
    ],
)
def test_a_current_is_written_in_tenths(meant, written):
    assert physical.amps(meant) == written


@pytest.mark.parametrize(
    ("meant", "written"),
    [
        (11040.0, value(11040, "W")),
        (5726.999999999999, value(5727, "W")),
        (32767.9, value(32767, "W")),
        (32768.0, value(3276, "W", 1)),
        (43470.0, value(4347, "W", 1)),
        (-5.0, value(0, "W")),
        (1e12, value(32767, "W", 3)),
    ],
)
def test_a_power_is_written_to_the_watt_where_it_fits(meant, written):
    assert physical.watts(meant) == written


def test_a_voltage_is_written_in_volts():
    assert physical.volts(230) == value(230, "V")


@pytest.mark.parametrize(
    ("written", "thousandths"),
    [
        (value(624, "A", -1), 62_400),
        (value(1, "A", -3), 1),
        (value(73, "W", 3), 73_000_000),
        (value(-5, "W"), -5000),
    ],
)
def test_what_a_vehicle_writes_is_read_in_thousandths(written, thousandths):
    assert scaled.milli(written) == thousandths


@given(st.floats(0, 3e7))
def test_a_limit_does_not_grow_by_being_written(meant):
    for write in (physical.amps, physical.watts):
        assert scaled.milli(write(meant)) <= meant * 1000 + 0.001


@pytest.mark.parametrize(
    ("number", "multiplier", "whole"),
    [
        (1.0, -3, 1000),
        (-0.25, -3, -250),
        (399.987, -1, 4000),
        (50_000.0, 1, 5000),
        (1e9, 3, 32767),
        (-1e9, 3, -32767),
    ],
)
def test_a_measurement_is_written_as_finely_as_it_fits(number, multiplier, whole):
    found = physical.measured(number, UnitSymbol.A)
    assert (found.multiplier, found.value) == (multiplier, whole)


def test_a_limit_is_never_rounded_up():
    assert scaled.plain(physical.limit(399.999, UnitSymbol.V)) == 399.9
    assert scaled.plain(physical.limit(-1.0, UnitSymbol.V)) == 0
