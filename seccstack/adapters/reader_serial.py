"""A card reader on a serial port; what it sends is read by `seccstack.auth.card_lines`."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

import serial

from seccstack.adapters.reader import MAX_WAITING
from seccstack.adapters.unavailable import UnavailableError
from seccstack.auth.card_lines import CardLines, Form

MOST_AT_ONCE = 4096  # octets; the rest waits for the next round of the event loop


class SerialReader:
    """It is read as soon as something comes; nobody waits in between."""

    def __init__(self, device: str, baud: int, form: Form) -> None:
        self.name = device
        self._baud = baud
        self._form = form
        self._lines = CardLines(form)
        self._port: Any = None
        self._seen: deque[str] = deque(maxlen=MAX_WAITING)
        self._lost = ""
        self._news = asyncio.Event()

    async def open(self) -> None:
        """Open the port: 8 bits, no parity, one stop bit, and nobody else may have it."""
        try:
            self._port = serial.Serial(self.name, self._baud, timeout=0, exclusive=True)
        except (OSError, ValueError) as error:  # SerialException is an OSError
            why = getattr(error, "strerror", None) or error
            raise UnavailableError(
                f"{self.name} cannot be opened: {why}; plug the reader in, or correct "
                "reader.device",
                waiting_helps=True,
            ) from error
        self._lines = CardLines(self._form)
        self._seen.clear()
        self._lost = ""
        self._news.clear()
        asyncio.get_running_loop().add_reader(self._port.fileno(), self._read)

    async def sight(self) -> str:
        """Wait for the next number."""
        while not self._seen:
            if self._lost:
                why = f"{self.name} is gone: {self._lost}; plug it in again"
                raise UnavailableError(why, waiting_helps=True)
            self._news.clear()
            await self._news.wait()
        return self._seen.popleft()

    def close(self) -> None:
        """Close the port."""
        if self._port is not None:
            self._unwatch()
            self._port.close()
            self._port = None

    def _read(self) -> None:
        try:
            octets = self._port.read(MOST_AT_ONCE)
            if not octets:  # ready to be read, and nothing there: the end
                raise OSError("nothing comes any more")
        except (OSError, TypeError) as error:  # TypeError: pyserial, of a port closed meanwhile
            self._lost = str(error)
            self._unwatch()
        else:
            self._seen.extend(self._lines.receive(octets))
        self._news.set()

    def _unwatch(self) -> None:
        asyncio.get_running_loop().remove_reader(self._port.fileno())
