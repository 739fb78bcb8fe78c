"""What an XML schema says, as far as EXI has to know it.

The generated modules in ``seccstack.messages.generated`` describe each schema with these
values; ``grammar`` turns them into event codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Literal

from msgspec import Struct

from seccstack.exi.limits import MAX_UNBOUNDED


class Boolean(Struct, frozen=True):
    """true or false: one bit."""


class Integer(Struct, frozen=True):
    """A whole number; a bound of None is none."""

    minimum: int | None
    maximum: int | None


class Text(Struct, frozen=True):
    """A string, anyURI, ID or IDREF; lengths count characters."""

    minimum: int = 0
    maximum: int | None = None


class Binary(Struct, frozen=True):
    """Octets, which XML writes in hexadecimal or in base64; lengths count octets."""

    hexadecimal: bool
    minimum: int = 0
    maximum: int | None = None


class Enumeration(Struct, frozen=True):
    """One of a fixed list of strings, in the schema's order."""

    members: type[Enum]


SimpleType = Boolean | Integer | Text | Binary | Enumeration


class Element(Struct, frozen=True):
    """An element; ``type`` is None for an abstract one, which may not appear itself."""

    name: str
    type: SimpleType | ComplexType | None


class Attribute(Struct, frozen=True):
    """An attribute, and the field of the class that holds it."""

    name: str
    field: str
    type: SimpleType
    required: bool


class Slot(Struct, frozen=True):
    """A place for an element, or for any member of a substitution group (in EXI's order).

    ``maximum`` None is unbounded; ``many`` says that the field is a tuple.
    """

    field: str
    alternatives: tuple[Element, ...]
    minimum: int = 1
    maximum: int | None = 1
    many: bool = False

    @property
    def most(self) -> int:
        """The most items there may be: ours where the schema sets no bound."""
        unbounded = self.many and self.maximum in (None, 1)
        return MAX_UNBOUNDED if unbounded else self.maximum or 1


class Wildcard(Struct, frozen=True):
    """A place for elements of foreign schemas. We know none, so it only takes an event code."""

    minimum: int = 0
    maximum: int | None = None


class Group(Struct, frozen=True):
    """A sequence or a choice of particles; if it repeats, it does so without bound."""

    kind: Literal["sequence", "choice"]
    items: tuple[Particle, ...]
    minimum: int = 1
    maximum: int | None = 1


Particle = Slot | Wildcard | Group


class ComplexType(Struct, frozen=True, eq=False):
    """A complex type and the class of its values.

    ``content`` is a simple type where the type has simple content (the field is ``value``).
    ``cls`` is None where the class of the only member stands for it (the -2 ``Body``).
    """

    cls: type[Struct] | None
    content: Group | SimpleType
    attributes: tuple[Attribute, ...] = ()
    mixed: bool = False


def slots_of(particle: Particle) -> Iterator[Slot]:
    """Every slot below a particle, in schema order."""
    match particle:
        case Slot():
            yield particle
        case Group():
            for item in particle.items:
                yield from slots_of(item)
        case _:  # a wildcard has none
            return


class Schema(Struct, frozen=True):
    """A schema set: what a document and what a fragment may begin with.

    ``documents`` maps the event code of a message to its element and ``fragments`` lists every
    element of the set in EXI's order: its index is its code. A name that is declared with
    several types has an element for each, and its attributes' codes in ``relaxed``.
    """

    name: str
    documents: dict[int, Element]
    document_count: int
    fragments: tuple[tuple[str, tuple[Element, ...]], ...]
    attribute_count: int
    relaxed: dict[str, dict[str, int]]

    @property
    def relaxed_start(self) -> int:
        """How many events may start the content of an element with several types: every
        attribute and any other, every element and any other, the end, and text."""
        return self.attribute_count + 1 + len(self.fragments) + 3
