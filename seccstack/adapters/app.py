"""The charger as a process: the outlet's machine, and everything around it that is real."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import signal
import socket
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import structlog

from seccstack.adapters import discovery, log
from seccstack.adapters.addresses import link_local, neighbour_mac
from seccstack.adapters.control import Answer, Control
from seccstack.adapters.driver import Driver
from seccstack.adapters.pilot_simulated import SimulatedPilot
from seccstack.adapters.powerline import PacketPowerline, mac_of
from seccstack.adapters.server import Server
from seccstack.adapters.unavailable import UnavailableError
from seccstack.auth import authorisation, judgement
from seccstack.auth.addresses import parse_uid
from seccstack.auth.decision import Policy
from seccstack.auth.port import Registry, sighting_of
from seccstack.chargepoint import ChargePoint, Settings
from seccstack.config import Config
from seccstack.errors import UsageError
from seccstack.events import (
    Action,
    BytesReceived,
    CloseStream,
    DatagramReceived,
    Event,
    Ignored,
    LimitOffered,
    NetworkLost,
    NetworkOpened,
    Noted,
    RecordSighting,
    SendBytes,
    SendDatagram,
    StreamClosed,
    StreamOpened,
)
from seccstack.pilot import limits
from seccstack.pilot import settings as pilot_settings
from seccstack.pilot.port import ContactorState, PilotState
from seccstack.session.events import Exchanged
from seccstack.session.plant import Charger
from seccstack.slac import station

RETRY_SECONDS = 1.0  # between looks for an interface, an address, a port that are not there yet


def settings_of(config: Config) -> Settings:
    """Translate the configuration file for the outlet's machine."""
    charger = config.charger
    return Settings(
        charger=Charger(
            evse_id=charger.evse_id, phases=charger.phases, nominal_volts=charger.voltage
        ),
        rated_amps=charger.rated_amps,
        safe_amps=charger.safe_amps,
        access=judgement.Settings(
            policy=Policy(config.access.policy),
            card_wait_seconds=config.access.card_wait_seconds,
        ),
        pilot=pilot_settings.Settings(ventilated=config.pilot.ventilation),
        correction_db=config.powerline.attenuation_correction_db,
        slac_init_seconds=config.powerline.slac_init_seconds,
    )


