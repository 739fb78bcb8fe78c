"""The simulated pilot in real time."""

import asyncio
from contextlib import aclosing

import pytest

from seccstack.adapters.pilot_reports import MAX_UNREAD
from seccstack.adapters.pilot_simulated import SimulatedPilot
from seccstack.errors import UsageError
from seccstack.pilot.port import ContactorState, Digital, PilotState
from seccstack.pilot.signal import CONNECTED_OHMS
from seccstack.sim.pilot import ContactorDefect
from tests.adapters.pilot_contract import PilotContract

A, B, C, D, E, F = PilotState


class TestSimulatedPilot(PilotContract):
    def new_pilot(self):
        return SimulatedPilot()

    def turn_vehicle(self, pilot, state):
        pilot.set_vehicle(state)

    def test_a_reader_that_waits_is_woken(self):
        async def scenario(pilot, states):
            reading = asyncio.ensure_future(anext(states))
            await asyncio.sleep(0)
            pilot.set_vehicle(B)
            return await reading

        assert self.run(scenario)[1] is B

    def test_a_vehicle_without_a_diode_can_be_connected(self):
        async def scenario(pilot, states):
            await pilot.apply(Digital())
            pilot.connect(CONNECTED_OHMS, diode=False)
            return await anext(states), pilot.signal

        assert self.run(scenario)[1] == (E, Digital())

    def test_a_broken_contactor_does_not_move_until_it_is_repaired(self):
        async def scenario(pilot, states):
            pilot.break_contactor(ContactorDefect.STUCK_OPEN)
            await pilot.set_contactor(True)
            pilot.break_contactor(ContactorDefect.NONE)
            return await anext(states)

        assert self.run(scenario)[1] is ContactorState.CLOSED

    def test_only_a_charger_makes_state_f(self):
        async def scenario(pilot, states):
            pilot.set_vehicle(F)

        with pytest.raises(UsageError, match="state F"):
            self.run(scenario)

    def test_a_reader_that_is_far_behind_learns_that_it_missed_something(self):
        async def scenario(pilot, states):
            for _ in range(MAX_UNREAD):
                pilot.set_vehicle(B)
                pilot.set_vehicle(A)
            return [state async for state in states]

        with pytest.raises(UsageError, match="nobody looked"):
            self.run(scenario)

    def test_a_closed_pilot_keeps_no_timer(self):
        async def scenario():
            pilot = SimulatedPilot()
            await pilot.set_contactor(True)
            pilot.close()
            async with aclosing(pilot.states()) as states:
                return [await anext(states), await anext(states)]

        assert asyncio.run(scenario()) == [A, ContactorState.OPEN]
