"""What a charge point is told, and what it asks for: the whole seam between it and the world.

Events are in the past tense, actions in the imperative. Where a machine's own event or action
crosses the seam as it is, it is that machine's; the rest is declared here. Nothing else
crosses: what is recorded of a plug-in is these, with their times, so that it can be run again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seccstack.auth import contract, enrolment_events
from seccstack.auth import events as auth_events
from seccstack.auth.certificate import VehicleCertificate
from seccstack.auth.fingerprint import NOTHING, Fingerprint
from seccstack.auth.vehicle import Identity
from seccstack.energy import arbiter, floor, supply
from seccstack.experience import events as experience_events
from seccstack.indication import Light
from seccstack.pilot import limits
from seccstack.session import events as session_events
from seccstack.slac import amplitude, modem_events, station

# Events.


@dataclass(frozen=True, slots=True)
class NetworkOpened:
    """SDP and TCP are served; ``address`` is our link-local one, ``port`` the TCP port."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class NetworkLost:
    """SDP and TCP are served no more."""

    why: str


@dataclass(frozen=True, slots=True)
class DatagramReceived:
    """A UDP datagram came to the SDP port; ``mac``: its Ethernet source, where known."""

    address: str
    port: int
    octets: bytes
    mac: bytes | None = None


@dataclass(frozen=True, slots=True)
class StreamOpened:
    """A TCP connection was accepted.

    ``session_id``: 8 fresh random octets for the session that may come of it; ``wall_time``:
    seconds since 1970; ``mac``: the peer's Ethernet address, where it is known.

    ``tls``: whether it is encrypted, ``tls_version`` in which version, as OpenSSL names it;
    ``details`` of that are JSON values, for people; ``vehicle``: the certificate that it has
    shown, and proven to be its own. ``challenge``: 16 fresh random octets, for a vehicle that
    has to prove its contract. ``opening``: how its SYN was made, where that can be known
    (`seccstack.auth.opening`).
    """

    stream: int
    address: str
    session_id: bytes
    wall_time: int
    mac: bytes | None = None
    tls: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)
    challenge: bytes = b""
    opening: str = ""
    tls_version: str | None = None
    vehicle: VehicleCertificate | None = None


@dataclass(frozen=True, slots=True)
class HandshakeFailed:
    """A TCP connection was accepted, but will never be a stream.

    ``alert``: what TLS calls the reason, where it was given one.
    """

    address: str
    why: str
    alert: str | None = None


