"""A simulated vehicle, whole: its pilot resistor, its modem's host, SLAC, SDP, the V2G session.

It lives by what it is shown: 5 % on the pilot makes it speak, each time anew, by SLAC or, where
the link still stands, by SDP at once; pulses that offer a current make it charge as any vehicle
does. A vehicle that is full wants nothing until it is told otherwise. `Character` says how it
behaves.

Not simulated: TLS, a battery that has a voltage or fills up (it charges for so many turns of
its loop), phases that differ, a vehicle that leaves the network by itself.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from seccstack.pilot.port import Digital, Signal
from seccstack.pilot.signal import CONNECTED_OHMS, READY_OHMS
from seccstack.sim import evcc
from seccstack.sim.evcc_requests import Wishes
from seccstack.sim.habits import PLAIN, Below, Habits, Sleep
from seccstack.sim.host import Outcome, PowerlineHost
from seccstack.sim.onboard import Heeds, OnBoardCharger
from seccstack.sim.pilot import VehicleConnected, VehicleDisconnected
from seccstack.sim.search import Search
from seccstack.sim.speakers import conversation
from seccstack.slac import ev
from seccstack.slac.events import LinkChanged

TOGGLE_SECONDS = 0.3  # how long it closes S2 to wake a charger: B, C, B


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
    heeds: Heeds = Heeds.ALL
    habits: Habits = PLAIN
    pauses: int = 0  # how many of its sessions, the first ones, end with a pause
    pause_seconds: float = 20.0
    wakes_by_pilot: bool = True  # else it opens a session as if it had never slept
    wishes: Wishes = field(default_factory=lambda: Wishes(evccid=b""))


# What the car sees, and what it does.


@dataclass(frozen=True, slots=True)
class PlugIn:
    """Somebody puts the plug in."""


@dataclass(frozen=True, slots=True)
class PullPlug:
    """Somebody pulls the plug."""


@dataclass(frozen=True, slots=True)
class Appetite:
    """The battery is full, or the owner wants more (and wakes a vehicle that has paused)."""

    more: bool


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
    | Appetite
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
        self._host = PowerlineHost(self.mac, self._octets, self.character.slac)
        self._evcc: evcc.Evcc | None = None
        self._linked = False
        self._connecting = False
        self._delivery = False  # what the session wants of S2
        self._full = False
        self._toggled_at: float | None = None
        self._wakes_at: float | None = None
        self._paused_id = bytes(1)  # of the session to go on with; this one is nobody's
        self._pauses_left = self.character.pauses
        self._search = Search()
        own, wishes = self.character, self.character.wishes
        least = own.habits.least_amps or wishes.min_amps
        self._sleep = Sleep(own.habits)
        limits = (least, wishes.max_amps, own.follow_seconds)
        self._charger = OnBoardCharger(*limits, own.heeds, wishes.gives_amps)

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        machines = (self._host, self._evcc, self._search, self._charger)
        deadlines = [machine.deadline for machine in machines if machine is not None]
        later = (*deadlines, self._toggled_at, self._wakes_at)
        return min((d for d in later if d is not None), default=None)

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
            case _ if not self._plugged:
                return []  # it was on its way when the plug was pulled
            case Appetite(more):
                return self._wake(now) if more else self._be_full(now)
            case SignalSeen(signal):
                return self._see(signal, now)
            case MainsChanged(on):
                self._charger.mains = on
                return self._follow(now)
            case FrameArrived(octets):
                return self._carry(self._host.receive(octets, now), now)
            case DatagramArrived(octets):
                response = self._search.found(octets)
                self._connecting = self._connecting or response is not None
                return [] if response is None else [Connect(response.address, response.port)]
            case StreamUp():
                return self._converse(now)
            case StreamDown():
                return self._forget_session(now)
            case BytesArrived(data):
                told = self._evcc.receive(data, now) if self._evcc else []
                return self._carry(told, now)
            case _:
                assert_never(event)

    def tick(self, now: float) -> Sequence[Action]:
        """Let every deadline up to now pass."""
        actions = self._carry(self._host.tick(now), now)
        if self._evcc is not None:
            actions += self._carry(self._evcc.tick(now), now)
        if self._search.deadline is not None and self._search.deadline <= now:
            request = self._search.ask(now)
            actions.append(Said("finds no SECC") if request is None else Multicast(request))
        if self._toggled_at is not None and self._toggled_at <= now:
            self._toggled_at = None
            actions += self._adapt(now)
        if self._wakes_at is not None and self._wakes_at <= now:
            actions += self._wake(now)
        return [*actions, *_drawing(self._charger.tick(now))]

    def _be_full(self, now: float) -> Sequence[Action]:
        self._full = self._evcc is None
        told = self._evcc.stop(now) if self._evcc else []
        return [*self._carry(told, now), *self._adapt(now)]

    def _wake(self, now: float) -> Sequence[Action]:
        """See to it that the charger wakes up too: by B, C, B, or by opening a session."""
        self._full, self._wakes_at = False, None
        if self._evcc is not None or not self.character.wakes_by_pilot:
            return self._begin(now)
        self._toggled_at = now + TOGGLE_SECONDS
        return [*self._get_ready(True), *self._follow(now)]

    # The pilot.

    def _see(self, signal: Signal, now: float) -> Sequence[Action]:
        before, self._charger.signal = self._charger.signal, signal
        self._sleep.see(signal, now)
        begins = isinstance(signal, Digital) and not isinstance(before, Digital)
        begun = self._begin(now) if begins else []
        return [*begun, *self._adapt(now)]

    def _begin(self, now: float) -> Sequence[Action]:
        """Speak, unless it does already, or cannot, or has nothing to say."""
        busy = self._connecting or self._evcc or self._full or self._sleep.deep
        if busy or not self.character.speaks:
            return []
        self._wakes_at = None
        if self._linked:
            self._search.begin(now + self.character.sdp_seconds)
            return []
        return self._carry(self._host.match(now), now)

    def _adapt(self, now: float) -> list[Action]:
        """Open or close S2, as signal and session want it."""
        if self._toggled_at is not None:
            return self._follow(now)
        pulses = self._charger.offered and not self._sleep.deep
        if self._evcc is None:
            ready = pulses and not self._full
        else:
            offered = pulses or isinstance(self._charger.signal, Digital)
            ready = self._delivery and offered and not self._takes(Below.OPENS)
        return [*self._get_ready(ready), *self._follow(now)]

    def _takes(self, how: Below) -> bool:  # being told less than it follows
        return self._charger.scorned and self.character.habits.below is how

    def _get_ready(self, ready: bool) -> list[Action]:
        if ready == self._charger.ready:
            return []
        self._charger.ready = ready
        return [VehicleConnected(READY_OHMS if ready else CONNECTED_OHMS)]

    def _follow(self, now: float) -> list[Action]:
        return _drawing(self._charger.follow(now))

    # Powerline, discovery, session.

    def _converse(self, now: float) -> Sequence[Action]:
        own, self._connecting = self.character, False
        evccid = own.wishes.evccid or (own.mac if own.evccid is None else own.evccid)
        wishes = evcc.with_evccid(own.wishes, evccid)
        pauses = self._pauses_left > 0
        self._evcc = conversation(wishes, self._paused_id, pauses)
        self._paused_id, self._delivery = bytes(1), self._charger.ready
        return self._carry(self._evcc.start(now), now)

    def _forget_session(self, now: float) -> list[Action]:
        session, self._evcc, self._charger.told_amps = self._evcc, None, None
        self._connecting = False
        if session is not None and session.paused_id is not None:
            self._paused_id = session.paused_id
            self._pauses_left -= 1
            self._wakes_at = now + self.character.pause_seconds
        elif session is not None:
            self._full = session.full
        return self._adapt(now)

    def _link_changed(self, up: bool, now: float) -> list[Action]:
        self._linked, self._connecting = up, False
        if up and self._wakes_at is None:  # a car that sleeps lets it be
            return list(self._begin(now))
        self._search.stop()
        return []

    def _carry(self, told: Sequence[Outcome | evcc.Action], now: float) -> list[Action]:
        actions: list[Action] = []
        for action in told:
            match action:
                case bytes() as octets:
                    actions.append(SendFrame(octets))
                case ev.MatchFailed(why):
                    actions.append(Said(f"gives up SLAC: {why}"))
                case LinkChanged(up):
                    actions += self._link_changed(up, now)
                case evcc.SendBytes(data):
                    actions.append(SendBytes(data))
                case evcc.GetReady(ready):
                    self._delivery = ready
                    actions += self._adapt(now)
                case evcc.HeedLimit(amps, negotiated):
                    self._charger.tell(amps, negotiated)
                    if self._takes(Below.ENDS) and self._evcc:
                        self._evcc.stop(now)
                    actions += self._adapt(now)
                case evcc.HangUp(why):
                    actions += [Said(f"ends the session: {why}"), Disconnect()]
                    actions += self._forget_session(now)
                case _:
                    assert_never(action)
        return actions


def _drawing(amps: float | None) -> list[Action]:
    return [] if amps is None else [Draw(amps)]


def link_local(mac: bytes) -> str:
    """Return the IPv6 link-local address that is made from a MAC address (EUI-64)."""
    interface = bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:]
    return str(ipaddress.IPv6Address(b"\xfe\x80" + bytes(6) + interface))
