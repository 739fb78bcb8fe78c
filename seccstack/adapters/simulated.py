"""A car, a power line with two modems and a pilot line, simulated, around a running charger.

They are the machines of `seccstack.sim`, run in real time. The charger itself is the real one:
it meets them through the same ports as it meets hardware. What a car does over IP goes either
from hand to hand, or over real sockets of a network interface.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import structlog

from seccstack import events
from seccstack.adapters.driver import Driver
from seccstack.adapters.network import opened_now
from seccstack.adapters.pilot import Pilot, TurnedByHand
from seccstack.adapters.pilot_simulated import SimulatedPilot
from seccstack.adapters.tap import NOBODY, Ends, Tap
from seccstack.errors import UsageError
from seccstack.messages.iso2 import EnergyTransferMode
from seccstack.pilot.port import ContactorState, Signal
from seccstack.sim import car as cars
from seccstack.sim.car import Car, Character
from seccstack.sim.modem import Role, SimModem
from seccstack.sim.pilot import OPEN_OHMS, VehicleConnected, VehicleDisconnected
from seccstack.sim.powerline import Deliver, FrameSent, Powerline
from seccstack.sim.world import ADDRESS, EV_MODEM, EVSE_MAC, EVSE_MODEM, PORT
from seccstack.slac import station

EVSE, EV = "evse", "ev"
CAR_PORT = 50000  # from which it asks for an SECC
LOOPS = 1_000_000  # it charges until it is unplugged, or stopped

Feed = Callable[[events.Event], None]
Show = Callable[[cars.Event], None]


class CarNetwork(Protocol):
    """What a car does over IP."""

    def multicast(self, octets: bytes) -> None:
        """Send a datagram to all nodes' SDP port."""

    def connect(self, address: bytes, port: int) -> None:
        """Open the TCP connection."""

    def deliver(self, data: bytes) -> None:
        """Send on it."""

    def disconnect(self) -> None:
        """Close it."""


class HandedOver:
    """The charger's network and the car's at once: nothing leaves the process."""

    name = "network"

    def __init__(
        self, feed: Feed, show: Show, linked: Callable[[], bool], tap: Tap = NOBODY
    ) -> None:
        self._feed, self._show, self._linked, self._tap = feed, show, linked, tap
        self._numbers = itertools.count(1)
        self._stream: int | None = None
        self.car: Car | None = None  # whose addresses the charger sees

    async def open(self) -> events.NetworkOpened:
        """Be there."""
        self._tap.network(ADDRESS, EVSE_MAC)
        return events.NetworkOpened(ADDRESS, PORT)

    async def lost(self) -> events.NetworkLost:
        """Wait for ever."""
        await asyncio.Event().wait()
        return events.NetworkLost("")

    def close(self) -> None:
        """Stay: there is nothing to close."""

    def send_datagram(self, address: str, port: int, octets: bytes) -> None:
        """Send from the charger to the car."""
        if self._linked():
            self._show(cars.DatagramArrived(octets))

    def send(self, stream: int, data: bytes) -> None:
        """Send from the charger to the car."""
        if stream == self._stream and self._linked():
            self._tap.octets(stream, "evse", data)
            self._show(cars.BytesArrived(data))

    def end(self, stream: int) -> None:
        """Close the stream, as the charger."""
        if stream == self._stream:
            self._stream = None
            self._tap.closed(stream, "evse", reset=False)
            self._show(cars.StreamDown())

    def forget(self) -> None:
        """Nobody is remembered here."""

    def multicast(self, octets: bytes) -> None:
        """Send from the car to the charger."""
        if self.car is not None and self._linked():
            datagram = events.DatagramReceived(self.car.address, CAR_PORT, octets, self.car.mac)
            self._feed(datagram)

    def connect(self, address: bytes, port: int) -> None:
        """Open a stream."""
        if self.car is not None and self._linked():
            stream = self._stream = next(self._numbers)
            ends: Ends = (self.car.address, CAR_PORT), (ADDRESS, PORT)
            self._tap.opened(stream, ends)
            self._feed(opened_now(stream, self.car.address, self.car.mac))
            if self._stream == stream:  # the charger has not turned it away
                self._show(cars.StreamUp())

    def deliver(self, data: bytes) -> None:
        """Send from the car to the charger."""
        if self._stream is not None and self._linked():
            self._tap.octets(self._stream, "ev", data)
            self._feed(events.BytesReceived(self._stream, data))

    def disconnect(self) -> None:
        """Close the stream, as the car."""
        stream, self._stream = self._stream, None
        if stream is not None:
            self._tap.closed(stream, "ev", reset=False)
            self._feed(events.StreamClosed(stream))


