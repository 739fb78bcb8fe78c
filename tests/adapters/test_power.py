"""The DC side of a running charger."""

import asyncio

from seccstack.adapters.power import Power
from seccstack.adapters.supply_simulated import SimulatedSupply
from seccstack.energy.supply import OFF, OutputMeasured, SetOutput, SupplyFault


async def reported(count, deed):
    """Let a supply and its charger run until so many reports have come."""
    told, enough = [], asyncio.Event()

    def feed(event):
        told.append(event)
        if len(told) == count:
            enough.set()

    supply = SimulatedSupply()
    power = Power(supply, feed)
    tasks = [asyncio.create_task(work) for work in power.work()]
    deed(power, supply)
    await asyncio.wait_for(enough.wait(), 5)
    await power.switch_off()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    supply.close()
    return told


def test_an_order_reaches_the_supply_and_its_reports_the_charger():
    told = asyncio.run(reported(2, lambda power, _: power.order(SetOutput(400, 2))))
    assert told == [OutputMeasured(0, 0), OutputMeasured(400, 2)]


def test_a_fault_is_told():
    told = asyncio.run(reported(2, lambda _, supply: supply.break_down("hot")))
    assert told[1] == SupplyFault("hot")


def test_without_a_supply_there_is_nothing_to_do():
    async def scenario():
        power = Power(None, print)
        power.order(OFF)
        await power.switch_off()
        return power.work()

    assert asyncio.run(scenario()) == []
