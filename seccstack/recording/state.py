"""All that a machine holds, as a JSON value, and a machine that holds the same.

A plug-in begins with a machine that is not fresh: it has a network key, limits, a timer that
runs. What led there may lie a month back, so a recording begins with what it led to.

Machines are made of plain values, containers, enumerations and objects of this package. What
is one object in two places stays one, so a change is still seen at both; an object's method is
written as that. A function can't be; there is one only while a response is owed, and a moment
later there is none.

A state is read without running any code of its classes, and only classes of the pure layers are
looked up. It is the state of one version: what a class has beside it now is taken from a fresh
machine at the same place, or is its default.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import partial
from math import isfinite
from types import MethodType
from typing import Any

from msgspec import Struct

from seccstack.errors import MalformedError, UsageError
from seccstack.recording.values import digits

IMPURE = ("adapters", "bench", "cli", "scapy")  # layers whose classes no state may have
DEEPEST = 64  # objects within objects; a machine has a quarter of it
SEQUENCES: Mapping[str, Callable[[Any], Any]] = {
    "tuple": tuple,
    "list": list,
    "set": set,
    "frozenset": frozenset,
    "deque": deque,
}


class UnstorableError(UsageError):
    """The state holds, for the moment, what can't be written."""


def dump(thing: Any, show: Callable[[bytes], str] = digits) -> Any:
    """Return the JSON value of a machine; ``show`` writes octets."""
    return _Writer(show).write(thing, "machine")


class _Writer:
    def __init__(self, show: Callable[[bytes], str]) -> None:
        self._show = show
        self._known: dict[int, int] = {}
        self._kept: list[Any] = []  # an id is an object's only as long as it lives

    def write(self, thing: Any, path: str) -> Any:
        kind = type(thing)
        if thing is None or kind in (bool, int, str):
            return thing
        if kind is float:
            return thing if isfinite(thing) else {"float": str(thing)}
        if kind in (bytes, bytearray):
            return {kind.__name__: self._show(bytes(thing))}
        if isinstance(thing, Enum):
            return {"enum": [_name(kind, path), thing.name]}
        if isinstance(thing, MethodType):
            owner = self.write(thing.__self__, path)
            return {"method": [owner, thing.__name__]}
        if id(thing) in self._known:
            return {"same": self._known[id(thing)]}
        self._known[id(thing)] = len(self._known)
        self._kept.append(thing)
        if kind is dict:
            pairs = thing.items()
            return {"dict": [[self.write(k, path), self.write(v, path)] for k, v in pairs]}
        if kind.__name__ in SEQUENCES and kind.__module__ in ("builtins", "collections"):
            return {kind.__name__: [self.write(item, path) for item in thing]}
        name = _name(kind, path)
        content = {
            slot: self.write(getattr(thing, slot), f"{path}.{slot}")
            for slot in _slots(thing)
            if hasattr(thing, slot)
        }
        return {"new": [name, content]}


def _slots(thing: Any) -> list[str]:
    if isinstance(thing, Struct):
        return list(thing.__struct_fields__)
    slots = [name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())]
    return [*getattr(thing, "__dict__", ()), *slots]


def _name(kind: type, path: str) -> str:
    if not _is_pure(kind.__module__) or "<locals>" in kind.__qualname__:
        raise UnstorableError(f"{path} is a {kind.__module__}.{kind.__qualname__}")
    return f"{kind.__module__}:{kind.__qualname__}"


def _is_pure(module: str) -> bool:
    package, _, layer = module.partition(".")
    return package == "seccstack" and not layer.startswith(IMPURE)


def restore(value: Any, fresh: Any) -> Any:
    """Return what a JSON value describes; MalformedError where this version can't.

    ``fresh`` is what a new machine looks like.
    """
    return _Reader().read(value, fresh, "machine", DEEPEST)


