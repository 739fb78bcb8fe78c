"""The sections of what stands at the front."""

import pytest

from seccstack.config import parse
from seccstack.errors import ConfigError

LEDS = "[indicator]\nkind = 'leds'\n"
FOUR = "['a', 'b', 'c', 'd']"


def test_without_any_all_is_simulated():
    config = parse("")
    assert (config.reader.kind, config.indicator.kind) == ("simulated", "simulated")


@pytest.mark.parametrize(
    "text",
    [
        "[reader]\nkind = 'pcsc'",
        "[reader]\nkind = 'pcsc'\ndevice = 'ACR122U'",
        "[reader]\nkind = 'serial'\ndevice = '/dev/ttyUSB0'\nbaud = 115200\nformat = 'frame'",
        f"{LEDS}multicolor = {FOUR}\nbrightness = 40\nbeeper = 'buzzer'",
        f"{LEDS}blue = {FOUR}\nred = {FOUR}",
    ],
)
def test_what_goes_together_is_taken(text):
    parse(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[reader]\nkind = 'serial'", "reader.device: is empty; name the serial port"),
        ("[reader]\nkind = 'usb'", "reader.kind: is 'usb'; give 'simulated' or 'pcsc' or"),
        ("[reader]\nformat = 'wiegand'", "reader.format: is 'wiegand'; give 'line' or 'frame'"),
        ("[reader]\nbaud = 1", "reader.baud: is 1; give"),
        (LEDS, "indicator: names 0 in multicolor, 0 in blue and 0 in red; name four LEDs"),
        (f"{LEDS}blue = {FOUR}", "4 in blue and 0 in red"),
        (
            f"{LEDS}multicolor = {FOUR}\nblue = {FOUR}\nred = {FOUR}",
            "4 in multicolor, 4 in blue",
        ),
        (f"{LEDS}multicolor = ['../../etc', 'b', 'c', 'd']", "a name as in /sys/class/leds"),
        (f"{LEDS}multicolor = {FOUR}\nbrightness = 0", "indicator.brightness: is 0; give"),
        (f"{LEDS}multicolor = {FOUR}\nbrightness = 101", "indicator.brightness: is 101; give"),
    ],
)
def test_what_is_wrong_is_named_with_what_would_be_right(text, complaint):
    with pytest.raises(ConfigError) as error:
        parse(text)
    assert complaint in str(error.value)
