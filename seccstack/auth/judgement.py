"""What is known of a plug-in, and by what rules it is decided upon: values, no machine."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from math import isfinite

from seccstack.auth.decision import CardRecord, Decision, Policy, VehicleRecord
from seccstack.auth.fingerprint import NOTHING, Fingerprint
from seccstack.auth.limiter import CALM, Limiter
from seccstack.auth.policies import MAX_WAYS, USUAL, Factor, Way
from seccstack.auth.suspicion import FingerprintUse, Relative, RotatingUse
from seccstack.auth.vehicle import Identity, Source
from seccstack.errors import UsageError

DAY = 86400.0


class Below(Enum):
    """What a registered vehicle gets if it is less sure than is wanted that it is that one."""

    CARD = "card"  # a card, or a proof, is needed besides
    REDUCED = "reduced"  # it charges with less current until there is one
    REFUSE = "refuse"  # it is refused at once, as a stranger is; a card afterwards starts it


@dataclass(frozen=True, slots=True)
class Settings:
    """How this charger decides.

    ``ways``: what is asked for, instead of what is usual for the ``policy``. ``confidence``:
    from 0 to 1, see `seccstack.auth.confidence`; a registered vehicle of which it is less sure
    gets what ``below`` says. ``vouch_seconds``: how long a card that was held up for a vehicle
    with another address each time vouches for the next that is like it.
    """

    policy: Policy = Policy.AUTOCHARGE
    card_wait_seconds: float = 60.0  # from the vehicle's asking; 0: refuse at once
    card_ahead_seconds: float = 60.0  # how long a card held up before plugging in counts
    registry_wait_seconds: float = 5.0  # then the registry is taken to be silent
    autocharge_sources: int = 2  # of the three `Source`s; from 2 on, with SLAC and EVCCID
    downgrade_refused: bool = False  # of who has used TLS before, and does without it now
    fingerprint: FingerprintUse = FingerprintUse.EXPLAIN
    rotating: RotatingUse = RotatingUse.ONCE
    ways: tuple[Way, ...] = ()
    confidence: float = 0.5  # all that it says of itself is one address
    below: Below = Below.CARD
    reduced_amps: float = 6.0  # per phase; what every vehicle can do with
    vouch_seconds: float = 7 * DAY

    def __post_init__(self) -> None:
        waits = (self.card_wait_seconds, self.card_ahead_seconds, self.registry_wait_seconds)
        if not all(0 <= wait < float("inf") for wait in waits):
            raise UsageError(f"seconds to wait must be 0 or more: {waits}")
        if not 1 <= self.autocharge_sources <= len(Source):
            raise UsageError(f"there are 1 to 3 sources, not {self.autocharge_sources}")
        if not 0 <= self.confidence <= 1:
            raise UsageError(f"a confidence is from 0 to 1, not {self.confidence}")
        amounts = (self.reduced_amps, self.vouch_seconds)
        if not all(isfinite(amount) and amount >= 0 for amount in amounts):
            raise UsageError(f"amperes and seconds must be 0 or more: {amounts}")
        if len(self.ways) > MAX_WAYS or () in self.ways:
            raise UsageError(
                f"{len(self.ways)} ways, of one factor at least; {MAX_WAYS} at most"
            )

    @property
    def asked(self) -> tuple[Way, ...]:
        """The ways in which a vehicle may come to charge, the surest first."""
        return self.ways or USUAL[self.policy]

    @property
    def open(self) -> bool:
        """Whether nothing is asked for."""
        return self.policy is Policy.OPEN and not self.ways

    def asks_for(self, factor: Factor) -> bool:
        """Whether this is of any use here."""
        return any(factor in way for way in self.asked)


@dataclass(frozen=True, slots=True)
class VehicleLookup:
    """A question to the registry about a vehicle; ``failed``: it could not be asked."""

    key: bytes
    asked_at: float
    answered: bool = False
    record: VehicleRecord | None = None
    used_tls: bool = False
    again: bool = False  # it is asked once more, about who was let in already
    prints: tuple[Fingerprint, ...] = ()
    family: tuple[Relative, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class CardLookup:
    """A question to the registry about a card; ``failed``: it could not be asked."""

    key: str
    asked_at: float
    answered: bool = False
    record: CardRecord | None = None
    again: bool = False
    failed: bool = False


REGISTERING = "vehicles and cards are being registered: meanwhile nobody is let in"


@dataclass(frozen=True, slots=True)
class Visit:
    """One plug-in, and all that is known of it."""

    plug_in: int
    identity: Identity = field(default_factory=Identity)
    wanted_at: float | None = None
    vehicle: VehicleLookup | None = None
    cards: tuple[CardLookup, ...] = ()
    decision: Decision | None = None
    vouched: tuple[str, ...] = ()  # why its contract may charge, if it does
    tls: bool | None = None  # whether its latest connection is encrypted
    fingerprint: Fingerprint = NOTHING
    judged: Fingerprint = NOTHING  # the same, as of the grant: what is granted is granted
    limiter: Limiter = CALM  # as of plugging in
    halted: str | None = None  # why only a card can start it again
    registering: bool = False  # it came while vehicles are registered, and they still are
    enrolled: bool = False  # it was registered in this very visit
    checked_at: float = 0.0  # when it was granted, or the registry last asked about that
    proved: bool = False  # the registry was told that this vehicle has proven itself
    vouched_for: bytes | None = None  # the vehicle that a card has made this one to be
    amps: float | None = None  # what it may draw, as it was told last
    stopper: CardLookup | None = None  # another card, that may be of the one who started it
