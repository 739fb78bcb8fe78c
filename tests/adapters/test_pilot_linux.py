"""A pilot controller of Linux's own parts, on a tree of files like the kernel's."""

import math
import os
import threading
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from seccstack.adapters import pilot_linux
from seccstack.adapters.pilot import pilot_of
from seccstack.adapters.pilot_linux import LinuxPilot
from seccstack.adapters.pilot_simulated import OHMS
from seccstack.adapters.pilot_sysfs import GpioContacts, ProximityContact, Pwm
from seccstack.config import parse
from seccstack.config_pilot import Board
from seccstack.pilot.port import (
    ContactorState,
    Digital,
    Fault,
    Limit,
    PilotState,
    Sensed,
    Steady,
)
from seccstack.pilot.signal import reading
from seccstack.sim.pilot import Applied, SimPilot, VehicleConnected
from tests.adapters.conftest import run, until
from tests.adapters.pilot_contract import PilotContract
from tests.adapters.test_pilot_serial import Log

A, B, C, D, E, F = PilotState
OPEN, CLOSED = ContactorState
COUNTS = 100  # for each volt, from 2000 on: the ADC knows no negative numbers
PERIOD = 1_000_000
GPIO_SIM = Path("/sys/kernel/config/gpio-sim")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(pilot_linux, "RETRY_SECONDS", 0.01)


class Wires:
    """A relay and its feedback, without a GPIO chip."""

    def __init__(self):
        self.energised = self.broken = False
        self.peak = None

    def open(self):
        self.energised = False

    def energise(self, on):
        if self.broken:
            raise OSError(5, "Input/output error", "/dev/gpiochip0")
        self.energised = on

    def closed(self):
        return self.energised

    def peak_load(self):
        if self.broken:
            raise OSError(5, "Input/output error", "/dev/gpiochip0")
        return self.peak

    def close(self):
        self.energised = False


class Tree:
    """The kernel's files, and the board's analogue half, which always sees the pulses."""

    def __init__(self, root):
        self.wires, self.line = Wires(), SimPilot()
        self._pwm = root / "pwm" / "pwmchip0" / "pwm0"
        self._pwm.mkdir(parents=True, exist_ok=True)
        for name in ("duty_cycle", "period", "enable"):
            (self._pwm / name).write_text("0")
        self.high, self.low = root / "in_voltage0_raw", root / "in_voltage1_raw"
        self.board = Board(
            high=str(self.high),
            low=str(self.low),
            high_scale=1 / COUNTS,
            high_offset=-20.0,
            low_scale=1 / COUNTS,
            low_offset=-20.0,
        )
        self.root = root / "pwm"
        self.there = True
        self._end = threading.Event()
        self._convert()
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._thread.start()

    @property
    def duty(self):
        return int(self._file("duty_cycle"))

    def turn(self, state, diode=True):
        self.line.receive(VehicleConnected(OHMS[state], diode), 0.0)

    def close(self):
        self._end.set()
        self._thread.join()

    def _file(self, name):
        written = (self._pwm / name).read_text()  # behind the last value are older ones
        return written.partition("\n")[0]

    def _live(self):
        while not self._end.wait(0.0005):
            self._convert()

    def _convert(self):
        share = self.duty / PERIOD
        carried = Steady() if share == 1 else Fault() if share == 0 else reading(share)
        self.line.receive(Applied(carried or Steady()), 0.0)
        low = self.line.low_volts
        self._measure(self.high, self.line.high_volts)
        self._measure(self.low, 0.0 if low is None else low)

    def _measure(self, file, volts):
        if not self.there:
            file.unlink(missing_ok=True)
            return
        new = file.with_suffix(".new")
        new.write_text(f"{round((volts + 20) * COUNTS)}\n")
        os.replace(new, file)  # a file of the kernel's is never half written


class TestLinuxPilot(PilotContract):
    @pytest.fixture(autouse=True)
    def _tree(self, tmp_path):
        self.folder = tmp_path
        yield
        self.pilot.close()
        self.tree.close()

    def new_pilot(self):
        self.tree = Tree(self.folder)
        self.pilot = LinuxPilot(self.tree.board, Log(), self.tree.wires, self.tree.root)
        return self.pilot

    def turn_vehicle(self, pilot, state):
        self.tree.turn(state)


