"""How long it takes to decide about a vehicle, where very many are registered.

The vehicle says all of it at once, in the moment of its SessionSetupReq; usually it is looked
up some seconds before, when it is matched. The registry is a file, in a thread of its own, as
a running charger has it; sightings, and what was decided, are written as there.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import structlog

from seccstack import admission
from seccstack.adapters.app import SWITCH_SECONDS
from seccstack.adapters.driver import Driver
from seccstack.adapters.registrar import Registrar
from seccstack.adapters.registry import open_registry
from seccstack.auth import events as auth_events
from seccstack.auth import judgement
from seccstack.auth.decision import Granted, Policy, VehicleRecord
from seccstack.bench.figures import Figure, figure_of
from seccstack.config import Config, Registry
from seccstack.events import Noted, RecordSighting

VEHICLES = 10_000
RUNS = 200
AIM = "median under 5 ms"
CLAIMS = ("evccid", "slac_mac", "match_mac", "ethernet_mac", "ipv6_mac")


def figures(vehicles: int = VEHICLES, runs: int = RUNS) -> Iterator[Figure]:
    """Measure from SessionSetupReq to the decision."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry.sqlite"
        registry = open_registry(path)
        registry.put(VehicleRecord(mac=_mac(number)) for number in range(vehicles))
        registry.close()
        usual = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)  # as a running charger does
        try:
            samples = asyncio.run(_visits(path, vehicles, runs))
        finally:
            sys.setswitchinterval(usual)
    name = f"SessionSetupReq to decision, {vehicles:,} vehicles registered"
    yield figure_of(name, "ms", samples, aim=AIM, note="one that was not looked up before")


async def _visits(path: Path, vehicles: int, runs: int) -> list[float]:
    outlet = _Outlet(path)
    try:
        step = max(1, vehicles // runs)
        return [await outlet.visit(run, _mac(run * step % vehicles)) for run in range(runs)]
    finally:
        outlet.close()


class _Outlet:
    """What decides about a vehicle at an outlet, and what answers it."""

    def __init__(self, path: Path) -> None:
        settings = judgement.Settings(policy=Policy.AUTOCHARGE)
        self._driver: Driver[Any, Any] = Driver(admission.Admission(settings), self._carry_out)
        config = Config(registry=Registry(str(path)))
        self._registrar = Registrar(config, self._driver.feed, structlog.get_logger())
        self._decided: asyncio.Future[object] | None = None

    async def visit(self, number: int, mac: bytes) -> float:
        """Have a vehicle come, be decided about, and leave; return milliseconds."""
        loop = asyncio.get_running_loop()
        await self._idle()
        self._decided = loop.create_future()
        self._driver.feed(admission.Arrived(number))
        begun = time.perf_counter_ns()
        for claim in CLAIMS:
            self._driver.feed(admission.Claimed(claim, mac, "bench"))  # type: ignore[arg-type]
        self._driver.feed(admission.Wanted())
        decided = await self._decided
        took = (time.perf_counter_ns() - begun) / 1e6
        self._driver.feed(admission.Left())
        if not isinstance(decided, Granted):
            raise RuntimeError(f"it was not let in: {decided}")
        return took

    def close(self) -> None:
        """Let go of the registry."""
        self._driver.close()
        self._registrar.close()

    async def _idle(self) -> None:
        """Wait until all is written: a vehicle comes when the one before has left long ago."""
        await asyncio.sleep(0)
        done = asyncio.get_running_loop().create_future()
        self._registrar.lookups.ask(lambda registry: None, done.set_result)
        await done

    def _carry_out(self, action: Any) -> None:
        match action:
            case auth_events.LookUpVehicle() | RecordSighting():
                self._registrar.take(action)
            case Noted(event, details):
                self._registrar.noted(event, details)
            case auth_events.Decided(_, Granted() as decision):
                if self._decided is not None:
                    self._decided.set_result(decision)
            case _:
                pass


def _mac(number: int) -> bytes:
    return bytes.fromhex("EC65CC") + number.to_bytes(3)
