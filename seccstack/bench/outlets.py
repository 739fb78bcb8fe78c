"""Many outlets in one process, for the measurement of many sessions at once.

    python -m seccstack.bench.outlets [CHAINS]

`seccstack run` is one outlet. Here every outlet has a machine, a driver, a TCP server and a
simulated pilot of its own, as it has there; they share the event loop and the registry. There
is no powerline, hence no SLAC and no SDP: a vehicle is told its port. CHAINS is a folder of
certificate chains, for TLS.

Orders are lines on standard input: "open COUNT" makes so many further outlets, and prints their
ports as a list; "NUMBER STATE" turns the pilot of one.
"""

from __future__ import annotations

import asyncio
import resource
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from seccstack.adapters import log
from seccstack.adapters.addresses import neighbour_mac
from seccstack.adapters.app import SWITCH_SECONDS
from seccstack.adapters.driver import Driver
from seccstack.adapters.gate import Agreed, Guard
from seccstack.adapters.lookups import Lookups
from seccstack.adapters.network import opened_now
from seccstack.adapters.outlet import settings_of
from seccstack.adapters.pilot_simulated import SimulatedPilot
from seccstack.adapters.server import DYNAMIC_PORTS, Server
from seccstack.adapters.tap import NOBODY
from seccstack.adapters.unavailable import UnavailableError
from seccstack.auth import events as auth_events
from seccstack.auth.port import sighting_of
from seccstack.chargepoint import ChargePoint
from seccstack.config import Access, Config
from seccstack.config_tls import Tls
from seccstack.events import (
    Action,
    BytesReceived,
    CloseStream,
    Event,
    HandshakeFailed,
    Ignored,
    Noted,
    RecordSighting,
    SendBytes,
    StreamClosed,
)
from seccstack.pilot import limits
from seccstack.pilot.port import ContactorState, PilotState

ADDRESS, SCOPE = "::1", 0


class Outlet:
    """One of them: what `seccstack.adapters.app` is to a charger, without a powerline."""

    def __init__(
        self, config: Config, guard: Guard | None, lookups: Lookups, tally: log.Tally
    ) -> None:
        self._lookups, self._tally, self._guard = lookups, tally, guard
        self._driver: Driver[Event, Action] = Driver(
            ChargePoint(settings_of(config)), self._carry_out
        )
        feed = self._driver.feed
        self.pilot = SimulatedPilot()
        self.server = Server(
            self._opened,
            lambda stream, data: feed(BytesReceived(stream, data)),
            lambda stream: feed(StreamClosed(stream)),
            NOBODY,
            guard,
            lambda peer, failed: feed(HandshakeFailed(peer, failed.why, failed.alert)),
        )
        self._interface = socket.if_nametoindex("lo")
        self._orders: asyncio.Queue[limits.Apply | limits.SetContactor] = asyncio.Queue()
        self._tasks = [asyncio.create_task(self._follow()), asyncio.create_task(self._drive())]

    async def open(self, ports: Iterator[int]) -> int:
        """Serve on the next port that is free; return it."""
        if self._guard is not None:
            self._guard.start(self._driver.feed)
        for port in ports:
            try:
                await self.server.listen(ADDRESS, SCOPE, port)
            except UnavailableError:
                continue
            return port
        raise UnavailableError("no port is left", waiting_helps=False)

    async def _follow(self) -> None:
        async for state in self.pilot.states():
            if isinstance(state, ContactorState):
                self._driver.feed(limits.ContactorChanged(state is ContactorState.CLOSED))
            else:
                self._driver.feed(limits.PilotChanged(state))

    async def _drive(self) -> None:
        while True:
            match await self._orders.get():
                case limits.Apply(signal):
                    await self.pilot.apply(signal)
                case limits.SetContactor(closed):
                    await self.pilot.set_contactor(closed)

    def close(self) -> None:
        """Ask and answer nothing more."""
        self._driver.close()
        self.server.close()

    def _opened(self, stream: int, peer: str, agreed: Agreed | None) -> None:
        mac = neighbour_mac(peer, self._interface)  # nobody's here, but it is asked for
        self._driver.feed(opened_now(stream, peer, mac, agreed))

    def _carry_out(self, action: Action) -> None:
        match action:
            case SendBytes(stream, data):
                self.server.send(stream, data)
            case CloseStream(stream):
                self.server.end(stream)
            case limits.Apply() | limits.SetContactor():
                self._orders.put_nowait(action)
            case auth_events.LookUpVehicle(mac):
                self._lookups.ask(
                    lambda registry: (registry.vehicle(mac), registry.used_tls(mac)),
                    lambda found: self._driver.feed(
                        auth_events.VehicleFound(mac, *(found or (None, False)))
                    ),
                )
            case RecordSighting(identity, tls):
                self._lookups.record(sighting_of(identity, time.time(), tls))
            case Noted(event, details):
                self._tally.noted(event, dict(details))
            case Ignored(what, why):
                self._tally.ignored(what, why)
            case _:
                pass  # only told


async def serve(folder: Path, chains: str | None) -> None:
    """Obey orders until there are no more."""
    sys.setswitchinterval(SWITCH_SECONDS)
    tls = Tls(profile="lab") if chains is None else Tls(mode="require", chains=[chains])
    config = Config(access=Access(policy="open"), tls=tls)
    logger = log.start("error")
    tally = log.Tally(logger, time.monotonic)
    lookups = Lookups(folder / "registry.sqlite", logger)
    lookups.open()
    outlets: list[Outlet] = []
    ports = iter(DYNAMIC_PORTS)
    orders = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        what, value = line.decode().split()
        if what == "open":
            made = [Outlet(config, _guard(tls), lookups, tally) for _ in range(int(value))]
            print(_json([await outlet.open(ports) for outlet in made]), flush=True)
            outlets += made
        else:
            outlets[int(what)].pilot.set_vehicle(PilotState(value))
    for outlet in outlets:
        outlet.close()
    lookups.close()


def _guard(tls: Tls) -> Guard | None:
    if tls.mode == "forbid":
        return None
    from seccstack.adapters.tls_guard import guard  # as in `seccstack run`: OpenSSL, if asked

    return guard(tls, NOBODY.secrets)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def raise_open_files() -> int:
    """Allow this process as many open files as it may; return how many."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return most


if __name__ == "__main__":
    raise_open_files()
    with tempfile.TemporaryDirectory() as place:
        asyncio.run(serve(Path(place), sys.argv[1] if len(sys.argv) > 1 else None))
