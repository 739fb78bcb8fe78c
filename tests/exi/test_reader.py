"""Values as they travel, and what is borne with in them."""

from enum import Enum

import pytest

from seccstack.errors import MalformedError
from seccstack.exi.finding import FindingKind
from seccstack.exi.limits import MAX_LENGTH
from seccstack.exi.reader import Reader
from seccstack.exi.schema import Binary, Boolean, Enumeration, Integer, Text
from tests.exi.splice import packed


class Side(Enum):
    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"


PERCENT = Integer(0, 100)
MULTIPLIER = Integer(-3, 3)
USHORT = Integer(0, 65535)
SHORT = Integer(-32768, 32767)
ANY = Integer(None, None)


def reader(bits):
    return Reader("test", packed(bits))


def found(reader):
    return [finding.kind for finding in reader.findings]


@pytest.mark.parametrize(
    ("kind", "bits", "value"),
    [
        (Boolean(), "1", True),
        (Enumeration(Side), "10", Side.BOTH),
        (MULTIPLIER, "110", 3),
        (Integer(1, 20), "00000", 1),
        (USHORT, "10010000 00011100", 3600),
        (SHORT, "0 00010100", 20),
        (SHORT, "1 00000101", -6),
        (ANY, "1 10000000 00000001", -129),
        (Text(), "00000100 01100001 00100000", "a "),
        (Text(), "00000011 11110110 00000001", "ö"),
        (Text(), "00000011 10001100 11101010 00000111", "\U0001f50c"),
        (Text(), "00000010", ""),
        (Binary(True), "00000010 00000000 11111111", b"\0\xff"),
        (Binary(True), "00000000", b""),
    ],
)
def test_a_value_is_read_as_its_type_says(kind, bits, value):
    read = reader(bits)
    assert read.value(kind) == value
    assert (read.findings, read.bits.left < 8) == ([], True)


@pytest.mark.parametrize(
    ("kind", "bits", "value", "finding"),
    [
        (PERCENT, "1111111", 127, FindingKind.RANGE),
        (Integer(1, 3), "11", 4, FindingKind.RANGE),
        (USHORT, "10000001 10000000 00000100", 65537, FindingKind.RANGE),
        (USHORT, "10000000 10000000 00000000", 0, FindingKind.OVERLONG),
        (Text(), "00000011 00000000", "\0", FindingKind.CHARACTER),
        (Text(7, 37), "00000011 01100001", "a", FindingKind.LENGTH),
        (Binary(True, 8, 8), "00000000", b"", FindingKind.LENGTH),
    ],
)
def test_what_a_value_departs_in_is_noted(kind, bits, value, finding):
    read = reader(bits)
    assert read.value(kind) == value
    assert found(read) == [finding]


@pytest.mark.parametrize(
    ("kind", "bits", "words"),
    [
        (Enumeration(Side), "11", "value 3 of an enumeration of 3"),
        (USHORT, "10000000" * 3, "doesn't end where the largest of its type would"),
        (Text(), "00000000", "refers to an earlier string"),
        (Text(), "00000001", "refers to an earlier string"),
        (Text(), "00000011 10000000 10110000 00000011", "0xd800 is no character"),
        (Text(), "00000011 11111111 11111111 01111111", "0x1fffff is no character"),
        (Text(0, 2), "00000101" + "01100001" * 3, "3 characters where at most 2 may be"),
        (Binary(True, 0, 1), "00000010" + "0" * 16, "2 octets where at most 1 may be"),
        (Binary(True), "00000010" + "0" * 8, "2 octets declared, 1 octets left"),
        (Text(), "11111111 11111111", "doesn't end"),
        (SHORT, "1", "the message ends here"),
    ],
)
def test_what_has_no_meaning_is_malformed(kind, bits, words):
    with pytest.raises(MalformedError, match=words):
        reader(bits).value(kind)


def test_a_length_is_compared_with_what_is_left_before_anything_is_made():
    with pytest.raises(
        MalformedError, match=f"{MAX_LENGTH} characters declared, 0 octets left"
    ):
        reader("11111111 01111111").value(Text())


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Text(), "free", "free"),
        (Enumeration(Side), "both", Side.BOTH),
        (PERCENT, "42", 42),
        (MULTIPLIER, "-3", -3),
        (Boolean(), "true", True),
        (Boolean(), "0", False),
    ],
)
def test_a_value_that_was_sent_as_text_is_understood(kind, text, value):
    read = reader(f"{len(text) + 2:08b}" + "".join(f"{ord(char):08b}" for char in text))
    assert read.untyped(kind) == value
    assert found(read) == [FindingKind.UNTYPED]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Enumeration(Side), "none"),
        (PERCENT, "4.2"),
        (PERCENT, ""),
        (Boolean(), "no"),
        (Binary(True), "00"),
    ],
)
def test_text_that_is_no_value_of_its_type_is_malformed(kind, text):
    read = reader(f"{len(text) + 2:08b}" + "".join(f"{ord(char):08b}" for char in text))
    with pytest.raises(MalformedError, match="is no value of its type"):
        read.untyped(kind)


def test_an_error_says_where_and_of_which_schema():
    read = reader("0")
    read.enter("A")
    read.enter("B")
    read.leave()
    read.read(8)
    with pytest.raises(MalformedError) as caught:
        read.read(1)
    assert (caught.value.path, caught.value.bit, caught.value.schema) == ("A", 8, "test")
