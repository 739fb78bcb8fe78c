"""What may stand between a stream's octets on the wire and what is said in it.

Without a gate a vehicle speaks plainly. The one gate that there is (`seccstack.adapters.tls`)
loads OpenSSL, so a charger without TLS knows only what is here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from seccstack.auth.certificate import VehicleCertificate
from seccstack.events import Event


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a handshake has come to.

    ``trusted``: whether the vehicle said to have the root of the ``chain`` that it was shown,
    if it said so of any; ``vehicle``: the one that it was shown, once that was verified.
    """

    version: str
    suite: str
    chain: str
    stapled: bool
    trusted: bool | None
    vehicle: VehicleCertificate | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """Why there is no session; ``alert``: what TLS calls it, the vehicle's word before ours."""

    why: str
    alert: str | None = None


class Wire(Protocol):
    """A stream below its gate."""

    def write(self, octets: bytes) -> None:
        """Send."""

    def finish(self) -> None:
        """Close it once what was written is through."""


class Above(Protocol):
    """Whom a stream is for."""

    def announce(self, agreed: Agreed | None) -> None:
        """There is a stream, in TLS or (None) plain: said once, before anything is read."""

    def read(self, octets: bytes) -> None:
        """The vehicle said this."""

    def failed(self, failed: Failed) -> None:
        """There will be none: it was never announced."""


class Gate(Protocol):
    """Carries one stream."""

    def received(self, octets: bytes) -> None:
        """Take what came on the wire."""

    def send(self, octets: bytes) -> None:
        """Send what the charger says."""

    def end(self) -> None:
        """Take leave of the vehicle, and rest; who calls this closes the wire."""

    def lost(self) -> None:
        """Rest: the wire has ended."""


class Guard(Protocol):
    """Sets a gate before every stream."""

    def gate(self, wire: Wire, above: Above) -> Gate:
        """Set one."""

    def start(self, feed: Callable[[Event], None]) -> None:
        """Begin to tell the outlet which certificates there are, now and when they change."""

    def stop(self) -> None:
        """Tell no more."""
