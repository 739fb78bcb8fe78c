"""What may be enrolled, and why not: a judgement on one vehicle or card, in words.

What is enrolled is to be recognised later without a card. So a vehicle is refused here for
whatever would keep it from that: the owner, who stands beside it, is told at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from seccstack.auth.addresses import format_mac, invented, notes, parse_uid, rotating, unusable
from seccstack.auth.claims import evccid_obstacles
from seccstack.auth.decision import CardRecord, VehicleRecord, objection
from seccstack.auth.enrolment_events import BeginWanted, Step
from seccstack.auth.events import VehicleFound
from seccstack.auth.fingerprint import Fingerprint
from seccstack.auth.port import Enrolled
from seccstack.auth.suspicion import like, named, probably
from seccstack.auth.vehicle import MAX_EVCCID, Identity, mac_from_evccid
from seccstack.errors import UsageError

MAX_SETUP_CARDS = 8  # of the configuration; a household has one, an installer a few
RANDOM_UID, RANDOM_DIGITS = "08", 8  # ISO/IEC 14443-3: a single-size number drawn anew
LAYERS = 2  # that have to name a vehicle, as autocharge demands of it later


class RotatingVehicles(Enum):
    """What becomes of a vehicle that has another address each time."""

    REFUSE = "refuse"  # it needs a card, unless it turns out to keep its address
    FAMILY = "family"  # it is registered, to be recognised by how it speaks


@dataclass(frozen=True, slots=True)
class Settings:
    """How this charger registers; ``setup_cards`` beside those of the registry.

    ``meaning``: what it is to be registered here, if not that a vehicle is let in by itself.
    """

    setup_cards: tuple[str, ...] = ()
    wait_seconds: float = 60.0  # for which nothing happens: then it ends
    identify_seconds: float = 180.0  # in which a vehicle has to say who it is
    registry_wait_seconds: float = 5.0  # then the registry is taken to be silent
    most: int = 32  # vehicles and cards together, as many as the box this is meant for has
    rotating: RotatingVehicles = RotatingVehicles.REFUSE
    meaning: str = ""

    def __post_init__(self) -> None:
        waits = (self.wait_seconds, self.identify_seconds, self.registry_wait_seconds)
        if not all(0 < wait < float("inf") for wait in waits):
            raise UsageError(f"seconds to wait must be more than 0: {waits}")
        if self.most < 1 or len(self.setup_cards) > MAX_SETUP_CARDS:
            raise UsageError(f"room for {self.most}, and {len(self.setup_cards)} setup cards")


Refusal = tuple[Step, str]


def called(record: VehicleRecord | CardRecord) -> str:
    """Call a vehicle or a card as its owner does."""
    if isinstance(record, CardRecord):
        return named("card", record.uid, record.label)
    return named("vehicle", format_mac(record.mac), record.label)


def card_refused(uid: str) -> Refusal | None:
    """Say what keeps a number from being a card's name."""
    try:
        regular = parse_uid(uid) == uid
    except UsageError:
        regular = False
    if not regular:
        return Step.ADDRESS, f"{uid!r} is not a card's number"
    if len(uid) == RANDOM_DIGITS and uid.startswith(RANDOM_UID):
        return Step.ROTATING, (
            f"this card, or telephone, shows another number each time ({uid} this time), so it "
            "would not be known the next time: take a card that keeps its number"
        )
    return None


def name_of(identity: Identity) -> bytes | Refusal:
    """Return the address to register; or what is wrong with what a vehicle says of itself."""
    mac = identity.common_mac
    if mac is None:
        why = identity.conflicts or ("the vehicle has not said who it is",)
        return Step.DISAGREES, "; ".join(why)
    if unusable(mac) or invented(mac):
        return Step.ADDRESS, "; ".join((*notes(mac), "it needs a card"))
    if len(identity.evccid or b"") > MAX_EVCCID:
        return Step.DISAGREES, f"its EVCCID has more than {MAX_EVCCID} octets"
    obstacles = tuple(evccid_obstacles(identity, record_of(identity, mac).evccid, LAYERS))
    return (Step.DISAGREES, "; ".join(obstacles)) if obstacles else mac


def refused_when_known(
    found: VehicleFound, fingerprint: Fingerprint, settings: Settings, *, kept: bool
) -> Refusal | None:
    """Say what the registry has against it; ``kept``: it has had its address twice."""
    vehicle = f"vehicle {format_mac(found.mac)}"
    if found.failed:
        return Step.REGISTRY, f"the registry cannot be read, so {vehicle} is not registered"
    if found.record is not None:
        return Step.KNOWN, already(found.record)
    if kept or not rotating(found.mac):
        return None
    if alike := like(found.family, fingerprint):
        return Step.KNOWN, f"{vehicle} is of those that change their address; {probably(alike)}"
    if settings.rotating is RotatingVehicles.FAMILY:
        return None
    return Step.ROTATING, (
        "vehicles like this one change their address at every plug-in "
        f"({format_mac(found.mac)} this time), so it would not be known the next time: "
        "register a card for it; or plug it in once more now, to show that it keeps its address"
    )


def already(record: VehicleRecord | CardRecord) -> str:
    """Say that it is registered, and what of that does not count."""
    return f"{called(record)} {objection(record) or 'is registered already'}"


def record_of(
    identity: Identity, mac: bytes, wishes: BeginWanted | None = None
) -> VehicleRecord:
    """Make a record of a vehicle; an EVCCID that is its address need not be kept."""
    own = wishes or BeginWanted()
    evccid = identity.evccid or None
    return VehicleRecord(
        mac=mac,
        evccid=None if evccid is None or mac_from_evccid(evccid) is not None else evccid,
        label=own.label,
        expires=own.expires,
        note=own.note,
        certificate=identity.holders[0] if len(identity.holders) == 1 else None,
    )


def card_of(uid: str, wishes: BeginWanted) -> CardRecord:
    """Make a record of a card."""
    return CardRecord(uid=uid, label=wishes.label, expires=wishes.expires, note=wishes.note)


def unanswered(record: VehicleRecord | CardRecord, settings: Settings) -> Refusal:
    """Say that the registry is silent; what it was to write may still come true."""
    return Step.REGISTRY, (
        f"the registry did not answer about {called(record)} in "
        f"{settings.registry_wait_seconds:g} s; unless it does, that is not registered"
    )


def outcome_of(
    record: VehicleRecord | CardRecord, outcome: Enrolled | None, settings: Settings
) -> Refusal:
    """Say what has become of a record."""
    match outcome:
        case Enrolled.ADDED:
            return Step.REGISTERED, f"{called(record)} is registered"
        case Enrolled.KNOWN:
            return Step.KNOWN, f"{called(record)} is registered already"
        case Enrolled.FULL:
            return Step.FULL, (
                f"{called(record)} is not registered: {settings.most} vehicles and cards are, "
                "and there is no room for more; remove one"
            )
        case _:
            return Step.REGISTRY, (
                f"{called(record)} is not registered: the registry cannot be written"
            )
