"""ISO 15118-20, the messages of services that no charger of ours has: ACDP and WPT.

They are read, and refused by their own responses: whatever a vehicle wants to be lifted to or
induced with, it has not selected it here. A response has what its schema asks for, and nothing
in that: numbers are 0, names are empty.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from seccstack.messages.codec import Schema
from seccstack.session.iso20.record import Session

SCHEMAS: Mapping[str, Schema] = {  # by the module of their messages
    "seccstack.messages.iso20_acdp": Schema.ISO20_ACDP,
    "seccstack.messages.iso20_wpt": Schema.ISO20_WPT,
}
PLAIN: Mapping[Any, Any] = MappingProxyType({int: 0, bool: False, str: "", bytes: b""})


def schema_of(message: object) -> Schema | None:
    """Return the schema of such a message; None: it is none of these."""
    return SCHEMAS.get(type(message).__module__)


def response_to(message: object) -> type[Any] | None:
    """Return the kind of the response to a request; None: it is no request of these."""
    name = type(message).__name__
    if schema_of(message) is None or not name.endswith("Req"):
        return None
    module = sys.modules[type(message).__module__]
    kind: type[Any] | None = getattr(module, name.removesuffix("Req") + "Res", None)
    return kind


def refuse(message: object, code: Enum, session: Session) -> Any:
    """Answer a request with this code."""
    kind = response_to(message)
    assert kind is not None  # noqa: S101 - the caller has looked
    filled = _nothing(kind)
    return msgspec.structs.replace(filled, header=session.heading, response_code=code)


def _nothing(kind: type[Any]) -> Any:
    """Make a structure with all that it must have, and nothing in it."""
    hints = get_type_hints(kind)
    return kind(
        **{
            field.name: _empty(hints[field.name])
            for field in msgspec.structs.fields(kind)
            if field.required
        }
    )


def _empty(hint: Any) -> Any:
    if hint in PLAIN:
        return PLAIN[hint]
    if get_origin(hint) is tuple:
        return (_empty(get_args(hint)[0]),)
    if issubclass(hint, Enum):
        return next(iter(hint))
    return _nothing(hint)
