"""What a charger is reached by: lines that may be absent, appear, and be lost again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog

from seccstack.adapters.unavailable import UnavailableError
from seccstack.events import Event

RETRY_SECONDS = 1.0  # between looks for an interface, an address, a port that are not there yet


class Line(Protocol):
    """A powerline, or a network."""

    name: str

    async def open(self) -> Event:
        """Open it and return what to tell the outlet; UnavailableError if there is no way."""

    async def lost(self) -> Event:
        """Wait until it is lost, and return what to tell the outlet."""

    def close(self) -> None:
        """Close it, open or not."""


class PowerlinePort(Line, Protocol):
    """A line for management messages."""

    def send(self, octets: bytes) -> None:
        """Send a frame; a line that is not open takes nothing."""

    def reopen(self) -> None:
        """Open the way to the modem anew where it is open: it may be that which is stuck."""


class NetworkPort(Line, Protocol):
    """A line for SDP and V2G messages; what is not open takes nothing."""

    def send_datagram(self, address: str, port: int, octets: bytes) -> None:
        """Send a datagram from the SDP port."""

    def send(self, stream: int, data: bytes) -> None:
        """Send on a stream."""

    def end(self, stream: int) -> None:
        """Close a stream once what was sent is through."""

    def forget(self) -> None:
        """Have nobody taken for who was here before."""


async def keep_open(
    line: Line,
    feed: Callable[[Event], None],
    log: structlog.typing.FilteringBoundLogger,
    opened: Callable[[Line], None],
) -> None:
    """Open a line, again and again, as long as waiting helps."""
    while True:
        feed(await _open_patiently(line, log))
        opened(line)
        event = await line.lost()
        line.close()
        feed(event)


async def _open_patiently(line: Line, log: structlog.typing.FilteringBoundLogger) -> Event:
    said = ""
    while True:
        try:
            return await line.open()
        except UnavailableError as error:
            if not error.waiting_helps:
                raise
            if str(error) != said:
                said = str(error)
                log.warning(f"waiting for the {line.name}", why=said)
        await asyncio.sleep(RETRY_SECONDS)
