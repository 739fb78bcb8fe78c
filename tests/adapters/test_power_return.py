"""A power cut is told from a restart by what the last run has left."""

import json
import sys

import pytest

from seccstack.adapters.power_return import PowerTrace
from seccstack.config_energy import Energy
from tests.adapters.test_sensing import WarningLog
from tests.programs import Program

GIVEN = Energy()


class Machine:
    """A computer with a disk, that may be started anew."""

    def __init__(self, folder):
        self.file, self.boot = folder / "power.json", folder / "boot_id"
        self.uptime = folder / "uptime"
        self.start("first")

    def start(self, boot, up="12.5 40.0\n"):
        self.boot.write_text(f"{boot}\n")
        self.uptime.write_text(up)

    def run(self, given=GIVEN):
        self.log = WarningLog()
        self.trace = PowerTrace(self.file, self.log, self.boot, self.uptime)
        return self.trace.begin(given)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_the_first_run_of_all_waits_for_nothing(machine):
    assert machine.run() is None


def test_after_a_power_cut_it_waits_a_time_that_is_drawn(machine):
    machine.run()
    machine.start("second")
    assert 1 <= machine.run() <= 120
    assert machine.log.said[0][0] == "the power was away"


def test_a_program_that_was_killed_or_restarted_waits_for_nothing(machine):
    machine.run()
    assert machine.run() is None
    machine.trace.close()
    assert machine.run() is None


def test_a_computer_that_was_restarted_in_order_waits_only_if_that_is_wanted(machine):
    machine.run()
    machine.trace.close()
    machine.start("second")
    assert machine.run() is None
    machine.trace.close()
    machine.start("third")
    assert machine.run(Energy(power_return="boot", power_return_seconds=1)) == 1


def test_what_cannot_be_read_counts_as_cut_short(machine):
    for nonsense in ("", "[]", "{}", '{"boot": 1}', "[" * 2000):
        machine.file.write_text(nonsense)
        assert machine.run() is not None
        assert machine.log.said[0][0] == "power trace"


def test_a_computer_that_says_nothing_of_itself_leaves_nothing(machine):
    machine.boot.unlink()
    machine.uptime.write_text("nonsense")
    assert machine.run() is None
    assert not machine.file.exists()


def test_a_disk_that_fails_is_said(machine, tmp_path):
    machine.file = tmp_path / "none" / "power.json"
    assert machine.run() is None
    assert machine.log.said[0][0] == "power trace is not kept"


# The machine that runs this may have been up for long.
RUN = """
import seccstack.energy.power_return
from seccstack.cli import main
seccstack.energy.power_return.LONG_UP = 1e9
main()
"""


def test_a_charger_withholds_energy_after_a_power_cut_and_says_why(tmp_path):
    (tmp_path / "seccstack.power.json").write_text('{"boot": "x", "orderly": false}')
    (tmp_path / "secc.toml").write_text("[energy]\npower_return_seconds = 1\n")
    command = [sys.executable, "-c", RUN, "run", "--config", "secc.toml"]
    with Program(command, tmp_path, lines_on="stderr") as program:
        place = program.expect(event="limit", amps=0.0, source="power return")
        assert program.lines[place]["why"].startswith("the power was away, and it waits 1 s")
        program.expect(event="limit", amps=32.0, source="installation", after=place)
        assert program.end() == 0
    kept = json.loads((tmp_path / "seccstack.power.json").read_text())
    assert kept["orderly"] is True
