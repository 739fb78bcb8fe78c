import sys

import pytest

from seccstack.adapters.doctor_meter import meters
from seccstack.config import parse
from seccstack.doctor.finding import Verdict
from tests.adapters.modbus import free_port, served
from tests.adapters.test_meter import MODBUS
from tests.energy.meters import PRO380, words

NOT_MEASURED = "none is configured: what a vehicle draws is not measured"


def found(config, running=None):
    return [(f.check, f.verdict, f.found) for f in meters(parse(config), running)]


def test_without_a_meter_it_is_said_what_is_not_measured():
    assert found("") == [("meter", Verdict.OK, NOT_MEASURED)]


def test_simulated_ones_are_always_there():
    [own, house] = found('[meter]\nkind = "simulated"\n[house_meter]\nkind = "simulated"')
    assert own[:2] == ("meter", Verdict.OK)
    assert house[0] == "house meter"
    assert "simulated" in own[2]


def test_one_that_answers_is_read():
    with served(PRO380.words) as port:
        [own] = found(f"[meter]\n{MODBUS}port = {port}")
    assert own[1] is Verdict.OK
    assert own[2].startswith("Inepro PRO380-Mod, unit 7 at 127.0.0.1:")
    assert own[2].endswith(": 230 / 230 / 230 V, 16.0 / 16.2 / 15.8 A, 123.5 kWh")


def test_one_of_the_house_is_looked_for_too():
    [own, house] = found(f"[house_meter]\n{MODBUS}port = {free_port()}")
    assert own == ("meter", Verdict.OK, NOT_MEASURED)
    assert house[:2] == ("house meter", Verdict.WARN)
    assert "nobody accepts a connection" in house[2]


def test_one_that_raves_is_named_with_its_register_and_a_remedy():
    with served(PRO380.words | words(0x5002, "7FC00000")) as port:
        [finding] = meters(parse(f"[meter]\n{MODBUS}port = {port}"), None)
    assert finding.found.endswith("register 20482 (0x5002): nan V cannot be")
    assert finding.remedy == "compare its model with the config"


@pytest.mark.parametrize(
    ("trouble", "verdict", "says"),
    [
        (None, Verdict.OK, "PRO380, read by the running charger"),
        ("unit 7 does not answer; look at it", Verdict.WARN, "unit 7 does not answer"),
    ],
)
def test_the_running_charger_has_the_line_and_is_asked(trouble, verdict, says):
    running = {"meter": {"name": "PRO380", "trouble": trouble}}
    assert found(f"[meter]\n{MODBUS}", running) == [("meter", verdict, says)]


def test_a_charger_that_was_started_without_it_is_not_asked():
    [own] = found(f"[meter]\n{MODBUS}port = {free_port()}", {})
    assert own[1] is Verdict.WARN


def test_a_library_that_is_missing_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pymodbus", None)
    monkeypatch.delitem(sys.modules, "seccstack.adapters.meter_modbus", raising=False)
    [finding] = meters(parse(f"[meter]\n{MODBUS}"), None)
    assert finding.verdict is Verdict.WARN
    assert finding.remedy == "pip install 'seccstack[meters]'"