@asynccontextmanager
async def bench(folder, state=A, signal=None, closed=False):
    tree = Tree(folder)
    tree.turn(state)
    pilot = LinuxPilot(tree.board, Log(), tree.wires, tree.root)
    try:
        async with aclosing(pilot.states()) as states:
            assert [await anext(states), await anext(states)] == [state, OPEN]
            await pilot.apply(signal or Steady())
            if closed:
                await pilot.set_contactor(True)
                assert await anext(states) is CLOSED
            yield tree, pilot, states
    finally:
        pilot.close()
        tree.close()


def test_the_pulses_are_in_nanoseconds_of_a_millisecond(tmp_path):
    async def scenario():
        async with bench(tmp_path, B) as (tree, pilot, _):
            seen = [tree.duty]
            for signal in (Digital(), Limit(16), Limit(80), Fault()):
                await pilot.apply(signal)
                seen.append(tree.duty)
            return seen, tree._file("period"), tree._file("enable")

    duties = [1_000_000, 50_000, 266_666, 960_000, 0]
    assert run(scenario()) == (duties, "1000000", "1")


def test_pulses_that_another_program_left_are_taken_over(tmp_path):
    (tmp_path / "pwm" / "pwmchip0" / "pwm0").mkdir(parents=True)

    file = tmp_path / "pwm" / "pwmchip0" / "pwm0" / "duty_cycle"
    for name in ("period", "enable"):
        file.with_name(name).write_text("0\n")
    for left in ("50000\n", "5000000\n"):
        file.write_text(left)
        Pwm(tmp_path / "pwm", 0, 0).open()
        assert file.read_text().startswith("1000000\n")


@pytest.mark.parametrize("state", [A, B, E])
def test_the_relay_falls_without_the_event_loop(tmp_path, state):
    async def scenario():
        async with bench(tmp_path, C, Digital(), True) as (tree, _, states):
            tree.turn(state)
            for _ in range(1000):  # nobody else's turn comes meanwhile
                if not tree.wires.energised:
                    break
                threading.Event().wait(0.001)
            assert not tree.wires.energised
            return [await anext(states), await anext(states)]

    assert run(scenario()) == [state, OPEN]


def test_a_vehicle_without_a_diode_is_seen(tmp_path):
    async def scenario():
        async with bench(tmp_path, A, Digital()) as (tree, _, states):
            tree.turn(B, diode=False)
            return await anext(states)

    assert run(scenario()) is E


def test_an_adc_that_is_gone_is_safe_and_said_and_found_again(tmp_path):
    async def scenario():
        async with bench(tmp_path, C, Digital(), True) as (tree, pilot, states):
            tree.there = False
            lost = await anext(states), pilot.problem, tree.wires.energised, tree.duty
            await pilot.apply(Limit(16))
            await pilot.set_contactor(True)
            tree.there = True
            found = [await anext(states), await anext(states)]
            await until(lambda: tree.duty == 266_666)
            return lost, found, pilot.problem, tree.wires.energised, pilot._log.said

    lost, found, problem, live, said = run(scenario())
    assert lost[0] is E
    assert lost[1].endswith("_raw: No such file or directory")
    assert lost[2:] == (False, 1_000_000)
    assert (set(found), problem, live) == ({C, OPEN}, None, False)
    assert ("pilot controller lost", lost[1]) in said


def test_a_relay_that_cannot_be_driven_is_a_loss(tmp_path):
    async def scenario():
        async with bench(tmp_path, C, Digital()) as (tree, pilot, states):
            tree.wires.broken = True
            await pilot.set_contactor(True)
            return await anext(states), pilot.problem

    state, problem = run(scenario())
    assert (state, problem) == (E, "/dev/gpiochip0: Input/output error")


def test_an_event_loop_that_stands_still_is_a_loss(tmp_path, monkeypatch):
    monkeypatch.setattr("seccstack.pilot.keeper.SILENCE", 0.3)

    async def scenario():
        async with bench(tmp_path, C, Limit(16), True) as (tree, _, states):
            threading.Event().wait(0.5)
            assert (tree.wires.energised, tree.duty) == (False, 1_000_000)
            return [await anext(states) for _ in range(3)]

    assert run(scenario()) == [E, OPEN, C]


