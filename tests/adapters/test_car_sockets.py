"""A simulated car's sockets, where nobody answers."""

import asyncio
import ipaddress
import socket

from seccstack.adapters.car_sockets import CarSockets
from seccstack.sim import car as cars
from tests.adapters.conftest import run, until
from tests.adapters.test_addresses import ready


def test_a_connection_that_is_refused_is_down(link):
    async def scenario():
        shown = []
        address = ipaddress.IPv6Address(await ready(link.interface)).packed
        sockets = CarSockets(link.interface, shown.append)
        sockets.connect(address, 50001)
        await until(lambda: shown)
        sockets.disconnect()
        return shown

    assert run(scenario()) == [cars.StreamDown()]


def test_a_stream_is_shown_up_told_and_down(link):
    async def scenario():
        shown, heard = [], []
        address = await ready(link.interface)
        scope = socket.if_nametoindex(link.interface)

        async def answer(reader, writer):
            heard.append(await reader.readexactly(7))
            writer.write(b"response")
            writer.close()

        listener = socket.create_server((address, 0, 0, scope), family=socket.AF_INET6)
        server = await asyncio.start_server(answer, sock=listener)
        sockets = CarSockets(link.interface, shown.append)
        sockets.deliver(b"too early")
        sockets.connect(ipaddress.IPv6Address(address).packed, listener.getsockname()[1])
        await until(lambda: shown)
        sockets.deliver(b"request")
        await until(lambda: len(shown) == 3)
        sockets.disconnect()
        server.close()
        await server.wait_closed()
        return shown, heard

    shown, heard = run(scenario())
    assert shown == [cars.StreamUp(), cars.BytesArrived(b"response"), cars.StreamDown()]
    assert heard == [b"request"]


def test_asking_on_an_interface_that_is_not_there_is_lost(link):
    async def scenario():
        sockets = CarSockets("eth9", lambda event: None)
        sockets.multicast(b"hello")
        sockets.disconnect()

    run(scenario())


def test_a_car_that_gives_up_connecting_is_shown_nothing(link):
    async def scenario():
        shown = []
        sockets = CarSockets(link.interface, shown.append)
        sockets.connect(ipaddress.IPv6Address("fe80::dead").packed, 50001)
        await asyncio.sleep(0)
        sockets.disconnect()
        await asyncio.sleep(0)
        return shown

    assert run(scenario()) == []
