"""A place in a TLS structure; every length in it is the sender's word, and is checked."""

from __future__ import annotations

from seccstack.errors import MalformedError


class Cursor:
    """Reads a structure from front to back; ``path`` is what errors call it."""

    def __init__(self, octets: bytes, path: str, at: int = 0, end: int | None = None) -> None:
        self.path = path
        self._octets = octets
        self._at = at
        self._end = len(octets) if end is None else end

    @property
    def left(self) -> int:
        """How many octets are still to be read."""
        return self._end - self._at

    def refuse(self, problem: str) -> MalformedError:
        """Return the error to raise for what is wrong here."""
        return MalformedError(problem, path=self.path, octet=self._at)

    def take(self, count: int) -> bytes:
        """Return the next octets; MalformedError if there are fewer."""
        if count > self.left:
            raise self.refuse(f"{count} octets where {self.left} are left")
        taken = self._octets[self._at : self._at + count]
        self._at += count
        return taken

    def rest(self) -> bytes:
        """Return all that is left."""
        return self.take(self.left)

    def number(self, size: int) -> int:
        """Return the next number, of so many octets."""
        return int.from_bytes(self.take(size))

    def vector(self, size: int, path: str = "") -> Cursor:
        """Return a cursor over what stands behind a length of ``size`` octets."""
        count = self.number(size)
        began = self._at
        self.take(count)
        return Cursor(self._octets, path or self.path, began, self._at)

    def opaque(self, size: int) -> bytes:
        """Return the octets that stand behind a length of ``size`` octets."""
        return self.vector(size).rest()

    def numbers(self, size: int) -> tuple[int, ...]:
        """Return all that is left as numbers of so many octets."""
        found = []
        while self.left:
            found.append(self.number(size))
        return tuple(found)

    def finish(self) -> None:
        """MalformedError if something is left."""
        if self.left:
            raise self.refuse(f"{self.left} octets after the end")
