"""What a charger senses beside its pilot line becomes limits."""

import math
import os

import pytest

from seccstack.adapters.pilot_simulated import SimulatedPilot
from seccstack.adapters.sensing import Senses
from seccstack.adapters.sharing import House
from seccstack.config import parse
from seccstack.energy.arbiter import CABLE, NETWORK_OPERATOR, THERMAL
from seccstack.errors import ConfigError
from seccstack.pilot.port import Sensed
from tests.adapters.conftest import run
from tests.adapters.test_app import charger, status, tell
from tests.adapters.test_pilot_serial import Log

SOCKET = '[pilot]\ncable = "socket"\n'
HOT = '[temperature]\nkind = "simulated"\n'
CONTACT = '[energy]\ncontact = "input"\n'
HALF = "[charger]\nrated_amps = 16\n"


class WarningLog(Log):
    def warning(self, event, **fields):
        self.said.append((event, fields.get("trouble")))


def looked(text, *course, step=0.25, last=lambda: None):
    """Return the senses, and what the outlet is told while a board senses one after another."""

    async def scenario():
        config, told, pilot = parse(text), [], SimulatedPilot()
        house = House(config, told.append)
        senses = Senses(config, pilot, told.append, house, WarningLog())
        now = [0.0]
        senses._clock = lambda: now[0]
        if senses._heat is not None:
            senses._heat._clock = senses._clock
        for sensed in course:
            now[0] += step
            pilot.sensed = sensed
            await senses.look()
        last()
        return senses, [(offer.source, offer.amps) for offer in told]

    return run(scenario())


def told(text, *course, step=0.25):
    return looked(text, *course, step=step)[1]


def test_nothing_is_read_where_nothing_is_configured():
    senses, _ = looked("")
    assert (senses.work(), senses.status()) == ([], {})


def test_a_cable_in_the_socket_is_a_limit_and_without_one_there_is_no_energy():
    none, plugged = Sensed(math.inf), Sensed(220.0)
    senses, said = looked(SOCKET, none, none, plugged, plugged)
    assert said == [(CABLE, 0), (CABLE, 32)]
    assert senses.status() == {"cable": {"says": "a cable of 32 A is plugged in"}}


def test_before_it_was_read_that_is_said():
    assert looked(SOCKET)[0].status() == {"cable": {"says": "not read yet"}}


def test_heat_is_a_limit():
    course = [Sensed(celsius=degrees) for degrees in (20, 72.5, 90, 75, 60)]
    assert [amps for _, amps in told(HOT, *course, step=1)] == [None, 19, 0, None]


def test_a_sensor_that_says_nothing_or_nonsense_is_said_once():
    senses, said = looked(HOT, *[Sensed()] * 3, *[Sensed(celsius=999.0)] * 3, step=1)
    assert said == []
    assert [trouble for _, trouble in senses._log.said] == [
        "no sensor says anything",
        "999.0 is no temperature of a charger",
    ]
    assert senses.status()["temperature"]["celsius"] == 999.0


def test_a_file_of_the_kernels_is_read_once_a_second(tmp_path):
    file = tmp_path / "temp1_input"
    text = f'[temperature]\nkind = "file"\nfile = "{file}"\n'
    file.write_text("90000\n")
    assert told(text, *[Sensed()] * 4) == [(THERMAL, 0)]
    file.write_text("nonsense")
    senses, said = looked(text, Sensed())
    assert (said, senses.status()["temperature"]["trouble"]) == ([], f"{file}: it is no number")
    file.unlink()
    assert looked(text, Sensed())[0].status()["temperature"]["trouble"].endswith("directory")


def test_a_sensor_that_does_not_answer_does_not_hold_up_the_cable(tmp_path):
    pipe = tmp_path / "temp1_input"
    os.mkfifo(pipe)  # who reads it waits until somebody writes
    text = f'{SOCKET}[temperature]\nkind = "file"\nfile = "{pipe}"\n'
    course, release = [Sensed(math.inf)] * 5, lambda: os.close(os.open(pipe, os.O_RDWR))
    senses, said = looked(text, *course, last=release)
    assert said == [(CABLE, 0)]
    assert senses.status()["temperature"]["trouble"] == f"{pipe}: it does not answer"


def test_a_number_that_no_sensor_has_is_none(tmp_path):
    file = tmp_path / "temp1_input"
    file.write_text("9" * 400)
    senses, _ = looked(f'[temperature]\nkind = "file"\nfile = "{file}"\n', Sensed())
    assert senses.status()["temperature"]["trouble"] == f"{file}: it is no number"


def test_the_network_operators_contact_is_a_limit_and_one_that_is_lost_too():
    on, lost = [Sensed(peak_load=True)] * 2, [Sensed()] * 21
    off = [Sensed(peak_load=False)] * 2
    assert told(CONTACT, *on, *off, *lost) == [
        (NETWORK_OPERATOR, 6),
        (NETWORK_OPERATOR, None),
        (NETWORK_OPERATOR, 6),
    ]


def test_bounds_that_do_not_go_together_are_refused():
    with pytest.raises(ConfigError, match=r"temperature\.derate_celsius"):
        looked(f"{HOT}derate_celsius = 90\n")


def test_a_charger_follows_its_cable_and_its_heat(tmp_path):
    with charger(tmp_path, f"{HALF}{SOCKET}{HOT}") as program:
        program.expect(event="limit", amps=0.0, source="cable")
        program.expect(event="ready")
        tell(tmp_path, "temperature", "40")
        tell(tmp_path, "cable", "680")
        program.expect(event="limit", amps=16.0, source="installation")
        tell(tmp_path, "plug")
        program.expect(event="contactor", closed=True)
        tell(tmp_path, "temperature", "72.5")
        program.expect(event="limit", amps=11.0, source="thermal")
        assert status(tmp_path)["cable"] == {"says": "a cable of 20 A is plugged in"}
        tell(tmp_path, "cable", "open")
        program.expect(event="contactor", closed=False)
        assert program.end() == 0
