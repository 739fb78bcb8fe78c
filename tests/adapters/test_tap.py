"""What a recorder hears on the wire: every octet of both sides, and who ended it."""

import asyncio
import socket
import struct

from seccstack.adapters.server import Server
from seccstack.adapters.simulated import CAR_PORT, HandedOver
from seccstack.adapters.tap import NOBODY
from seccstack.sim.car import Car, Character
from seccstack.sim.world import ADDRESS, EVSE_MAC, PORT
from tests.adapters.conftest import run, until
from tests.adapters.wiretap import Wiretap


def heard_of(talk):
    """What a tap hears while ``talk(server, reader, writer, opened)`` runs on one stream."""

    async def scenario():
        tap, opened, closed = Wiretap(), [], []
        server = Server(
            lambda number, peer, agreed: opened.append(number),
            lambda number, data: server.send(number, data.upper()),
            closed.append,
            tap,
        )
        await server.listen("::1", 0, 0)
        reader, writer = await asyncio.open_connection("::1", server.port)
        await until(lambda: opened)
        try:
            assert tap.ends == {
                1: (writer.get_extra_info("sockname")[:2], ("::1", server.port))
            }
            await talk(server, reader, writer)
            await until(lambda: closed)
        finally:
            server.close()
            writer.transport.abort()
            await asyncio.sleep(0)
        return tap.heard

    return run(scenario())


async def ask(reader, writer):
    writer.write(b"request")
    assert await reader.readexactly(7) == b"REQUEST"


BOTH = [(1, "ev", b"request"), (1, "evse", b"REQUEST")]


def test_a_vehicle_that_closes_is_the_first_to_end_it():
    async def talk(server, reader, writer):
        await ask(reader, writer)
        writer.close()

    assert heard_of(talk) == [*BOTH, (1, "ev", "FIN"), (1, "evse", "FIN")]


def test_a_stream_that_we_end_is_ended_by_us():
    async def talk(server, reader, writer):
        await ask(reader, writer)
        server.end(1)

    assert heard_of(talk)[:3] == [*BOTH, (1, "evse", "FIN")]


def test_a_reset_is_the_vehicles():
    async def talk(server, reader, writer):
        await ask(reader, writer)
        at_once = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        writer.transport.abort()

    assert heard_of(talk) == [*BOTH, (1, "ev", "RST")]


def test_a_server_that_is_closed_resets():
    async def talk(server, reader, writer):
        await ask(reader, writer)
        server.close()

    assert heard_of(talk)[:3] == [*BOTH, (1, "evse", "RST")]


def test_what_is_handed_over_in_the_process_is_heard_just_the_same():
    async def scenario():
        tap = Wiretap()
        network = HandedOver(lambda event: None, lambda event: None, lambda: True, tap)
        network.car = Car(Character(), bytes)
        await network.open()
        for _ in range(2):
            network.connect(b"", 0)
            network.deliver(b"request")
            network.send(network._stream, b"response")
            (network.disconnect if network._stream == 1 else lambda: network.end(2))()
        return tap, network.car.address

    tap, address = run(scenario())
    assert tap.served == [(ADDRESS, EVSE_MAC)]
    assert tap.ends[2] == ((address, CAR_PORT), (ADDRESS, PORT))
    one, two = tap.heard[:3], tap.heard[3:]
    assert one == [(1, "ev", b"request"), (1, "evse", b"response"), (1, "ev", "FIN")]
    assert two == [(2, "ev", b"request"), (2, "evse", b"response"), (2, "evse", "FIN")]


def test_where_nobody_listens_nothing_happens():
    NOBODY.network("::1", None)
    NOBODY.opened(1, (("::1", 1), ("::1", 2)))
    NOBODY.octets(1, "ev", b"")
    NOBODY.closed(1, "ev", reset=False)
    assert NOBODY.secrets(b"") is None