def test_a_slow_adc_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(pilot_linux, "SLOWEST_SECONDS", -1.0)

    async def scenario():
        async with bench(tmp_path) as (_, pilot, _):
            return pilot.problem

    assert run(scenario()).startswith("a measurement took ")


def test_without_a_chip_the_reason_is_said_and_nothing_is_told_of_the_contactor(tmp_path):
    async def scenario():
        tree = Tree(tmp_path)
        pilot = LinuxPilot(tree.board, Log(), root=tmp_path / "none")
        try:
            async with aclosing(pilot.states()) as states:
                return await anext(states), pilot.problem
        finally:
            pilot.close()
            tree.close()

    state, problem = run(scenario())
    assert state is E
    assert "pwmchip0/export: No such file" in problem


def test_a_configuration_makes_it(tmp_path):
    config = parse('[pilot]\nkind = "linux"\n[board]\nhigh = "/none/0"\nlow = "/none/1"')

    async def scenario():
        pilot = pilot_of(config, Log())
        try:
            await until(lambda: pilot.problem)
            return type(pilot), pilot.name
        finally:
            pilot.close()

    assert run(scenario()) == (LinuxPilot, "pwmchip0 and /dev/gpiochip0")


# GPIO lines.


def test_a_chip_that_is_not_there_is_said():
    contacts = GpioContacts(Board(gpio_chip="/dev/gpiochip4000"))
    with pytest.raises(OSError, match="No such file"):
        contacts.open()
    contacts.close()


def test_without_its_library_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "gpiod", None)
    with pytest.raises(OSError, match=r"seccstack\[gpio\]"):
        GpioContacts(Board()).open()


@pytest.fixture
def simulated_chip():
    """Two lines of the kernel's own simulator (gpio-sim), or a reason why not."""
    if not GPIO_SIM.is_dir() or os.geteuid():
        pytest.skip("this kernel has no gpio-sim in configfs, or not for us")
    device = GPIO_SIM / "seccstack"
    bank = device / "bank0"
    bank.mkdir(parents=True)
    try:
        (bank / "num_lines").write_text("2")
        (device / "live").write_text("1")
        names = [(part / "chip_name").read_text().strip() for part in (device, bank)[1:]]
        folder = (device / "dev_name").read_text().strip()
        yield f"/dev/{names[0]}", Path("/sys/devices/platform") / folder / names[0]
        (device / "live").write_text("0")
    finally:
        bank.rmdir()
        device.rmdir()


def test_the_lines_of_a_chip_are_driven_and_read(simulated_chip):
    chip, lines = simulated_chip
    contacts = GpioContacts(Board(gpio_chip=chip, feedback_active_low=True))
    contacts.open()
    try:
        contacts.energise(True)
        assert (lines / "sim_gpio0" / "value").read_text().strip() == "1"
        (lines / "sim_gpio1" / "pull").write_text("pull-down")
        assert contacts.closed()
    finally:
        contacts.close()


# What there is beside the pilot line.


@pytest.mark.parametrize(
    ("millivolts", "ohms"),
    [("3000", 1500), ("900", pytest.approx(219.5, abs=0.1)), ("4990", math.inf), ("-20", 0)],
)
def test_a_proximity_contact_is_read_behind_its_resistor(tmp_path, millivolts, ohms):
    file = tmp_path / "in_voltage2_raw"
    file.write_text(millivolts)
    assert ProximityContact(Board(proximity=str(file))).read() == ohms


def test_a_proximity_contact_without_a_voltage_is_none(tmp_path):
    assert ProximityContact(Board(proximity=str(tmp_path / "none"))).read() is None
    (tmp_path / "raw").write_text("nonsense")
    assert ProximityContact(Board(proximity=str(tmp_path / "raw"))).read() is None


def test_the_network_operators_contact_is_read_and_one_that_is_gone_is_none(tmp_path):
    async def scenario():
        async with bench(tmp_path) as (tree, pilot, _):
            tree.wires.peak = True
            on = await pilot.sense()
            tree.wires.broken = True
            return on, await pilot.sense()

    assert run(scenario()) == (Sensed(peak_load=True), Sensed())
