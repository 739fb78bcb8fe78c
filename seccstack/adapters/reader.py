"""The card reader's place in a running charger.

Whatever the kind, it is tried again for ever: a reader that is pulled out, or whose service is
not running, is a state that is told, and no error. What a reader sees goes through `Gestures`,
so that a card that is held for long counts once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Protocol

import structlog

from seccstack.adapters.unavailable import UnavailableError
from seccstack.auth.card_lines import Form
from seccstack.auth.gestures import Gestures
from seccstack.config_front import Reader as ReaderConfig
from seccstack.errors import ConfigError

RETRY_SECONDS = 1.0
MAX_WAITING = 16  # cards that nobody has taken yet; a reader sees a few in a second
MISSING = "pip install 'seccstack[readers]'"


class Reader(Protocol):
    """A way to a reader of cards; `seccstack.auth.port.CardReader` is what comes of it."""

    name: str

    async def open(self) -> None:
        """Find the reader; UnavailableError if it is not there, or no more."""

    async def sight(self) -> str:
        """Wait for a card, and return its number; UnavailableError if the reader is gone.

        A card that stays may be sighted again and again.
        """

    def close(self) -> None:
        """Let go of it, open or not."""


class Cards:
    """The cards that are held to a reader, one event for each time; a `CardReader`."""

    def __init__(self, reader: Reader, log: structlog.typing.FilteringBoundLogger) -> None:
        self._reader = reader
        self._log = log
        self._gestures = Gestures()
        self.trouble: str | None = "it was not looked for yet"

    async def cards(self) -> AsyncIterator[str]:
        """Yield the number of each, as long as anybody asks; lets go of the reader then."""
        try:
            while True:
                with suppress(UnavailableError):
                    await self._open()
                    async for uid in self._sightings():
                        if self._gestures.is_new(uid, asyncio.get_running_loop().time()):
                            yield uid
                await asyncio.sleep(RETRY_SECONDS)
        finally:
            self._reader.close()

    async def _open(self) -> None:
        try:
            await self._reader.open()
        except UnavailableError as error:
            self._troubled(error)
            raise
        self.trouble = None
        self._log.info("card reader open", reader=self._reader.name)

    async def _sightings(self) -> AsyncIterator[str]:
        try:
            while True:
                yield await self._reader.sight()
        except UnavailableError as error:
            self._troubled(error)
            self._reader.close()
            raise

    def _troubled(self, error: UnavailableError) -> None:
        if str(error) != self.trouble:
            self.trouble = str(error)
            self._log.warning("waiting for the card reader", why=self.trouble)


class SimulatedReader:
    """A reader that an operator holds cards to; it is always there."""

    name = "simulated"

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[str] = asyncio.Queue(MAX_WAITING)

    async def open(self) -> None:
        """Be there."""

    async def sight(self) -> str:
        """Wait for a card."""
        return await self._waiting.get()

    def close(self) -> None:
        """Stay: there is nothing to close."""

    def hold(self, uid: str) -> None:
        """Hold a card to it; what does not fit any more is not seen."""
        with suppress(asyncio.QueueFull):
            self._waiting.put_nowait(uid)


def reader_of(config: ReaderConfig) -> Reader:
    """Make the reader that is configured, unopened; ConfigError if what it takes is missing."""
    if config.kind == "simulated":
        return SimulatedReader()
    library = "pyscard" if config.kind == "pcsc" else "pyserial"
    try:
        return _pcsc(config) if config.kind == "pcsc" else _serial(config)
    except ImportError as error:
        raise ConfigError(
            "reader.kind", f"is {config.kind!r}, and {library} is missing: {error}", MISSING
        ) from error


def _pcsc(config: ReaderConfig) -> Reader:
    from seccstack.adapters.reader_pcsc import PcscReader  # for who has it

    return PcscReader(config.device)


def _serial(config: ReaderConfig) -> Reader:
    from seccstack.adapters.reader_serial import SerialReader  # for who has it

    return SerialReader(config.device, config.baud, Form(config.format))
