"""The tree of a V2G message, from where its elements lie and what its schema says of them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import cache

from seccstack.exi.reader import Value
from seccstack.exi.schema import (
    Binary,
    Boolean,
    ComplexType,
    Enumeration,
    Group,
    Integer,
    SimpleType,
    slots_of,
)
from seccstack.exi.spans import Span
from seccstack.exi.values import counted_bits, is_counted, is_signed
from seccstack.messages.codec import Schema, tables_of
from seccstack.report.parts import (
    ATTRIBUTED,
    BASE64,
    BROKEN,
    HEX,
    MANY,
    NUMBER,
    TEXT,
    Form,
    Part,
    Shown,
)

Kind = SimpleType | ComplexType | None  # None is an abstract element: the message breaks off


def element_parts(schema: Schema, spans: Sequence[Span]) -> list[Part]:
    """Return the tree of a V2G message."""
    types = _types(schema, spans)
    return [_part(span, kind, many) for span, (kind, many) in zip(spans, types, strict=True)]


def _types(schema: Schema, spans: Sequence[Span]) -> Iterator[tuple[Kind, bool]]:
    """Yield the type of each element, and whether there may be more than one of it."""
    above: list[Kind] = []
    for span in spans:
        if span.depth:
            kind, many = _inside(above[span.depth - 1], span.name)
        else:
            kind, many = _root(schema, span.name), False
        above[span.depth :] = [kind]
        yield kind, many


def _root(schema: Schema, name: str) -> Kind:
    documents = tables_of(schema).documents.values()
    return next(element.type for element in documents if element.name == name)


@cache  # one per element: the schemas bound it
def _inside(kind: Kind, name: str) -> tuple[Kind, bool]:
    assert isinstance(kind, ComplexType)  # noqa: S101 - something is inside
    for attribute in kind.attributes:
        if attribute.name == name:
            return attribute.type, False
    assert isinstance(kind.content, Group)  # noqa: S101 - and it is no attribute
    return next(
        (element.type, slot.many)
        for slot in slots_of(kind.content)
        for element in slot.alternatives
        if element.name == name
    )


def _part(span: Span, kind: Kind, many: bool) -> Part:
    flags = (MANY if many else 0) | (0 if span.whole else BROKEN)
    if span.held is not None:
        held = span.held
        flags |= ATTRIBUTED if isinstance(kind, ComplexType) else 0
        form, value = form_of(held.kind), shown(held.kind, held.value)
        place = (held.first, held.end)
    elif isinstance(kind, ComplexType | None) or not span.whole:
        return Part(span.depth, span.name, span.first, span.end, flags=flags)
    else:
        form, value, place = form_of(kind), "", (span.end, span.end)
    return Part(span.depth, span.name, span.first, span.end, form, value, *place, flags)


def shown(kind: SimpleType, value: Value) -> Shown:
    """Return a value as it stands in JSON."""
    if isinstance(value, bytes):
        hexadecimal = isinstance(kind, Binary) and kind.hexadecimal
        return value.hex().upper() if hexadecimal else b64encode(value).decode()
    return str(value.value) if isinstance(value, Enum) else value


@cache  # one per simple type
def form_of(kind: SimpleType) -> Form:
    """Say how the values of a type travel."""
    match kind:
        case Boolean():
            return Form("boolean", "1 bit")
        case Enumeration(members):
            bits = counted_bits(len(members))
            return Form("enumeration", f"its place among {len(members)} words, in {bits} bits")
        case Integer(minimum=int() as low, maximum=int() as high) if is_counted(kind):
            bits = counted_bits(high - low + 1)
            return Form(NUMBER, f"{low} to {high}: its distance from {low}, in {bits} bits")
        case Integer():
            sign = "a sign, then " if is_signed(kind) else ""
            return Form(NUMBER, f"{sign}7 bits in each octet, the lowest ones first")
        case Binary(hexadecimal):
            return Form(HEX if hexadecimal else BASE64, "how many octets, then the octets")
        case _:
            return Form(TEXT, "how many characters, plus 2; then each, ASCII in an octet")
