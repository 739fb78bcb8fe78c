"""What is decided about a plug-in, and the owner's records that it is decided from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from seccstack.auth import addresses
from seccstack.auth.emaid import normal
from seccstack.auth.vehicle import MAX_EVCCID
from seccstack.errors import UsageError

MAX_AMPS = 1000.0  # more than any outlet has; a slip of the keyboard is refused
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
    have no clock. ``max_amps``: what it may draw per phase, if less than others.
    ``proven_at``: when it last proved who it is, by a contract or a certificate;
    ``certificate``: the holder that its own certificate names, without which its address and
    whatever else it says let nobody in.
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
    max_amps: float | None = None
    first_seen: float | None = None
    proven_at: float | None = None
    certificate: str | None = None

    def __post_init__(self) -> None:
        if len(self.mac) != addresses.MAC_OCTETS:
            raise UsageError(f"a MAC address of {len(self.mac)} octets")
        if why := addresses.unusable(self.mac):
            raise UsageError(f"{addresses.format_mac(self.mac)} {why}")
        if self.evccid is not None and not 0 < len(self.evccid) <= MAX_EVCCID:
            raise UsageError(f"an EVCCID of {len(self.evccid)} octets")
        if self.max_amps is not None and not 0 <= self.max_amps <= MAX_AMPS:
            raise UsageError(f"a limit of {self.max_amps:g} A; give 0 to {MAX_AMPS:g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRecord:
    """A card its owner has registered. ``uid`` in upper-case hexadecimal; the rest as above.

    ``setup``: it enrols vehicles and other cards, and charges nothing.
    """

    uid: str
    label: str = ""
    added_at: float = 0.0
    enabled: bool = True
    expires: float | None = None
    expired: bool = False
    note: str = ""
    setup: bool = False

    def __post_init__(self) -> None:
        if self.uid != addresses.parse_uid(self.uid):
            raise UsageError(f"card {self.uid!r} is not in upper-case hexadecimal")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractRecord:
    """A contract its owner has registered. ``emaid``: 14 characters; the rest as above."""

    emaid: str
    label: str = ""
    added_at: float = 0.0
    enabled: bool = True
    expires: float | None = None
    expired: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        if self.emaid != normal(self.emaid):
            raise UsageError(f"{self.emaid!r} is no eMAID of 14 upper-case characters")


Record = VehicleRecord | CardRecord | ContractRecord


@dataclass(frozen=True, slots=True)
class Pending:
    """No answer yet; the reasons say what is being waited for, and what has failed so far."""

    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Granted:
    """The vehicle may charge, until it is unplugged.

    ``by``: a `Policy` value, CONTRACT, or several of them, as in "card and autocharge".
    ``max_amps``: what it may draw per phase, if less than there is.
    """

    by: str
    reasons: tuple[str, ...] = ()
    max_amps: float | None = None


@dataclass(frozen=True, slots=True)
class Denied:
    """The vehicle may not charge."""

    reasons: tuple[str, ...] = ()


Decision = Pending | Granted | Denied


def to_json(decision: Decision) -> dict[str, object]:
    """Return the ``decision`` object of a session; ``granted`` null: not decided yet."""
    granted = decision if isinstance(decision, Granted) else None
    amps = None if granted is None else granted.max_amps
    return {
        "granted": None if isinstance(decision, Pending) else granted is not None,
        "by": None if granted is None else granted.by,
        "reasons": list(decision.reasons),
        **({} if amps is None else {"max_amps": amps}),
    }


def objection(record: Record) -> str | None:
    """Say why a record that exists does not count, if so."""
    if not record.enabled:
        return "is registered, but disabled"
    return "is registered, but has expired" if record.expired else None
