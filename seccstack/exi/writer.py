"""Writes the values of one message, knows where it is, and refuses what is illegal."""

from __future__ import annotations

from typing import Any

from seccstack.errors import UsageError
from seccstack.exi.bits import BitWriter
from seccstack.exi.limits import VALUE_MISS
from seccstack.exi.schema import Boolean, Enumeration, Integer, SimpleType, Text
from seccstack.exi.values import counted_bits, is_counted, is_signed, problem


class Writer:
    """A place in a message: the bits so far, and the path to the element."""

    def __init__(self) -> None:
        bits = BitWriter()
        self._path: list[str] = []
        self.write = bits.write
        self.octets = bits.octets

    def enter(self, name: str) -> None:
        """Go into an element or attribute."""
        self._path.append(name)

    def leave(self) -> None:
        """Go back out."""
        self._path.pop()

    def illegal(self, what: str) -> UsageError:
        """The error to raise: it says where."""
        return UsageError(f"{'/'.join(self._path)}: {what}")

    def value(self, kind: SimpleType, value: Any) -> None:
        """The value of a simple type."""
        wrong = problem(kind, value)
        if wrong:
            raise self.illegal(wrong)
        match kind:
            case Boolean():
                self.write(value, 1)
            case Enumeration():
                members = list(kind.members)
                self.write(members.index(value), counted_bits(len(members)))
            case Integer():
                self._integer(kind, value)
            case Text():
                self._text(value)
            case _:
                self._unsigned(len(value))
                self.write(int.from_bytes(value, "big"), 8 * len(value))

    def untyped(self, kind: SimpleType, value: object) -> None:
        """A string where its type isn't known: its length still has to be that of its type."""
        wrong = problem(kind, value)
        if wrong or not isinstance(value, str):
            raise self.illegal(wrong or "is not a str")
        self._text(value)

    def _integer(self, kind: Integer, value: int) -> None:
        if is_counted(kind) and kind.minimum is not None and kind.maximum is not None:
            bits = counted_bits(kind.maximum - kind.minimum + 1)
            self.write(value - kind.minimum, bits)
            return
        if is_signed(kind):
            self.write(value < 0, 1)
            value = ~value if value < 0 else value
        self._unsigned(value)

    def _unsigned(self, value: int) -> None:
        while value > 0x7F:
            self.write(value & 0x7F | 0x80, 8)
            value >>= 7
        self.write(value, 8)

    def _text(self, value: str) -> None:
        self._unsigned(len(value) + VALUE_MISS)
        for character in value:
            self._unsigned(ord(character))
