"""Decodes any document or fragment by its grammar: tolerant, exact about places, and not fast.

The generated codecs read what a conforming encoder wrote, five times faster, and leave all else
to this. What it bears with is in ``FindingKind``; anything else is a ``MalformedError`` that
names the element and the bit.
"""

from __future__ import annotations

from functools import cache

from msgspec import Struct

from seccstack.exi.finding import FindingKind
from seccstack.exi.grammar import (
    VALUE,
    VALUE_END,
    AnyElement,
    Characters,
    End,
    Event,
    Grammar,
    Start,
    State,
)
from seccstack.exi.limits import HEADER
from seccstack.exi.reader import Reader, Value
from seccstack.exi.schema import (
    Attribute,
    Binary,
    ComplexType,
    Element,
    Group,
    Schema,
    SimpleType,
    Slot,
    Text,
)

Content = Struct | Value


@cache  # one per complex type: the schemas bound it
def grammar_of(complex_type: ComplexType) -> Grammar:
    """The grammar of a type, made when first needed."""
    return Grammar(complex_type)


def decode_document(schema: Schema, reader: Reader) -> tuple[str, Content]:
    """The root element's name and its value."""
    _header(reader)
    code = reader.read(schema.document_count.bit_length())
    if code not in schema.documents:
        raise reader.malformed(f"root element {code} is no message of this schema")
    element = schema.documents[code]
    value = decode_element(reader, element)
    _surplus(reader)
    return element.name, value


def decode_fragment(schema: Schema, reader: Reader) -> tuple[str, Content]:
    """The element's name and its value."""
    _header(reader)
    width = (len(schema.fragments) + 1).bit_length()
    code = reader.read(width)
    if code >= len(schema.fragments):
        raise reader.malformed(f"fragment {code} is no element of this schema")
    name, elements = schema.fragments[code]
    if len(elements) > 1:
        value = _relaxed(schema, reader, name, elements)
    else:
        value = decode_element(reader, elements[0])
    if reader.read(width) != len(schema.fragments) + 1:
        raise reader.malformed("more than one element in a fragment")
    _surplus(reader)
    return name, value


def _header(reader: Reader) -> None:
    octet = reader.read(8)
    if octet != HEADER:
        raise reader.malformed(f"EXI header {octet:#04x}, not {HEADER:#04x}")


def _surplus(reader: Reader) -> None:
    left = reader.bits.left
    if left >= 8:
        reader.note(FindingKind.SURPLUS, f"{left >> 3} octets after the document")
    elif reader.read(left):
        reader.note(FindingKind.SURPLUS, "padding that isn't zero")


def decode_element(reader: Reader, element: Element) -> Content:
    """The value of an element whose start has been read."""
    reader.enter(element.name)
    kind = element.type
    if kind is None:
        raise reader.malformed("an abstract element, which only stands for others")
    value = _complex(reader, kind) if isinstance(kind, ComplexType) else _simple(reader, kind)
    reader.leave()
    return value


def _simple(reader: Reader, kind: SimpleType) -> Value:
    match _event(reader, VALUE):
        case Characters():
            value = reader.value(kind)
        case "CH[untyped]":
            value = reader.untyped(kind)
        case other:
            return _empty(reader, kind, other)
    _end(reader)
    return value


def _empty(reader: Reader, kind: SimpleType, event: Event | str) -> Value:
    """A value that isn't there: encoders that come from XML see no characters to write."""
    if event != "EE" or not isinstance(kind, Text | Binary):
        raise reader.malformed(f"event {event} where a value must be")
    reader.note(FindingKind.EMPTY, "empty, and sent without a length")
    if kind.minimum:
        reader.note(FindingKind.LENGTH, f"empty, at least {kind.minimum} wanted")
    return "" if isinstance(kind, Text) else b""


def _end(reader: Reader) -> None:
    event = _event(reader, VALUE_END)
    if not isinstance(event, End):
        raise reader.malformed(f"event {event} after a value")


