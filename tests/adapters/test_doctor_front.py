"""What the doctor finds of the reader, the light and the beeper."""

import pytest

from seccstack.adapters import doctor_front
from seccstack.config import parse
from seccstack.doctor.finding import Verdict
from tests.adapters.test_indicator import COLOURED, PAIRS, Board
from tests.adapters.test_reader import Terminal

SERIAL = "[reader]\nkind = 'serial'\ndevice = '{}'\n"


@pytest.fixture
def board(tmp_path):
    return Board(tmp_path)


def reader(text, running=None):
    finding = doctor_front.reader(parse(text).reader, running)
    return finding.verdict, finding.found, finding.remedy


def lights(board, text, running=None):
    indicator = parse(text).indicator
    return [
        (one.verdict, one.found, one.remedy)
        for one in doctor_front.indicator(indicator, running, board.root)
    ]


def test_a_reader_that_is_there_is_named(tmp_path):
    terminal = Terminal(tmp_path / "ttyREADER")
    assert reader(SERIAL.format(terminal.link)) == (Verdict.OK, str(terminal.link), "")


def test_one_that_is_not_is_a_warning_with_what_to_do(tmp_path):
    verdict, found, remedy = reader(SERIAL.format(tmp_path / "none"))
    assert verdict is Verdict.WARN
    assert "cannot be opened: " in found
    assert remedy == "plug the reader in, or correct reader.device"


def test_a_library_that_is_missing_is_a_warning(monkeypatch):
    def missing(config):
        raise doctor_front.ConfigError("reader.kind", "is 'pcsc', and no", "install it")

    monkeypatch.setattr(doctor_front, "reader_of", missing)
    assert reader("[reader]\nkind = 'pcsc'")[::2] == (Verdict.WARN, "install it")


@pytest.mark.parametrize(("trouble", "verdict"), [(None, "ok"), ("it is gone; look", "warn")])
def test_a_running_charger_says_how_its_reader_is(trouble, verdict):
    running = {"reader": {"name": "ACR122U", "trouble": trouble}}
    assert reader("[reader]\nkind = 'pcsc'", running)[0].value == verdict


@pytest.mark.parametrize("text", [PAIRS, COLOURED])
def test_leds_that_are_there_are_well(board, text):
    light, beeper = lights(board, text.format(50, "beeper"))
    assert (light[0], beeper) == (Verdict.OK, (Verdict.OK, "beeper", ""))


def test_leds_that_are_not_there_are_named_with_those_that_are(board):
    (board.root / "b2" / "brightness").unlink()
    (board.root / "b2" / "max_brightness").unlink()
    (board.root / "b2").rmdir()
    [(verdict, found, remedy), _] = lights(board, PAIRS.format(50, ""))
    assert (verdict, found) == (Verdict.WARN, "there is no LED b2")
    assert remedy.endswith(
        "LEDs that are here: b1, b3, b4, beeper, r1, r2, r3, r4, s1, s2, s3, s4"
    )


def test_an_led_of_one_colour_is_none_of_all(board):
    (board.root / "s3" / "multi_intensity").unlink()
    assert lights(board, COLOURED.format(50, ""))[0][1] == "LED s3 has one colour only"


def test_what_a_running_charger_cannot_set_is_told(board):
    running = {"indicator": {"troubles": ["b1: it hangs"]}}
    assert lights(board, PAIRS.format(50, ""), running)[0][:2] == (Verdict.WARN, "b1: it hangs")


def test_a_beeper_is_looked_for(board):
    verdict, found, _ = lights(board, PAIRS.format(50, "/nowhere/event0"))[1]
    assert (verdict, found) == (Verdict.WARN, "there is no /nowhere/event0")
    assert lights(board, PAIRS.format(50, ""))[1][1] == "none is configured: nothing is heard"
