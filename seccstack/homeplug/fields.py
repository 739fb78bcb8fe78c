"""Declare a powerline message once, field by field; get its codec and its types from it.

A field is an annotated type: ``RunId = Annotated[bytes, Octets(8)]`` is ``bytes`` to a type
checker and eight octets to the codec. Integers travel least significant octet first.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import (
    Annotated,
    Any,
    ClassVar,
    Protocol,
    Self,
    TypeVar,
    cast,
    dataclass_transform,
    get_type_hints,
)

from seccstack.errors import MalformedError, UsageError


class FieldCodec(Protocol):
    """How one field of a message travels."""

    def encode(self, value: Any) -> bytes:
        """Turn a value into octets; ValueError or OverflowError if the field can't hold it."""

    def decode(self, octets: bytes, at: int) -> tuple[Any, int]:
        """Read the value that begins at ``at``; return it and where the next field begins."""


def take(octets: bytes, at: int, size: int) -> bytes:
    """Return exactly ``size`` octets; MalformedError if the message ends before."""
    if len(octets) < at + size:
        raise MalformedError("the message ends here", octet=len(octets))
    return octets[at : at + size]


@dataclass(frozen=True)
class Unsigned:
    """An unsigned integer of ``size`` octets."""

    size: int

    def encode(self, value: int) -> bytes:
        """Encode."""
        return value.to_bytes(self.size, "little")

    def decode(self, octets: bytes, at: int) -> tuple[int, int]:
        """Decode."""
        return int.from_bytes(take(octets, at, self.size), "little"), at + self.size


@dataclass(frozen=True)
class Always:
    """An integer that has one value in every message we understand; another is refused."""

    value: int
    size: int = 1

    def encode(self, value: int) -> bytes:
        """Encode."""
        if value != self.value:
            raise ValueError(f"{value} where {self.value} must be")
        return value.to_bytes(self.size, "little")

    def decode(self, octets: bytes, at: int) -> tuple[int, int]:
        """Decode."""
        value = int.from_bytes(take(octets, at, self.size), "little")
        if value != self.value:
            raise MalformedError(f"{value} where {self.value} must be", octet=at)
        return value, at + self.size


@dataclass(frozen=True)
class Octets:
    """Exactly ``size`` octets, as they are."""

    size: int

    def encode(self, value: bytes) -> bytes:
        """Encode."""
        if len(value) != self.size:
            raise ValueError(f"{len(value)} octets where {self.size} must be")
        return value

    def decode(self, octets: bytes, at: int) -> tuple[bytes, int]:
        """Decode."""
        return take(octets, at, self.size), at + self.size


