"""How the values of simple types travel, and what is legal among them.

An integer with both bounds and at most 4096 values is written as its distance from the lower
bound, in just enough bits. Any other is an Unsigned Integer: groups of seven bits, the least
significant first, with a sign in front where the type has negative values.
"""

from __future__ import annotations

from seccstack.exi.limits import COUNTED, MAX_INTEGER_OCTETS, MAX_LENGTH
from seccstack.exi.schema import Binary, Boolean, Enumeration, Integer, SimpleType, Text


def is_counted(kind: Integer) -> bool:
    """Whether the type's values are written in a fixed number of bits."""
    low, high = kind.minimum, kind.maximum
    return low is not None and high is not None and high - low < COUNTED


def counted_bits(count: int) -> int:
    """The bits that tell ``count`` values apart."""
    return (count - 1).bit_length()


def is_signed(kind: Integer) -> bool:
    """Whether a value that isn't counted has a sign in front."""
    return kind.minimum is None or kind.minimum < 0


def integer_octets(kind: Integer) -> int:
    """The most octets that a value may take: bounds what a peer can make us read."""
    if kind.maximum is None or kind.minimum is None:
        return MAX_INTEGER_OCTETS
    largest = max(kind.maximum, ~kind.minimum, 1)
    return -(-largest.bit_length() // 7)


def is_xml_character(character: str) -> bool:
    """Whether XML 1.0 can hold the character."""
    code = ord(character)
    if code < 0x20:
        return character in "\t\n\r"
    return not 0xD800 <= code <= 0xDFFF and code not in (0xFFFE, 0xFFFF)


def longest(kind: Text | Binary) -> int:
    """The longest value that a type allows."""
    return MAX_LENGTH if kind.maximum is None else kind.maximum


def problem(kind: SimpleType, value: object) -> str | None:
    """What makes a value illegal for its type, if anything."""
    match kind:
        case Boolean():
            return None if isinstance(value, bool) else "is not a bool"
        case Enumeration():
            legal = isinstance(value, kind.members)
            return None if legal else f"is not a {kind.members.__name__}"
        case Integer():
            return _integer_problem(kind, value)
        case Text():
            return _text_problem(kind, value)
        case _:
            if not isinstance(value, bytes):
                return "is not bytes"
            return _length_problem(kind, len(value), "octets")


def _integer_problem(kind: Integer, value: object) -> str | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return "is not an int"
    low, high = kind.minimum, kind.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        return f"is {value}, outside {low} to {high}"
    if high is None and value.bit_length() > 7 * MAX_INTEGER_OCTETS:
        return f"has {value.bit_length()} bits: too large"
    return None


def _text_problem(kind: Text, value: object) -> str | None:
    if not isinstance(value, str):
        return "is not a str"
    if not all(map(is_xml_character, value)):
        return "has a character which XML can't hold"
    return _length_problem(kind, len(value), "characters")


def _length_problem(kind: Text | Binary, length: int, unit: str) -> str | None:
    if kind.minimum <= length <= longest(kind):
        return None
    return f"has {length} {unit}, not {kind.minimum} to {longest(kind)}"
