"""Indicators: simulated, and on LEDs and beepers of Linux, on a file tree like its own."""

import os
import threading

import pytest
import structlog

from seccstack.adapters import indicator as indicators
from seccstack.adapters.animation import BREATH_SECONDS, DIMMEST, RUN_SECONDS, frame
from seccstack.adapters.indicator import (
    MOST_ORDERS,
    HardwareIndicator,
    SimulatedIndicator,
    indicator_of,
)
from seccstack.adapters.leds import INPUT_EVENT, lamps_of, sounder_of
from seccstack.auth.enrolment_events import BeepPattern
from seccstack.config import parse
from seccstack.indication import Standing, light_of
from tests.adapters.indicator_contract import CHARGING, ERROR, MUTE, STANDBY, IndicatorContract

PAIRS = (
    "[indicator]\nkind = 'leds'\nbrightness = {}\nbeeper = '{}'\n"
    "blue = ['b1', 'b2', 'b3', 'b4']\nred = ['r1', 'r2', 'r3', 'r4']\n"
)
COLOURED = (
    "[indicator]\nkind = 'leds'\nbrightness = {}\nbeeper = '{}'\n"
    "multicolor = ['s1', 's2', 's3', 's4']\n"
)
LONGEST = 5.0  # seconds; what is waited for takes milliseconds


def patiently(condition):
    """Wait for a thread, without a clock of one's own."""
    tick = threading.Event()
    for _ in range(int(LONGEST / 0.005)):
        if condition():
            return
        tick.wait(0.005)
    assert condition()


class TestSimulated(IndicatorContract):
    def new_indicator(self):
        self.made = SimulatedIndicator()
        return self.made

    def shown(self):
        light = self.made.light
        return "----" if light is None else "".join(s.colour.value[0] for s in light.segments)


class Board:
    """/sys/class/leds of a board, as the kernel's documentation has it."""

    def __init__(self, root):
        self.root = root
        for number in range(1, 5):
            for name in ("b", "r"):
                self.add(f"{name}{number}", max_brightness="255")
            colours = {"multi_index": "red green blue", "multi_intensity": "0 0 0"}
            self.add(f"s{number}", max_brightness="255", **colours)
        self.add("beeper", max_brightness="1")

    def add(self, name, **files):
        (self.root / name).mkdir()
        for file, text in {"brightness": "0", **files}.items():
            (self.root / name / file).write_text(f"{text}\n")

    def value(self, led, file="brightness"):
        return (self.root / led / file).read_text().split()

    def pairs(self):
        return "".join(self._pair(number) for number in range(1, 5))

    def _pair(self, number):
        blue, red = (self.value(f"{name}{number}") not in ([], ["0"]) for name in "br")
        return {(True, False): "b", (False, True): "r", (False, False): "-"}.get(
            (blue, red), "?"
        )

    def colours(self):
        return "".join(self._colour(f"s{number}") for number in range(1, 5))

    def _colour(self, led):
        if self.value(led) in ([], ["0"]):
            return "-"
        mixture = self.value(led, "multi_intensity")
        return {("255", "0", "0"): "r", ("0", "0", "255"): "b"}.get(tuple(mixture), "?")


@pytest.fixture
def board(tmp_path):
    return Board(tmp_path)


def made(board, text=PAIRS, brightness=100, beeper=""):
    config = parse(text.format(brightness, beeper)).indicator
    lamps, sounder = lamps_of(config, board.root), sounder_of(config, board.root)
    return HardwareIndicator(lamps, sounder, structlog.get_logger())


class TestPairs(IndicatorContract):
    @pytest.fixture(autouse=True)
    def _board(self, board):
        self.board = board

    def new_indicator(self):
        return made(self.board)

    def wait_for(self, condition):
        patiently(condition)

    def shown(self):
        return self.board.pairs()


class TestMulticolor(TestPairs):
    def new_indicator(self):
        return made(self.board, COLOURED)

    def shown(self):
        return self.board.colours()


@pytest.mark.parametrize(("percent", "written"), [(100, "255"), (50, "128"), (1, "3")])
def test_the_brightness_is_as_configured(board, percent, written):
    indicator = made(board, brightness=percent)
    indicator.show(STANDBY)
    patiently(lambda: board.value("b4") == [written])
    indicator.close()


def test_an_led_of_two_steps_is_lit_however_dim_it_is_meant_to_be(board):
    for number in range(1, 5):
        (board.root / f"b{number}" / "max_brightness").write_text("1\n")
    indicator = made(board, brightness=1)
    indicator.show(STANDBY)
    patiently(lambda: board.pairs() == "bbbb")
    indicator.close()


def test_an_led_that_fails_is_told_and_the_others_are_lit(board):
    (board.root / "r2" / "brightness").unlink()
    indicator = made(board)
    indicator.show(STANDBY)
    patiently(lambda: indicator.troubles and board.value("b4") == ["255"])
    assert indicator.troubles == ("b2 and r2: No such file or directory",)
    (board.root / "r2" / "brightness").write_text("0\n")
    indicator.show(STANDBY)
    patiently(lambda: not indicator.troubles)
    indicator.close()


