"""What is legal among values; `test_reader` and `test_writer` have how they travel."""

from enum import Enum

import pytest

from seccstack.exi.schema import Binary, Boolean, Enumeration, Integer, Text
from seccstack.exi.values import (
    counted_bits,
    integer_octets,
    is_counted,
    is_signed,
    is_xml_character,
    problem,
)


class Side(Enum):
    LEFT = "left"


BYTE = Integer(-128, 127)
SHORT = Integer(-(2**15), 2**15 - 1)
ANY = Integer(None, None)


def test_a_small_range_is_counted_and_a_large_one_is_not():
    assert is_counted(BYTE)
    assert is_counted(Integer(1, 4096))
    assert not is_counted(Integer(0, 4096))
    assert not is_counted(ANY)
    assert not is_counted(Integer(0, None))


@pytest.mark.parametrize(("count", "bits"), [(1, 0), (2, 1), (3, 2), (7, 3), (26, 5), (256, 8)])
def test_counted_values_take_as_many_bits_as_tell_them_apart(count, bits):
    assert counted_bits(count) == bits


def test_only_a_type_with_negative_values_has_a_sign():
    assert is_signed(SHORT)
    assert is_signed(ANY)
    assert not is_signed(Integer(0, 2**64 - 1))


@pytest.mark.parametrize(
    ("kind", "octets"),
    [(Integer(0, 2**64 - 1), 10), (Integer(0, 2**32 - 1), 5), (SHORT, 3), (ANY, 29)],
)
def test_an_integer_may_take_as_many_octets_as_its_type_can_need(kind, octets):
    assert integer_octets(kind) == octets


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Boolean(), False),
        (Enumeration(Side), Side.LEFT),
        (BYTE, -128),
        (ANY, -(2**200)),
        (Text(1, 5), "größe"),
        (Text(), "tab\tand line\n"),
        (Binary(True, 0, 2), b"\0\1"),
    ],
)
def test_a_legal_value_has_no_problem(kind, value):
    assert problem(kind, value) is None


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Boolean(), 1, "is not a bool"),
        (Enumeration(Side), "left", "is not a Side"),
        (BYTE, 128, "is 128, outside -128 to 127"),
        (BYTE, True, "is not an int"),
        (BYTE, "1", "is not an int"),
        (Integer(0, None), -1, "is -1, outside 0 to None"),
        (ANY, 1 << 203, "has 204 bits: too large"),
        (Text(0, 2), b"ab", "is not a str"),
        (Text(0, 2), "abc", "has 3 characters, not 0 to 2"),
        (Text(2, 2), "a", "has 1 characters, not 2 to 2"),
        (Text(), "\0", "has a character which XML can't hold"),
        (Text(), "\ud800", "has a character which XML can't hold"),
        (Text(), "a" * 16382, "has 16382 characters, not 0 to 16381"),
        (Binary(True, 8, 8), b"1", "has 1 octets, not 8 to 8"),
        (Binary(False, 0, 8), "1", "is not bytes"),
    ],
)
def test_an_illegal_value_is_explained(kind, value, words):
    assert problem(kind, value) == words


def test_xml_has_no_place_for_most_control_characters():
    assert all(map(is_xml_character, "\t\n\r a\x7f€\U0001f50c"))
    assert not any(map(is_xml_character, "\0\x1f\ufffe\uffff\ud800\udfff"))


def test_a_negative_bound_may_need_more_octets_than_the_positive_one():
    assert integer_octets(Integer(-3969, 127)) == 2
    assert integer_octets(Integer(None, 0)) == integer_octets(Integer(0, None)) == 29
