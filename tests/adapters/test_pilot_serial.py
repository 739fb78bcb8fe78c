"""The pilot controller on a serial port, against a simulated one on a pseudo-terminal."""

import math
from contextlib import aclosing, asynccontextmanager

import pytest

from seccstack.adapters import pilot_serial
from seccstack.adapters.pilot_serial import SerialPilot, open_port
from seccstack.pilot.port import (
    ContactorState,
    Digital,
    Fault,
    Limit,
    PilotState,
    Sensed,
    Steady,
)
from seccstack.sim.microcontroller import NAME
from tests.adapters.conftest import run, until
from tests.adapters.pilot_contract import PilotContract
from tools.pilot_mcu import Board

A, B, C, D, E, F = PilotState
OPEN, CLOSED = ContactorState
STATES = {"A": A, "B": B, "C": C, "D": D, "E": E}


class Log:
    """What is said, as pairs of an event and its reason."""

    def __init__(self):
        self.said = []

    def info(self, event, **fields):
        self.said.append((event, fields.get("why")))

    error = info


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(pilot_serial, "RETRY_SECONDS", 0.01)


class TestSerialPilot(PilotContract):
    def new_pilot(self):
        self.board = Board()
        return SerialPilot(self.board.device, Log())

    def turn_vehicle(self, pilot, state):
        self.board.turn(state)

    def run(self, scenario):
        async def with_the_ends_closed(pilot, states):
            try:
                return await scenario(pilot, states)
            finally:
                pilot.close()
                self.board.close()

        return super().run(with_the_ends_closed)


@asynccontextmanager
async def bench(tmp_path, state="A", signal=None, closed=False):
    """A charger's pilot that has driven line and contactor like this."""
    board = Board(link=str(tmp_path / "ttyPILOT"))
    pilot = SerialPilot(board.device, Log())
    try:
        async with aclosing(pilot.states()) as states:
            assert [await anext(states), await anext(states)] == [A, OPEN]
            board.do(state)
            assert state == "A" or await anext(states) is STATES[state]
            await pilot.apply(signal or Steady())
            assert signal != Fault() or await anext(states) is F
            if closed:
                await pilot.set_contactor(True)
                assert await anext(states) is CLOSED
            yield board, pilot, states
    finally:
        pilot.close()
        board.close()


# All states in all the ways are in tests/pilot/test_link.py, where time costs nothing.
LOSSES = [
    ("unplug", "C", Limit(16), True),
    ("die", "C", Digital(), True),
    ("mute", "C", Limit(16), True),
    ("deaf", "B", Fault(), False),
]


@pytest.mark.parametrize(("loss", "state", "signal", "closed"), LOSSES)
def test_a_loss_is_safe_and_said(tmp_path, loss, state, signal, closed):
    async def scenario():
        async with bench(tmp_path, state, signal, closed) as (board, pilot, states):
            board.do(loss)
            assert await anext(states) is E
            assert pilot.problem
            assert pilot._log.said[-1] == ("pilot controller lost", pilot.problem)
            await pilot.set_contactor(True)  # nobody's
            await pilot.apply(Digital())  # returns all the same
            line = board.mcu.line
            await until(lambda: not line.closed and line.signal == Steady())

    run(scenario())


@pytest.mark.parametrize(("loss", "cure"), [("unplug", "plug"), ("die", "reset")])
def test_it_goes_on_once_the_controller_is_back(tmp_path, loss, cure):
    async def scenario():
        async with bench(tmp_path, "C", Digital(), True) as (board, pilot, states):
            board.do(loss)
            seen = [await anext(states)]
            board.do(cure)
            seen += [await anext(states), await anext(states)]
            await pilot.apply(Limit(10))
            await pilot.set_contactor(True)
            return [*seen, await anext(states)], pilot.problem, board.mcu.line.signal

    seen, problem, signal = run(scenario())
    assert seen[0] is E
    assert set(seen[1:3]) == {C, OPEN}
    assert (seen[3], problem) == (CLOSED, None)
    assert signal.amps == pytest.approx(10, abs=0.01)


def test_a_few_frames_that_are_lost_or_broken_are_nothing(tmp_path):
    async def scenario():
        async with bench(tmp_path, "B", Digital()) as (board, pilot, states):
            for order in ("drop 3", "corrupt 3"):
                board.do(order)
                await pilot.apply(Limit(16))
                board.do("C")
                assert await anext(states) is C
                board.do("B")
                assert await anext(states) is B
            return pilot.problem

    assert run(scenario()) is None


