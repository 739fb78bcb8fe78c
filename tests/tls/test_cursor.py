"""A place in a TLS structure."""

import pytest

from seccstack.errors import MalformedError
from seccstack.tls.cursor import Cursor


def test_numbers_and_vectors_are_read_from_front_to_back():
    cursor = Cursor(bytes.fromhex("0102 03 0A0B0C 0002 000D"), "It")
    assert cursor.number(2) == 0x0102
    assert cursor.opaque(1) == b"\x0a\x0b\x0c"
    assert cursor.vector(2).numbers(2) == (0x000D,)
    cursor.finish()


def test_a_vector_ends_where_its_length_says():
    cursor = Cursor(bytes.fromhex("01 AA BB"), "It")
    inner = cursor.vector(1, "Inner")
    with pytest.raises(MalformedError, match=r"^Inner: 2 octets where 1 are left \(octet 1\)$"):
        inner.take(2)
    assert cursor.rest() == b"\xbb"


def test_a_structure_that_ends_too_early_is_refused_with_the_place():
    with pytest.raises(MalformedError, match=r"^It: .* \(octet 1\)$"):
        Cursor(bytes.fromhex("FF 00"), "It").opaque(1)


def test_octets_after_the_end_are_refused_with_the_place():
    cursor = Cursor(b"abc", "It")
    cursor.take(1)
    with pytest.raises(MalformedError, match=r"^It: 2 octets after the end \(octet 1\)$"):
        cursor.finish()


def test_a_list_of_numbers_with_half_a_number_is_refused():
    with pytest.raises(MalformedError):
        Cursor(b"abc", "It").numbers(2)
