"""Rational numbers: what is written of a limit is never more than what is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.messages.iso20_types import RationalNumber
from seccstack.session.iso20 import rational


def number(value, exponent=0):
    return RationalNumber(value=value, exponent=exponent)


@pytest.mark.parametrize(
    ("meant", "written"),
    [
        (0.0, number(0)),
        (6.1, number(6100, -3)),
        (400.0, number(400)),
        (11_040.9, number(11_040)),
        (150_000.0, number(15_000, 1)),
        (5726.999999999999, number(5727)),
        (-5.0, number(0)),
        (1e17, number(32_767, 12)),
    ],
)
def test_a_limit_is_written_as_finely_as_it_fits(meant, written):
    assert rational.limit(meant) == written


@pytest.mark.parametrize(
    ("meant", "written"),
    [
        (-16.0004, number(-16_000, -3)),
        (-16.0, number(-16)),
        (16.0006, number(16_001, -3)),
        (-1e17, number(-32_767, 12)),
    ],
)
def test_a_measurement_is_written_to_the_nearest(meant, written):
    assert rational.measured(meant) == written


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (number(61, -1), 6.1),
        (number(73, 3), 73_000.0),
        (number(-5), -5.0),
        (number(1, 127), 1e127),
        (number(1, -128), 1e-128),
    ],
)
def test_what_a_vehicle_writes_is_read_in_plain_units(written, meant):
    assert rational.plain(written) == meant


def test_what_is_not_written_is_not_read():
    assert rational.maybe(None) is None
    assert rational.maybe(number(61, -1)) == 6.1


@given(st.floats(0, 3e7))
def test_a_limit_does_not_grow_by_being_written(meant):
    written = rational.plain(rational.limit(meant))
    assert written <= meant + 1e-6
    assert written == pytest.approx(meant, rel=1e-3, abs=1e-3)


@given(st.integers(-32768, 32767), st.integers(-128, 127))
def test_no_number_that_a_vehicle_can_write_is_too_much(value, exponent):
    assert rational.plain(number(value, exponent)) * value >= 0
