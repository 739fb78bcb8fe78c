"""The DC side of a charger: orders to its supply in their order, and what that reports."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from seccstack.energy.supply import OFF, CheckInsulation, Order, PowerSupply, SetOutput
from seccstack.events import Event


class Power:
    """Stands between an outlet and its supply; without one, nothing happens."""

    def __init__(self, supply: PowerSupply | None, feed: Callable[[Event], None]) -> None:
        self._supply = supply
        self._feed = feed
        self._orders: asyncio.Queue[Order] = asyncio.Queue()

    def order(self, order: SetOutput | CheckInsulation) -> None:
        """Pass an order on."""
        self._orders.put_nowait(order)

    def work(self) -> list[Coroutine[Any, Any, None]]:
        """Return what has to run as long as the charger does."""
        if self._supply is None:
            return []
        return [self._follow(self._supply), self._drive(self._supply)]

    async def switch_off(self) -> None:
        """Leave nothing energised."""
        if self._supply is not None:
            await self._supply.order(OFF)

    async def _follow(self, supply: PowerSupply) -> None:
        async for report in supply.reports():
            self._feed(report)

    async def _drive(self, supply: PowerSupply) -> None:
        while True:
            await supply.order(await self._orders.get())
