"""Streams of vehicles that behave, and of peers that do not."""

import asyncio
import contextlib
import re
import socket
import struct

import pytest

from seccstack.adapters import server as server_module
from seccstack.adapters.server import (
    DYNAMIC_PORTS,
    MOST_STREAMS,
    UNSENT_OCTETS,
    Server,
    Stream,
)
from seccstack.adapters.unavailable import UnavailableError
from tests.adapters.conftest import run, until


class Listener:
    """What a server tells of its streams."""

    def __init__(self):
        self.opened, self.received, self.closed = [], {}, []
        self.server = Server(self.on_open, self.on_bytes, self.closed.append)

    def on_open(self, number, peer, agreed):
        self.opened.append((number, peer))
        self.received[number] = b""

    def on_bytes(self, number, data):
        self.received[number] += data


def serve(talk, port=0):
    """Run ``talk(listener, connect)`` beside a server on the loopback interface."""

    async def scenario():
        listener = Listener()
        await listener.server.listen("::1", 0, port)
        clients = []

        async def connect():
            reader, writer = await asyncio.open_connection("::1", listener.server.port)
            clients.append(writer)
            await until(lambda: len(listener.opened) >= len(clients))
            return reader, writer

        try:
            return await talk(listener, connect)
        finally:
            listener.server.close()
            for writer in clients:
                writer.transport.abort()
            await asyncio.sleep(0)

    return run(scenario())


def test_what_a_vehicle_sends_is_handed_on_and_answered():
    async def talk(listener, connect):
        reader, writer = await connect()
        writer.write(b"request")
        await until(lambda: listener.received[1] == b"request")
        listener.server.send(1, b"response")
        return listener.opened, await reader.readexactly(8)

    assert serve(talk) == ([(1, "::1")], b"response")


def test_how_a_vehicle_opened_its_connection_is_known_once():
    async def talk(listener, connect):
        await connect()
        return [listener.server.opening(number) for number in (1, 1, 2)]

    first, *later = serve(talk)
    assert re.fullmatch(r"window \d+, hop limit \d+, options MSS=\d+ .*", first)
    assert later == ["", ""]


def test_a_request_in_single_octets_arrives_whole():
    async def talk(listener, connect):
        _, writer = await connect()
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in b"request":
            writer.write(bytes([octet]))
            await writer.drain()
        await until(lambda: listener.received[1] == b"request")

    serve(talk)


def test_streams_are_kept_apart_and_their_numbers_never_come_twice():
    async def talk(listener, connect):
        _, first = await connect()
        first.transport.abort()
        await until(lambda: listener.closed == [1])
        _, second = await connect()
        _, third = await connect()
        second.write(b"second")
        third.write(b"third")
        await until(
            lambda: (listener.received[2], listener.received[3]) == (b"second", b"third")
        )

    serve(talk)


def test_the_port_is_one_of_those_that_sdp_may_name():
    async def talk(listener, connect):
        return listener.server.port

    assert serve(talk) in range(49152, 65536)


def test_a_port_that_is_taken_is_passed_over():
    async def talk(listener, connect):
        second = Listener()
        await second.server.listen("::1", 0, 0)
        second.server.close()
        return listener.server.port, second.server.port

    first, second = serve(talk)
    assert second in DYNAMIC_PORTS
    assert second > first


def test_a_port_that_was_asked_for_and_is_taken_is_waited_for():
    async def talk(listener, connect):
        await Listener().server.listen("::1", 0, listener.server.port)

    with pytest.raises(UnavailableError, match=r"in use.*set network\.port to 0") as caught:
        serve(talk)
    assert caught.value.waiting_helps


def test_it_says_so_if_every_dynamic_port_is_taken(monkeypatch):
    async def talk(listener, connect):
        taken = listener.server.port
        monkeypatch.setattr(server_module, "DYNAMIC_PORTS", range(taken, taken + 1))
        await Listener().server.listen("::1", 0, 0)

    with pytest.raises(UnavailableError, match="Address already in use"):
        serve(talk)


