"""A simulated charger as a target: the product's own outlet, in virtual time.

Beside what `seccstack.sim.world` leaves out, this does not simulate: TLS (a stream counts as
encrypted, and where TLS is required a plain one fails as if in its handshake), a direct-current
outlet (its alternating twin, with the same settings otherwise, is played against), and who may
reach whom (every station can send to the charger, as the worst neighbour could).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace

from seccstack.attack.script import owner
from seccstack.attack.target import FAMILY_CAR, Place, Setup
from seccstack.auth import events as auth_events
from seccstack.auth.certificate import VehicleCertificate
from seccstack.auth.contract import Trust
from seccstack.auth.decision import CardRecord, Policy, VehicleRecord
from seccstack.auth.fingerprint import Fingerprint
from seccstack.events import (
    Action,
    BytesReceived,
    CertificatesRead,
    CloseStream,
    DatagramReceived,
    Event,
    HandshakeFailed,
    Noted,
    SendBytes,
    SendDatagram,
    StreamClosed,
    StreamOpened,
)
from seccstack.homeplug.fields import Mme
from seccstack.homeplug.frame import BROADCAST, Frame, decode_frame, encode_frame
from seccstack.outlet import Settings
from seccstack.pilot.settings import Current
from seccstack.pilot.signal import CONNECTED_OHMS, READY_OHMS
from seccstack.sdp import Tls
from seccstack.sim import car as cars
from seccstack.sim.car import Car, Character
from seccstack.sim.demo import CARD, WALL_TIME, PlugAndCharge
from seccstack.sim.pilot import VehicleConnected
from seccstack.sim.registry import SimRegistry
from seccstack.sim.wallet import Wallet
from seccstack.sim.world import World
from seccstack.slac import ev, station

NEVER = 1e9  # seconds until the simulated car itself would look for a charger
VISITS = 3  # of the honest vehicle beforehand: what a fingerprint is compared with
MOST_HEARD = 10_000  # frames and datagrams of one plug-in that are kept; a script sends 3000
SDP_PORT = 50000
CHARGER = "a simulated charger"


class SimStream:
    """A stream of the simulated network."""

    def __init__(self, number: int, tell: Callable[[Event], None]) -> None:
        self.number, self.closed = number, False
        self._tell = tell
        self._octets = b""

    def send(self, octets: bytes) -> None:
        """Send."""
        if not self.closed:
            self._tell(BytesReceived(self.number, octets))

    def received(self) -> bytes:
        """Return what has come."""
        octets, self._octets = self._octets, b""
        return octets

    def close(self) -> None:
        """End it."""
        if not self.closed:
            self.closed = True
            self._tell(StreamClosed(self.number))

    def take(self, octets: bytes) -> None:
        """Have it received."""
        self._octets += octets


class MuteCar(Car):
    """Plug, pilot and modem of a car; what is said over IP, a script says."""

    def receive(self, event: cars.Event, now: float) -> Sequence[cars.Action]:
        """See something."""
        return [] if isinstance(event, cars.DatagramArrived) else super().receive(event, now)


class SimTarget:
    """One outlet with these settings, at which the owner's vehicle has been before.

    ``paid``: what its owner pays with by contract, and who verifies; ``foreign``: a contract
    that no root of the charger vouches for.
    """

    def __init__(
        self,
        settings: Settings,
        octets: Callable[[int], bytes],
        paid: PlugAndCharge | None = None,
        foreign: Wallet | None = None,
        name: str = CHARGER,
    ) -> None:
        contracts = settings.charger.contracts and paid is not None
        self.setup = Setup(
            name=name,
            policy=settings.access.policy,
            tls=settings.tls,
            fingerprint=settings.access.fingerprint,
            downgrade_refused=settings.access.downgrade_refused,
            contracts=contracts,
            registered=FAMILY_CAR,
            wallet=paid.wallet if contracts and paid else None,
            foreign=foreign,
            certificates=True,
        )
        self.heard: Sequence[Frame] = []
        self.answers: Sequence[bytes] = []
        self.locked_out = False
        self._octets = octets
        self._streams: dict[int, SimStream] = {}
        self._prints: tuple[Fingerprint, ...] = ()  # of a vehicle that is struck out
        self._numbers = itertools.count(1000)
        self._registry = SimRegistry([CardRecord(uid=CARD), VehicleRecord(mac=FAMILY_CAR)])
        self.world = World(
            _played(settings, paid.wallet if paid else None),
            Car(Character(), octets),
            registry=self._registry,
            octets=octets,
            contracts=paid.contracts if contracts and paid else None,
            wall_time=WALL_TIME,
        )
        self.world.observers.append(self._observe)
        self.wait(1.0)
        if settings.tls is not Tls.FORBIDDEN:
            self.world.tell(CertificatesRead(("simulated",)))
        self._rehearse()

    def _rehearse(self) -> None:
        """Let the owner's vehicle be known as it usually is."""
        for _ in range(VISITS if self.setup.policy is Policy.AUTOCHARGE else 0):
            own = owner(self)
            own.arrive()
            if own.wishes.wallet is None:
                self.hold_card()
            own.charge()
            own.end()
            self.wait(5.0)

    # What is seen.

    @property
    def now(self) -> float:
        """The virtual time."""
        return self.world.now

    @property
    def linked(self) -> bool:
        """Whether the plugged modem is in the charger's network."""
        return bool(self.world.line.linked("evse", self.now))

    @property
    def energised(self) -> bool:
        """Whether the contactor is closed."""
        return self.world.pilot.closed

    @property
    def alive(self) -> bool:
        """Always: a machine that fails raises, and ends the script."""
        return True

    def _observe(self, now: float, event: Event | None, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case SendBytes(stream, data) if stream in self._streams:
                    self._streams[stream].take(data)
                case CloseStream(stream) if stream in self._streams:
                    self._streams.pop(stream).closed = True
                case SendDatagram(_, _, octets):
                    self.answers = [*self.answers, octets][-MOST_HEARD:]
                case station.SendFrame(octets):
                    self.heard = [*self.heard, decode_frame(octets)][-MOST_HEARD:]
                case Noted("locked out"):
                    self.locked_out = True
                case _:
                    pass

    # What is done.

    def wait(self, seconds: float) -> None:
        """Let virtual time pass."""
        self.world.run(self.now + seconds)

    def plug_in(self, mac: bytes, slac: ev.Character) -> None:
        """Put the plug into a simulated car, of which only plug and modem take part."""
        self.heard, self.answers = [], []
        character = Character(mac=mac, slac=slac, sdp_seconds=NEVER)
        self.world.car = MuteCar(character, self._octets)
        self.world.plug_in()

    def unplug(self) -> None:
        """Pull the plug, if it is in."""
        if "ev" in self.world.line.modems:
            self.world.unplug()

    def ready(self, on: bool) -> None:
        """Turn the pilot line, if there is a vehicle at it."""
        if "ev" not in self.world.line.modems:
            return
        self.world.turn(VehicleConnected(READY_OHMS if on else CONNECTED_OHMS))

    def hold_card(self) -> None:
        """Hold the owner's card to the reader."""
        self.world.tell(auth_events.CardPresented(CARD))

    def enrol(self, on: bool) -> None:
        """Put vehicle and card into the registry, or take them out."""
        if on:
            self._registry.put([CardRecord(uid=CARD), VehicleRecord(mac=FAMILY_CAR)])
            for fingerprint in self._prints:
                self._registry.learn(FAMILY_CAR, fingerprint)
        else:
            self._prints = self._registry.prints(FAMILY_CAR)
            self._registry.remove_vehicle(FAMILY_CAR)
            self._registry.remove_card(CARD)

    def say(self, source: bytes, message: Mme, destination: bytes = BROADCAST) -> None:
        """Have the charger's modem hand it a frame."""
        octets = encode_frame(Frame(destination, source, message))
        self.world.tell(station.FrameReceived(octets))

    def ask(self, place: Place, octets: bytes) -> None:
        """Send a datagram."""
        self.world.tell(DatagramReceived(place.address, SDP_PORT, octets, place.mac))

    def connect(self, place: Place, tls: bool) -> SimStream:
        """Open a stream."""
        return self._connect(place, tls, None)

    def connect_as(self, place: Place, vehicle: VehicleCertificate) -> SimStream:
        """Open a stream in TLS, as one that has shown this."""
        return self._connect(place, True, vehicle)

    def _connect(
        self, place: Place, tls: bool, vehicle: VehicleCertificate | None
    ) -> SimStream:
        stream = SimStream(next(self._numbers), self.world.tell)
        if self.setup.tls is Tls.REQUIRED and not tls:
            stream.closed = True
            self.world.tell(HandshakeFailed(place.address, "no TLS record"))
            return stream
        self._streams[stream.number] = stream
        wall_time = WALL_TIME + int(self.now)
        opened = StreamOpened(
            stream.number, place.address, self._octets(8), wall_time, place.mac
        )
        if tls:
            challenge, details = self._octets(16), {"simulated": True}
            opened = replace(opened, tls=True, details=details, challenge=challenge)
            opened = replace(opened, vehicle=vehicle)
        self.world.tell(opened)
        return stream


def _played(settings: Settings, wallet: Wallet | None) -> Settings:
    """Leave out direct current, and list the contract that is played with."""
    charger = replace(settings.charger, supply=None)
    own = settings.contract
    if own.trust is Trust.LIST and wallet is not None:
        own = replace(own, listed=(*own.listed, wallet.emaid))
    pilot = settings.pilot
    if settings.charger.supply is not None:
        pilot = replace(pilot, current=Current.AC)
    return replace(settings, charger=charger, contract=own, pilot=pilot)
