"""SDP and streams together, on an interface that comes and goes."""

import asyncio
import socket
from contextlib import closing

import pytest

from seccstack import events, sdp
from seccstack.adapters.discovery import ALL_NODES
from seccstack.adapters.network import LinkLocalNetwork
from seccstack.adapters.powerline import mac_of
from seccstack.adapters.unavailable import UnavailableError
from tests.adapters.conftest import run, until
from tests.adapters.test_addresses import ready


def with_network(link, talk, port=0):
    """Run ``talk(network, fed, opened)`` on the charger's end of a cable."""

    async def scenario():
        await ready(link.interface)
        fed = []
        network = LinkLocalNetwork(link.interface, port, fed.append)
        opened = await network.open()
        try:
            return await talk(network, fed, opened)
        finally:
            network.close()
            await asyncio.sleep(0)

    return run(scenario())


async def connect(link, opened):
    """Connect as the vehicle does; return its socket."""
    with link.vehicle.inside():
        await ready(link.vehicle_interface)
        vehicle = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        scope = socket.if_nametoindex(link.vehicle_interface)
    vehicle.setblocking(False)
    await asyncio.get_running_loop().sock_connect(
        vehicle, (opened.address, opened.port, 0, scope)
    )
    return vehicle


def test_a_vehicle_is_announced_with_its_addresses_and_talked_to(link):
    async def talk(network, fed, opened):
        with closing(await connect(link, opened)) as vehicle:
            await until(lambda: fed)
            [stream] = fed
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(vehicle, b"request")
            await until(lambda: len(fed) == 2)
            network.send(stream.stream, b"response")
            network.end(stream.stream)
            answer = await loop.sock_recv(vehicle, 100)
        await until(lambda: len(fed) == 3)
        return fed, answer

    (stream, request, end), answer = with_network(link, talk)
    with link.vehicle.inside():
        mac, address = mac_of(link.vehicle_interface), run(ready(link.vehicle_interface))
    assert (stream.mac, stream.address, len(stream.session_id)) == (mac, address, 8)
    assert request == events.BytesReceived(stream.stream, b"request")
    assert end == events.StreamClosed(stream.stream)
    assert answer == b"response"


def test_every_stream_has_a_session_id_of_its_own(link):
    async def talk(network, fed, opened):
        for _ in range(2):
            (await connect(link, opened)).close()
        await until(lambda: sum(isinstance(e, events.StreamOpened) for e in fed) == 2)
        return [e.session_id for e in fed if isinstance(e, events.StreamOpened)]

    first, second = with_network(link, talk)
    assert first != second


def test_a_discovery_request_is_told_and_answered(link):
    with link.vehicle.inside():
        run(ready(link.vehicle_interface))
        asking = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        group = (ALL_NODES, sdp.PORT, 0, socket.if_nametoindex(link.vehicle_interface))
    asking.setblocking(False)

    async def talk(network, fed, opened):
        asking.sendto(b"hello", group)
        await until(lambda: fed)
        network.send_datagram(fed[0].address, fed[0].port, b"here")
        return fed[0].octets, await asyncio.get_running_loop().sock_recv(asking, 100)

    with asking:
        assert with_network(link, talk) == (b"hello", b"here")


def test_an_interface_that_goes_down_is_noticed_and_can_be_served_again(link):
    async def talk(network, fed, opened):
        link.charger.ip("link", "set", link.interface, "down")
        lost = await network.lost()
        network.close()
        link.charger.ip("link", "set", link.interface, "up")
        await ready(link.interface)
        again = await network.open()
        (await connect(link, again)).close()
        await until(lambda: fed)
        return lost, opened, again

    lost, opened, again = with_network(link, talk)
    assert "no usable IPv6 link-local address" in lost.why
    assert again == opened


def test_a_new_address_is_noticed(link):
    async def talk(network, fed, opened):
        link.charger.ip("address", "flush", "dev", link.interface)
        link.charger.ip("address", "add", "fe80::1/64", "dev", link.interface, "nodad")
        return await network.lost()

    assert with_network(link, talk).why == "interface secc0 has another address"


def test_streams_end_with_the_network(link):
    async def talk(network, fed, opened):
        with closing(await connect(link, opened)):
            await until(lambda: fed)
            network.close()
            await until(lambda: len(fed) == 2)
        network.send(1, b"nobody")
        network.end(1)
        network.send_datagram("fe80::1", 50000, b"nobody")
        return fed[1]

    assert with_network(link, talk) == events.StreamClosed(1)


def test_without_room_for_discovery_no_port_is_kept(link):
    async def talk(network, fed, opened):
        second = LinkLocalNetwork(link.interface, 50001, fed.append)
        with pytest.raises(UnavailableError, match="another charger may hold it"):
            await second.open()
        await asyncio.sleep(0)
        place = (opened.address, 50001, 0, socket.if_nametoindex(link.interface))
        with socket.create_server(place, family=socket.AF_INET6) as free:
            return free.getsockname()[1]

    assert with_network(link, talk) == 50001
