"""SDP at one outlet: the vehicle is answered whenever there is a network to answer in.

`seccstack.sdp` serves one address and port. Networks come and go while a vehicle is plugged
in or in session; what a server has to know of that is kept here, and told to the next one.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from seccstack import sdp
from seccstack.events import (
    DatagramReceived,
    Ignored,
    NetworkLost,
    NetworkOpened,
    Noted,
    SendDatagram,
)


@dataclass(frozen=True, slots=True)
class Present:
    """Whether a vehicle is plugged in."""

    plugged_in: bool


@dataclass(frozen=True, slots=True)
class InSession:
    """The vehicle with this address is in session; None: nobody is."""

    address: str | None


@dataclass(frozen=True, slots=True)
class CertificateAtHand:
    """Whether there is a certificate to show, from now on."""

    there: bool


Event = NetworkOpened | NetworkLost | DatagramReceived | Present | InSession | CertificateAtHand
Action = SendDatagram | Ignored | Noted


class Discovery:
    """Answers SDP requests, or ignores them."""

    def __init__(self, tls: sdp.Tls = sdp.Tls.FORBIDDEN) -> None:
        self._tls = tls
        self._certificate = CertificateAtHand(False)
        self._server: sdp.SdpServer | None = None
        self._present = Present(False)
        self._session = InSession(None)

    @property
    def deadline(self) -> None:
        """Nothing here waits."""

    def tick(self, now: float) -> Sequence[Action]:
        """Nothing here waits."""
        return []

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event."""
        match event:
            case NetworkOpened(address, port):
                self._server = sdp.SdpServer(packed(address), port, self._tls)
                self._brief(self._server, now)
            case NetworkLost(why):
                self._server = None
                return [Noted("network lost", {"why": why})]
            case DatagramReceived():
                return self._answer(event, now)
            case Present():
                self._present, self._session = event, InSession(None)
                self._brief(self._server, now)
            case CertificateAtHand():
                self._certificate = event
                self._brief(self._server, now)
            case _:
                self._session = event
                self._brief(self._server, now)
        return []

    def _brief(self, server: sdp.SdpServer | None, now: float) -> None:
        """Tell a server all there is to know."""
        if server is not None:
            address = self._session.address
            peer = None if address is None else packed(address)
            here = sdp.PluggedIn() if self._present.plugged_in else sdp.Unplugged()
            server.receive(here, now)
            server.receive(sdp.SessionActive(peer), now)
            server.receive(sdp.CertificateAtHand(self._certificate.there), now)

    def _answer(self, datagram: DatagramReceived, now: float) -> Sequence[Action]:
        if self._server is None:
            return [Ignored("SDP request", "there is no network to answer in")]
        source = packed(datagram.address)
        asked = sdp.DatagramReceived(source, datagram.port, None, datagram.octets)
        return [_action(told) for told in self._server.receive(asked, now)]


def _action(told: sdp.Action) -> Action:
    if isinstance(told, sdp.Ignored):
        return Ignored(told.what, told.why)
    return SendDatagram(str(ipaddress.IPv6Address(told.address)), told.port, told.octets)


def packed(address: str) -> bytes:
    """Return the octets of an IPv6 address."""
    return ipaddress.IPv6Address(address).packed
