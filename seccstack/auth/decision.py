"""What is decided about a plug-in, and the owner's records that it is decided from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from seccstack.auth import addresses
from seccstack.auth.vehicle import MAX_EVCCID
from seccstack.errors import UsageError

CONTRACT = "contract"  # by what a proven contract is granted, under any policy


class Policy(Enum):
    """Who may charge."""

    OPEN = "open"  # whoever plugs in
    AUTOCHARGE = "autocharge"  # registered vehicles by themselves, others with a card
    CARD = "card"  # whoever holds a registered card to the reader


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleRecord:
    """A vehicle its owner has registered. Times are seconds since 1970.

    ``evccid``: where it is not the MAC address itself, what the vehicle must send besides.
    ``expired``: whether ``expires`` had passed when the registry was asked, for those that
    have no clock.
    """

    mac: bytes
    label: str = ""
    evccid: bytes | None = None
    added_at: float = 0.0
    last_seen: float | None = None
    times_seen: int = 0
    enabled: bool = True
    expires: float | None = None
    expired: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        if len(self.mac) != addresses.MAC_OCTETS:
            raise UsageError(f"a MAC address of {len(self.mac)} octets")
        if why := addresses.unusable(self.mac):
            raise UsageError(f"{addresses.format_mac(self.mac)} {why}")
        if self.evccid is not None and not 0 < len(self.evccid) <= MAX_EVCCID:
            raise UsageError(f"an EVCCID of {len(self.evccid)} octets")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRecord:
    """A card its owner has registered. ``uid`` in upper-case hexadecimal; the rest as above."""

    uid: str
    label: str = ""
    added_at: float = 0.0
    enabled: bool = True
    expires: float | None = None
    expired: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        if self.uid != addresses.parse_uid(self.uid):
            raise UsageError(f"card {self.uid!r} is not in upper-case hexadecimal")


@dataclass(frozen=True, slots=True)
class Pending:
    """No answer yet; the reasons say what is being waited for, and what has failed so far."""

    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Granted:
    """The vehicle may charge, until it is unplugged. ``by``: a `Policy` value, or CONTRACT."""

    by: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Denied:
    """The vehicle may not charge."""

    reasons: tuple[str, ...] = ()


Decision = Pending | Granted | Denied


def to_json(decision: Decision) -> dict[str, object]:
    """Return the ``decision`` object of a session; ``granted`` null: not decided yet."""
    return {
        "granted": None if isinstance(decision, Pending) else isinstance(decision, Granted),
        "by": decision.by if isinstance(decision, Granted) else None,
        "reasons": list(decision.reasons),
    }


def objection(record: VehicleRecord | CardRecord) -> str | None:
    """Say why a record that exists does not count, if so."""
    if not record.enabled:
        return "is registered, but disabled"
    return "is registered, but has expired" if record.expired else None
