"""Encodes any document or fragment by its grammar, and says what is wrong with an illegal one.

The generated codecs encode legal messages ten times faster; what they refuse, this encodes if
it is legal after all, and explains if it isn't.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from seccstack.errors import UsageError
from seccstack.exi.bits import BitWriter
from seccstack.exi.decoder import Content, grammar_of
from seccstack.exi.grammar import Characters, End, Event, Start, State
from seccstack.exi.limits import HEADER, MAX_UNBOUNDED, VALUE_MISS
from seccstack.exi.schema import (
    Attribute,
    Binary,
    Boolean,
    ComplexType,
    Element,
    Enumeration,
    Group,
    Integer,
    Schema,
    SimpleType,
    Slot,
    Text,
    slots_of,
)
from seccstack.exi.values import (
    counted_bits,
    is_counted,
    is_signed,
    problem,
)


def encode_document(schema: Schema, message: Struct) -> bytes:
    """A message of the schema as an EXI document."""
    for code, element in schema.documents.items():
        if isinstance(element.type, ComplexType) and element.type.cls is type(message):
            encoder = _Encoder()
            encoder.write(HEADER, 8)
            encoder.write(code, schema.document_count.bit_length())
            encoder.element(element, message)
            return encoder.octets()
    raise UsageError(f"{type(message).__name__} is no message of schema {schema.name}")


def encode_fragment(schema: Schema, name: str, value: Content) -> bytes:
    """An element of the schema as an EXI fragment: what a signature's digest is made of."""
    names = [fragment for fragment, _ in schema.fragments]
    if name not in names:
        raise UsageError(f"schema {schema.name} has no element {name}")
    code = names.index(name)
    elements = schema.fragments[code][1]
    width = (len(names) + 1).bit_length()
    encoder = _Encoder()
    encoder.write(HEADER, 8)
    encoder.write(code, width)
    if len(elements) > 1:
        encoder.relaxed(schema, name, elements, value)
    else:
        encoder.element(elements[0], value)
    encoder.write(len(names) + 1, width)
    return encoder.octets()


class _Encoder:
    def __init__(self) -> None:
        self._bits = BitWriter()
        self._path: list[str] = []
        self.write = self._bits.write
        self.octets = self._bits.octets

    def illegal(self, what: str) -> UsageError:
        return UsageError(f"{'/'.join(self._path)}: {what}")

    def element(self, element: Element, value: Content) -> None:
        self._path.append(element.name)
        kind = element.type
        if kind is None:
            raise self.illegal("is abstract: one of those which it stands for must be given")
        if isinstance(kind, ComplexType):
            self._complex(kind, value)
        else:
            self.write(0, 1)  # CH
            self.value(kind, value)
            self.write(0, 1)  # EE
        self._path.pop()

    def value(self, kind: SimpleType, value: object) -> None:
        wrong = problem(kind, value)
        if wrong:
            raise self.illegal(wrong)
        match kind, value:
            case Boolean(), bool():
                self.write(value, 1)
            case Enumeration(), _:
                members = list(kind.members)
                self.write(members.index(value), counted_bits(len(members)))  # type: ignore[arg-type]  # checked
            case Integer(), int():
                self._integer(kind, value)
            case Text(), str():
                self._text(value)
            case Binary(), bytes():
                self._unsigned(len(value))
                self.write(int.from_bytes(value, "big"), 8 * len(value))
            case _:  # `problem` let nothing else through
                pass

    def relaxed(
        self, schema: Schema, name: str, elements: Sequence[Element], value: Content
    ) -> None:
        """A name with several types: its content is text, its attributes come by their name."""
        self._path.append(name)
        start = schema.attribute_count + 1 + len(schema.fragments) + 3
        text: object = value
        for element in elements:
            kind = element.type
            if isinstance(kind, ComplexType) and kind.cls is type(value):
                attribute = kind.attributes[0]
                self.write(schema.relaxed[name][attribute.name], start.bit_length())
                self._checked_text(attribute.type, getattr(value, attribute.field))
                assert not isinstance(kind.content, Group)  # noqa: S101 - of the schemas
                self.write(start - 1, start.bit_length())
                self._checked_text(kind.content, getattr(value, "value"))  # noqa: B009
                break
        else:
            self.write(start - 1, start.bit_length())
            self._checked_text(Text(), text)
        self.write(len(schema.fragments) + 1, (len(schema.fragments) + 3).bit_length())

    def _checked_text(self, kind: SimpleType, value: object) -> None:
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

    def _complex(self, kind: ComplexType, value: Content) -> None:
        grammar = grammar_of(kind)
        state = grammar.start(0)
        if kind.cls is not None and type(value) is not kind.cls:
            raise self.illegal(f"is a {type(value).__name__}, not a {kind.cls.__name__}")
        for index, attribute in enumerate(kind.attributes):
            held = getattr(value, attribute.field)
            if held is not None or attribute.required:
                self._path.append(attribute.name)
                self._code(state, attribute)
                self.value(attribute.type, held)
                self._path.pop()
                state = grammar.start(index + 1)
        if not isinstance(kind.content, Group):
            self._code(state, Characters())
            self.value(kind.content, getattr(value, "value"))  # noqa: B009
            self.write(0, 1)  # EE
            return
        place, times = -1, 0
        for element, item in self._children(kind, value):
            event = next(
                (
                    event
                    for event in state.events
                    if isinstance(event, Start) and event.element.name == element.name
                ),
                None,
            )
            if event is None:
                raise self.illegal(f"{element.name} where {_expected(state)} must be")
            self._code(state, event)
            self.element(event.element, item)
            times = times + 1 if event.place == place else 1
            place = event.place
            state = grammar.after(place, times)
        if not state.ends:
            raise self.illegal(f"ends where {_expected(state)} must be")
        self._code(state, End())

    def _children(self, kind: ComplexType, value: Content) -> Iterator[tuple[Element, Content]]:
        """The child elements of a value, in schema order."""
        assert isinstance(kind.content, Group)  # noqa: S101 - asked by the caller
        seen: set[str] = set()
        for slot in slots_of(kind.content):
            if slot.field in seen:
                continue
            seen.add(slot.field)
            held = value if kind.cls is None else getattr(value, slot.field)
            if not slot.many:
                if held is not None or _is_transparent(slot):
                    yield self._alternative(slot, held), held
                continue
            if not isinstance(held, tuple):
                raise self.illegal(f"{slot.field} is not a tuple")
            if len(held) > (slot.maximum or MAX_UNBOUNDED) > 1:
                raise self.illegal(f"{len(held)} of {slot.field}")
            for item in held:
                yield self._alternative(slot, item), item

    def _alternative(self, slot: Slot, item: Content) -> Element:
        """The element that holds a value: by the value's class, where a slot has several."""
        if len(slot.alternatives) == 1:
            return slot.alternatives[0]
        for element in slot.alternatives:
            kind = element.type
            if isinstance(kind, ComplexType) and kind.cls is type(item):
                return element
        raise self.illegal(f"{slot.field} can't be a {type(item).__name__}")

    def _code(self, state: State, event: Event) -> None:
        self.write(state.events.index(event), state.bits)


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
    return " or ".join([*shown, "the end"] if state.ends or not shown else shown)
