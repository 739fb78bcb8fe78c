"""What an attack needs of whatever it is played against: a plug, a line, a network, eyes.

Time passes only where a script lets it, so a script reads from top to bottom. Implementations:
`seccstack.attack.simulated`, in virtual time, and `seccstack.adapters.attacker`, against a
charger that runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from seccstack.auth.certificate import VehicleCertificate
from seccstack.auth.decision import Policy
from seccstack.auth.suspicion import FingerprintUse
from seccstack.homeplug.fields import Mme
from seccstack.homeplug.frame import BROADCAST, Frame
from seccstack.sdp import Tls
from seccstack.sim.car import link_local
from seccstack.sim.wallet import Wallet
from seccstack.slac import ev

FAMILY_CAR = bytes.fromhex("EC65CC010203")  # the honest one, where any will do
STRANGER = bytes.fromhex("EC65CCBADBAD")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is sent from: Ethernet and IPv6 address."""

    mac: bytes
    address: str

    @staticmethod
    def of(mac: bytes) -> Place:
        """Return the place of a station that has the usual IPv6 address."""
        return Place(mac, link_local(mac))


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What is known of the charger, and what its owner's own vehicle has.

    ``registered``: a vehicle that is let in for its claims, where that is the policy. ``card``:
    whether there is one that is registered. ``foreign``: a contract whose root nobody trusts.
    ``replugs``: whether the plug can be pulled and put in; ``others``: whether IPv6
    comes from any Ethernet address, too; ``certificates``: whether vehicles can show some.
    """

    name: str
    policy: Policy
    tls: Tls
    fingerprint: FingerprintUse
    downgrade_refused: bool
    contracts: bool
    registered: bytes
    card: bool = True
    wallet: Wallet | None = None
    foreign: Wallet | None = None
    replugs: bool = True
    others: bool = True
    certificates: bool = False


class Stream(Protocol):
    """A TCP connection to the charger."""

    @property
    def closed(self) -> bool:
        """Whether the charger has ended it, or never taken it."""

    def send(self, octets: bytes) -> None:
        """Send; on a stream that is closed, nothing happens."""

    def received(self) -> bytes:
        """Return what has come since the last time."""

    def close(self) -> None:
        """End it."""


class Target(Protocol):
    """A charger, and the plug of it that the attacker holds."""

    @property
    def setup(self) -> Setup:
        """What is known of it."""

    @property
    def now(self) -> float:
        """The time, in seconds."""

    @property
    def linked(self) -> bool:
        """Whether the modem that is plugged in is in the charger's network."""

    @property
    def energised(self) -> bool:
        """Whether there is power at the plug."""

    @property
    def alive(self) -> bool:
        """Whether the charger still answers its owner."""

    @property
    def locked_out(self) -> bool:
        """Whether it says that strangers have been too many."""

    @property
    def heard(self) -> Sequence[Frame]:
        """The management messages that it has sent in this plug-in."""

    @property
    def answers(self) -> Sequence[bytes]:
        """The datagrams that it has sent in this plug-in."""

    def wait(self, seconds: float) -> None:
        """Let time pass."""

    def plug_in(self, mac: bytes, slac: ev.Character) -> None:
        """Put the plug into a vehicle with this address, which begins to be matched."""

    def unplug(self) -> None:
        """Pull it."""

    def ready(self, on: bool) -> None:
        """Turn the pilot line to state C, or back to B."""

    def hold_card(self) -> None:
        """Hold the owner's card to the reader."""

    def enrol(self, on: bool) -> None:
        """Put the owner's vehicle and card into the registry, or take them out."""

    def say(self, source: bytes, message: Mme, destination: bytes = BROADCAST) -> None:
        """Send a management message from an Ethernet address."""

    def ask(self, place: Place, octets: bytes) -> None:
        """Send a datagram to the SDP port."""

    def connect_as(self, place: Place, vehicle: VehicleCertificate) -> Stream:
        """Open a connection in TLS that shows this; only where ``certificates`` says so."""

    def connect(self, place: Place, tls: bool) -> Stream:
        """Open a TCP connection."""
