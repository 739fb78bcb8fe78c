"""A charger that runs as a target: over the cable as a vehicle, and watched as by its owner.

Frames are raw, datagrams and streams real ones of the vehicle's interface. The plug is turned
and power is seen over the charger's control socket, so this runs on its machine. A vehicle and
a card are registered for the time being, which end by themselves should this be killed.

Every station has the interface's Ethernet address: only management messages come from others.
"""

from __future__ import annotations

import contextlib
import secrets
import select
import socket
import ssl
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seccstack import sdp
from seccstack.adapters.attacker_link import Link
from seccstack.adapters.control import tell
from seccstack.adapters.discovery import ALL_NODES
from seccstack.adapters.outlet import settings_of
from seccstack.adapters.registry import open_registry, place_of
from seccstack.attack.target import FAMILY_CAR, Place, Setup
from seccstack.auth.certificate import VehicleCertificate
from seccstack.auth.decision import CardRecord, VehicleRecord
from seccstack.auth.port import Registry
from seccstack.config import Config
from seccstack.errors import MalformedError, UsageError
from seccstack.homeplug.fields import Mme
from seccstack.homeplug.frame import BROADCAST, Frame, decode_frame, encode_frame
from seccstack.sim.host import PowerlineHost
from seccstack.slac import ev
from seccstack.slac.events import LinkChanged

CARD = "04A77AC4000000"
LABEL = "for seccstack attack, for an hour"
RECORD_SECONDS = 3600.0
LOOK_SECONDS = 0.05  # for which what the charger's status says is believed
CONNECT_SECONDS = 2.0  # of TCP, and of TLS on top
REST_SECONDS = 3.0  # between two attacks
MOST_HEARD = 10_000  # frames and datagrams of one plug-in that are kept
LONGEST_DATAGRAM = 2048
ORDERS = {True: "C", False: "B"}


class LiveStream:
    """A TCP connection, in TLS or not."""

    def __init__(self, connection: socket.socket | None) -> None:
        self._socket = connection
        self._octets = b""
        self._over = connection is None

    @property
    def closed(self) -> bool:
        """Whether the charger has ended it."""
        self._read()
        return self._over and not self._octets

    def send(self, octets: bytes) -> None:
        """Send; what the charger does not take any more is lost."""
        if self._socket is None or self._over:
            return
        try:
            self._socket.settimeout(CONNECT_SECONDS)
            self._socket.sendall(octets)
        except OSError:
            self._over = True

    def received(self) -> bytes:
        """Return what has come."""
        self._read()
        octets, self._octets = self._octets, b""
        return octets

    def close(self) -> None:
        """End it."""
        if self._socket is not None:
            self._socket.close()
            self._socket, self._over = None, True

    def _read(self) -> None:
        while self._socket is not None and not self._over:
            self._socket.setblocking(False)
            try:
                octets = self._socket.recv(65536)
            except (BlockingIOError, ssl.SSLWantReadError):
                return
            except OSError:
                octets = b""
            self._octets += octets
            self._over = not octets