def test_what_a_driver_says_that_is_no_number_is_a_trouble_too(board):
    (board.root / "r2" / "max_brightness").write_text("\n")
    indicator = made(board)
    indicator.show(STANDBY)
    patiently(lambda: indicator.troubles and board.value("b4") == ["255"])
    indicator.close()


def test_an_led_that_hangs_keeps_nobody(board):
    """A FIFO that nobody reads is as stuck as a bus: opening it does not return."""
    (board.root / "b1" / "brightness").unlink()
    os.mkfifo(board.root / "b1" / "brightness")
    indicator = made(board)
    for _ in range(3 * MOST_ORDERS):
        indicator.show(ERROR)
        indicator.show(MUTE)
    with open(board.root / "b1" / "brightness", "rb"):  # it works again
        patiently(lambda: board.value("r4") == ["255"])
        indicator.close()


class Sounds:
    """A sounder that remembers what it was told."""

    name = "sounds"

    def __init__(self):
        self.told = []

    def sound(self, on):
        self.told.append(on)


@pytest.mark.parametrize(("pattern", "times"), [(BeepPattern.SHORT, 1), (BeepPattern.FULL, 4)])
def test_as_many_beeps_are_heard_as_the_pattern_has(monkeypatch, pattern, times):
    for name in ("SHORT_SECONDS", "LONG_SECONDS", "PAUSE_SECONDS"):
        monkeypatch.setattr(indicators, name, 0.002)
    sounds = Sounds()
    indicator = HardwareIndicator((), sounds, structlog.get_logger())
    indicator.beep(pattern)
    patiently(lambda: len(sounds.told) == 2 * times + 1)
    indicator.close()
    assert sounds.told[: 2 * times] == [True, False] * times


def test_an_led_that_is_a_beeper_sounds(board):
    indicator = made(board, beeper="beeper")
    indicator.beep(BeepPattern.LONG)
    patiently(lambda: board.value("beeper") == ["1"])
    indicator.close()
    assert board.value("beeper") == ["0"]


def test_an_input_device_is_told_a_tone_and_its_end(board, tmp_path):
    device = tmp_path / "event0"
    os.mkfifo(device)
    ear = os.open(device, os.O_RDONLY | os.O_NONBLOCK)
    [lamp, *_] = lamps_of(parse(PAIRS.format(100, "")).indicator, board.root)
    sounder = sounder_of(parse(PAIRS.format(100, device)).indicator)
    lamp.set((0.0, 0.0))
    sounder.sound(True)
    sounder.sound(False)
    heard = [*INPUT_EVENT.iter_unpack(os.read(ear, 4096))]
    os.close(ear)
    # linux/input-event-codes.h: EV_SND 0x12, SND_TONE 0x02, EV_SYN 0
    assert [event[2:] for event in heard] == [
        (0x12, 2, 2400), (0, 0, 0), (0x12, 2, 0), (0, 0, 0)
    ]  # fmt: skip


def test_a_beeper_that_is_gone_is_a_trouble_and_no_more(board):
    indicator = made(board, beeper="/nowhere/event0")
    indicator.beep(BeepPattern.SHORT)
    patiently(lambda: indicator.troubles)
    assert indicator.troubles == ("/nowhere/event0: No such file or directory",)
    indicator.show(STANDBY)
    patiently(lambda: board.pairs() == "bbbb")
    indicator.close()


# What moves.


def blues(light, seconds):
    return [round(blue, 3) for blue, _ in frame(light, seconds)]


def test_a_breath_goes_from_bright_to_dim_and_back():
    assert blues(CHARGING, 0) == [1.0] * 4
    assert blues(CHARGING, BREATH_SECONDS / 2) == [DIMMEST] * 4
    assert blues(CHARGING, BREATH_SECONDS) == [1.0] * 4


def test_what_runs_goes_from_left_to_right():
    running = light_of(Standing(starting=True))
    at = [blues(running, RUN_SECONDS * (n + 0.5) / 4).index(1.0) for n in range(5)]
    assert at == [0, 1, 2, 3, 0]


def test_beside_a_dead_modem_three_run():
    light = light_of(Standing(suspended=True, mute=True))
    assert [blues(light, RUN_SECONDS * (n + 0.5) / 3).index(1.0) for n in range(4)] == [
        0, 1, 2, 0
    ]  # fmt: skip
    assert frame(light, 0.0)[3] == (0.0, 1.0)


def test_the_configuration_says_which_it_is():
    assert isinstance(
        indicator_of(parse("").indicator, structlog.get_logger()), SimulatedIndicator
    )
    made = indicator_of(parse(COLOURED.format(100, "")).indicator, structlog.get_logger())
    assert isinstance(made, HardwareIndicator)
    made.close()
