"""SDP over one end of a cable."""

import asyncio
import errno
import socket

import pytest

from seccstack import sdp
from seccstack.adapters import discovery
from seccstack.adapters.unavailable import UnavailableError
from tests.adapters.conftest import run, until
from tests.adapters.test_addresses import ready

HELLO = b"hello"


class Vehicle:
    """A vehicle's UDP socket, which asks by multicast."""

    def __init__(self, interface):
        self.address = run(ready(interface))
        self.socket = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self._group = (discovery.ALL_NODES, sdp.PORT, 0, socket.if_nametoindex(interface))

    def ask(self):
        self.socket.sendto(HELLO, self._group)


@pytest.fixture
def vehicle(link):
    with link.vehicle.inside():
        vehicle = Vehicle(link.vehicle_interface)
    with vehicle.socket:
        yield vehicle


def with_discovery(link, talk):
    """Run ``talk(discovery, heard)`` while SDP is served."""

    async def scenario():
        await ready(link.interface)
        heard = []
        serving = await discovery.listen(link.interface, lambda *what: heard.append(what))
        try:
            return await talk(serving, heard)
        finally:
            serving.close()

    return run(scenario())


def test_a_multicast_request_is_heard_with_its_sender_and_can_be_answered(link, vehicle):
    async def talk(serving, heard):
        vehicle.ask()
        await until(lambda: heard)
        [(address, port, octets)] = heard
        serving.send(address, port, b"here")
        answer, source = await asyncio.get_running_loop().sock_recvfrom(vehicle.socket, 100)
        return (address, octets), (answer, source[1])

    asked, answered = with_discovery(link, talk)
    assert asked == (vehicle.address, HELLO)
    assert answered == (b"here", sdp.PORT)


def test_the_other_interfaces_of_the_charger_are_not_heard(link, vehicle):
    link.charger.ip("link", "add", "lan0", "type", "veth", "peer", "name", "lan1")
    for interface in ("lan0", "lan1"):
        link.charger.ip("link", "set", interface, "up")

    async def talk(serving, heard):
        await ready("lan1")
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as stranger:
            group = (discovery.ALL_NODES, sdp.PORT, 0, socket.if_nametoindex("lan1"))
            stranger.sendto(b"stranger", group)
        vehicle.ask()
        await until(lambda: heard)
        return heard

    assert [octets for _, _, octets in with_discovery(link, talk)] == [HELLO]


def test_a_second_charger_on_the_same_interface_is_told_who_holds_the_port(link):
    async def talk(serving, heard):
        await discovery.listen(link.interface, lambda *what: None)

    with pytest.raises(UnavailableError, match=r"Address already in use.*ss -ulnp") as caught:
        with_discovery(link, talk)
    assert caught.value.waiting_helps


def test_chargers_on_different_interfaces_do_not_disturb_each_other(link, vehicle):
    link.charger.ip("link", "add", "other0", "type", "veth", "peer", "name", "other1")
    for interface in ("other0", "other1"):
        link.charger.ip("link", "set", interface, "up")

    async def talk(serving, heard):
        await ready("other0")
        others = []
        second = await discovery.listen("other0", lambda *what: others.append(what))
        vehicle.ask()
        await until(lambda: heard)
        second.close()
        return others

    assert with_discovery(link, talk) == []


def test_the_port_is_free_again_when_discovery_is_closed(link):
    async def talk(serving, heard):
        return True

    assert with_discovery(link, talk)
    assert with_discovery(link, talk)


def test_a_vehicle_that_is_gone_when_it_is_answered_is_no_error(link, vehicle):
    async def talk(serving, heard):
        serving.send("fe80::dead", 50000, b"here")
        link.charger.ip("link", "set", link.interface, "down")
        serving.send("fe80::dead", 50000, b"here")
        serving.error_received(OSError(errno.EHOSTUNREACH, "no route"))

    with_discovery(link, talk)


def test_an_interface_that_is_not_there_is_waited_for(link):
    with pytest.raises(UnavailableError, match="'eth9'") as caught:
        run(discovery.listen("eth9", lambda *what: None))
    assert caught.value.waiting_helps