@dataclass(frozen=True)
class Counted:
    """Up to 255 octets, behind an octet that counts them."""

    def encode(self, value: bytes) -> bytes:
        """Encode."""
        return len(value).to_bytes(1, "little") + value

    def decode(self, octets: bytes, at: int) -> tuple[bytes, int]:
        """Decode."""
        size = take(octets, at, 1)[0]
        return take(octets, at + 1, size), at + 1 + size


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some octets of something larger, and where in it they stand."""

    offset: int
    data: bytes


@dataclass(frozen=True)
class Excerpted:
    """An excerpt: its length in two octets, its offset in four, ``gap`` unused ones, itself."""

    gap: int = 0

    def encode(self, value: Excerpt) -> bytes:
        """Encode."""
        head = len(value.data).to_bytes(2, "little") + value.offset.to_bytes(4, "little")
        return head + bytes(self.gap) + value.data

    def decode(self, octets: bytes, at: int) -> tuple[Excerpt, int]:
        """Decode."""
        head = take(octets, at, 6 + self.gap)
        size, offset = int.from_bytes(head[:2], "little"), int.from_bytes(head[2:6], "little")
        at += 6 + self.gap
        return Excerpt(offset, take(octets, at, size)), at + size


@dataclass(frozen=True)
class Listed:
    """Up to 255 records, behind an octet that counts them and ``gap`` reserved ones."""

    record: type[Record]
    gap: int = 0

    def encode(self, value: tuple[Record, ...]) -> bytes:
        """Encode."""
        head = len(value).to_bytes(1, "little") + bytes(self.gap)
        return head + b"".join(record.encode() for record in value)

    def decode(self, octets: bytes, at: int) -> tuple[tuple[Record, ...], int]:
        """Decode."""
        count = take(octets, at, 1 + self.gap)[0]
        records, at = [], at + 1 + self.gap
        for _ in range(count):  # each takes octets, so the frame's length bounds them too
            record, at = self.record.read(octets, at)
            records.append(record)
        return tuple(records), at


U8 = Annotated[int, Unsigned(1)]
U16 = Annotated[int, Unsigned(2)]
U32 = Annotated[int, Unsigned(4)]
MacAddress = Annotated[bytes, Octets(6)]
RunId = Annotated[bytes, Octets(8)]
StationId = Annotated[bytes, Octets(17)]
Nonce = Annotated[bytes, Octets(4)]
NetworkId = Annotated[bytes, Octets(7)]
NetworkKey = Annotated[bytes, Octets(16)]
Random = Annotated[bytes, Octets(16)]
GroupCount = Annotated[int, Always(58)]  # Green PHY has 58 groups of carriers, always
Attenuations = Annotated[bytes, Octets(58)]  # dB, an octet for each of those groups


class Record:
    """Fields in a row: a message, or a part of one that may occur several times."""

    __slots__ = ()
    layout: ClassVar[dict[str, FieldCodec]]

    def encode(self) -> bytes:
        """Return the fields' octets; UsageError if a value does not fit its field."""
        parts = []
        for name, codec in self.layout.items():
            try:
                parts.append(codec.encode(getattr(self, name)))
            except (ValueError, OverflowError) as error:
                raise UsageError(f"{type(self).__name__}.{name}: {error}") from error
        return b"".join(parts)

    @classmethod
    def decode(cls, octets: bytes, at: int = 0) -> Self:
        """Read the fields from ``at`` on; what follows them is padding and is ignored."""
        return cls.read(octets, at)[0]

    @classmethod
    def read(cls, octets: bytes, at: int) -> tuple[Self, int]:
        """Read the fields from ``at`` on; return them and where what follows them begins."""
        values = {}
        for name, codec in cls.layout.items():
            try:
                values[name], at = codec.decode(octets, at)
            except MalformedError as bad:
                path = f"{cls.__name__}.{name}" + (f"/{bad.path}" if bad.path else "")
                raise MalformedError(bad.problem, path=path, octet=bad.octet) from bad
        return cls(**values), at


class Mme(Record):
    """A management message; subclasses are declared with ``@mme(...)``.

    ``name`` is what the specifications call it; ``mmv`` the header version it is sent with, and
    ``oui`` the organisation whose message it is (empty: HomePlug's own).
    """

    __slots__ = ()
    mmtype: ClassVar[int]
    name: ClassVar[str]
    mmv: ClassVar[int]
    oui: ClassVar[bytes]


MESSAGES: dict[tuple[int, bytes], type[Mme]] = {}
R = TypeVar("R", bound=Record)
M = TypeVar("M", bound=Mme)


class _DeclareRecord(Protocol):
    def __call__(self, cls: type[R], /) -> type[R]: ...


class _DeclareMme(Protocol):
    def __call__(self, cls: type[M], /) -> type[M]: ...


def _lay_out(cls: type[R]) -> type[R]:
    declared = cast(type[R], dataclass(frozen=True, kw_only=True, slots=True)(cls))
    hints = get_type_hints(declared, include_extras=True)
    declared.layout = {
        field.name: hints[field.name].__metadata__[0]
        for field in dataclasses.fields(cast(Any, declared))
    }
    return declared


@dataclass_transform(
    frozen_default=True, kw_only_default=True, field_specifiers=(dataclasses.field,)
)
def record() -> _DeclareRecord:
    """Declare a part of a message: a frozen dataclass whose annotations say how it travels."""
    return _lay_out


@dataclass_transform(
    frozen_default=True, kw_only_default=True, field_specifiers=(dataclasses.field,)
)
def mme(mmtype: int, name: str, *, mmv: int = 1, oui: bytes = b"") -> _DeclareMme:
    """Declare a message; a number that is taken already is a TypeError at import."""

    def declare(cls: type[M], /) -> type[M]:
        taken = MESSAGES.get((mmtype, oui))
        if taken is not None:
            raise TypeError(f"{mmtype:#06x} is already {taken.__name__}")
        declared = _lay_out(cls)
        declared.mmtype, declared.name, declared.mmv, declared.oui = mmtype, name, mmv, oui
        MESSAGES[mmtype, oui] = declared
        return declared

    return declare
