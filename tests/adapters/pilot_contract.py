"""What every `PilotController` owes; subclass `PilotContract` per implementation."""

import asyncio
from contextlib import aclosing

from seccstack.pilot.port import (
    ContactorState,
    Digital,
    Fault,
    Limit,
    PilotState,
    Sensed,
    Steady,
)

A, B, C, D, E, F = PilotState
LONGEST = 5.0  # seconds; a contract that is kept needs a few milliseconds


class PilotContract:
    """The first two methods are the implementation's; hardware needs a hand at its plug."""

    def new_pilot(self):
        """Make one with nothing plugged in; called inside a running loop."""
        raise NotImplementedError

    def turn_vehicle(self, pilot, state):
        """Bring the vehicle's side of the line into a state."""
        raise NotImplementedError

    def run(self, scenario):
        """Run a scenario with a pilot and an iteration over its states that begins now."""

        async def whole():
            pilot = self.new_pilot()
            async with asyncio.timeout(LONGEST), aclosing(pilot.states()) as states:
                present = await anext(states), await anext(states)
                return present, await scenario(pilot, states)

        return asyncio.run(whole())

    def test_the_present_states_come_first(self):
        async def scenario(pilot, states):
            self.turn_vehicle(pilot, B)
            await anext(states)
            async with aclosing(pilot.states()) as later:
                return [await anext(later), await anext(later)]

        present, later = self.run(scenario)
        assert present == (A, ContactorState.OPEN)
        assert later == [B, ContactorState.OPEN]

    def test_every_change_of_the_vehicle_is_told_in_order(self):
        async def scenario(pilot, states):
            told = []
            for state in (B, C, D, C, B, E, A):
                self.turn_vehicle(pilot, state)
                told.append(await anext(states))  # what is too short is not there
            return told

        assert self.run(scenario)[1] == [B, C, D, C, B, E, A]

    def test_the_vehicle_is_seen_through_every_signal_but_f(self):
        async def scenario(pilot, states):
            self.turn_vehicle(pilot, C)
            ready = await anext(states)
            for signal in (Steady(), Digital(), Limit(16), Fault(), Digital()):
                await pilot.apply(signal)
            return [ready, await anext(states), await anext(states)]

        assert self.run(scenario)[1] == [C, F, C]

    def test_the_same_signal_twice_changes_nothing(self):
        async def scenario(pilot, states):
            await pilot.apply(Digital())
            await pilot.apply(Digital())
            self.turn_vehicle(pilot, B)
            return await anext(states)

        assert self.run(scenario)[1] is B

    def test_the_contactor_says_when_it_has_moved(self):
        async def scenario(pilot, states):
            self.turn_vehicle(pilot, C)  # hardware may refuse to close onto no vehicle
            await anext(states)
            await pilot.set_contactor(True)
            closed = await anext(states)
            await pilot.set_contactor(False)
            return closed, await anext(states)

        assert self.run(scenario)[1] == (ContactorState.CLOSED, ContactorState.OPEN)

    def test_what_a_board_does_not_have_is_not_sensed(self):
        async def scenario(pilot, states):
            return await pilot.sense()

        assert self.run(scenario)[1] == Sensed()

    def test_two_readers_are_told_the_same(self):
        async def scenario(pilot, states):
            async with aclosing(pilot.states()) as others:
                await anext(others), await anext(others)
                self.turn_vehicle(pilot, B)
                return await anext(states), await anext(others)

        assert self.run(scenario)[1] == (B, B)