class App:
    """One charger."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._started = time.monotonic()
        self._log: structlog.typing.FilteringBoundLogger = log.start(config.log.level)
        self._tally = log.Tally(self._log, time.monotonic)
        self._driver: Driver[Event, Action] = Driver(
            ChargePoint(settings_of(config)), self._carry_out
        )
        self._pilot = SimulatedPilot()
        self._pilot_orders: asyncio.Queue[limits.Apply | limits.SetContactor] = asyncio.Queue()
        self._control = Control(self._obey)
        self._powerline: PacketPowerline | None = None
        self._discovery: discovery.Discovery | None = None
        self._server: Server | None = None
        self._registry_thread = ThreadPoolExecutor(1, "registry")
        self._registry: Registry | None = None
        self._status: dict[str, Any] = {}

    async def run(self) -> None:
        """Serve until SIGINT or SIGTERM."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        await self._control.listen(Path(self._config.control.socket))
        tasks = [
            asyncio.create_task(work())
            for work in (self._follow_pilot, self._drive_pilot, self._keep_lines_open)
        ]
        stopped = asyncio.create_task(stop.wait())
        try:
            done, _ = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in (*tasks, stopped):
                task.cancel()
            await asyncio.gather(*tasks, stopped, return_exceptions=True)
            await self._close()

    async def _close(self) -> None:
        """Leave nothing energised and nothing behind."""
        await self._pilot.set_contactor(False)
        self._driver.close()
        self._close_lines()
        self._control.close()
        self._registry_thread.shutdown(wait=True)
        self._log.info("stopped")

    # The lines: powerline, SDP, TCP. What can come back is waited for.

    async def _keep_lines_open(self) -> None:
        while True:
            await self._open_patiently("powerline", self._open_powerline)
            await self._open_patiently("network", self._open_network)
            self._log.info("ready", seconds=round(time.monotonic() - self._started, 3))
            await self._lines_lost()
            self._close_lines()
            why = f"interface {self._config.powerline.interface} went down"
            self._driver.feed(station.Lost(why))
            self._driver.feed(NetworkLost(why))

    async def _open_patiently(self, what: str, opening: Callable[[], Awaitable[None]]) -> None:
        said = ""
        while True:
            try:
                return await opening()
            except UnavailableError as error:
                if not error.waiting_helps:
                    raise
                if str(error) != said:
                    said = str(error)
                    self._log.warning(f"waiting for the {what}", why=said)
            await asyncio.sleep(RETRY_SECONDS)

    async def _lines_lost(self) -> None:
        if self._powerline is None:
            await asyncio.Event().wait()  # nothing that can be lost
        else:
            await self._powerline.lost.wait()

    async def _open_powerline(self) -> None:
        interface = self._config.powerline.interface
        mac = mac_of(interface)
        self._powerline = PacketPowerline(
            interface, lambda octets: self._driver.feed(station.FrameReceived(octets))
        )
        self._driver.feed(station.Opened(mac))

    async def _open_network(self) -> None:
        interface = self._config.network.interface or self._config.powerline.interface
        address = link_local(interface)
        index = socket.if_nametoindex(interface)

        def opened(stream: int, peer: str) -> None:
            session_id, now = secrets.token_bytes(8), int(time.time())
            mac = neighbour_mac(peer, index)
            self._driver.feed(StreamOpened(stream, peer, session_id, now, mac))

        def asked(peer: str, port: int, octets: bytes) -> None:
            mac = neighbour_mac(peer, index)
            self._driver.feed(DatagramReceived(peer, port, octets, mac))

        server = Server(
            opened,
            lambda stream, data: self._driver.feed(BytesReceived(stream, data)),
            lambda stream: self._driver.feed(StreamClosed(stream)),
        )
        await server.listen(address, interface, self._config.network.port)
        self._server = server
        self._discovery = await discovery.listen(interface, asked)
        self._driver.feed(NetworkOpened(address, server.port))

    def _close_lines(self) -> None:
        for line in (self._powerline, self._discovery, self._server):
            if line is not None:
                line.close()
        self._powerline = self._discovery = self._server = None

    # The pilot.

    async def _follow_pilot(self) -> None:
        async for state in self._pilot.states():
            if isinstance(state, ContactorState):
                self._driver.feed(limits.ContactorChanged(state is ContactorState.CLOSED))
            else:
                self._driver.feed(limits.PilotChanged(state))

    async def _drive_pilot(self) -> None:
        while True:
            match await self._pilot_orders.get():
                case limits.Apply(signal):
                    await self._pilot.apply(signal)
                case limits.SetContactor(closed):
                    await self._pilot.set_contactor(closed)

    # Actions: from the machine to the world.

    def _carry_out(self, action: Action) -> None:
        match action:
            case SendBytes(stream, data):
                if self._server is not None:
                    self._server.send(stream, data)
            case CloseStream(stream):
                if self._server is not None:
                    self._server.end(stream)
            case station.SendFrame(octets):
                if self._powerline is not None:
                    self._powerline.send(octets)
            case SendDatagram(address, port, octets):
                if self._discovery is not None:
                    self._discovery.send(address, port, octets)
            case station.DrawKey():
                self._driver.feed(
                    station.KeyDrawn(secrets.token_bytes(16), secrets.token_bytes(4))
                )
            case limits.Apply() | limits.SetContactor():
                self._pilot_orders.put_nowait(action)
                self._log.info("pilot order", order=str(action))
            case authorisation.LookUpVehicle(mac):
                self._ask_registry(
                    lambda registry: registry.vehicle(mac),
                    lambda record: authorisation.VehicleFound(mac, record),
                )
            case authorisation.LookUpCard(uid):
                self._ask_registry(
                    lambda registry: registry.card(uid),
                    lambda record: authorisation.CardFound(uid, record),
                )
            case RecordSighting(identity):
                sighting = sighting_of(identity, time.time())
                self._ask_registry(lambda registry: registry.record_sighting(sighting), None)
            case Noted(event, details):
                self._status[event] = dict(details)
                self._log.info(event, **details)
            case Ignored(what, why):
                self._tally.ignored(what, why)
            case Exchanged(direction, schema, name):
                self._log.debug("message", sender=direction, schema=schema.value, name=name)

    # The registry: a disk, so in a thread of its own.

    def _ask_registry(
        self, question: Callable[[Registry], Any], event_of: Callable[[Any], Event] | None
    ) -> None:
        loop = asyncio.get_running_loop()
        asked = loop.run_in_executor(self._registry_thread, self._with_registry, question)

        def answered(future: asyncio.Future[Any]) -> None:
            if future.cancelled():
                return
            error = future.exception()
            if error is not None:
                self._log.error("registry", why=str(error))
            elif event_of is not None:
                self._driver.feed(event_of(future.result()))

        asked.add_done_callback(answered)

    def _with_registry(self, question: Callable[[Registry], Any]) -> Any:
        if self._registry is None:
            from seccstack.adapters.registry import open_registry

            self._registry = open_registry(Path(self._config.registry.path))
        return question(self._registry)

    # The operator's word, over the control socket.

    def _obey(self, command: dict[str, Any]) -> Answer:
        what, value = command.get("do"), str(command.get("value", ""))
        match what:
            case "card":
                self._driver.feed(authorisation.CardPresented(parse_uid(value)))
            case "limit":
                amps = _number(value)
                source = str(command.get("source") or "owner")
                self._driver.feed(LimitOffered(source, amps))
            case "pilot":
                self._pilot.set_vehicle(_pilot_state(value))
            case "stop":
                self._driver.feed(limits.StopWanted(value or "the owner wants it"))
            case "status":
                return {"status": self._status, "ignored": dict(self._tally.counts)}
            case _:
                raise UsageError(f"{what!r} is none of card, limit, pilot, stop, status")
        return {}


def _number(value: str) -> float | None:
    if value == "none":
        return None
    try:
        amps = float(value)
    except ValueError:
        amps = -1.0
    if not 0 <= amps <= 1000:
        raise UsageError(f"a limit is a number of amperes from 0, or none; not {value!r}")
    return amps


def _pilot_state(value: str) -> PilotState:
    try:
        return PilotState(value.upper())
    except ValueError as error:
        raise UsageError(f"a pilot state is one of A, B, C, D, E, F; not {value!r}") from error


async def serve(config: Config) -> None:
    """Be a charger until told to stop."""
    with contextlib.suppress(asyncio.CancelledError):
        await App(config).run()