@dataclass(frozen=True, slots=True)
class CertificatesRead:
    """These chains can be shown to vehicles now; ``problems``: of those and of others."""

    chains: tuple[str, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BytesReceived:
    """Bytes came on a TCP connection."""

    stream: int
    data: bytes


@dataclass(frozen=True, slots=True)
class StreamClosed:
    """A TCP connection has ended, by whoever's doing."""

    stream: int


@dataclass(frozen=True, slots=True)
class LimitOffered:
    """A source of limits speaks: amperes per phase, or None where it has no opinion now.

    ``until``: when it is no longer believed, if it is silent; ``reason``: for people. ``each``:
    what each phase may carry, where they differ; ``amps`` is the least of it.
    """

    source: str
    amps: float | None
    until: float | None = None
    reason: str = ""
    each: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class LimitPlanned:
    """A source of limits says what it will offer from each of these moments on."""

    source: str
    steps: tuple[tuple[float, float | None], ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CurrentMeasured:
    """The meter's reading: the largest of the phase currents, in amperes."""

    amps: float


@dataclass(frozen=True, slots=True)
class CurrentLost:
    """The meter is silent: what it said last may not be true any more."""


@dataclass(frozen=True, slots=True)
class PausedFound:
    """An earlier run of ours ended while this session was paused; see `KeepPaused`."""

    paused: session_events.Paused
    mac: bytes | None = None


Event = (
    station.Opened
    | station.Lost
    | station.KeyDrawn
    | station.FrameReceived
    | amplitude.AmplitudesSet
    | NetworkOpened
    | NetworkLost
    | DatagramReceived
    | StreamOpened
    | HandshakeFailed
    | CertificatesRead
    | BytesReceived
    | StreamClosed
    | LimitOffered
    | LimitPlanned
    | arbiter.PhasesUsed
    | CurrentMeasured
    | CurrentLost
    | PausedFound
    | supply.OutputMeasured
    | supply.InsulationChecked
    | supply.SupplyFault
    | session_events.MeterRead
    | session_events.DischargeWanted
    | session_events.ContractVerified
    | session_events.SignatureVerified
    | session_events.ContractProvided
    | session_events.TariffsProvided
    | contract.ContractFound
    | auth_events.VehicleFound
    | auth_events.DowngradeSeen
    | auth_events.CardPresented
    | auth_events.CardFound
    | auth_events.LockOutFound
    | auth_events.LockOutLifted
    | enrolment_events.BeginWanted
    | enrolment_events.EndWanted
    | enrolment_events.Followed
    | enrolment_events.EnrolAnswered
    | experience_events.ExperienceFound
    | experience_events.HouseholdFound
    | limits.PilotChanged
    | limits.ContactorChanged
    | limits.StopWanted
)

# Actions.


@dataclass(frozen=True, slots=True)
class SendDatagram:
    """Send a UDP datagram from the SDP port."""

    address: str
    port: int
    octets: bytes


@dataclass(frozen=True, slots=True)
class SendBytes:
    """Send bytes on a TCP connection."""

    stream: int
    data: bytes


@dataclass(frozen=True, slots=True)
class CloseStream:
    """Close a TCP connection once what was sent is through."""

    stream: int
    reason: str


@dataclass(frozen=True, slots=True)
class RecordSighting:
    """Keep what this vehicle said of itself, so that the owner can register it afterwards.

    ``tls``: whether it said so in TLS, None without a connection. If it did not, and has used
    TLS here before, the answer is `auth_events.DowngradeSeen`. ``fingerprint``: how it spoke;
    ``certain_for``: the registered vehicle that learns it, as of the end of the visit.
    """

    identity: Identity
    tls: bool | None = None
    fingerprint: Fingerprint = NOTHING
    certain_for: bytes | None = None


@dataclass(frozen=True, slots=True)
class KeepPaused:
    """Keep this session over a restart of ours, instead of what was kept before.

    ``mac``: the vehicle's Ethernet address, where it is known. The answer is `PausedFound`,
    once we run again, and before anything is known of the pilot.
    """

    paused: session_events.Paused
    mac: bytes | None = None


@dataclass(frozen=True, slots=True)
class ForgetPaused:
    """What was kept goes on, or never will."""


@dataclass(frozen=True, slots=True)
class Show:
    """Let the outlet's light be this from now on; it follows from the outlet's state alone."""

    light: Light


@dataclass(frozen=True, slots=True)
class Noted:
    """Something worth telling happened; ``details`` are JSON values."""

    event: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something that came was not believed; counted, and logged once per kind and second."""

    what: str
    why: str


Action = (
    station.DrawKey
    | station.SendFrame
    | amplitude.SetAmplitudes
    | modem_events.ReopenLine
    | SendDatagram
    | SendBytes
    | CloseStream
    | RecordSighting
    | KeepPaused
    | ForgetPaused
    | Show
    | Noted
    | Ignored
    | session_events.Exchanged
    | session_events.VerifyContract
    | session_events.VerifySignature
    | session_events.ProvideContract
    | session_events.ProvideTariffs
    | contract.LookUpContract
    | auth_events.LookUpVehicle
    | auth_events.LookUpCard
    | auth_events.Prove
    | auth_events.Vouch
    | auth_events.KeepLockOut
    | enrolment_events.Enrol
    | enrolment_events.Beep
    | experience_events.LookUpExperience
    | experience_events.KeepExperience
    | limits.Apply
    | limits.SetContactor
    | floor.FloorChanged
    | supply.SetOutput
    | supply.CheckInsulation
)
