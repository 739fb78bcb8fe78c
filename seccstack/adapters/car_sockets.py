"""What a simulated car does over IP, over real sockets of a network interface."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Callable

from seccstack import sdp
from seccstack.adapters.discovery import ALL_NODES
from seccstack.sim import car as cars

LONGEST_DATAGRAM = 2048


class CarSockets:
    """One UDP socket for SDP, one TCP connection at a time."""

    def __init__(self, interface: str, show: Callable[[cars.Event], None]) -> None:
        self._interface = interface
        self._show = show
        self._loop = asyncio.get_running_loop()
        self._datagrams: socket.socket | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._transport: asyncio.Transport | None = None

    def multicast(self, octets: bytes) -> None:
        """Send a datagram to all nodes' SDP port; without the interface, it is lost."""
        if self._datagrams is None:
            self._datagrams = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            self._datagrams.setblocking(False)
            self._loop.add_reader(self._datagrams, self._readable, self._datagrams)
        with contextlib.suppress(OSError):
            index = socket.if_nametoindex(self._interface)
            self._datagrams.sendto(octets, (ALL_NODES, sdp.PORT, 0, index))

    def connect(self, address: bytes, port: int) -> None:
        """Open the TCP connection."""
        self._connecting = self._loop.create_task(self._connect(address, port))

    def deliver(self, data: bytes) -> None:
        """Send on it."""
        if self._transport is not None:
            self._transport.write(data)

    def disconnect(self) -> None:
        """Close everything."""
        if self._connecting is not None:
            self._connecting.cancel()
        if self._transport is not None:
            self._transport.close()
        if self._datagrams is not None:
            self._loop.remove_reader(self._datagrams)
            self._datagrams.close()
        self._connecting = self._transport = self._datagrams = None

    def _readable(self, datagrams: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self._show(cars.DatagramArrived(datagrams.recv(LONGEST_DATAGRAM)))

    async def _connect(self, address: bytes, port: int) -> None:
        host = f"{ipaddress.IPv6Address(address)}%{self._interface}"
        stream = CarStream(self._show)
        try:
            self._transport, _ = await self._loop.create_connection(lambda: stream, host, port)
        except OSError:
            self._show(cars.StreamDown())
        else:
            self._show(cars.StreamUp())


class CarStream(asyncio.Protocol):
    """The car's end of the TCP connection."""

    def __init__(self, show: Callable[[cars.Event], None]) -> None:
        self._show = show

    def data_received(self, data: bytes) -> None:
        """Show the car what came."""
        self._show(cars.BytesArrived(data))

    def connection_lost(self, exc: Exception | None) -> None:
        """Show the car that it is over."""
        self._show(cars.StreamDown())
