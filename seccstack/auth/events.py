"""What the authorisation of an outlet is told, and what it asks for."""

from __future__ import annotations

from dataclasses import dataclass

from seccstack.auth.decision import CardRecord, Decision, VehicleRecord
from seccstack.auth.fingerprint import Fingerprint
from seccstack.auth.limiter import Limiter
from seccstack.auth.suspicion import Relative
from seccstack.auth.vehicle import Identity

# What the machine is told.


@dataclass(frozen=True, slots=True)
class PluggedIn:
    """A vehicle was plugged in; the number is a new one each time."""

    plug_in: int


@dataclass(frozen=True, slots=True)
class Unplugged:
    """It was taken away, and with it all it was allowed."""


@dataclass(frozen=True, slots=True)
class IdentityLearned:
    """The vehicle has said something of itself."""

    identity: Identity


@dataclass(frozen=True, slots=True)
class AuthorisationWanted:
    """The vehicle wants to charge; this is what it has said of itself."""

    identity: Identity


@dataclass(frozen=True, slots=True)
class VehicleFound:
    """The registry's answer to `LookUpVehicle`; ``record`` None: not registered.

    ``used_tls``: whether it has ever spoken to us in TLS, registered or not. ``prints``: what
    it showed of itself before; ``family``: whom it may be, if it has another address each time.
    ``failed``: the registry could not be asked.
    """

    mac: bytes
    record: VehicleRecord | None
    used_tls: bool = False
    prints: tuple[Fingerprint, ...] = ()
    family: tuple[Relative, ...] = ()
    failed: bool = False


@dataclass(frozen=True, slots=True)
class StreamSeen:
    """The vehicle has opened a connection; ``tls``: an encrypted one."""

    tls: bool


@dataclass(frozen=True, slots=True)
class FingerprintSeen:
    """More of how the vehicle speaks was seen; this is all of it so far."""

    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class ContractVouched:
    """The vehicle has proven a contract that may charge here; why, in words."""

    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DowngradeSeen:
    """A vehicle with this address has used TLS here before, and speaks without it now."""

    mac: bytes


@dataclass(frozen=True, slots=True)
class CardPresented:
    """A card was held to the reader; ``uid`` in upper-case hexadecimal."""

    uid: str


@dataclass(frozen=True, slots=True)
class CardFound:
    """The registry's answer to `LookUpCard`; ``record`` None: not registered.

    ``failed``: the registry could not be asked.
    """

    uid: str
    record: CardRecord | None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class RegistrationTurned:
    """Vehicles and cards are being registered, or no more: while it is on, nobody is let in."""

    on: bool


@dataclass(frozen=True, slots=True)
class VehicleEnrolled:
    """The vehicle of this plug-in has just been registered."""

    plug_in: int


@dataclass(frozen=True, slots=True)
class LockOutFound:
    """An earlier run of ours has counted these strangers; 0 of its times is now."""

    limiter: Limiter


@dataclass(frozen=True, slots=True)
class LockOutLifted:
    """The owner forgives all strangers that were counted."""


VisitEvent = (
    IdentityLearned
    | AuthorisationWanted
    | VehicleFound
    | StreamSeen
    | FingerprintSeen
    | CardPresented
    | CardFound
    | ContractVouched
)
Event = (
    PluggedIn
    | Unplugged
    | RegistrationTurned
    | VehicleEnrolled
    | LockOutFound
    | LockOutLifted
    | VisitEvent
)

# What it asks for.


@dataclass(frozen=True, slots=True)
class LookUpVehicle:
    """Ask the registry; it answers with `VehicleFound`."""

    mac: bytes


@dataclass(frozen=True, slots=True)
class LookUpCard:
    """Ask the registry; it answers with `CardFound`."""

    uid: str


@dataclass(frozen=True, slots=True)
class Decided:
    """Tell the vehicle, and everybody whom it concerns."""

    plug_in: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class Revoked:
    """End the charge: what it was granted for no longer holds."""

    plug_in: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """End the charge in an orderly way."""

    plug_in: int
    why: str


@dataclass(frozen=True, slots=True)
class LockedOut:
    """Too many strangers were here: for so long, nobody is let in for claims alone."""

    seconds: float


@dataclass(frozen=True, slots=True)
class LimitAccess:
    """Let the vehicle of this plug-in draw so much per phase; None: all there is.

    It comes before the decision that it belongs to.
    """

    plug_in: int
    amps: float | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prove:
    """Note that this registered vehicle has proven itself: its address is no name any more.

    ``certificate``: the holder of the one that it has shown, from now on its own.
    """

    mac: bytes
    certificate: str | None = None


@dataclass(frozen=True, slots=True)
class Vouch:
    """Note that this card was held up for a vehicle that is like this registered one."""

    mac: bytes
    uid: str


@dataclass(frozen=True, slots=True)
class KeepLockOut:
    """Keep what was counted over a restart of ours; 0 of its times is now.

    The answer is `LockOutFound`, once we run again. ``limiter`` as at first: nothing is left of
    it, and whoever shows a lock-out shows none.
    """

    limiter: Limiter


Action = (
    LookUpVehicle
    | LookUpCard
    | LimitAccess
    | Decided
    | Revoked
    | Stop
    | Prove
    | Vouch
    | LockedOut
    | KeepLockOut
)
