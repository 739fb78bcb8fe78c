from typing import get_args

import pytest

from seccstack.config import parse
from seccstack.config_meter import SINGLE_PHASE, ModelName, phases_of
from seccstack.energy.meter_models import MODELS
from seccstack.errors import ConfigError

TCP = 'kind = "modbus-tcp"\nhost = "10.0.0.9"\n'
RTU = 'kind = "modbus-rtu"\nmodel = "janitza-b23"\ndevice = "/dev/ttyUSB0"\n'


def test_there_is_no_meter_unless_it_is_given():
    assert parse("").meter.kind == parse("").house_meter.kind == "none"


def test_the_models_are_those_that_are_known():
    assert set(get_args(ModelName)) == set(MODELS)
    assert set(SINGLE_PHASE) == {name for name, model in MODELS.items() if model.phases == 1}


def test_two_meters_on_one_line_have_an_address_each():
    config = parse(f"[meter]\n{RTU}[house_meter]\n{RTU}unit = 2")
    assert (config.meter.unit, config.house_meter.unit) == (1, 2)


@pytest.mark.parametrize(
    ("phases", "given", "wanted"),
    [(3, "", (1, 2, 3)), (3, "phases = [2, 3, 1]", (2, 3, 1)), (1, "phases = [3]", (3,))],
)
def test_phases_are_in_the_charger_s_order(phases, given, wanted):
    config = parse(f"[charger]\nphases = {phases}\n[meter]\n{RTU}{given}")
    assert phases_of(config.meter, phases) == wanted


@pytest.mark.parametrize(
    ("text", "key", "right"),
    [
        (f"[meter]\n{TCP}", "meter.model", 'model = "inepro-pro380"'),
        (f'[meter]\n{TCP}model = "sdm630"', "meter.model", "siemens-7kt1665"),
        ('[meter]\nkind = "modbus-tcp"\nmodel = "janitza-b23"', "meter.host", "host = "),
        (
            '[house_meter]\nkind = "modbus-rtu"\nmodel = "janitza-b23"',
            "house_meter.device",
            "/dev/ttyUSB0",
        ),
        (f'[meter]\n{TCP}model = "inepro-pro2"', "meter.phases", "for each phase"),
        (f"[meter]\n{RTU}phases = [1, 2]", "meter.phases", "for each phase"),
        (f"[meter]\n{RTU}phases = [1, 2, 2]", "meter.phases", "each once"),
        (f"[meter]\n{RTU}phases = [1, 2, 4]", "meter.phases", ""),
        (f"[charger]\nphases = 1\n[meter]\n{RTU}phases = [1, 2, 3]", "meter.phases", ""),
        (f"[meter]\n{RTU}unit = 248", "meter.unit", "247"),
        (f"[meter]\n{RTU}stale_seconds = 1", "meter.stale_seconds", "some times that"),
        (f"[meter]\n{RTU}[house_meter]\n{RTU}", "house_meter.unit", "an address of its own"),
        (
            f"[meter]\n{RTU}[house_meter]\n{RTU}unit = 2\nbaud = 9600",
            "house_meter.baud",
            "alike",
        ),
    ],
)
def test_what_cannot_be_is_refused_with_what_would_be_right(text, key, right):
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert caught.value.key.startswith(key)
    assert right in caught.value.right


def test_meters_of_two_makers_on_one_line_are_set_alike():
    other = RTU.replace("janitza-b23", "inepro-pro380") + "unit = 2\n"
    alike = 'baud = 19200\nparity = "none"\n'
    assert parse(f"[meter]\n{RTU}{alike}[house_meter]\n{other}{alike}")
    with pytest.raises(ConfigError, match=r"meter\.baud: and meter\.parity are not both given"):
        parse(f"[meter]\n{RTU}[house_meter]\n{other}")
