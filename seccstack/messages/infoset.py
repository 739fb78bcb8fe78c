"""A message as JSON: the XML information set, with names exactly as the schema writes them.

Integers are numbers, ``hexBinary`` is upper-case hexadecimal, ``base64Binary`` is base64. What
the schema allows more than once is an array, also if there is one. Attributes are keys like
elements; simple content that has attributes puts its value under ``value``. A member of a
substitution group appears under its own name.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any

from msgspec import Struct

from seccstack.errors import UsageError
from seccstack.exi.encoder import fits
from seccstack.exi.reader import Value
from seccstack.exi.schema import (
    Binary,
    Boolean,
    ComplexType,
    Element,
    Enumeration,
    Group,
    Integer,
    SimpleType,
    Slot,
    Text,
    slots_of,
)
from seccstack.messages.codec import Schema, tables_of

Json = dict[str, Any]


def to_json(schema: Schema, message: Struct) -> Json:
    """A message as a JSON object with one key: the name of its root element."""
    for element in tables_of(schema).documents.values():
        if element.type is not None and fits(element.type, message):
            return {element.name: _element_to_json(element.type, message)}
    raise UsageError(f"{type(message).__name__} is no message of schema {schema}")


def from_json(schema: Schema, value: Json) -> Struct:
    """The message that a JSON object means; UsageError says where it means none."""
    roots = {element.name: element for element in tables_of(schema).documents.values()}
    name, content = _single(value, "a message")
    if name not in roots:
        raise UsageError(f"{name} is no message of schema {schema}")
    message = _element_from_json(roots[name].type, content, name)
    assert isinstance(message, Struct)  # noqa: S101 - no schema has a simple message
    return message


def fragment_to_json(schema: Schema, name: str, value: Struct | Value) -> Json:
    """An element on its own as a JSON object with its name as the key."""
    for kind in _fragment_types(schema, name):
        if fits(kind, value):
            return {name: _element_to_json(kind, value)}
    raise UsageError(f"{name} can't be a {type(value).__name__}")


def fragment_from_json(schema: Schema, value: Json) -> tuple[str, Struct | Value]:
    """The name and the value of an element on its own."""
    name, content = _single(value, "a fragment")
    problems: list[UsageError] = []
    for kind in _fragment_types(schema, name):
        try:
            return name, _element_from_json(kind, content, name)
        except UsageError as error:
            problems.append(error)
    raise problems[0]


def _fragment_types(schema: Schema, name: str) -> list[SimpleType | ComplexType]:
    """The types of all elements of a name: most have one."""
    kinds = [
        element.type
        for fragment, elements in tables_of(schema).fragments
        for element in elements
        if fragment == name and element.type is not None
    ]
    if not kinds:
        raise UsageError(f"schema {schema} has no element {name}")
    return kinds


def _single(value: object, what: str) -> tuple[str, Any]:
    if not isinstance(value, Mapping) or len(value) != 1:
        raise UsageError(f"{what} is a JSON object with one key, the name of its element")
    return next(iter(value.items()))


def _element_to_json(kind: SimpleType | ComplexType, value: Any) -> Any:
    if not isinstance(kind, ComplexType):
        return _value_to_json(kind, value)
    made: Json = {}
    for attribute in kind.attributes:
        held = getattr(value, attribute.field)
        if held is not None:
            made[attribute.name] = _value_to_json(attribute.type, held)
    if not isinstance(kind.content, Group):
        made["value"] = _value_to_json(kind.content, value.value)
        return made
    for slot in _fields(kind):
        held = value if kind.cls is None else getattr(value, slot.field)
        for item in held if slot.many else [held]:
            if item is None and not _is_transparent(slot):
                continue
            element = _alternative(slot, item)
            assert element.type is not None  # noqa: S101 - chosen by its class
            content = _element_to_json(element.type, item)
            if slot.many:
                made.setdefault(element.name, []).append(content)
            else:
                made[element.name] = content
    return made


def _value_to_json(kind: SimpleType, value: Any) -> Any:
    if type(value) is int or type(value) is str:  # as most are
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(kind, Binary) and isinstance(value, bytes):
        return value.hex().upper() if kind.hexadecimal else b64encode(value).decode()
    return value


def _element_from_json(kind: SimpleType | ComplexType | None, value: Any, path: str) -> Any:
    if kind is None:
        raise UsageError(f"{path}: is abstract: name one of those which it stands for")
    if not isinstance(kind, ComplexType):
        return _value_from_json(kind, value, path)
    if not isinstance(value, Mapping):
        raise UsageError(f"{path}: a JSON object must be here")
    left = dict(value)
    fields: Json = {}
    for attribute in kind.attributes:
        if attribute.name in left:
            held = left.pop(attribute.name)
            fields[attribute.field] = _value_from_json(
                attribute.type, held, f"{path}/{attribute.name}"
            )
        elif attribute.required:
            raise UsageError(f"{path}: misses {attribute.name}")
    if isinstance(kind.content, Group):
        _children_from_json(kind, left, fields, path)
    elif "value" in left:
        fields["value"] = _value_from_json(kind.content, left.pop("value"), path)
    if left:
        raise UsageError(f"{path}: has no {', '.join(map(str, left))}")
    if kind.cls is None:
        return next(iter(fields.values()), None)
    try:
        return kind.cls(**fields)
    except TypeError as error:
        raise UsageError(f"{path}: {error}") from error


def _children_from_json(kind: ComplexType, left: Json, fields: Json, path: str) -> None:
    for slot in _fields(kind):
        for element in slot.alternatives:
            if element.name not in left:
                continue
            value, below = left.pop(element.name), f"{path}/{element.name}"
            if not slot.many:
                fields[slot.field] = _element_from_json(element.type, value, below)
                continue
            if not isinstance(value, list):
                raise UsageError(f"{below}: a JSON array must be here")
            fields[slot.field] = tuple(
                _element_from_json(element.type, item, below) for item in value
            )


def _value_from_json(kind: SimpleType, value: Any, path: str) -> Value:
    try:
        match kind, value:
            case (Boolean(), bool()) | (Text(), str()):
                return value  # type: ignore[no-any-return]  # checked by the pattern
            case Integer(), int() if not isinstance(value, bool):
                return value
            case Enumeration(), str():
                return kind.members(value)
            case Binary(hexadecimal=True), str():
                return bytes.fromhex(value)
            case Binary(), str():
                return b64decode(value, validate=True)
            case _:
                raise UsageError(f"{path}: {value!r:.40} is not of the right type")
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from error


@cache  # of the types of the schemas, which are few and stay
def _fields(kind: ComplexType) -> tuple[Slot, ...]:
    """The slots of a type, one for each field of its class."""
    assert isinstance(kind.content, Group)  # noqa: S101 - asked by the caller
    slots: dict[str, Slot] = {}
    for slot in slots_of(kind.content):
        slots.setdefault(slot.field, slot)
    return tuple(slots.values())


def _alternative(slot: Slot, value: object) -> Element:
    if len(slot.alternatives) == 1:
        return slot.alternatives[0]
    for element in slot.alternatives:
        if fits(element.type, value):
            return element
    raise UsageError(f"{slot.field} can't be a {type(value).__name__}")


def _is_transparent(slot: Slot) -> bool:
    kind = slot.alternatives[0].type
    return isinstance(kind, ComplexType) and kind.cls is None
