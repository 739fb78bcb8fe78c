"""What a decoder bore with: departures that don't hide what a message means."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class FindingKind(StrEnum):
    """What was wrong with a message that could still be read."""

    EMPTY = "empty"  # an empty value, sent as the end of its element instead of as a length
    UNTYPED = "untyped"  # a number or an enumeration's value, sent as text
    RANGE = "range"  # a number outside the bounds of its type
    LENGTH = "length"  # a value shorter than its type allows
    CHARACTER = "character"  # a character that XML has no place for, such as U+0000
    OVERLONG = "overlong"  # an integer in more octets than it needs: changes digests
    ORDER = "order"  # elements of a repeated choice, in an order which the class can't keep
    SURPLUS = "surplus"  # octets after the document, or padding that isn't zero


class Finding(Struct, frozen=True):
    """One departure: where, and in words what."""

    kind: FindingKind
    path: str
    bit: int
    message: str
