"""Encodes any document or fragment by its grammar, and says what is wrong with an illegal one.

The generated codecs encode legal messages ten times faster; what they refuse, this encodes if
it is legal after all, and explains if it isn't.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from seccstack.errors import UsageError
from seccstack.exi.decoder import Content, grammar_of
from seccstack.exi.grammar import AnyElement, Characters, End, Event, Start, State
from seccstack.exi.limits import HEADER
from seccstack.exi.schema import (
    Attribute,
    ComplexType,
    Element,
    Group,
    Schema,
    SimpleType,
    Slot,
    Text,
    slots_of,
)
from seccstack.exi.values import problem
from seccstack.exi.writer import Writer


def encode_document(schema: Schema, message: Struct) -> bytes:
    """A message of the schema as an EXI document."""
    for code, element in schema.documents.items():
        if fits(element.type, message):
            writer = Writer()
            writer.write(HEADER, 8)
            writer.write(code, schema.document_count.bit_length())
            encode_element(writer, element, message)
            return writer.octets()
    raise UsageError(f"{type(message).__name__} is no message of schema {schema.name}")


def encode_fragment(schema: Schema, name: str, value: Content) -> bytes:
    """An element of the schema as an EXI fragment: what a signature's digest is made of.

    Some names are declared in several namespaces of a schema set, none of those that are ever
    signed: the first one that can hold the value is taken.
    """
    found = [
        (code, elements)
        for code, (declared, elements) in enumerate(schema.fragments)
        if declared == name
    ]
    if not found:
        raise UsageError(f"schema {schema.name} has no element {name}")
    fitting = [pair for pair in found if any(fits(element.type, value) for element in pair[1])]
    code, elements = (fitting or found)[0]
    width = (len(schema.fragments) + 1).bit_length()
    writer = Writer()
    writer.write(HEADER, 8)
    writer.write(code, width)
    if len(elements) > 1:
        _relaxed(writer, schema, name, value)
    else:
        encode_element(writer, elements[0], value)
    writer.write(len(schema.fragments) + 1, width)
    return writer.octets()


def fits(kind: SimpleType | ComplexType | None, value: object) -> bool:
    """Whether a value is of a type; of a complex type it is looked at from outside only."""
    if kind is None or isinstance(kind, ComplexType):
        return kind is not None and kind.cls is type(value)
    return problem(kind, value) is None


def encode_element(writer: Writer, element: Element, value: Content) -> None:
    """The content of an element whose start has been written."""
    writer.enter(element.name)
    kind = element.type
    if kind is None:
        raise writer.illegal("is abstract: one of those which it stands for must be given")
    if isinstance(kind, ComplexType):
        _complex(writer, kind, value)
    else:
        writer.write(0, 1)  # CH
        writer.value(kind, value)
        writer.write(0, 1)  # EE
    writer.leave()


def _complex(writer: Writer, kind: ComplexType, value: Content) -> None:
    if kind.cls is not None and type(value) is not kind.cls:
        raise writer.illegal(f"is a {type(value).__name__}, not a {kind.cls.__name__}")
    state = _attributes(writer, kind, value)
    if isinstance(kind.content, Group):
        _content(writer, kind, value, state)
    else:
        _code(writer, state, Characters())
        writer.value(kind.content, _value_of(value))
        writer.write(0, 1)  # EE


def _attributes(writer: Writer, kind: ComplexType, value: Content) -> State:
    """Write the attributes; return the state after them."""
    grammar = grammar_of(kind)
    state = grammar.start(0)
    for index, attribute in enumerate(kind.attributes):
        held = getattr(value, attribute.field)
        if held is not None or attribute.required:
            writer.enter(attribute.name)
            _code(writer, state, attribute)
            writer.value(attribute.type, held)
            writer.leave()
            state = grammar.start(index + 1)
    return state


def _content(writer: Writer, kind: ComplexType, value: Content, state: State) -> None:
    grammar = grammar_of(kind)
    place, times = -1, 0
    for element, item in _children(writer, kind, value):
        event = next((event for event in state.events if _starts(event, element)), None)
        if not isinstance(event, Start):
            raise writer.illegal(f"{element.name} where {_expected(state)} must be")
        _code(writer, state, event)
        encode_element(writer, event.element, item)
        times = times + 1 if event.place == place else 1
        place = event.place
        state = grammar.after(place, times)
    if not state.ends:
        raise writer.illegal(f"ends where {_expected(state)} must be")
    _code(writer, state, End())


def _children(
    writer: Writer, kind: ComplexType, value: Content
) -> Iterator[tuple[Element, Content]]:
    """The child elements of a value, in schema order."""
    assert isinstance(kind.content, Group)  # noqa: S101 - asked by the caller
    for field, slot in {slot.field: slot for slot in slots_of(kind.content)}.items():
        held = value if kind.cls is None else getattr(value, field)
        if not slot.many:
            if held is not None or _is_transparent(slot):
                yield _alternative(writer, slot, held), held
            continue
        if not isinstance(held, tuple):
            raise writer.illegal(f"{field} is not a tuple")
        if len(held) > slot.most:
            raise writer.illegal(f"{len(held)} of {field}, at most {slot.most} may be")
        for item in held:
            yield _alternative(writer, slot, item), item


def _alternative(writer: Writer, slot: Slot, item: Content) -> Element:
    """The element that holds a value: by the value's class, where a slot has several."""
    if len(slot.alternatives) == 1:
        return slot.alternatives[0]
    for element in slot.alternatives:
        if fits(element.type, item):
            return element
    raise writer.illegal(f"{slot.field} can't be a {type(item).__name__}")


def _code(writer: Writer, state: State, event: Event) -> None:
    writer.write(state.events.index(event), state.bits)


def _starts(event: Event, element: Element) -> bool:
    return isinstance(event, Start) and event.element.name == element.name


def _is_transparent(slot: Slot) -> bool:
    kind = slot.alternatives[0].type
    return isinstance(kind, ComplexType) and kind.cls is None


def _expected(state: State) -> str:
    """What may come in a state, in words."""
    names = [
        event.element.name if isinstance(event, Start) else event.name
        for event in state.events
        if isinstance(event, Start | Attribute)
    ]
    shown = names[:4] + ["..."] * (len(names) > 4)
    shown += ["an element of another schema"] * any(
        isinstance(event, AnyElement) for event in state.events
    )
    return " or ".join([*shown, "the end"] if state.ends else shown)


def _relaxed(writer: Writer, schema: Schema, name: str, value: Content) -> None:
    """A name with several types: its content is text, its attributes come by their name."""
    elements = dict(schema.fragments)[name]
    start = schema.relaxed_start
    writer.enter(name)
    kinds = [element.type for element in elements]
    kind = next((kind for kind in kinds if fits(kind, value)), None)
    if isinstance(kind, ComplexType):
        for attribute in kind.attributes:
            writer.write(schema.relaxed[name][attribute.name], start.bit_length())
            writer.untyped(attribute.type, getattr(value, attribute.field))
        assert not isinstance(kind.content, Group)  # noqa: S101 - of the schemas
        value, text = _value_of(value), kind.content
    else:
        text = next(kind for kind in kinds if isinstance(kind, Text))
    writer.write(start - 1, start.bit_length())
    writer.untyped(text, value)
    writer.write(len(schema.fragments) + 1, (len(schema.fragments) + 3).bit_length())


def _value_of(value: Content) -> Content:
    """The value of a class that stands for simple content."""
    held: Content = getattr(value, "value")  # noqa: B009 - of any class
    return held
