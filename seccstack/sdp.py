"""SDP, by which an EV finds the charger's address and port (ISO 15118-2, ISO 15118-20).

Theory of operation
-------------------
An EV that has joined our powerline network asks all nodes, every 250 ms and up to 50 times; we
answer each time with the one address and port that our listener has. There is no state but who
may ask: nobody without a vehicle plugged in, and nobody but the vehicle in session while there
is one. An EV whose TLS handshake failed, or which has been asleep, asks again in the middle of
a plug-in, so there is no end to the answers. (ISO 15118-2 lets a charger stop when its
communication-setup time has passed; an EV that asks later must then be plugged in anew.)
Nothing is ever answered with an error: what we don't take we ignore, and say why.

Where TLS is offered, an EV gets what it asks for, as long as there is a certificate to show.
Never is TLS the answer to an EV that asked for none: it connects plainly all the same. So where
TLS is required, such an EV gets no answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from seccstack import v2gtp
from seccstack.errors import MalformedError, UsageError

PORT = 15118  # V2G_UDP_SDP_SERVER
ALL_NODES = bytes.fromhex("ff020000000000000000000000000001")
DYNAMIC_PORTS = range(49152, 65536)

SECURITY_TLS = 0x00
SECURITY_NONE = 0x10
TRANSPORT_TCP = 0x00

MAX_ANSWERS = (
    20  # per second and in one burst; one EV asks 4 times per second, few are in earshot
)


class Tls(Enum):
    """Whether EVs are served in TLS."""

    FORBIDDEN = "forbid"
    OFFERED = "offer"
    REQUIRED = "require"


@dataclass(frozen=True, slots=True)
class SdpRequest:
    """SECC Discovery Request: the security and the transport that an EV wishes for."""

    security: int
    transport: int = TRANSPORT_TCP

    def encode(self) -> bytes:
        """Return the datagram."""
        return v2gtp.encode(v2gtp.SDP_REQUEST, bytes([self.security, self.transport]))

    @staticmethod
    def decode(datagram: bytes) -> SdpRequest:
        """Take a datagram; reserved values are kept as they are."""
        octets = _body(datagram, v2gtp.SDP_REQUEST, 2, "SdpRequest")
        return SdpRequest(security=octets[0], transport=octets[1])


@dataclass(frozen=True, slots=True)
class SdpResponse:
    """SECC Discovery Response: where to connect, and how."""

    address: bytes  # IPv6, 16 octets
    port: int
    security: int
    transport: int = TRANSPORT_TCP

    def encode(self) -> bytes:
        """Return the datagram."""
        tail = self.port.to_bytes(2, "big") + bytes([self.security, self.transport])
        return v2gtp.encode(v2gtp.SDP_RESPONSE, self.address + tail)

    @staticmethod
    def decode(datagram: bytes) -> SdpResponse:
        """Take a datagram; reserved values are kept as they are."""
        octets = _body(datagram, v2gtp.SDP_RESPONSE, 20, "SdpResponse")
        port = int.from_bytes(octets[16:18], "big")
        return SdpResponse(octets[:16], port, security=octets[18], transport=octets[19])


def _body(datagram: bytes, payload_type: int, size: int, name: str) -> bytes:
    payload = v2gtp.decode(datagram)
    if payload.type != payload_type:
        raise MalformedError(f"payload type {payload.type:04X}", path=name, octet=2)
    if len(payload.octets) != size:
        raise MalformedError(f"{len(payload.octets)} octets, not {size}", path=name, octet=4)
    return payload.octets


def is_link_local(address: bytes) -> bool:
    """Whether an IPv6 address lies in fe80::/10: a neighbour's own, never routed."""
    return len(address) == 16 and address[0] == 0xFE and address[1] & 0xC0 == 0x80


# What the server is told, and what it asks for.


@dataclass(frozen=True, slots=True)
class DatagramReceived:
    """A datagram came to the SDP port; ``destination`` is None where nobody can tell."""

    source_address: bytes
    source_port: int
    destination: bytes | None
    octets: bytes


