"""The outlet's events, actions and settings as JSON values, and back.

A dataclass is an object with one key, its name: `{"LimitOffered": {"source": "owner", "amps":
10}}`. Octets are upper-case hexadecimal digits. How to read a value back follows from the type
hints of its class, so a new event or action needs nothing here. What can be derived of the rest
is not written: the message of an `Exchanged` is in its EXI stream.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from seccstack import events
from seccstack.errors import MalformedError
from seccstack.messages.codec import decode
from seccstack.outlet import Settings
from seccstack.session.events import Exchanged

Show = Callable[[bytes], str]

DERIVED: Mapping[type, Mapping[str, Callable[[Any], Any]]] = {
    Exchanged: {"message": lambda known: decode(known["schema"], known["exi"]).message}
}
PLAIN: Mapping[Any, tuple[type, ...]] = {
    bool: (bool,),
    int: (int,),
    float: (float, int),
    str: (str,),
}


def digits(octets: bytes) -> str:
    """Write octets as upper-case hexadecimal digits."""
    return octets.hex().upper()


def written(value: Any, show: Show = digits) -> Any:
    """Return the JSON value; ``show`` writes octets."""
    if isinstance(value, bytes):
        return show(value)
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): written(value[key], show) for key in value}
    if isinstance(value, Sequence):
        return [written(item, show) for item in value]
    kind: Any = type(value)
    names = _written_fields(kind)
    return {kind.__name__: {name: written(getattr(value, name), show) for name in names}}


def event_of(value: Any) -> events.Event:
    """Read an event; MalformedError says where it can't be."""
    return read(events.Event, value, "event")  # type: ignore[no-any-return]


def action_of(value: Any) -> events.Action:
    """Read an action."""
    return read(events.Action, value, "action")  # type: ignore[no-any-return]


def settings_of(value: Any) -> Settings:
    """Read an outlet's settings; what this version has beside them is as it is by default."""
    return read(Settings, value, "settings")  # type: ignore[no-any-return]


def read(hint: Any, value: Any, path: str) -> Any:
    """Read a value of which the type hint is known."""
    origin = get_origin(hint)
    if hint is Any:
        return value
    if origin is Literal:
        return _checked(value in get_args(hint), value, path)
    if hint is NoneType:
        return _checked(value is None, value, path)
    if origin in (Union, UnionType):
        return _read_union(get_args(hint), value, path)
    if origin is tuple:
        return _read_tuple(get_args(hint), value, path)
    if origin is not None and issubclass(origin, Mapping):
        return _read_mapping(get_args(hint)[1], value, path)
    if hint is bytes:
        return _octets(value, path)
    if hint is float and isinstance(value, str):
        return float(_checked(value in ("nan", "inf", "-inf"), value, path))
    if hint in PLAIN:
        return _checked(type(value) in PLAIN[hint], value, path)
    if issubclass(hint, Enum):
        return hint(_checked(value in [one.value for one in hint], value, path))
    if not is_dataclass(hint):
        raise TypeError(f"{path}: a field of type {hint} is not recorded yet")
    return _read_dataclass((hint,), value, path)


def _checked(right: bool, value: Any, path: str) -> Any:
    if not right:
        raise MalformedError(f"cannot be {str(value)[:60]!r}", path=path)
    return value


def _octets(value: Any, path: str) -> bytes:
    try:
        return bytes.fromhex(_checked(isinstance(value, str), value, path))
    except ValueError as error:
        raise MalformedError("is not hexadecimal", path=path) from error


def _read_union(hints: Sequence[Any], value: Any, path: str) -> Any:
    classes = [hint for hint in hints if is_dataclass(hint)]
    if classes and value is not None:
        return _read_dataclass(classes, value, path)
    for hint in hints:
        with suppress(MalformedError):
            return read(hint, value, path)
    return _checked(False, value, path)


def _read_tuple(hints: Sequence[Any], value: Any, path: str) -> Any:
    _checked(isinstance(value, list), value, path)
    if hints[-1] is Ellipsis:
        hints = (hints[0],) * len(value)
    _checked(len(hints) == len(value), value, path)
    return tuple(read(hint, item, path) for hint, item in zip(hints, value, strict=True))


def _read_mapping(hint: Any, value: Any, path: str) -> Any:
    _checked(isinstance(value, dict), value, path)
    return {key: read(hint, value[key], f"{path}.{key}") for key in value}


def _read_dataclass(classes: Sequence[Any], value: Any, path: str) -> Any:
    _checked(isinstance(value, dict) and len(value) == 1, value, path)
    [(name, content)] = value.items()
    found = [kind for kind in classes if kind.__name__ == name]
    kind = found[0] if found else _checked(False, name, path)
    return _read_fields(kind, content, f"{path}.{name}")


def _read_fields(kind: Any, content: Any, path: str) -> Any:
    _checked(isinstance(content, dict), content, path)
    hints = _hints(kind)
    known = {
        name: read(hints[name], content[name], f"{path}.{name}")
        for name in _written_fields(kind)
        if name in content
    }
    missing = [name for name in _needed_fields(kind) if name not in known]
    if missing:
        raise MalformedError(f"lacks {', '.join(missing)}", path=path)
    derived = {name: derive(known) for name, derive in DERIVED.get(kind, {}).items()}
    try:
        return kind(**known, **derived)
    except ValueError as error:
        raise MalformedError(str(error), path=path) from error


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


@cache
def _written_fields(kind: Any) -> tuple[str, ...]:
    derived = DERIVED.get(kind, {})
    return tuple(field.name for field in fields(kind) if field.name not in derived)


@cache
def _needed_fields(kind: Any) -> tuple[str, ...]:
    defaults = (field for field in fields(kind) if field.name in _written_fields(kind))
    return tuple(f.name for f in defaults if f.default is f.default_factory is MISSING)