def test_an_address_that_is_not_ours_is_not_blamed_on_the_port():
    with pytest.raises(UnavailableError, match="Cannot assign requested address"):
        run(Listener().server.listen("fe80::dead", 1, 0))


def test_the_last_response_arrives_before_the_end():
    async def talk(listener, connect):
        reader, _ = await connect()
        listener.server.send(1, b"SessionStopRes")
        listener.server.end(1)
        return await reader.read(), listener.closed

    assert serve(talk) == (b"SessionStopRes", [1])


def test_a_vehicle_that_closes_its_half_still_gets_what_was_sent():
    async def talk(listener, connect):
        reader, writer = await connect()
        listener.server.on_bytes = lambda number, data: listener.server.send(
            number, b"response"
        )
        writer.write(b"request")
        writer.write_eof()
        answer = await reader.read()
        await until(lambda: listener.closed)
        return answer

    assert serve(talk) == b"response"


def test_a_reset_is_the_end_of_its_stream_and_of_nothing_else():
    async def talk(listener, connect):
        reader, _ = await connect()
        _, rude = await connect()
        at_once = struct.pack("ii", 1, 0)
        rude.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
        rude.transport.abort()
        await until(lambda: listener.closed == [2])
        listener.server.send(2, b"into the void")
        listener.server.end(2)
        listener.server.send(1, b"still here")
        return await reader.readexactly(10)

    assert serve(talk) == b"still here"


class ResetAlready(asyncio.Transport):
    """A connection whose peer has gone between its connecting and our accepting."""

    aborted = False

    def abort(self):
        self.aborted = True


def test_a_peer_that_has_reset_before_it_was_accepted_is_let_go():
    listener, transport = Listener(), ResetAlready()
    stream = Stream(listener.server)
    stream.connection_made(transport)
    stream.data_received(b"never")
    stream.connection_lost(None)
    assert transport.aborted
    assert (listener.opened, listener.closed) == ([], [])


def test_too_many_connections_are_turned_away_and_room_is_made_by_those_that_end():
    async def talk(listener, connect):
        writers = [(await connect())[1] for _ in range(MOST_STREAMS)]
        reader, writer = await asyncio.open_connection("::1", listener.server.port)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        writer.transport.abort()
        assert len(listener.opened) == MOST_STREAMS
        writers[0].transport.abort()
        await until(lambda: listener.closed == [1])
        _, late = await asyncio.open_connection("::1", listener.server.port)
        await until(lambda: len(listener.opened) == MOST_STREAMS + 1)
        late.transport.abort()

    serve(talk)


def test_a_peer_that_does_not_read_is_cut_off_before_it_fills_our_memory():
    async def talk(listener, connect):
        _, writer = await connect()
        writer.transport.pause_reading()
        sent = 0
        while not listener.closed:
            listener.server.send(1, bytes(65536))
            sent += 65536
            await asyncio.sleep(0)
        return sent

    assert serve(talk) < UNSENT_OCTETS + 16 * 2**20  # what the kernel's own buffers hold beside


def test_a_peer_that_does_not_read_the_last_message_is_not_waited_for_for_ever(monkeypatch):
    monkeypatch.setattr(server_module, "DRAIN_SECONDS", 0.05)

    async def talk(listener, connect):
        _, writer = await connect()
        writer.transport.pause_reading()
        transport = listener.server._streams[1]
        while not transport.get_write_buffer_size():
            listener.server.send(1, bytes(65536))
        listener.server.end(1)
        await until(lambda: listener.closed == [1])

    serve(talk)


def test_closing_ends_the_streams_and_frees_the_port():
    async def talk(listener, connect):
        reader, _ = await connect()
        listener.server.close()
        with contextlib.suppress(ConnectionError):
            await reader.read()
        await until(lambda: listener.closed == [1])
        again = Listener()
        await again.server.listen("::1", 0, listener.server.port)
        again.server.close()

    serve(talk)
