"""eMAIDs: however they are written, one is one."""

import pytest

from seccstack.auth.emaid import normal, same


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("DE8AA1A2B3C4D59", "DE-8AA-1A2B3C4D5-9", True),
        ("DE8AA1A2B3C4D59", "de8aa1a2b3c4d5", True),
        ("DE8AA1A2B3C4D59", "DE8AA1A2B3C4D69", False),
        ("DE8AA1A2B3C4D59", "DE8AB1A2B3C4D59", False),
        ("somebody", "somebody", False),
        ("DE8AA1A2B3C4D59", "", False),
    ],
)
def test_an_emaid_is_the_same_however_it_is_written(one, other, is_same):
    assert same(one, other) is is_same
    assert same(other, one) is is_same


def test_what_is_no_emaid_has_no_normal_form():
    assert normal("DE-8AA-1A2B3C4D5-9") == "DE8AA1A2B3C4D5"
    assert normal("somebody") is None
