"""Encode and decode V2G messages; a schema's modules load when it is first used.

Decoding goes through the schema's generated functions, which read only what a conforming
encoder wrote. If they find anything else, the tolerant decoder of ``seccstack.exi`` reads the
octets again: it bears with what the field shows, or says what is wrong and where. Encoding
likewise.
"""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from importlib import import_module
from typing import Protocol, cast

from msgspec import Struct

from seccstack.errors import UsageError
from seccstack.exi import decoder, encoder
from seccstack.exi.fast import DeviationError
from seccstack.exi.finding import Finding
from seccstack.exi.reader import Reader, Value
from seccstack.exi.schema import ComplexType
from seccstack.exi.schema import Schema as Tables


class Schema(StrEnum):
    """The schema sets; each is a namespace of messages, but for ``XMLDSIG``."""

    APP_PROTOCOL = "app-protocol"
    DIN = "din"
    ISO2 = "iso2"
    ISO20_COMMON = "iso20-common"
    ISO20_AC = "iso20-ac"
    ISO20_DC = "iso20-dc"
    ISO20_ACDP = "iso20-acdp"
    ISO20_WPT = "iso20-wpt"
    XMLDSIG = "xmldsig"


# What the generated functions raise when they meet what they don't deal with: bits that end
# too early are a negative shift, an unknown code misses in a table, a wrong type has no `<<`.
UNCOMMON = (DeviationError, ValueError, LookupError, TypeError, AttributeError)


class Decoded(Struct, frozen=True):
    """A message, what was borne with to read it, and the name of its root element."""

    message: Struct
    findings: tuple[Finding, ...]
    element: str


class DecodedFragment(Struct, frozen=True):
    """A fragment: an element on its own, which may be of a simple type."""

    value: Struct | Value
    findings: tuple[Finding, ...]
    element: str


def tables_of(schema: Schema) -> Tables:
    """The grammar tables of a schema."""
    return _tables(schema)


def decode(schema: Schema, octets: bytes) -> Decoded:
    """Decode a message; MalformedError says where, if it can't be read."""
    try:
        name, message = _functions(schema).decode(octets)
        return Decoded(message, (), name)
    except UNCOMMON:
        return _decode_tolerantly(schema, octets)


def _decode_tolerantly(schema: Schema, octets: bytes) -> Decoded:
    reader = Reader(schema, octets)
    name, message = decoder.decode_document(_tables(schema), reader)
    assert isinstance(message, Struct)  # noqa: S101 - no schema has a simple message
    return Decoded(message, tuple(reader.findings), name)


def encode(schema: Schema, message: Struct) -> bytes:
    """Encode a message; UsageError names the element that is illegal, if any is."""
    try:
        return _functions(schema).encode(message)
    except UNCOMMON:
        return encoder.encode_document(_tables(schema), message)


def decode_fragment(schema: Schema, octets: bytes) -> DecodedFragment:
    """Decode a fragment, as signatures are made of."""
    reader = Reader(schema, octets)
    name, value = decoder.decode_fragment(_tables(schema), reader)
    return DecodedFragment(value, tuple(reader.findings), name)


def encode_fragment(schema: Schema, element: Struct | Value, name: str | None = None) -> bytes:
    """Encode an element as the fragment which a signature's digest is made of.

    ``name`` is that of the element; it may be left out if the class of ``element`` belongs to
    one name only. A ``SignedInfo`` is encoded by the grammar of XML signatures alone, whatever
    the schema of the message, because that is what its signature is made of.
    """
    name = name or _name_of(schema, type(element))
    grammar = Schema.XMLDSIG if name == "SignedInfo" else schema
    return encoder.encode_fragment(_tables(grammar), name, element)


class _Functions(Protocol):
    """A generated codec module."""

    def decode(self, octets: bytes) -> tuple[str, Struct]:
        """The root element's name and the message."""

    def encode(self, message: Struct) -> bytes:
        """The octets of the message."""


@lru_cache(maxsize=len(Schema))
def _functions(schema: Schema) -> _Functions:
    name = f"seccstack.messages.generated.{schema.replace('-', '_')}_codec"
    return cast("_Functions", import_module(name))


@lru_cache(maxsize=len(Schema))
def _tables(schema: Schema) -> Tables:
    name = f"seccstack.messages.generated.{schema.replace('-', '_')}_tables"
    tables = import_module(name).SCHEMA
    assert isinstance(tables, Tables)  # noqa: S101 - of a generated module
    return tables


@lru_cache(maxsize=len(Schema))
def _names(schema: Schema) -> dict[type, set[str]]:
    """The elements that a class of the schema can be."""
    names: dict[type, set[str]] = {}
    for name, elements in _tables(schema).fragments:
        for element in elements:
            if isinstance(element.type, ComplexType) and element.type.cls is not None:
                names.setdefault(element.type.cls, set()).add(name)
    return names


def _name_of(schema: Schema, cls: type) -> str:
    names = _names(schema).get(cls, set())
    if len(names) != 1:
        listed = ", ".join(sorted(names)) or "none"
        raise UsageError(f"name the element: a {cls.__name__} can be {listed}")
    return next(iter(names))
