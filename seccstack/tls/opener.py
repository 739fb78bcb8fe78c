"""The protection of one direction over time: which keys, which sequence number.

A record's sequence number is never sent. So behind a gap several are tried: those that may
have been lost, and the first ones of the next keys, because what announces them may be lost.
"""

from __future__ import annotations

from collections.abc import Iterable

from seccstack.tls.protection import Content, Protection
from seccstack.tls.records import Record

MAX_GUESSES = 64  # sequence numbers tried; the windows of vehicles hold 30 records at most
MAX_FAILURES = 4  # records that don't open in spite of that; then there is no hope


class Opener:
    """Opens one record after another."""

    def __init__(self, epochs: Iterable[Protection | None]) -> None:
        self._epochs = iter(epochs)
        self._current = next(self._epochs, None)
        self._following = next(self._epochs, None)
        self._sequence = 0
        self._doubt = 0  # how many records at most came since, unseen
        self._failures = 0

    @property
    def hopeless(self) -> bool:
        """Whether there are no keys, or they have been wrong too often."""
        keyless = self._current is None and self._following is None
        return keyless or self._failures == MAX_FAILURES

    @property
    def failed(self) -> bool:
        """Whether keys that are meant to fit did not."""
        return self._failures > 0

    def advance(self) -> None:
        """Take the next keys: their sender has said so."""
        self._current, self._following = self._following, next(self._epochs, None)
        self._sequence = self._doubt = 0

    def doubt(self, records: int | None) -> None:
        """Take note that so many records may be missing; None: nobody knows how many."""
        known = MAX_GUESSES if records is None else records
        self._doubt = min(self._doubt + known, MAX_GUESSES)

    def open(self, record: Record) -> Content | None:
        """Return what a record protects, or None; call it for each record."""
        if self.hopeless:
            return None
        guesses = 1 + self._doubt
        content = self._try(self._current, record, self._sequence, guesses)
        if content is None and (self._doubt or self._current is None):
            content = self._try(self._following, record, 0, guesses)
            if content is not None:
                sequence = self._sequence
                self.advance()
                self._sequence = sequence
        if content is None:
            self._failures += self._current is not None
            self.doubt(1)
        else:
            self._doubt = self._failures = 0
        return content

    def _try(
        self, protection: Protection | None, record: Record, first: int, guesses: int
    ) -> Content | None:
        for sequence in range(first, first + guesses if protection else first):
            content = protection.open(record, sequence) if protection else None
            if content is not None:
                self._sequence = sequence + 1
                return content
        return None