def test_a_controller_that_is_late_is_waited_for(tmp_path):
    async def scenario():
        async with bench(tmp_path, "B") as (board, pilot, _):
            board.do("delay 0.02")
            await pilot.apply(Digital())
            return board.mcu.line.signal

    assert run(scenario()) == Digital()


def test_a_signal_without_an_answer_holds_up_no_order_to_open(tmp_path):
    async def scenario():
        async with bench(tmp_path, "C", Digital(), True) as (board, pilot, _):
            board.do("mute")
            await pilot.apply(Limit(16))
            await pilot.set_contactor(False)
            await until(lambda: not board.mcu.line.closed)
            return pilot.problem, board.mcu.in_session

    assert run(scenario()) == (None, True)


def test_a_port_that_hangs_is_opened_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(pilot_serial, "REOPEN_SECONDS", 0.05)

    async def scenario():
        async with bench(tmp_path, "B") as (board, pilot, states):
            board.do("mute")
            other = Board(link=board.device)  # the name is another port's, and nothing hung up
            other.do("C")
            seen = [await anext(states), await anext(states)]
            other.close()
            return seen, pilot.problem

    assert run(scenario())[0] == [E, C]


def test_a_vehicle_without_a_diode_is_seen(tmp_path):
    async def scenario():
        async with bench(tmp_path, "A", Digital()) as (board, _, states):
            board.do("nodiode B")
            return await anext(states)

    assert run(scenario()) is E


def test_trouble_is_said(tmp_path):
    async def scenario():
        async with bench(tmp_path) as (board, pilot, _):
            board.do("trouble TEMPERATURE")
            await until(lambda: pilot.problem)
            board.do("trouble NONE")
            await until(lambda: pilot.problem is None)
            return [event for event, _ in pilot._log.said]

    said = run(scenario())
    assert said[-2:] == ["pilot controller in trouble", "pilot controller well again"]


def test_it_says_which_controller_it_is(tmp_path):
    async def scenario():
        async with bench(tmp_path) as (board, pilot, _):
            return board.device, pilot.name

    device, name = run(scenario())
    assert name == f"{NAME} on {device}"


def test_a_port_that_is_not_there_is_looked_for_and_said(tmp_path, monkeypatch):
    monkeypatch.setattr("seccstack.pilot.link.FIRST_SECONDS", 0.05)

    async def scenario():
        pilot = SerialPilot(str(tmp_path / "ttyPILOT"), Log())
        try:
            async with aclosing(pilot.states()) as states:
                lost = await anext(states)
                board = Board(link=str(tmp_path / "ttyPILOT"))
                found = [await anext(states), await anext(states)]
                board.close()
                return lost, found, pilot._log.said[0]
        finally:
            pilot.close()

    lost, found, said = run(scenario())
    assert (lost, found) == (E, [A, OPEN])
    why = f"{tmp_path}/ttyPILOT cannot be opened: No such file or directory"
    assert said == ("pilot controller lost", why)


def test_a_file_is_no_serial_port(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="no serial port"):
        open_port(str(tmp_path / "file"))


def test_a_follower_that_leaves_is_not_told_any_more(tmp_path):
    async def scenario():
        async with bench(tmp_path) as (_, pilot, _):
            async with aclosing(pilot.states()) as others:
                await anext(others)
            return len(pilot._reports._readers)

    assert run(scenario()) == 1


def test_the_reference_refuses_what_it_does_not_know(tmp_path):
    async def scenario():
        board = Board()
        try:
            for order in ("dance", "drop some", "nodiode X"):
                with pytest.raises(ValueError, match=r"dance|some|X"):
                    board.do(order)
        finally:
            board.close()

    run(scenario())


def test_what_the_controller_senses_is_read_and_nothing_old_after_its_loss(tmp_path):
    async def scenario():
        async with bench(tmp_path) as (board, pilot, states):
            board.do("cable 220")
            board.do("heat 41.5")
            board.do("peak on")
            await until(lambda: pilot._link.sensed.peak_load)
            found = await pilot.sense()
            board.do("cable open")
            await until(lambda: pilot._link.sensed.proximity_ohms == math.inf)
            board.do("unplug")
            await anext(states)
            return found, await pilot.sense()

    assert run(scenario()) == (Sensed(220.0, 41.5, True), Sensed())
