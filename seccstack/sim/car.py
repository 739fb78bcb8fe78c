"""A simulated vehicle, whole: its pilot resistor, its modem's host, SLAC, SDP, the V2G session.

It lives by what it is shown: 5 % on the pilot starts SLAC, pulses that offer a current make it
charge as any vehicle does, a link makes it look for an SECC. `Character` says how it behaves.

Not simulated: TLS, sleep and wake-up, a battery that has a voltage or fills up (it charges for
so many turns of its loop), phases that differ.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from seccstack import sdp
from seccstack.errors import MalformedError
from seccstack.homeplug.frame import Frame, decode_frame, encode_frame
from seccstack.machine import Machine
from seccstack.pilot.port import Digital, Limit, Signal
from seccstack.pilot.signal import CONNECTED_OHMS, READY_OHMS, duty_cycle, offered_amps
from seccstack.sim import evcc
from seccstack.sim.pilot import VehicleConnected, VehicleDisconnected
from seccstack.slac import ev, modem
from seccstack.slac import events as slac_events

SDP_INTERVAL = 0.25  # between SECC Discovery Requests
SDP_REQUESTS = 50  # then it gives up


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """What one car does differently from another. Seconds; amperes per phase."""

    name: str = "polite"
    mac: bytes = bytes.fromhex("EC65CC010203")
    evccid: bytes | None = None  # None: its MAC address
    slac: ev.Character = field(default_factory=ev.Character)
    speaks: bool = True  # whether it has ISO 15118 at all
    sdp_seconds: float = 0.5  # from the link to the first SDP request
    follow_seconds: float = 0.4  # until it draws what it may
    wishes: evcc.Wishes = field(default_factory=lambda: evcc.Wishes(evccid=b""))


# What the car sees, and what it does.


@dataclass(frozen=True, slots=True)
class PlugIn:
    """Somebody puts the plug in."""


@dataclass(frozen=True, slots=True)
class PullPlug:
    """Somebody pulls the plug."""


@dataclass(frozen=True, slots=True)
class SignalSeen:
    """The pilot line carries this now."""

    signal: Signal


@dataclass(frozen=True, slots=True)
class MainsChanged:
    """The contactor has closed, or opened."""

    on: bool


@dataclass(frozen=True, slots=True)
class FrameArrived:
    """The car's modem hands over a frame."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class DatagramArrived:
    """A UDP datagram came."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class StreamUp:
    """The TCP connection stands."""


@dataclass(frozen=True, slots=True)
class StreamDown:
    """The TCP connection is gone."""


@dataclass(frozen=True, slots=True)
class BytesArrived:
    """Bytes came over TCP."""

    data: bytes


@dataclass(frozen=True, slots=True)
class SendFrame:
    """Give a frame to the car's modem."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class Multicast:
    """Send a datagram to all nodes' SDP port."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class Connect:
    """Open a TCP connection."""

    address: bytes
    port: int


@dataclass(frozen=True, slots=True)
class SendBytes:
    """Send over TCP."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Close the TCP connection."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Draw this much per phase from now on."""

    amps: float


@dataclass(frozen=True, slots=True)
class Said:
    """Something for the timeline."""

    what: str


Event = (
    PlugIn
    | PullPlug
    | SignalSeen
    | MainsChanged
    | FrameArrived
    | DatagramArrived
    | StreamUp
    | StreamDown
    | BytesArrived
)
Action = (
    SendFrame
    | Multicast
    | Connect
    | SendBytes
    | Disconnect
    | Draw
    | Said
    | VehicleConnected
    | VehicleDisconnected
)


class Vehicle(Machine[Event, Action], Protocol):
    """What a world can have at its outlet: a simulated car, or a recorded one."""

    @property
    def mac(self) -> bytes:
        """Its Ethernet address."""

    @property
    def address(self) -> str:
        """Its IPv6 link-local address."""


class Car:
    """One car; ``octets(n)`` gives n random octets."""

    def __init__(self, character: Character, octets: Callable[[int], bytes]) -> None:
        self.character = character
        self._octets = octets
        self.mac = character.mac
        self.address = link_local(character.mac)
        self._plugged = False
        self._reset()

    def _reset(self) -> None:
        self._slac = ev.SlacEv(self.character.mac, self._octets, self.character.slac)
        self._modem = modem.ModemHost()
        self._evcc: evcc.Evcc | None = None
        self._signal: Signal | None = None
        self._asking = False  # SLAC was begun in this plug-in
        self._mains = False
        self._allowed = 0.0  # by pulses or by the session
        self._drawn = 0.0
        self._draw_at: float | None = None
        self._ready = False
        self._sdp_at: float | None = None
        self._sdp_left = 0

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        deadlines = [m.deadline for m in (self._slac, self._modem, self._evcc) if m is not None]
        deadlines += [self._sdp_at, self._draw_at]
        return min((d for d in deadlines if d is not None), default=None)

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """See something."""
        match event:
            case PlugIn():
                self._plugged = True
                return [VehicleConnected(CONNECTED_OHMS)]
            case PullPlug():
                self._plugged = False
                self._reset()
                return [VehicleDisconnected(), Draw(0.0)]
            case SignalSeen(signal):
                return self._see(signal, now)
            case MainsChanged(on):
                self._mains = on
                return self._follow(now)
            case FrameArrived(octets):
                return self._hear(octets, now)
            case DatagramArrived(octets):
                return self._found(octets)
            case StreamUp():
                return self._converse(now)
            case StreamDown():
                self._evcc = None
                return self._get_ready(False)
            case BytesArrived(data):
                told = self._evcc.receive(data, now) if self._evcc else []
                return self._carry(told, now)

    def tick(self, now: float) -> Sequence[Action]:
        """Let time pass."""
        actions: list[Action] = []
        actions += self._carry(self._slac.tick(now), now)
        actions += self._carry(self._modem.tick(now), now)
        if self._evcc is not None:
            actions += self._carry(self._evcc.tick(now), now)
        if self._sdp_at is not None and self._sdp_at <= now:
            actions += self._look_for_secc(now)
        if self._draw_at is not None and self._draw_at <= now:
            self._draw_at, self._drawn = None, self._wanted
            actions.append(Draw(self._drawn))
        return actions

    def be_full(self, now: float) -> None:
        """End the charge as if the battery were full."""
        if self._evcc is not None:
            self._evcc.stop(now)

    # The pilot.

    def _see(self, signal: Signal, now: float) -> Sequence[Action]:
        self._signal = signal
        if not self._plugged:
            return []
        if isinstance(signal, Digital) and self.character.speaks and not self._asking:
            self._asking = True
            return self._carry(self._slac.receive(ev.PluggedIn(), now), now)
        if isinstance(signal, Limit) and self._evcc is None:
            self._allowed = offered_amps(duty_cycle(signal))
            return [*self._get_ready(True), *self._follow(now)]
        if self._evcc is None:
            self._allowed = 0.0
            return [*self._get_ready(False), *self._follow(now)]
        return []

    def _get_ready(self, ready: bool) -> list[Action]:
        if ready == self._ready or not self._plugged:
            return []
        self._ready = ready
        return [VehicleConnected(READY_OHMS if ready else CONNECTED_OHMS)]

    @property
    def _wanted(self) -> float:
        least, most = self.character.wishes.min_amps, self.character.wishes.max_amps
        may = self._allowed if self._mains and self._ready else 0.0
        return min(may, float(most)) if may >= least else 0.0

    def _follow(self, now: float) -> list[Action]:
        """Come to draw what is allowed; what is switched off stops at once."""
        if not self._mains and self._drawn:
            self._drawn, self._draw_at = 0.0, None
            return [Draw(0.0)]
        if self._wanted != self._drawn:
            self._draw_at = now + self.character.follow_seconds
        return []

    # Powerline, discovery, session.

    def _hear(self, octets: bytes, now: float) -> Sequence[Action]:
        try:
            frame = decode_frame(octets)
        except MalformedError:
            return []
        heard = slac_events.Heard(frame.destination, frame.source, frame.message)
        told = [*self._slac.receive(heard, now), *self._modem.receive(heard, now)]
        return self._carry(told, now)

    def _look_for_secc(self, now: float) -> Sequence[Action]:
        if self._sdp_left == 0:
            self._sdp_at = None
            return [Said("finds no SECC")]
        self._sdp_left -= 1
        self._sdp_at = now + SDP_INTERVAL
        return [Multicast(sdp.SdpRequest(sdp.SECURITY_NONE).encode())]

    def _found(self, octets: bytes) -> Sequence[Action]:
        try:
            response = sdp.SdpResponse.decode(octets)
        except MalformedError:
            return []
        if self._sdp_at is None:
            return []
        self._sdp_at = None
        return [Connect(response.address, response.port)]

    def _converse(self, now: float) -> Sequence[Action]:
        own = self.character
        wishes = own.wishes
        if not wishes.evccid:
            wishes = evcc.with_evccid(wishes, own.mac if own.evccid is None else own.evccid)
        self._evcc = evcc.Evcc(wishes)
        return self._carry(self._evcc.start(now), now)

    def _carry(self, told: Sequence[Any], now: float) -> list[Action]:
        actions: list[Action] = []
        for action in told:
            match action:
                case slac_events.Send(destination, message):
                    frame = Frame(destination, self.character.mac, message)
                    actions.append(SendFrame(encode_frame(frame)))
                case ev.Joined(key, network, _):
                    use = modem.UseKey(key, network, self._octets(4))
                    actions += self._carry(self._modem.receive(use, now), now)
                    watch = modem.WatchLink(True)
                    actions += self._carry(self._modem.receive(watch, now), now)
                case ev.MatchFailed(why):
                    actions.append(Said(f"gives up SLAC: {why}"))
                case slac_events.LinkChanged(up):
                    self._sdp_at = now + self.character.sdp_seconds if up else None
                    self._sdp_left = SDP_REQUESTS
                case evcc.SendBytes(data):
                    actions.append(SendBytes(data))
                case evcc.GetReady(ready):
                    actions += self._get_ready(ready)
                    actions += self._follow(now)
                case evcc.HeedLimit(amps):
                    self._allowed = amps
                    actions += self._follow(now)
                case evcc.HangUp(why):
                    self._evcc = None
                    actions += [Said(f"ends the session: {why}"), Disconnect()]
                case _:
                    pass  # what only concerns its modem
        return actions


def link_local(mac: bytes) -> str:
    """Return the IPv6 link-local address that is made from a MAC address (EUI-64)."""
    interface = bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:]
    return str(ipaddress.IPv6Address(b"\xfe\x80" + bytes(6) + interface))
