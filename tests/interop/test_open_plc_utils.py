"""Programs of open-plc-utils: its vehicle at our charger, its charger before our car, tools.

Their frames are another author's from end to end, so what they make of ours says whether both
mean the same. Debian has them in `plc-utils` and `plc-utils-extra`; they are not part of this
project.
"""

import os
import shutil
import subprocess

import pytest

from seccstack.sim import parameters
from seccstack.sim.modem import FIRMWARE
from tests.interop.conftest import CAR, CHARGER
from tests.prerequisites import missing
from tests.programs import SECONDS, Program

FOLDERS = os.pathsep.join([os.environ.get("SECCSTACK_PLC_UTILS", ""), os.environ["PATH"]])
MODEM = "02:FE:ED:00:10:01"
PROFILE = """
[default]
vehicle identifier = 0000000000000000000000000000000000
network membership key = 50D3E4933F855B7040784DF815AA8DB7
network identifier = B0F2E695666B03
attenuation threshold = 40
msound pause = 20
charge time = 1
settle time = 1
"""

CHARGER_PROFILE = """
[default]
station identifier = 0000000000000000000000000000000000
network membership key = B59319D7E8157BA001B018669CCEE30D
network identifier = 026BCBA5354E08
number of sounds = 10
time to sound = 6
response type = 1
charge time = 2
settle time = 1
"""


def program(name):
    found = shutil.which(name, path=FOLDERS)
    if found is None:
        missing(f"the command `{name}` (Debian packages plc-utils and plc-utils-extra)")
    return found


class Bench:
    """A stage, and the other project's programs at either end of it."""

    def __init__(self, stage):
        self.stage = stage
        (stage.folder / "pev.ini").write_text(PROFILE)

    def run(self, place, name, *words, code=0):
        command = place.command(program(name), *words)
        done = subprocess.run(  # noqa: S603
            command,
            cwd=self.stage.folder,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def ask_modem(self, name, *words):
        """Run a tool at the charger's end."""
        return self.run(self.stage.charger_place, name, "-i", CHARGER, *words)

    def drive_up(self, *words):
        """Have the other project's vehicle match, charge for a second and leave."""
        ini = self.stage.folder / "pev.ini"
        return self.run(self.stage.car_place, "pev", "-i", CAR, "-p", ini, *words)


@pytest.fixture
def bench(own_stage):
    program("pev")
    return Bench(own_stage)


# Its vehicle.


def test_its_vehicle_is_matched_by_our_charger(bench):
    stage = bench.stage
    stage.lay_powerline()
    stage.start_charger()
    stage.turn("B")
    said = bench.drive_up("-x")
    assert "Matching" in said
    mac = stage.car_mac.hex().upper()
    stage.charger.expect(event="matched", ev_mac=mac, sounds=10, attenuation_db=20.0)
    stage.modems.expect(event="joined")
    stage.charger.expect(event="link ready")


def test_its_vehicle_is_matched_again_with_another_key(bench):
    stage = bench.stage
    stage.lay_powerline("--log", "--join-seconds", "0.1")
    stage.start_charger()
    after = 0
    for _ in range(2):
        stage.turn("B")
        bench.drive_up("-x")
        after = 1 + stage.charger.expect(event="link ready", after=after)
        stage.turn("A")
        after = 1 + stage.charger.expect(event="key", in_force=True, after=after)


def test_its_vehicle_is_matched_on_a_line_that_loses_a_tenth(bench):
    stage = bench.stage
    stage.lay_powerline("--loss", "0.1", "--profile-loss", "0.05", "--seed", "3")
    stage.start_charger()
    stage.turn("B")
    bench.drive_up()
    stage.charger.expect(event="matched")


def test_its_vehicle_hears_how_far_away_it_is_and_leaves_if_that_is_too_far(bench):
    stage = bench.stage
    stage.lay_powerline("--attenuation", "60")
    stage.start_charger()
    stage.turn("B")
    command = stage.car_place.command(
        program("pev"), "-i", CAR, "-p", stage.folder / "pev.ini", "-x"
    )
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run(command, capture_output=True, timeout=6, check=False)  # noqa: S603
    assert not [line for line in stage.charger.lines if line.get("event") == "matched"]


# Its tools.


def test_its_tool_finds_our_modem_and_its_firmware(bench):
    bench.stage.lay_powerline()
    said = bench.ask_modem("plctool", "-r", "local")
    assert MODEM in said
    assert FIRMWARE.decode() in said


def test_its_tool_reads_what_our_modem_is(bench):
    bench.stage.lay_powerline()
    assert "QCA7000" in bench.ask_modem("plctool", "-a", "local")


def test_its_tool_reads_our_modems_parameter_block_whole(bench):
    bench.stage.lay_powerline()
    file = bench.stage.folder / "read.pib"
    bench.ask_modem("plctool", "-p", file, "local")
    mac = bytes.fromhex(MODEM.replace(":", ""))
    assert file.read_bytes() == parameters.of_charger(mac)
    said = bench.run(bench.stage.charger_place, "chkpib2", "-v", file)
    assert f"MAC {MODEM}" in said
    assert "CCo Always" in said


def test_its_tool_sees_the_link_and_who_is_there(bench):
    stage = bench.stage
    stage.lay_powerline("--join-seconds", "0.1")
    assert f"{MODEM} 0" in bench.ask_modem("plctool", "-L", "local")
    stage.start_charger()
    stage.turn("B")
    stage.match()
    assert f"{MODEM} 1" in bench.ask_modem("plctool", "-L", "local")
    here, there = bench.ask_modem("plcstat", "-t").splitlines()[1:3]
    assert here.split()[:2] == ["LOC", "CCO"]
    assert stage.car_mac.hex(":").upper() in there


def test_its_tool_restarts_our_modem(bench):
    stage = bench.stage
    stage.lay_powerline()
    stage.start_charger()
    keyed = stage.charger.expect(event="key", in_force=True)
    bench.ask_modem("plctool", "-R", "local")
    lost = stage.charger.expect(event="key", in_force=False, after=keyed)
    stage.charger.expect(event="key", in_force=True, after=lost)


# Its charger.


def test_our_car_is_matched_by_its_charger(bench):
    stage = bench.stage
    stage.lay_powerline("--join-seconds", "0.1")
    ini = stage.folder / "evse.ini"
    ini.write_text(CHARGER_PROFILE)
    charger = stage.charger_place.command(program("evse"), "-i", CHARGER, "-p", ini, "-l")
    with Program(charger, stage.folder, lines_on="stderr"):
        stage.match()
    stage.modems.expect(event="joined")
