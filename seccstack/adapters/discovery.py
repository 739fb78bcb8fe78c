"""SDP over UDP: port 15118 on the link-local multicast group of one interface."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Callable
from typing import cast

from seccstack import sdp
from seccstack.adapters.unavailable import UnavailableError

ALL_NODES = "ff02::1"


class Discovery(asyncio.DatagramProtocol):
    """Hears datagrams of one interface only, and answers on it."""

    def __init__(self, index: int, heard: Callable[[str, int, bytes], None]) -> None:
        self._index = index
        self._heard = heard
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to answer."""
        # A promise of asyncio's; Python 3.11's own transport does not derive from that class.
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, source: tuple[str, int, int, int]) -> None:
        """Hand on what came."""
        self._heard(source[0].partition("%")[0], source[1], data)

    def error_received(self, exc: Exception) -> None:
        """Nothing to do: an unreachable peer asks again, or has gone."""

    def send(self, address: str, port: int, octets: bytes) -> None:
        """Send one datagram."""
        if self._transport is not None:
            with contextlib.suppress(OSError):
                self._transport.sendto(octets, (address, port, 0, self._index))

    def close(self) -> None:
        """Stop listening."""
        if self._transport is not None:
            self._transport.close()


async def listen(interface: str, heard: Callable[[str, int, bytes], None]) -> Discovery:
    """Join the multicast group and serve; ``heard`` gets address, port and octets."""
    listener = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    try:
        listener.setblocking(False)
        index = socket.if_nametoindex(interface)
        group = socket.inet_pton(socket.AF_INET6, ALL_NODES) + struct.pack("@I", index)
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, group)
        # Bound to the group, and by its scope to the interface: a charger per interface has
        # room on one machine, two on the same interface do not.
        listener.bind((ALL_NODES, sdp.PORT, 0, index))
    except OSError as error:
        listener.close()
        raise UnavailableError(
            f"cannot serve SDP on UDP port {sdp.PORT} of {interface!r}: {error.strerror}; "
            f"another charger may hold it: `ss -ulnp 'sport = :{sdp.PORT}'`",
            waiting_helps=True,
        ) from error
    discovery = Discovery(index, heard)
    await asyncio.get_running_loop().create_datagram_endpoint(lambda: discovery, sock=listener)
    return discovery
