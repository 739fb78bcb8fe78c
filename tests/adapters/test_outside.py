"""Which outside a configuration makes."""

import pytest
import structlog

from seccstack.adapters.network import LinkLocalNetwork
from seccstack.adapters.outside import outside
from seccstack.adapters.powerline import PacketPowerline
from seccstack.adapters.simulated import HandedOver, SimulatedPowerline
from seccstack.config import parse
from tests.adapters.conftest import run

ETHERNET = "[powerline]\nkind = 'ethernet'\ninterface = 'eth1'\n"
UNUSED = "[powerline]\ninterface = 'eth1'\n"
NAMED = "[network]\ninterface = 'eth0'\n"


@pytest.mark.parametrize(
    ("config", "powerline", "network", "told"),
    [
        ("", SimulatedPowerline, HandedOver, "seccstack tell plug"),
        (UNUSED, SimulatedPowerline, HandedOver, "seccstack tell plug"),
        (NAMED, SimulatedPowerline, LinkLocalNetwork, "seccstack tell plug"),
        (ETHERNET, PacketPowerline, LinkLocalNetwork, "seccstack tell pilot B"),
        (ETHERNET + NAMED, PacketPowerline, LinkLocalNetwork, "seccstack tell pilot B"),
    ],
)
def test_a_configuration_says_what_is_simulated(config, powerline, network, told):
    async def scenario():
        made = outside(parse(config), lambda event: None, structlog.get_logger())
        assert isinstance(made.powerline, powerline)
        assert isinstance(made.network, network)
        assert told in made.how
        assert (made.surroundings is None) == ("tell pilot" in made.how)

    run(scenario())


@pytest.mark.parametrize(
    ("config", "interface"), [(ETHERNET, "eth1"), (ETHERNET + NAMED, "eth0")]
)
def test_messages_are_served_on_the_powerline_unless_another_interface_is_named(
    config, interface
):
    async def scenario():
        made = outside(parse(config), lambda event: None, structlog.get_logger())
        return made.network._interface

    assert run(scenario()) == interface


SERIAL = '\n[pilot]\nkind = "serial"\ndevice = "/dev/none"\n'


@pytest.mark.parametrize(
    ("config", "says", "how"),
    [
        (ETHERNET + SERIAL, "all is real", "plug a vehicle in"),
        (SERIAL, "power line, modem and car are simulated", "turn the pilot line"),
    ],
)
def test_a_real_pilot_line_is_no_operators_to_turn(config, says, how):
    async def scenario():
        made = outside(parse(config), lambda event: None, structlog.get_logger())
        made.pilot.close()
        return made.hand, made.simulated, made.how

    hand, simulated, told = run(scenario())
    assert (hand, simulated) == (None, says)
    assert how in told