@dataclass(frozen=True, slots=True)
class PluggedIn:
    """A vehicle is plugged in, and its data link is up or is coming up."""


@dataclass(frozen=True, slots=True)
class Unplugged:
    """The vehicle has gone."""


@dataclass(frozen=True, slots=True)
class SessionActive:
    """The vehicle with this address is in session; None: nobody is."""

    peer: bytes | None


@dataclass(frozen=True, slots=True)
class CertificateAtHand:
    """Whether there is a certificate to show, from now on."""

    there: bool


@dataclass(frozen=True, slots=True)
class SendDatagram:
    """Send this to one vehicle."""

    address: bytes
    port: int
    octets: bytes


@dataclass(frozen=True, slots=True)
class Ignored:
    """A datagram was not answered."""

    what: str
    why: str


Event = DatagramReceived | PluggedIn | Unplugged | SessionActive | CertificateAtHand
Action = SendDatagram | Ignored


class SdpServer:
    """Answers the vehicle that is plugged in, and nobody else."""

    def __init__(self, address: bytes, port: int, tls: Tls = Tls.FORBIDDEN) -> None:
        if not is_link_local(address):
            raise UsageError(f"{address.hex()} is no IPv6 link-local address")
        if port not in DYNAMIC_PORTS:
            raise UsageError(f"port {port} is not one of 49152 to 65535")
        self._response = SdpResponse(address, port, SECURITY_NONE)
        self._tls = tls
        self._certificate = False
        self._plugged_in = False
        self._peer: bytes | None = None
        self._second = 0.0  # when the present second of answers began
        self._answers = 0

    @property
    def deadline(self) -> None:
        """Nothing here waits."""

    def tick(self, now: float) -> Sequence[Action]:
        """Nothing here waits."""
        return []

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event; return what is to be done about it."""
        if isinstance(event, DatagramReceived):
            return [self._answer(event, now)]
        if isinstance(event, SessionActive):
            self._peer = event.peer
        elif isinstance(event, CertificateAtHand):
            self._certificate = event.there
        else:
            self._plugged_in, self._peer = isinstance(event, PluggedIn), None
        return []

    def _answer(self, datagram: DatagramReceived, now: float) -> Action:
        try:
            request = SdpRequest.decode(datagram.octets)
        except MalformedError as error:
            return Ignored("SDP datagram", str(error))
        why = self._objection(request, datagram, now)
        if why:
            return Ignored("SDP request", why)
        served = self._tls is not Tls.FORBIDDEN and self._certificate
        security = request.security if served else SECURITY_NONE
        response = SdpResponse(self._response.address, self._response.port, security)
        return SendDatagram(datagram.source_address, datagram.source_port, response.encode())

    def _objection(self, request: SdpRequest, datagram: DatagramReceived, now: float) -> str:
        if request.security not in (SECURITY_TLS, SECURITY_NONE):
            return f"security {request.security:02X} is reserved"
        if request.transport != TRANSPORT_TCP:
            return f"transport {request.transport:02X} is reserved"
        if not is_link_local(datagram.source_address):
            return "its source is not link-local"
        if datagram.destination not in (None, ALL_NODES):
            return "it was not sent to all nodes"
        if not self._plugged_in:
            return "no vehicle is plugged in"
        if self._peer not in (None, datagram.source_address):
            return "another vehicle is in session"
        if self._tls is Tls.REQUIRED and not self._certificate:
            return "TLS is required, and there is no certificate to show"
        if self._tls is Tls.REQUIRED and request.security != SECURITY_TLS:
            return "it asks for no TLS, and TLS is required"
        return "" if self._may_answer(now) else f"more than {MAX_ANSWERS} per second"

    def _may_answer(self, now: float) -> bool:
        if now - self._second >= 1.0:
            self._second, self._answers = now, 0
        self._answers += 1
        return self._answers <= MAX_ANSWERS
