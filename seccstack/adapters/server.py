"""The TCP server for V2G sessions, on one address of one interface."""

from __future__ import annotations

import asyncio
import errno
import itertools
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from seccstack.adapters.gate import Agreed, Failed, Gate, Guard
from seccstack.adapters.tap import NOBODY, Tap
from seccstack.adapters.unavailable import UnavailableError
from seccstack.auth.opening import opening_of

BACKLOG = 8  # one vehicle on the cable; the rest is room for its retries
MOST_STREAMS = 16  # open at once; further ones are closed unheard
UNSENT_OCTETS = 1 << 20  # a peer that lets this much pile up is not reading
DRAIN_SECONDS = 5.0  # how long a closed stream may take to hand over its last message
TCP_SAVE_SYN, TCP_SAVED_SYN = 27, 28  # linux/tcp.h; the socket module does not name them
MOST_HEADERS = 256  # octets of a SYN's headers that Linux hands out: they are 100
DYNAMIC_PORTS = range(49152, 65536)  # where SDP promises the port to be


class Stream(asyncio.Protocol):
    """One connection."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.number = 0  # until it is taken in

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Announce it."""
        self._server.opened(self, cast(asyncio.Transport, transport))  # asyncio's promise

    def data_received(self, data: bytes) -> None:
        """Hand on what came."""
        if self.number:
            self._server.heard(self.number, data)

    def eof_received(self) -> None:
        """Let the connection end: asyncio closes our half once what was sent is through."""
        if self.number:
            self._server.tap.closed(self.number, "ev", reset=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """Announce the end."""
        if self.number:
            self._server.lost(self.number, reset=exc is not None)


class Gated:
    """A stream with a gate: what is below it, and what is above."""

    def __init__(self, server: Server, number: int, peer: str) -> None:
        self._server, self._number, self._peer = server, number, peer
        self.announced = False

    def write(self, octets: bytes) -> None:
        """Send on the wire."""
        self._server.put(self._number, octets)

    def finish(self) -> None:
        """Close the wire."""
        self._server.finish(self._number)

    def announce(self, agreed: Agreed | None) -> None:
        """Announce the stream."""
        self.announced = True
        self._server.on_open(self._number, self._peer, agreed)

    def read(self, octets: bytes) -> None:
        """Hand on what was said."""
        self._server.on_bytes(self._number, octets)

    def failed(self, failed: Failed) -> None:
        """Tell why there will be no stream."""
        self._server.on_failed(self._peer, failed)


class Server:
    """Accepts streams, numbers them, and carries bytes both ways.

    With a ``guard`` every stream has a gate, and is opened when that announces it.
    """

    def __init__(
        self,
        on_open: Callable[[int, str, Agreed | None], None],
        on_bytes: Callable[[int, bytes], None],
        on_close: Callable[[int], None],
        tap: Tap = NOBODY,
        guard: Guard | None = None,
        on_failed: Callable[[str, Failed], None] = lambda peer, failed: None,
    ) -> None:
        self.on_open, self.on_bytes, self._on_close = on_open, on_bytes, on_close
        self.on_failed = on_failed
        self.tap = tap
        self._guard = guard
        self._streams: dict[int, asyncio.Transport] = {}
        self._gates: dict[int, tuple[Gated, Gate]] = {}
        self._numbers = itertools.count(1)
        self._server: asyncio.Server | None = None
        self.port = 0

    async def listen(self, address: str, scope: int, port: int) -> None:
        """Serve on this address and port only; port 0 takes any of the dynamic ports."""
        listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):  # a kernel before 4.2: it is only a trait the less
                listener.setsockopt(socket.IPPROTO_TCP, TCP_SAVE_SYN, 1)
            listener.setblocking(False)
            self._bind(listener, address, port, scope)
        except OSError as error:
            listener.close()
            raise UnavailableError(
                f"cannot listen on [{address}%{scope}]:{port}: {error.strerror}; "
                "set network.port to 0, or to a port that is free",
                waiting_helps=True,
            ) from error
        self.port = listener.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Stream(self), sock=listener, backlog=BACKLOG
        )

    def _bind(self, listener: socket.socket, address: str, port: int, scope: int) -> None:
        for candidate in [port] if port else DYNAMIC_PORTS:
            try:
                listener.bind((address, candidate, 0, scope))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
            else:
                return
        raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))

    def opened(self, stream: Stream, transport: asyncio.Transport) -> None:
        """Take a new connection in, or turn it away where there are too many."""
        peer = transport.get_extra_info("peername")  # None: the peer has reset it already
        if peer is None or len(self._streams) >= MOST_STREAMS:
            transport.abort()
            return
        stream.number = next(self._numbers)
        self._streams[stream.number] = transport
        own = transport.get_extra_info("sockname")
        self.tap.opened(stream.number, (_end(peer), _end(own)))
        if self._guard is None:
            self.on_open(stream.number, _end(peer)[0], None)
        else:
            gated = Gated(self, stream.number, _end(peer)[0])
            self._gates[stream.number] = gated, self._guard.gate(gated, gated)

    def opening(self, number: int) -> str:
        """Say how the peer opened this connection; Linux tells it once."""
        with suppress(KeyError, OSError):
            accepted = self._streams[number].get_extra_info("socket")
            headers = accepted.getsockopt(socket.IPPROTO_TCP, TCP_SAVED_SYN, MOST_HEADERS)
            return opening_of(headers)
        return ""

    def heard(self, number: int, data: bytes) -> None:
        """Hand on what came."""
        self.tap.octets(number, "ev", data)
        if number in self._gates:
            self._gates[number][1].received(data)
        else:
            self.on_bytes(number, data)

    def lost(self, number: int, *, reset: bool = False) -> None:
        """Forget a connection that has ended; ``reset``: by its peer."""
        if self._streams.pop(number, None) is not None:
            self.tap.closed(number, "ev" if reset else "evse", reset=reset)
            gated, gate = self._gates.pop(number, (None, None))
            if gate is not None:
                gate.lost()
            if gated is None or gated.announced:
                self._on_close(number)

    def send(self, number: int, data: bytes) -> None:
        """Send; a stream that has gone, or does not read, takes nothing."""
        if number in self._gates:
            self._gates[number][1].send(data)
        else:
            self.put(number, data)

    def put(self, number: int, data: bytes) -> None:
        """Put octets on the wire."""
        transport = self._streams.get(number)
        if transport is None:
            return
        self.tap.octets(number, "evse", data)
        transport.write(data)
        if transport.get_write_buffer_size() > UNSENT_OCTETS:
            self._abort(number, transport)

    def end(self, number: int) -> None:
        """Close a connection once what was sent is through, or after a few seconds."""
        if number in self._gates:
            self._gates[number][1].end()
        self.finish(number)

    def finish(self, number: int) -> None:
        """Close the wire once what was put on it is through, or after a few seconds."""
        transport = self._streams.get(number)
        if transport is not None:
            transport.close()
            self.tap.closed(number, "evse", reset=False)
            asyncio.get_running_loop().call_later(DRAIN_SECONDS, transport.abort)

    def close(self) -> None:
        """Stop serving; connections end at once."""
        if self._server is not None:
            self._server.close()
        for number, transport in self._streams.items():
            self._abort(number, transport)

    def _abort(self, number: int, transport: asyncio.Transport) -> None:
        self.tap.closed(number, "evse", reset=True)
        transport.abort()


def _end(name: tuple[str, int, int, int]) -> tuple[str, int]:
    """Return address and port of a socket's name, without its scope."""
    return name[0].partition("%")[0], name[1]