class _Reader:
    def __init__(self) -> None:
        self._known: list[Any] = []

    def read(self, value: Any, fresh: Any, path: str, depth: int) -> Any:
        if not isinstance(value, dict):
            return _plain(value, path)
        if len(value) != 1 or not depth:
            raise MalformedError("is no part of a state", path=path)
        [(tag, content)] = value.items()
        try:
            return self._read(tag, content, fresh, path, depth - 1)
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise MalformedError(f"is no {tag} of a state: {error}", path=path) from error

    def _read(self, tag: str, content: Any, fresh: Any, path: str, depth: int) -> Any:
        if tag == "float":
            return float(content)
        if tag in ("bytes", "bytearray"):
            octets = bytes.fromhex(content)
            return octets if tag == "bytes" else bytearray(octets)
        if tag == "enum":
            return _class(content[0], Enum)[content[1]]
        if tag == "same":
            return self._known[content]
        if tag == "new":
            return self._new(content, fresh, path, depth)
        if tag == "method":
            return _method(self.read(content[0], None, path, depth), content[1])
        place = len(self._known)
        if tag == "dict":
            pairs: dict[Any, Any] = {}
            self._known.append(pairs)
            for key, item in content:
                known = self.read(key, None, path, depth)
                inside = fresh.get(known) if isinstance(fresh, dict) else None
                pairs[known] = self.read(item, inside, path, depth)
            return pairs
        self._known.append(None)
        items = SEQUENCES[tag](self.read(item, None, path, depth) for item in content)
        self._known[place] = items
        return items

    def _new(self, content: Any, fresh: Any, path: str, depth: int) -> Any:
        kind = _class(content[0], object)
        fresh = fresh if type(fresh) is kind else None
        place = len(self._known)
        self._known.append(None)
        if issubclass(kind, Struct):
            struct = kind(**self._contents(content[1], fresh, path, depth))
            self._known[place] = struct
            return struct
        thing = self._known[place] = object.__new__(kind)
        for name, item in self._contents(content[1], fresh, path, depth).items():
            object.__setattr__(thing, name, item)
        _complete(thing, fresh, path)
        return thing

    def _contents(self, content: Any, fresh: Any, path: str, depth: int) -> dict[str, Any]:
        return {
            name: self.read(item, getattr(fresh, name, None), f"{path}.{name}", depth)
            for name, item in content.items()
        }


def _plain(value: Any, path: str) -> Any:
    if isinstance(value, list):
        raise MalformedError("is no part of a state", path=path)
    return value


def _class(name: str, base: type) -> Any:
    module, _, qualified = name.partition(":")
    if not _is_pure(module):
        raise LookupError(f"{name} is no part of an outlet")
    found: Any = sys.modules[module]
    for part in qualified.split("."):
        found = getattr(found, part)
    if not (isinstance(found, type) and issubclass(found, base)):
        raise LookupError(f"{name} is no class")
    return found


def _method(owner: Any, name: str) -> Any:
    found = getattr(owner, name)
    if not (isinstance(found, MethodType) and _is_pure(type(owner).__module__)):
        raise LookupError(f"{name} is no method of an outlet's")
    return found


def _complete(thing: Any, fresh: Any, path: str) -> None:
    """Give an object what the version that wrote it did not have."""
    defaults = _defaults(thing)
    for name in _slots(fresh if fresh is not None else thing):
        if hasattr(thing, name):
            continue
        if fresh is not None and hasattr(fresh, name):
            object.__setattr__(thing, name, getattr(fresh, name))
        elif name in defaults:
            object.__setattr__(thing, name, defaults[name]())
        else:
            raise LookupError(f"{path} lacks {name}")


def _defaults(thing: Any) -> Mapping[str, Callable[[], Any]]:
    if not is_dataclass(thing):
        return {}
    found: dict[str, Callable[[], Any]] = {}
    for field in fields(thing):
        if field.default_factory is not MISSING:
            found[field.name] = field.default_factory
        elif field.default is not MISSING:
            found[field.name] = partial(_same, field.default)
    return found


def _same(value: Any) -> Any:
    return value
