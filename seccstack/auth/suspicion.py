"""What speaks against a registered address, though everything claimed is that address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from seccstack.auth.addresses import format_mac, invented, rotating
from seccstack.auth.decision import VehicleRecord, objection
from seccstack.auth.fingerprint import Fingerprint, candidates

STABLE_VISITS = 2  # that were certain: then an address that may rotate is taken not to
MAX_RELATIVES = 16  # registered vehicles with rotating addresses; a fleet needs cards


class FingerprintUse(Enum):
    """What a fingerprint is for."""

    OFF = "off"
    EXPLAIN = "explain"  # it is told, and decides nothing
    WEIGH = "weigh"  # it counts in the confidence
    REQUIRE = "require"  # who is not like before needs a card


class RotatingUse(Enum):
    """How a vehicle is let in that has another address each time."""

    CARD = "card"  # with a card each time, or once, if it turns out to keep its address
    # With a card once, which vouches for a while for whoever is like it. For a while only, and
    # as long as that card is registered: others of the same make and software are as like it,
    # and a neighbour's would charge, too.
    ONCE = "once"
    REDUCED = "reduced"  # with less current, if it is like exactly one that is registered
    FINGERPRINT = "fingerprint"  # with all there is, if it is


@dataclass(frozen=True, slots=True)
class Relative:
    """A registered vehicle of the family whose addresses rotate.

    ``vouched``: how many seconds ago a card was held up for one that was like it.
    """

    record: VehicleRecord
    prints: tuple[Fingerprint, ...] = ()
    vouched: float | None = None


def named(kind: str, key: str, label: str) -> str:
    """Call a vehicle or a card as its owner does."""
    return f"{kind} {key} ({label})" if label else f"{kind} {key}"


def address_obstacles(record: VehicleRecord, prints: Sequence[Fingerprint]) -> Iterator[str]:
    """Say what keeps a registered address from being a name."""
    address = format_mac(record.mac)
    if invented(record.mac):
        yield f"{address} is locally administered: anybody may make it up, so a card is needed"
    if rotating(record.mac) and len(prints) < STABLE_VISITS:
        yield (
            f"{address} is of the range from which Volkswagen group vehicles draw a new "
            "address for every plug-in: hold a card to the reader once, to show that this one "
            "keeps it"
        )


def like(relatives: Sequence[Relative], seen: Fingerprint) -> list[Relative]:
    """Return the registered vehicles that this one may be, though its address is new."""
    valid = {r.record.mac: r for r in relatives if objection(r.record) is None}
    family = [(mac, relative.prints) for mac, relative in valid.items()]
    return [valid[mac] for mac in candidates(family, seen)]


def probably(found: Sequence[Relative]) -> str:
    """Say which vehicle it may be."""
    names = [named("vehicle", format_mac(r.record.mac), r.record.label) for r in found]
    if len(names) == 1:
        return f"it is probably {names[0]}: of the same family, and like it"
    return f"it may be any of {len(names)} registered vehicles: {', '.join(names)}"


def advice(mac: bytes) -> tuple[str, ...]:
    """Tell an owner who registers this address what it is worth."""
    if rotating(mac):
        return (
            f"{format_mac(mac)} is of the range from which Volkswagen group vehicles draw a "
            "new address for every plug-in, so it is hardly the name of one. Hold a card to "
            "the reader the next time: if the address is the same, it counts from then on. If "
            "not, the vehicle will be recognised by its family and by how it speaks, as "
            "probably this one, and [access] rotating says what then: a card each time, unless "
            "you trust that",
        )
    if invented(mac):
        return (
            f"{format_mac(mac)} is locally administered: its station made it up, and so may "
            "any other. A vehicle that goes by it will always need a card",
        )
    return ()
