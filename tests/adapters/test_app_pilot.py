"""`seccstack run` with a pilot controller on a serial port, as processes of their own."""

import json
import sys
import threading
from contextlib import contextmanager

import pytest

from tests.programs import SECCSTACK, Program, seccstack

CONFIG = '[pilot]\nkind = "serial"\ndevice = "ttyPILOT"\n'


class Bench:
    """A charger, a controller, and a hand that turns the line as the simulated car wants."""

    def __init__(self, charger, controller, folder):
        self.charger, self.controller, self.folder = charger, controller, folder
        self._turned = 0
        self._done = threading.Event()
        self._hand = threading.Thread(target=self._turn, daemon=True)
        self._hand.start()

    def order(self, line):
        self.controller.process.stdin.write(line + "\n")
        self.controller.process.stdin.flush()

    def tell(self, *words):
        return seccstack("tell", *words, folder=self.folder)

    def status(self):
        return json.loads(self.tell("status", "--json"))["status"]

    def end(self):
        self._done.set()
        self._hand.join()

    def _turn(self):
        while not self._done.wait(0.01):
            for line in self.charger.lines[self._turned :]:
                self._turned += 1
                if line["event"] == "turn the pilot line":
                    self.order(line["to"])


@contextmanager
def bench(folder, config=""):
    (folder / "secc.toml").write_text(CONFIG + config)
    mcu = [sys.executable, "-m", "tools.pilot_mcu", "--link", folder / "ttyPILOT"]
    with Program(mcu, folder) as controller:
        controller.expect(device=str(folder / "ttyPILOT"))
        command = [*SECCSTACK, "run", "--config", "secc.toml"]
        with Program(command, folder, lines_on="stderr") as charger:
            charger.expect(event="pilot controller")
            charger.expect(event="ready")
            made = Bench(charger, controller, folder)
            try:
                yield made
            finally:
                made.end()


def test_a_whole_charge_over_a_serial_line(tmp_path):
    with bench(tmp_path) as made:
        charger, controller = made.charger, made.controller
        made.tell("plug")
        closed = charger.expect(event="contactor", closed=True)
        controller.expect(duty=5.0)
        controller.expect(closed=True)
        charger.expect(event="limit", after=0)
        assert made.status()["pilot controller"]["trouble"] is None
        made.tell("unplug")
        charger.expect(event="contactor", closed=False, after=closed)
        charger.expect(event="unplugged", after=closed)
        controller.expect(closed=False)
        assert charger.end() == 0


def test_a_charge_by_pulse_width_follows_the_limit(tmp_path):
    with bench(tmp_path, 'start = "nominal"\n') as made:
        made.tell("plug")
        made.controller.expect(duty=53.33)
        made.controller.expect(closed=True)
        made.tell("limit", "16")
        made.controller.expect(duty=26.67)
        made.tell("stop")
        made.controller.expect(closed=False)
        assert made.charger.end() == 0


@pytest.mark.parametrize("loss", ["die", "unplug", "mute"])
def test_a_controller_lost_in_a_charge_is_safe_and_said_and_found_again(tmp_path, loss):
    with bench(tmp_path) as made:
        charger = made.charger
        made.tell("plug")
        charger.expect(event="contactor", closed=True)
        made.order(loss)
        lost = charger.expect(event="pilot controller lost")
        charger.expect(event="pilot fault", state="E")
        charger.expect(event="unplugged")
        if loss != "die":
            made.controller.expect(closed=False)
        assert made.status()["pilot controller"]["trouble"]
        for order in {"die": ["reset"], "unplug": ["plug"], "mute": ["hear"]}[loss]:
            made.order(order)
        found = charger.expect(event="pilot controller", after=lost)
        charger.expect(event="contactor", closed=False, after=lost)
        charger.expect(event="pilot", after=found)
        assert made.status()["pilot controller"]["trouble"] is None
        assert charger.end() == 0


def test_a_charger_that_is_killed_leaves_nothing_live(tmp_path):
    with bench(tmp_path) as made:
        made.tell("plug")
        made.charger.expect(event="contactor", closed=True)
        live = made.controller.expect(closed=True)
        made.charger.process.kill()
        made.controller.expect(closed=False, after=live)
        made.controller.expect(ended="the host was silent for 1 s")


def test_without_its_controller_it_ends_saying_that_nobody_knows(tmp_path):
    (tmp_path / "secc.toml").write_text(CONFIG)
    command = [*SECCSTACK, "run", "--config", "secc.toml"]
    with Program(command, tmp_path, lines_on="stderr") as charger:
        charger.expect(event="pilot controller lost")
        assert charger.end() == 1
        [why] = [line["why"] for line in charger.lines if line["event"] == "fault"]
        assert "not seen to open" in why
        assert "ttyPILOT cannot be opened" in why