class LiveTarget:
    """The charger that runs by this configuration, and the vehicle's interface."""

    def __init__(self, config: Config, interface: str) -> None:
        settings = settings_of(config)
        self._control = Path(config.control.socket)
        self._tell("status")
        self._link = Link(interface)
        self.setup = Setup(
            name=f"the charger at {self._control}, over {interface}",
            policy=settings.access.policy,
            tls=settings.tls,
            fingerprint=settings.access.fingerprint,
            downgrade_refused=settings.access.downgrade_refused,
            contracts=False,
            registered=FAMILY_CAR,
            replugs=self._replugs(),
            others=False,
        )
        self.heard: Sequence[Frame] = []
        self.answers: Sequence[bytes] = []
        self.linked = False
        self._host: PowerlineHost | None = None
        self._datagrams: dict[str, socket.socket] = {}
        self._streams: list[LiveStream] = []
        self._found: sdp.SdpResponse | None = None
        self._looked_at, self._status = -1.0, dict[str, Any]()
        self._registry: Registry = open_registry(place_of(config.registry))
        for known in (self._registry.vehicle(FAMILY_CAR), self._registry.card(CARD)):
            if known is not None and known.label != LABEL:
                raise UsageError(f"the registry has what is only for attacks: {known}")
        self.enrol(True)

    def close(self) -> None:
        """Leave everything as it was."""
        self.unplug()
        self.enrol(False)
        self._registry.close()
        self._tell("unlock")
        self._link.close()

    def rest(self) -> None:
        """Let the charger forget what was tried, before something else is."""
        self.unplug()
        self.enrol(True)
        self._tell("unlock")
        self.wait(REST_SECONDS)

    # What is seen.

    @property
    def now(self) -> float:
        """The time."""
        return time.monotonic()

    @property
    def energised(self) -> bool:
        """Whether the charger's contactor is closed, or its output on."""
        status = self._look()
        contactor, output = status.get("contactor", {}), status.get("output", {})
        return bool(contactor.get("closed") or output.get("on"))

    @property
    def alive(self) -> bool:
        """Whether it answers its owner."""
        try:
            self._tell("status")
        except UsageError:
            return False
        return True

    @property
    def locked_out(self) -> bool:
        """Whether its status says so."""
        return "lock-out" in self._look()

    def _look(self) -> dict[str, Any]:
        if self.now > self._looked_at + LOOK_SECONDS:
            self._status, self._looked_at = self._tell("status")["status"], self.now
        return self._status

    # What is done.

    def wait(self, seconds: float) -> None:
        """Let time pass, and the vehicle's modem be looked after."""
        end = self.now + seconds
        while True:
            self._tick()
            left = max(end - self.now, 0.0)
            due = left if self._host is None else (self._host.deadline or end) - self.now
            sources: list[Link | socket.socket] = [self._link, *self._datagrams.values()]
            readable, _, _ = select.select(sources, [], [], max(min(left, due), 0.0))
            for source in readable:
                self._take(source)
            if self.now >= end:
                return

    def plug_in(self, mac: bytes, slac: ev.Character) -> None:
        """Be a vehicle with this address, and turn the pilot line to state B."""
        self.heard, self.answers, self.linked = [], [], False
        self._link.become(mac)
        self._host = PowerlineHost(mac, secrets.token_bytes, slac)
        self._tell("pilot", "B")
        self.wait(0.2)
        self._carry(self._host.match(self.now))

    def unplug(self) -> None:
        """Turn the pilot line to state A; what was connected stays so until it is ended."""
        self._host, self.linked = None, False
        if self.setup.replugs:
            self._tell("pilot", "A")
        for each in self._datagrams.values():
            each.close()
        self._datagrams.clear()

    def ready(self, on: bool) -> None:
        """Turn the pilot line, if there is a vehicle at it."""
        if self._host is not None and self.setup.replugs:
            self._tell("pilot", ORDERS[on])

    def hold_card(self) -> None:
        """Hold the card to the reader."""
        self._tell("card", CARD)

    def enrol(self, on: bool) -> None:
        """Put vehicle and card into the registry, or take them out."""
        if not on:
            self._registry.remove_vehicle(FAMILY_CAR)
            self._registry.remove_card(CARD)
            return
        now = time.time()
        ends = now + RECORD_SECONDS
        car = VehicleRecord(mac=FAMILY_CAR, label=LABEL, added_at=now, expires=ends)
        card = CardRecord(uid=CARD, label=LABEL, added_at=now, expires=ends)
        self._registry.put([car, card])

    def say(self, source: bytes, message: Mme, destination: bytes = BROADCAST) -> None:
        """Send a frame."""
        self._link.send(encode_frame(Frame(destination, source, message)))

    def ask(self, place: Place, octets: bytes) -> None:
        """Send a datagram to all nodes."""
        if place.address not in self._datagrams:
            self._link.have(place.address)
            opened = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            opened.setblocking(False)
            opened.bind((place.address, 0, 0, self._link.index))
            self._datagrams[place.address] = opened
        with contextlib.suppress(OSError):
            target = (ALL_NODES, sdp.PORT, 0, self._link.index)
            self._datagrams[place.address].sendto(octets, target)

    def connect_as(self, place: Place, vehicle: VehicleCertificate) -> LiveStream:
        """Do nothing: no vehicle's key is at hand that a real charger would believe."""
        return LiveStream(None)

    def connect(self, place: Place, tls: bool) -> LiveStream:
        """Open a connection to where the charger last said that it is."""
        if self._found is None:
            security = sdp.SECURITY_TLS if tls else sdp.SECURITY_NONE
            self.ask(place, sdp.SdpRequest(security).encode())
            self.wait(0.5)
        if self._found is None:
            return LiveStream(None)
        stream = LiveStream(self._open(place, self._found, tls))
        self._streams.append(stream)
        return stream

    def _open(self, place: Place, found: sdp.SdpResponse, tls: bool) -> socket.socket | None:
        self._link.have(place.address)
        host = socket.inet_ntop(socket.AF_INET6, found.address)
        opened = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        opened.settimeout(CONNECT_SECONDS)
        try:
            opened.bind((place.address, 0, 0, self._link.index))
            opened.connect((host, found.port, 0, self._link.index))
            return _trusting().wrap_socket(opened) if tls else opened
        except OSError:
            opened.close()
            return None

    def _replugs(self) -> bool:
        try:
            self._tell("pilot", "A")
        except UsageError:
            return False
        return True

    def _tell(self, what: str, value: str = "") -> dict[str, Any]:
        self._looked_at = -1.0
        return tell(self._control, {"do": what, "value": value})

    # The modem, and what comes.

    def _take(self, source: Link | socket.socket) -> None:
        if isinstance(source, Link):
            for octets in source.heard():
                self._hear(octets)
            return
        with contextlib.suppress(OSError):
            octets = source.recv(LONGEST_DATAGRAM)
            self.answers = [*self.answers, octets][-MOST_HEARD:]
            with contextlib.suppress(MalformedError):
                self._found = sdp.SdpResponse.decode(octets)

    def _hear(self, octets: bytes) -> None:
        with contextlib.suppress(MalformedError):
            self.heard = [*self.heard, decode_frame(octets)][-MOST_HEARD:]
        if self._host is not None:
            self._carry(self._host.receive(octets, self.now))

    def _tick(self) -> None:
        host = self._host
        if host is not None and host.deadline is not None and host.deadline <= self.now:
            self._carry(host.tick(self.now))

    def _carry(self, told: Sequence[Any]) -> None:
        for outcome in told:
            if isinstance(outcome, bytes):
                self._link.send(outcome)
            elif isinstance(outcome, LinkChanged):
                self.linked = outcome.up


def _trusting() -> ssl.SSLContext:
    """Return TLS that believes any certificate: an attacker asks for none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
