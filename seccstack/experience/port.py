"""What is looked up of a vehicle's behaviour, and by which name."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from seccstack.auth.addresses import (
    format_mac,
    invented,
    parse_mac,
    rotating,
    unusable,
)
from seccstack.auth.fingerprint import Fingerprint
from seccstack.errors import UsageError
from seccstack.experience.record import Experience

MAX_EXPERIENCES = 1000  # a household has some, a car park hundreds; the oldest goes
OUI_OCTETS = 3
SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle, by an address that it keeps."""

    mac: bytes

    def __str__(self) -> str:
        return format_mac(self.mac)


@dataclass(frozen=True, slots=True)
class Family:
    """Vehicles of one model and software, as far as they can be told from others.

    ``oui``: the first octets of their addresses; ``run_id``: how they make a run id; ``offer``:
    a digest of the protocols they offer, empty as long as they have offered none.
    """

    oui: bytes
    run_id: str
    offer: str = ""

    def __str__(self) -> str:
        return SEPARATOR.join((self.oui.hex().upper(), self.run_id, self.offer))


Key = Vehicle | Family
# Vehicles that say nothing are nobody's family, and all alike: what they do is kept together.
SILENT = Family(bytes(OUI_OCTETS), "none")


class Experiences(Protocol):
    """What is known of all vehicles that were here, over restarts.

    Calls may block for as long as a disk takes. Implementations are held to one contract test.
    """

    def recall(self, key: Key) -> Experience | None:
        """Return what is known of a vehicle or family."""

    def keep(self, key: Key, experience: Experience) -> None:
        """Keep it in the place of what was known; beyond `MAX_EXPERIENCES`, the oldest goes."""

    def forget(self, key: Key | None = None) -> int:
        """Forget a vehicle or family, or everything; return how many that were."""

    def all(self) -> Sequence[tuple[Key, Experience]]:
        """Return all that is known, the latest first."""


def families(mac: bytes, seen: Fingerprint) -> tuple[Family, ...]:
    """Return the families that it is of, the narrowest first; none before a run id is known."""
    if seen.run_id is None:
        return ()
    oui, style = mac[:OUI_OCTETS], seen.run_id.replace(SEPARATOR, "/")
    wide = Family(oui, style)
    if seen.offer is None:
        return (wide,)
    digest = hashlib.sha256("\n".join(seen.offer).encode()).hexdigest()[:8].upper()
    return (Family(oui, style, digest), wide)


def keys(mac: bytes, seen: Fingerprint) -> tuple[Key, ...]:
    """Return all names under which its behaviour is kept, the narrowest first.

    An address that is drawn anew for every plug-in, or made up, is no vehicle's name.
    """
    if unusable(mac):
        return ()
    kept = not (rotating(mac) or invented(mac))
    return (*((Vehicle(mac),) if kept else ()), *families(mac, seen))


def recalled(store: Experiences, names: Sequence[Key]) -> tuple[Key, Experience] | None:
    """Return what is known by the narrowest of these names, and that name."""
    for key in names:
        if (known := store.recall(key)) is not None:
            return key, known
    return None


def parse_key(text: str) -> Key:
    """Read a key as `str` writes it; UsageError if it is something else."""
    if SEPARATOR not in text:
        return Vehicle(parse_mac(text))
    parts = text.split(SEPARATOR)
    try:
        oui = bytes.fromhex(parts[0])
    except ValueError:
        oui = b""
    if len(parts) != 3 or len(oui) != OUI_OCTETS or not parts[1]:
        raise UsageError(f"{text[:60]!r} is not a family; as in 'DC4427|MAC+0000|1A2B3C4D'")
    return Family(oui, parts[1], parts[2])
