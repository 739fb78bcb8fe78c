"""Where in the octets each element lies: for people who look at a message bit by bit.

The table-driven decoder tells its reader whenever it goes into an element and out again. A
reader that listens is all that it takes; the one that charges cars knows nothing of it.
"""

from __future__ import annotations

from msgspec import Struct

from seccstack.errors import MalformedError
from seccstack.exi import decoder
from seccstack.exi.finding import Finding
from seccstack.exi.reader import Reader, Value
from seccstack.exi.schema import Schema, SimpleType, Text


class Held(Struct, frozen=True):
    """A value, the type that says how it is written, and its bits: without event codes."""

    value: Value
    kind: SimpleType
    first: int
    end: int


class Span(Struct, frozen=True):
    """An element or attribute: its bits from the event code that begins it to the last one.

    ``end`` is the bit behind the last. ``held`` is None where elements are inside, or nothing
    is; an element with attributes and text has its text here. ``whole`` is False if the
    message broke off inside of it.
    """

    name: str
    depth: int
    first: int
    end: int
    held: Held | None = None
    whole: bool = True


class Spans(Struct, frozen=True):
    """Of one message: the spans in the order of their first bits, and what ends them early."""

    spans: tuple[Span, ...]
    findings: tuple[Finding, ...]
    error: MalformedError | None = None


class _Open:
    """An element that has begun."""

    __slots__ = ("first", "held", "index")

    def __init__(self, index: int, first: int) -> None:
        self.index = index
        self.first = first
        self.held: Held | None = None


class SpanReader(Reader):
    """A reader that remembers where it was when it was told to enter and to leave."""

    def __init__(self, schema: str, octets: bytes) -> None:
        super().__init__(schema, octets)
        self._last = 0  # where the last thing read began: an event code, when one enters
        self._open: list[_Open] = []
        self._spans: list[Span | None] = []

    def read(self, count: int) -> int:
        """The next bits."""
        self._last = self.bits.position
        return super().read(count)

    def enter(self, name: str) -> None:
        """Go into an element or attribute."""
        super().enter(name)
        self._open.append(_Open(len(self._spans), self._last))
        self._spans.append(None)

    def leave(self) -> None:
        """Go back out."""
        self._close(whole=True)
        super().leave()

    def value(self, kind: SimpleType) -> Value:
        """The value of a simple type."""
        return self._hold(kind, self.bits.position, super().value(kind))

    def text(self, kind: Text) -> str:
        """A string."""
        first = self.bits.position
        text = super().text(kind)
        self._hold(kind, first, text)
        return text

    def untyped(self, kind: SimpleType) -> Value:
        """The value of a simple type, when it was written as text."""
        return self._hold(Text(), self.bits.position, super().untyped(kind))

    def spans(self) -> tuple[Span, ...]:
        """All elements so far; those that were not left end here, and are not whole."""
        while self._open:
            self._close(whole=False)
        return tuple(span for span in self._spans if span is not None)

    def _hold(self, kind: SimpleType, first: int, value: Value) -> Value:
        self._open[-1].held = Held(value, kind, first, self.bits.position)
        return value

    def _close(self, *, whole: bool) -> None:
        inner = self._open.pop()
        self._spans[inner.index] = Span(
            self._path[len(self._open)],
            len(self._open),
            inner.first,
            self.bits.position,
            inner.held,
            whole,
        )


def spans_of(schema: Schema, octets: bytes) -> Spans:
    """The elements of a document; of one that can't be decoded, as far as it goes."""
    reader = SpanReader(schema.name, octets)
    error = None
    try:
        decoder.decode_document(schema, reader)
    except MalformedError as malformed:
        error = malformed
    return Spans(reader.spans(), tuple(reader.findings), error)
