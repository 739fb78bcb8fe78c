"""Reads the values of one message, knows where it is, and notes what it bears with."""

from __future__ import annotations

from enum import Enum

from seccstack.errors import MalformedError
from seccstack.exi.bits import BitReader, OutOfBitsError
from seccstack.exi.finding import Finding, FindingKind
from seccstack.exi.limits import MAX_LENGTH, VALUE_MISS
from seccstack.exi.schema import Binary, Boolean, Enumeration, Integer, SimpleType, Text
from seccstack.exi.values import (
    counted_bits,
    integer_octets,
    is_counted,
    is_signed,
    is_xml_character,
    longest,
)

Value = bool | int | str | bytes | Enum

LENGTH = Integer(0, MAX_LENGTH + VALUE_MISS)
CHARACTER = Integer(0, 0x10FFFF)
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}  # as XML writes them


class Reader:
    """A place in a message: the bits that are left, and the path to the element."""

    def __init__(self, schema: str, octets: bytes) -> None:
        self.bits = BitReader(octets)
        self.findings: list[Finding] = []
        self._schema = schema
        self._path: list[str] = []

    def enter(self, name: str) -> None:
        """Go into an element or attribute."""
        self._path.append(name)

    def leave(self) -> None:
        """Go back out."""
        self._path.pop()

    def malformed(self, what: str) -> MalformedError:
        """The error to raise: it says where."""
        return MalformedError(
            what, path="/".join(self._path), bit=self.bits.position, schema=self._schema
        )

    def note(self, kind: FindingKind, message: str) -> None:
        """Bear with something, and say so."""
        path = "/".join(self._path)
        self.findings.append(Finding(kind, path, self.bits.position, message))

    def read(self, count: int) -> int:
        """The next bits."""
        try:
            return self.bits.read(count)
        except OutOfBitsError:
            raise self.malformed("the message ends here") from None

    def value(self, kind: SimpleType) -> Value:
        """The value of a simple type."""
        match kind:
            case Boolean():
                return self.read(1) == 1
            case Enumeration():
                return self._enumeration(kind)
            case Integer():
                return self._integer(kind)
            case Text():
                return self.text(kind)
            case _:
                return self._binary(kind)

    def text(self, kind: Text) -> str:
        """A string; a value table hit is an error, because the tables have no room."""
        length = self._unsigned(LENGTH) - VALUE_MISS
        if length < 0:
            raise self.malformed("refers to an earlier string, of which none is kept")
        self._check_length(kind, length, "characters")
        start = self.bits.position
        octets = self.read(8 * length).to_bytes(length, "big")
        if octets.isascii():  # each character is an octet
            value = octets.decode()
        else:
            self.bits.position = start
            value = "".join([self._character() for _ in range(length)])
        if not value.isprintable() and not all(map(is_xml_character, value)):
            self.note(FindingKind.CHARACTER, "a character which XML can't hold")
        return value

    def untyped(self, kind: SimpleType) -> Value:
        """The value of a simple type, when it was written as text."""
        self.note(FindingKind.UNTYPED, "the value was sent as text")
        text = self.text(Text())
        match kind:
            case Text():
                return text
            case Enumeration() if text in {member.value for member in kind.members}:
                return kind.members(text)
            case Boolean() if text in BOOLEANS:
                return BOOLEANS[text]
            case Integer() if text.removeprefix("-").isdecimal() and text.isascii():
                return self._in_range(kind, int(text))
            case _:
                raise self.malformed(f"text {text[:20]!r} is no value of its type")

    def _enumeration(self, kind: Enumeration) -> Enum:
        members = list(kind.members)
        index = self.read(counted_bits(len(members)))
        if index >= len(members):
            raise self.malformed(f"value {index} of an enumeration of {len(members)}")
        return members[index]

    def _integer(self, kind: Integer) -> int:
        if is_counted(kind) and kind.minimum is not None and kind.maximum is not None:
            offset = self.read(counted_bits(kind.maximum - kind.minimum + 1))
            return self._in_range(kind, kind.minimum + offset)
        negative = is_signed(kind) and self.read(1) == 1
        magnitude = self._unsigned(kind)
        return self._in_range(kind, ~magnitude if negative else magnitude)

    def _in_range(self, kind: Integer, value: int) -> int:
        low, high = kind.minimum, kind.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            self.note(FindingKind.RANGE, f"{value} is outside {low} to {high}")
        return value

    def _unsigned(self, kind: Integer) -> int:
        """An Unsigned Integer, of no more octets than its type can need."""
        value = 0
        for index in range(integer_octets(kind)):
            octet = self.read(8)
            value |= (octet & 0x7F) << (7 * index)
            if octet < 0x80:
                if index and not octet:
                    self.note(FindingKind.OVERLONG, f"{value} in {index + 1} octets")
                return value
        raise self.malformed("an integer that doesn't end where the largest of its type would")

    def _character(self) -> str:
        code = self._unsigned(CHARACTER)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise self.malformed(f"{code:#x} is no character")
        return chr(code)

    def _binary(self, kind: Binary) -> bytes:
        length = self._unsigned(LENGTH)
        self._check_length(kind, length, "octets")
        return self.read(8 * length).to_bytes(length, "big")

    def _check_length(self, kind: Text | Binary, length: int, unit: str) -> None:
        """Before anything is made: a length is only what a peer claims."""
        if length > longest(kind):
            raise self.malformed(f"{length} {unit} where at most {longest(kind)} may be")
        if 8 * length > self.bits.left:
            raise self.malformed(f"{length} {unit} declared, {self.bits.left >> 3} octets left")
        if length < kind.minimum:
            self.note(FindingKind.LENGTH, f"{length} {unit}, at least {kind.minimum} wanted")
