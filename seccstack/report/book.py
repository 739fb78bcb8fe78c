"""What messages have in common, kept once: names, layouts, and messages that are repeated.

A charge of an hour has ten thousand messages and some dozen layouts. So a page that has all of
them, bit by bit, stays small enough to be mailed.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Hashable, Sequence
from typing import Any, Generic, TypeVar

from seccstack.report.parts import NUMBER, SECRET, Form, Part

K = TypeVar("K", bound=Hashable)

FIELDS = 8  # numbers of a part in a layout
NO_FORM = -1
SAFE = 2**53  # integers up to here are exact in JavaScript


class Index(Generic[K]):
    """Gives each different thing a number, in the order in which they come."""

    def __init__(self) -> None:
        self._numbers: dict[K, int] = {}

    def of(self, thing: K) -> int:
        """Return the number of a thing."""
        return self._numbers.setdefault(thing, len(self._numbers))

    def all(self) -> list[K]:
        """Return the things; a thing's number is its place."""
        return list(self._numbers)


class Book:
    """The names, layouts and contents of all messages of a page.

    As large as the captures it is made of, and not larger.
    """

    def __init__(self) -> None:
        self.names: Index[str] = Index()
        self._forms: Index[Form] = Index()
        self._layouts: Index[tuple[int, ...]] = Index()
        self._numbers: dict[Hashable, int] = {}
        self._contents: list[list[Any]] = []

    def number_of(self, key: Hashable) -> int | None:
        """Return the number of what was kept under this key."""
        return self._numbers.get(key)

    def keep(
        self,
        key: Hashable,
        octets: bytes,
        parts: Sequence[Part],
        broken_at: int | None = None,
    ) -> int:
        """Keep a message, and return its number; ``broken_at`` is a bit."""
        layout: list[int] = []
        values: list[Any] = []
        for part in parts:
            form = NO_FORM if part.form is None else self._forms.of(part.form)
            layout += (part.depth, self.names.of(part.name), part.first, part.end)
            layout += (form, part.value_first, part.value_end, part.flags)
            if part.form is not None:
                values.append(_exact(part))
        encoded = b64encode(_without_secrets(octets, parts)).decode()
        content: list[Any] = [self._layouts.of(tuple(layout)), encoded, values]
        self._contents.append(content if broken_at is None else [*content, broken_at])
        return self._numbers.setdefault(key, len(self._contents) - 1)

    def to_json(self) -> dict[str, Any]:
        """Return all of it."""
        return {
            "names": self.names.all(),
            "forms": [list(form) for form in self._forms.all()],
            "layouts": [list(layout) for layout in self._layouts.all()],
            "contents": self._contents,
        }


def _exact(part: Part) -> Any:
    """Return a value that JavaScript does not round: some serial numbers have 160 bits."""
    large = part.form and part.form.kind == NUMBER and abs(int(part.value)) > SAFE
    return str(part.value) if large else part.value


def _without_secrets(octets: bytes, parts: Sequence[Part]) -> bytes:
    left = bytearray(octets)
    for part in parts:
        if part.flags & SECRET:
            place = slice(part.first // 8, part.end // 8)
            left[place] = bytes(len(left[place]))
    return bytes(left)
