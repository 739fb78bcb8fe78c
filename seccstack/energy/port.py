"""The port of a meter: at the outlet, or at the grid connection point."""

from __future__ import annotations

from typing import Protocol

from seccstack.energy.reading import Reading


class Meter(Protocol):
    """Something that can be read; the phases of a reading are in the charger's order."""

    name: str

    async def read(self) -> Reading:
        """Read it once; UnavailableError if it does not answer, MalformedError if it raves.

        One that was away is looked for again by each reading.
        """

    def close(self) -> None:
        """Let go of it; it may be read again."""
