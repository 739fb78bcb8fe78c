"""What a configuration file may say of the pilot controller."""

import pytest

from seccstack.config import parse
from seccstack.errors import ConfigError


def test_a_serial_controller_has_a_port():
    pilot = parse('[pilot]\nkind = "serial"\ndevice = "/dev/ttyACM0"').pilot
    assert (pilot.kind, pilot.device) == ("serial", "/dev/ttyACM0")


@pytest.mark.parametrize(
    ("text", "key", "problem", "right"),
    [
        ('kind = "mcu"', "pilot.kind", "is 'mcu'", "'serial'"),
        ('kind = "serial"', "pilot.device", "is empty", "/dev/ttyACM0"),
        ('device = "/dev/ttyACM0"', "pilot.device", "is '/dev/ttyACM0'", 'kind = "serial"'),
    ],
)
def test_what_does_not_go_together_is_said(text, key, problem, right):
    with pytest.raises(ConfigError) as caught:
        parse(f"[pilot]\n{text}")
    assert caught.value.key == key
    assert problem in caught.value.problem
    assert right in caught.value.right
