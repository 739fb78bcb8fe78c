"""Numbers with a power of ten: read exactly, and written never above what is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.messages.din import PhysicalValue
from seccstack.session import scaled


@pytest.mark.parametrize(
    ("value", "multiplier", "thousandths"),
    [(624, -1, 62_400), (1, -3, 1), (73, 3, 73_000_000), (-5, 0, -5000)],
)
def test_what_a_vehicle_writes_is_read_in_thousandths(value, multiplier, thousandths):
    said = PhysicalValue(multiplier=multiplier, value=value)
    assert scaled.milli(said) == thousandths
    assert scaled.plain(said) == thousandths / 1000


@given(st.floats(0, 3e7))
def test_a_limit_does_not_grow_by_being_written(meant):
    multiplier, number = scaled.limit(meant)
    assert number * 10.0**multiplier <= meant + 1e-6
    assert 0 <= number <= scaled.MAX_VALUE


@pytest.mark.parametrize(("value", "written"), [(1e9, (3, 32767)), (-1e9, (3, -32767))])
def test_what_cannot_be_written_is_as_much_as_can_be(value, written):
    assert scaled.measured(value) == written
    assert scaled.limit(-1.0) == (-3, 0)
