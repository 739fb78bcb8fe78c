"""SDP and V2G streams on one network interface, and whose Ethernet address is behind them."""

from __future__ import annotations

import asyncio
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import replace

from seccstack.adapters import discovery
from seccstack.adapters.addresses import forget_neighbours, link_local, neighbour_mac
from seccstack.adapters.gate import Agreed, Guard
from seccstack.adapters.lines import RETRY_SECONDS
from seccstack.adapters.powerline import mac_of
from seccstack.adapters.server import Server
from seccstack.adapters.tap import NOBODY, Tap
from seccstack.adapters.unavailable import UnavailableError
from seccstack.events import (
    BytesReceived,
    DatagramReceived,
    Event,
    HandshakeFailed,
    NetworkLost,
    NetworkOpened,
    StreamClosed,
    StreamOpened,
)


class LinkLocalNetwork:
    """Serves on an interface's link-local address; needs no privileges."""

    name = "network"

    def __init__(
        self,
        interface: str,
        port: int,
        feed: Callable[[Event], None],
        tap: Tap = NOBODY,
        guard: Guard | None = None,
    ) -> None:
        self._interface = interface
        self._port = port
        self._feed = feed
        self._tap, self._guard = tap, guard
        self._place: tuple[str, int] | None = None
        self._server: Server | None = None
        self._discovery: discovery.Discovery | None = None

    async def open(self) -> NetworkOpened:
        """Serve TCP, and announce it by SDP."""
        address, index = self._place = self._find()
        self._server = Server(
            self._opened,
            lambda stream, data: self._feed(BytesReceived(stream, data)),
            lambda stream: self._feed(StreamClosed(stream)),
            self._tap,
            self._guard,
            lambda peer, failed: self._feed(HandshakeFailed(peer, failed.why, failed.alert)),
        )
        try:
            if self._guard is not None:
                self._guard.start(self._feed)
            self._tap.network(address, mac_of(self._interface))
            await self._server.listen(address, index, self._port)
            self._discovery = await discovery.listen(self._interface, self._asked)
        except UnavailableError:
            self.close()
            raise
        return NetworkOpened(address, self._server.port)

    async def lost(self) -> NetworkLost:
        """Wait until the address is not the interface's any more."""
        while True:
            await asyncio.sleep(RETRY_SECONDS)
            try:
                if self._find() != self._place:
                    return NetworkLost(f"interface {self._interface} has another address")
            except UnavailableError as error:
                return NetworkLost(str(error))

    def close(self) -> None:
        """Stop serving; streams end at once."""
        for part in (self._discovery, self._server):
            if part is not None:
                part.close()
        if self._guard is not None:
            self._guard.stop()
        self._discovery = self._server = None

    def send_datagram(self, address: str, port: int, octets: bytes) -> None:
        """Send a datagram from the SDP port."""
        if self._discovery is not None:
            self._discovery.send(address, port, octets)

    def send(self, stream: int, data: bytes) -> None:
        """Send on a stream."""
        if self._server is not None:
            self._server.send(stream, data)

    def end(self, stream: int) -> None:
        """Close a stream once what was sent is through."""
        if self._server is not None:
            self._server.end(stream)

    def forget(self) -> None:
        """Have nobody taken for who was here before."""
        if self._place is not None:
            forget_neighbours(self._place[1])

    def _find(self) -> tuple[str, int]:
        return link_local(self._interface), socket.if_nametoindex(self._interface)

    def _mac(self, peer: str, *, verified: bool = False) -> bytes | None:
        if self._place is None:
            return None
        return neighbour_mac(peer, self._place[1], verified=verified)

    def _opened(self, stream: int, peer: str, agreed: Agreed | None) -> None:
        opening = "" if self._server is None else self._server.opening(stream)
        opened = opened_now(stream, peer, self._mac(peer), agreed)
        self._feed(replace(opened, opening=opening))

    def _asked(self, peer: str, port: int, octets: bytes) -> None:
        # A datagram needs no answer to have come: whose it is, the kernel only remembers.
        mac = self._mac(peer, verified=True)
        self._feed(DatagramReceived(peer, port, octets, mac))


def opened_now(
    stream: int, peer: str, mac: bytes | None, agreed: Agreed | None = None
) -> StreamOpened:
    """Tell of a new stream, with what a session that may come of it needs of the world."""
    opened = StreamOpened(stream, peer, secrets.token_bytes(8), int(time.time()), mac)
    if agreed is None:
        return opened
    challenge = secrets.token_bytes(16)
    vehicle = agreed.vehicle
    shown = {} if vehicle is None else {"vehicle": {"evccid": vehicle.name, "of": vehicle.root}}
    details = {
        "version": agreed.version,
        "suite": agreed.suite,
        "chain": agreed.chain,
        "trusted": agreed.trusted,
        "stapled": agreed.stapled,
        **shown,
    }
    return replace(
        opened,
        tls=True,
        tls_version=agreed.version.replace("TLS ", "TLSv"),
        details=details,
        vehicle=vehicle,
        challenge=challenge,
    )
