"""What is around a charger, as its configuration has it: hardware, or what is simulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from seccstack.adapters.gate import Guard
from seccstack.adapters.indicator import Indicator, indicator_of
from seccstack.adapters.lines import NetworkPort, PowerlinePort
from seccstack.adapters.network import LinkLocalNetwork
from seccstack.adapters.operator import SimulatedCar
from seccstack.adapters.pilot import Pilot, pilot_of
from seccstack.adapters.pilot_simulated import SimulatedPilot
from seccstack.adapters.powerline import PacketPowerline, mac_of
from seccstack.adapters.reader import Reader, reader_of
from seccstack.adapters.tap import NOBODY, Tap
from seccstack.config import Config
from seccstack.energy.supply import PowerSupply
from seccstack.events import Event
from seccstack.messages.iso2 import EnergyTransferMode
from seccstack.slac import station

Feed = Callable[[Event], None]


class Surroundings(SimulatedCar, Protocol):
    """A simulated car, with what it needs to live."""

    async def run(self) -> None:
        """Let it live."""

    def close(self) -> None:
        """Let time stand still."""


@dataclass(frozen=True, slots=True)
class Outside:
    """Every way in or out; ``surroundings`` where a car is simulated.

    ``simulated`` says what is, ``how`` how to plug a vehicle in. What stands at the front does
    not depend on that: a simulated car may be charged with a real card.
    """

    powerline: PowerlinePort
    network: NetworkPort
    pilot: Pilot
    supply: PowerSupply | None
    surroundings: Surroundings | None
    simulated: str
    how: str
    reader: Reader
    indicator: Indicator

    @property
    def hand(self) -> SimulatedPilot | None:
        """The pilot line, if an operator can turn it."""
        return self.pilot if isinstance(self.pilot, SimulatedPilot) else None


def outside(
    config: Config,
    feed: Feed,
    log: structlog.typing.FilteringBoundLogger,
    tap: Tap = NOBODY,
) -> Outside:
    """Make all of it, unopened; what goes over streams is told the tap."""
    if config.powerline.kind == "simulated":
        return _simulated(config, feed, log, tap)
    interface = config.powerline.interface
    by_hand = config.pilot.kind == "simulated"
    return Outside(
        PacketPowerline(
            interface,
            lambda octets: feed(station.FrameReceived(octets)),
            lambda frames: log.warning("powerline frames lost in a flood", frames=frames),
        ),
        LinkLocalNetwork(
            config.network.interface or interface,
            config.network.port,
            feed,
            tap,
            _guard(config, tap),
        ),
        pilot_of(config, log),
        _supply(config),
        None,
        "the pilot is simulated" if by_hand else "all is real",
        "plug a vehicle in with `seccstack tell pilot B`, out with `seccstack tell pilot A`"
        if by_hand
        else "plug a vehicle in",
        reader_of(config.reader),
        indicator_of(config.indicator, log),
    )


def _simulated(
    config: Config, feed: Feed, log: structlog.typing.FilteringBoundLogger, tap: Tap
) -> Outside:
    # A charger with hardware starts without the simulation's weight.
    from seccstack.adapters.car_sockets import CarSockets
    from seccstack.adapters.simulated import Simulation

    interface, port = config.network.interface, config.network.port
    network: NetworkPort
    dc = config.charger.current == "dc"
    mode = EnergyTransferMode.DC_EXTENDED if dc else EnergyTransferMode.AC_THREE_PHASE_CORE
    pilot = None if config.pilot.kind == "simulated" else pilot_of(config, log)
    if interface:
        simulation = Simulation(
            feed,
            log,
            lambda show: CarSockets(interface, show),
            lambda: mac_of(interface),
            mode=mode,
            pilot=pilot,
        )
        network = LinkLocalNetwork(interface, port, feed, tap, _guard(config, tap))
    else:
        simulation = Simulation(feed, log, tap=tap, mode=mode, pilot=pilot)
        network = simulation.network
    return Outside(
        simulation.powerline,
        network,
        simulation.pilot,
        _supply(config),
        simulation,
        "power line, modem, pilot and car are simulated"
        if pilot is None
        else "power line, modem and car are simulated",
        "plug the car in with `seccstack tell plug`, out with `seccstack tell unplug`"
        + ("" if pilot is None else ", and turn the pilot line as it is said here"),
        reader_of(config.reader),
        indicator_of(config.indicator, log),
    )


def _supply(config: Config) -> PowerSupply | None:
    if config.charger.current == "ac":
        return None
    from seccstack.adapters.supply_simulated import SimulatedSupply

    return SimulatedSupply()


def _guard(config: Config, tap: Tap) -> Guard | None:
    if config.tls.mode == "forbid":
        return None
    from seccstack.adapters.tls_guard import guard  # OpenSSL, for who needs it

    return guard(config.tls, tap.secrets)
