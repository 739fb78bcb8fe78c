"""What the operator of the distribution network may order: by a contact, or by a value.

The contact says that it is needed, and what then may be drawn was agreed beforehand; a value
says how much. The lesser of both holds, for as long as it is said. A contact that cannot be
read any more counts as one that is on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from seccstack.energy.arbiter import NETWORK_OPERATOR, LimitOffered

SETTLE_SECONDS = 0.1  # contacts bounce
LOST_SECONDS = 5.0  # a controller that is looked for is mostly found by then


@dataclass(frozen=True, slots=True)
class ContactTurned:
    """The network operator's contact was switched."""

    on: bool


@dataclass(frozen=True, slots=True)
class ContactLost:
    """Nobody can tell any more where the contact is."""


@dataclass(frozen=True, slots=True)
class ContactRead:
    """Where the contact is now; None: it could not be read."""

    on: bool | None


@dataclass(frozen=True, slots=True)
class NetworkLimited:
    """It says how much may be drawn, in amperes per phase; None: as much as one likes."""

    amps: float | None


class Contact:
    """Tells of a contact what has lasted."""

    deadline = None

    def __init__(self) -> None:
        self._candidate: bool | None = None
        self._since: float | None = None
        self._told: ContactTurned | ContactLost = ContactTurned(False)

    def receive(self, event: ContactRead, now: float) -> Sequence[ContactTurned | ContactLost]:
        """Take a reading."""
        if self._since is None or event.on is not self._candidate:
            self._candidate, self._since = event.on, now
        lost = event.on is None
        if now < self._since + (LOST_SECONDS if lost else SETTLE_SECONDS):
            return []
        seen = ContactLost() if event.on is None else ContactTurned(event.on)
        before, self._told = self._told, seen
        return [] if seen == before else [seen]

    def tick(self, now: float) -> Sequence[ContactTurned | ContactLost]:
        """Nothing becomes of waiting."""
        return []


class Peak:
    """Offers what it orders as source `NETWORK_OPERATOR`."""

    deadline = None

    def __init__(self, contact_amps: float) -> None:
        self._contact_amps = contact_amps
        self._on = self._lost = False
        self._amps: float | None = None

    def receive(
        self, event: ContactTurned | ContactLost | NetworkLimited, now: float
    ) -> Sequence[LimitOffered]:
        """Take an order."""
        match event:
            case ContactTurned(on):
                self._on, self._lost = on, False
            case ContactLost():
                self._lost = True
            case NetworkLimited(amps):
                self._amps = amps
            case _:
                assert_never(event)
        said = [] if self._amps is None else [(self._amps, "it has ordered so")]
        if self._lost:
            said.append((self._contact_amps, "its contact cannot be read"))
        elif self._on:
            said.append((self._contact_amps, "its contact is on"))
        least, reason = min(said, default=(None, ""))
        return [LimitOffered(NETWORK_OPERATOR, least, None, reason)]

    def tick(self, now: float) -> Sequence[LimitOffered]:
        """Nothing becomes of waiting."""
        return []
