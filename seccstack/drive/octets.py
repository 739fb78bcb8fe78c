"""Octets for a simulated charger's keys and session ids: the same ones in every drive.

They keep nothing secret, for nobody else is on a simulated line; and what comes of a recording
must be the same today and tomorrow, or it could be compared with nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import shake_256
from itertools import count


def octets_of(name: str) -> Callable[[int], bytes]:
    """Return a source of octets that look random; ``name`` chooses which."""
    numbers = count()

    def octets(size: int) -> bytes:
        return shake_256(f"{name} {next(numbers)}".encode()).digest(size)

    return octets