class SimulatedPowerline:
    """The charger's port of the simulated line; never lost."""

    name = "powerline"

    def __init__(self, line: Driver[Any, Any]) -> None:
        self._line = line

    async def open(self) -> station.Opened:
        """Be there."""
        return station.Opened(EVSE_MAC)

    async def lost(self) -> station.Lost:
        """Wait for ever."""
        await asyncio.Event().wait()
        return station.Lost("")

    def close(self) -> None:
        """Stay: there is nothing to close."""

    def reopen(self) -> None:
        """Stay: nothing of it can be stuck."""

    def send(self, octets: bytes) -> None:
        """Give a frame to the charger's modem."""
        self._line.feed(FrameSent(EVSE, octets))


class WatchedPilot(SimulatedPilot):
    """A pilot line that a simulated car looks at."""

    def __init__(self, show: Show) -> None:
        super().__init__()
        self._show = show

    async def apply(self, signal: Signal) -> None:
        """Drive the line."""
        await super().apply(signal)
        self._show(cars.SignalSeen(signal))


class Simulation:
    """All that is simulated; the car is there from `plug_in` to `unplug`.

    ``network``: the car's way over IP, if not from hand to hand; ``mac``: the car's address;
    ``pilot``: a real pilot line, if that is not simulated, too.
    """

    def __init__(
        self,
        feed: Feed,
        log: structlog.typing.FilteringBoundLogger,
        network: Callable[[Show], CarNetwork] | None = None,
        mac: Callable[[], bytes] = lambda: Character().mac,
        tap: Tap = NOBODY,
        mode: EnergyTransferMode = EnergyTransferMode.AC_THREE_PHASE_CORE,
        pilot: Pilot | None = None,
    ) -> None:
        self._feed = feed
        self._log = log
        self._mac = mac
        self._mode = mode
        self._line = Powerline()
        self._line.attach(EVSE, SimModem(EVSE_MODEM, Role.EVSE))
        self._line_driver = Driver(self._line, self._deliver)
        self._car: Driver[cars.Event, cars.Action] | None = None
        self.pilot = (
            WatchedPilot(self._show)
            if pilot is None
            else TurnedByHand(pilot, lambda signal: self._show(cars.SignalSeen(signal)), log)
        )
        self.powerline = SimulatedPowerline(self._line_driver)
        self.network = HandedOver(feed, self._show, self._linked, tap)
        self._car_network = self.network if network is None else network(self._show)

    async def run(self) -> None:
        """Let the car see whether there is mains."""
        async for state in self.pilot.states():
            if isinstance(state, ContactorState):
                self._show(cars.MainsChanged(state is ContactorState.CLOSED))

    def plug_in(self) -> None:
        """Plug a car in."""
        if self._car is not None:
            raise UsageError("the simulated car is plugged in already")
        wishes = replace(Character().wishes, loops=LOOPS, mode=self._mode)
        car = Car(Character(mac=self._mac(), wishes=wishes), secrets.token_bytes)
        self.network.car = car
        self._line.attach(EV, SimModem(EV_MODEM, Role.EV))
        self._car = Driver(car, self._carry_out)
        self._show(cars.PlugIn())
        self._show(cars.SignalSeen(self.pilot.signal))

    def unplug(self) -> None:
        """Pull the plug."""
        if self._car is None:
            raise UsageError("no simulated car is plugged in")
        self._show(cars.PullPlug())
        self._car.close()
        self._car = self.network.car = None
        self._line.detach(EV)
        self._car_network.disconnect()

    def close(self) -> None:
        """Let time stand still."""
        if self._car is not None:
            self._car.close()
        self._line_driver.close()
        self._car_network.disconnect()

    def _show(self, event: cars.Event) -> None:
        if self._car is not None:
            self._car.feed(event)

    def _linked(self) -> bool:
        return bool(self._line.linked(EVSE, asyncio.get_running_loop().time()))

    def _deliver(self, deliver: Deliver) -> None:
        if deliver.port == EVSE:
            self._feed(station.FrameReceived(deliver.octets))
        else:
            self._show(cars.FrameArrived(deliver.octets))

    def _carry_out(self, action: cars.Action) -> None:
        match action:
            case cars.SendFrame(octets):
                self._line_driver.feed(FrameSent(EV, octets))
            case VehicleConnected(ohms, diode):
                self.pilot.connect(ohms, diode)
            case VehicleDisconnected():
                self.pilot.connect(OPEN_OHMS)
            case cars.Multicast(octets):
                self._car_network.multicast(octets)
            case cars.Connect(address, port):
                self._car_network.connect(address, port)
            case cars.SendBytes(data):
                self._car_network.deliver(data)
            case cars.Disconnect():
                self._car_network.disconnect()
            case cars.Draw(amps):
                self._feed(events.CurrentMeasured(amps))
            case cars.Said(what):
                self._log.info("simulated car", says=what)
