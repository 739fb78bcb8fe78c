"""What a configuration file may say of the pilot controller."""

import pytest

from seccstack.config import parse
from seccstack.errors import ConfigError


def test_a_serial_controller_has_a_port():
    pilot = parse('[pilot]\nkind = "serial"\ndevice = "/dev/ttyACM0"').pilot
    assert (pilot.kind, pilot.device) == ("serial", "/dev/ttyACM0")


BOARD = 'kind = "linux"\n[board]\nhigh = "/adc/0"\nlow = "/adc/1"\n'


def test_a_board_has_an_adc_and_two_contacts():
    board = parse(f"[pilot]\n{BOARD}").board
    assert (board.high, board.low, board.relay, board.feedback) == ("/adc/0", "/adc/1", 0, 1)


@pytest.mark.parametrize(
    ("text", "key", "problem", "right"),
    [
        ('kind = "mcu"', "pilot.kind", "is 'mcu'", "'serial'"),
        ('kind = "serial"', "pilot.device", "is empty", "/dev/ttyACM0"),
        ('kind = "linux"', "board.high", "is ''", "in_voltage0_raw"),
        ('kind = "linux"\n[board]\nhigh = "/adc/0"', "board.low", "is ''", "in_voltage0_raw"),
        (BOARD + "low_scale = 0", "board", "a scale of 0", "for each count"),
        (BOARD + "relay = 1", "board.feedback", "is 1, as is board.relay", "says where"),
        (BOARD + "relay = -1", "board.relay", "is -1", ">= 0"),
        ("react_seconds = 4", "pilot.react_seconds", "is 4", ">= 5"),
        ("react_seconds = 9\ntrip_seconds = 8", "pilot.trip_seconds", "is 8", "time to react"),
        ('device = "/dev/ttyACM0"', "pilot.device", "is '/dev/ttyACM0'", 'kind = "serial"'),
    ],
)
def test_what_does_not_go_together_is_said(text, key, problem, right):
    with pytest.raises(ConfigError) as caught:
        parse(f"[pilot]\n{text}")
    assert caught.value.key == key
    assert problem in caught.value.problem
    assert right in caught.value.right