def _event(reader: Reader, state: State) -> Event | str:
    """The next event: one that the schema foresees, or the name of one that it doesn't."""
    code = reader.read(state.bits)
    if code < len(state.events):
        return state.events[code]
    if code > len(state.events):
        raise reader.malformed(f"event code {code} of {len(state.events)}")
    names = state.second_level
    code = reader.read((len(names) - 1).bit_length())
    if code >= len(names):
        raise reader.malformed(f"second event code {code} of {len(names)}")
    return names[code]


def _complex(reader: Reader, complex_type: ComplexType) -> Content:
    grammar = grammar_of(complex_type)
    values: dict[str, Content | list[Content]] = {}
    state, attribute, place, times = grammar.start(0), 0, -1, 0
    while True:
        event = _event(reader, state)
        match event:
            case Attribute():
                reader.enter(event.name)
                values[event.field] = reader.value(event.type)
                reader.leave()
                attribute = complex_type.attributes.index(event) + 1
                state = grammar.start(attribute)
            case Start():
                if event.place < place:
                    reader.note(FindingKind.ORDER, f"{event.element.name} after other elements")
                times = times + 1 if event.place == place else 1
                place = event.place
                _store(reader, values, event.slot, event.element)
                state = grammar.after(place, times)
            case End():
                break
            case Characters() if not isinstance(complex_type.content, Group):
                values["value"] = reader.value(complex_type.content)
                _end(reader)
                break
            case "EE" | "CH[untyped]" if _takes_value(complex_type, state):
                values["value"] = _deviating(reader, complex_type, event)
                break
            case AnyElement() | Characters():
                raise reader.malformed("content of a foreign schema")
            case _:
                raise reader.malformed(f"event {event} is none that is understood here")
    return _make(complex_type, values)


def _takes_value(complex_type: ComplexType, state: State) -> bool:
    """Whether the state awaits the value of simple content."""
    simple = not isinstance(complex_type.content, Group)
    return simple and any(isinstance(event, Characters) for event in state.events)


def _deviating(reader: Reader, complex_type: ComplexType, event: str) -> Value:
    kind = complex_type.content
    assert not isinstance(kind, Group)  # noqa: S101 - asked by the caller
    if event == "EE":
        return _empty(reader, kind, event)
    value = reader.untyped(kind)
    _end(reader)
    return value


def _store(
    reader: Reader, values: dict[str, Content | list[Content]], slot: Slot, element: Element
) -> None:
    value = decode_element(reader, element)
    if not slot.many:
        values[slot.field] = value
        return
    items = values.setdefault(slot.field, [])
    assert isinstance(items, list)  # noqa: S101 - so it was made
    if len(items) == slot.most:
        raise reader.malformed(f"more than {slot.most} of {element.name}")
    items.append(value)


def _make(complex_type: ComplexType, values: dict[str, Content | list[Content]]) -> Content:
    fields = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in values.items()
    }
    if complex_type.cls is None:
        return next(iter(fields.values()), None)  # type: ignore[return-value]  # of a Body
    return complex_type.cls(**fields)


def _relaxed(
    schema: Schema, reader: Reader, name: str, elements: tuple[Element, ...]
) -> Content:
    """A name with several types: EXI then knows its attributes' names, and text as content."""
    codes = {code: attribute for attribute, code in schema.relaxed[name].items()}
    kinds = [element.type for element in elements]
    kind = next(kind for kind in kinds if isinstance(kind, ComplexType))
    fields = {attribute.name: attribute.field for attribute in kind.attributes}
    start = schema.relaxed_start
    held: dict[str, Content | list[Content]] = {}
    reader.enter(name)
    while (code := reader.read(start.bit_length())) != start - 1:
        field = fields.get(codes.get(code, ""))
        if field is None or field in held:
            raise reader.malformed(f"event {code} is none that is understood here")
        held[field] = reader.text(Text())
    is_complex = set(held) == set(fields.values())
    text = kind.content if is_complex else next(k for k in kinds if isinstance(k, Text))
    assert isinstance(text, Text)  # noqa: S101 - of the schemas
    value = reader.text(text)
    if reader.read((len(schema.fragments) + 3).bit_length()) != len(schema.fragments) + 1:
        raise reader.malformed("more than text")
    reader.leave()
    return _make(kind, held | {"value": value}) if is_complex else value
