"""The simulated DC supply in real time, behind the port of a real one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from seccstack.adapters.driver import Driver
from seccstack.energy.supply import Order, OutputMeasured, Report
from seccstack.sim.supply import Broken, Event, SimSupply


class SimulatedSupply:
    """A `PowerSupply`; made inside a running event loop."""

    def __init__(self) -> None:
        self._supply = SimSupply()
        self._unread: asyncio.Queue[Report] = asyncio.Queue()
        self._driver: Driver[Event, Report] = Driver(self._supply, self._unread.put_nowait)

    async def order(self, order: Order) -> None:
        """Take an order."""
        self._driver.feed(order)

    def break_down(self, why: str) -> None:
        """Break something in it, or mend it."""
        self._driver.feed(Broken(why))

    async def reports(self) -> AsyncIterator[Report]:
        """Yield what is at the plug, and then every change."""
        yield OutputMeasured(self._supply.given.volts, self._supply.given.amps)
        while True:
            yield await self._unread.get()

    def close(self) -> None:
        """Let time stand still."""
        self._driver.close()
