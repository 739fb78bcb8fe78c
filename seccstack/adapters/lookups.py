"""The registry as a running charger asks it: a disk, so in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import structlog

from seccstack.adapters.registry import open_registry
from seccstack.auth.audit import MAX_AUDIT
from seccstack.auth.port import Sighting
from seccstack.errors import SeccError
from seccstack.experience.keeping import LearningRegistry

T = TypeVar("T")

MOST_SIGHTINGS_WAITING = 16  # more than a disk is behind by, unless a peer makes them up


class Lookups:
    """Questions to one registry, answered in order.

    A registry that fails says nothing about anybody: who asked is answered None, so a vehicle
    or a card is unknown then, and nobody waits for an answer that never comes.
    """

    def __init__(
        self,
        place: Path | str,
        log: structlog.typing.FilteringBoundLogger,
        box: str = "",
        most: int = MAX_AUDIT,
    ) -> None:
        self._place, self._box, self._most = place, box, most
        self._log = log
        self._thread = ThreadPoolExecutor(1, "registry")
        self._registry: LearningRegistry | None = None
        self._sightings_waiting = 0

    def open(self) -> None:
        """Open the registry before it is needed: that takes a while."""
        self.ask(lambda registry: None, lambda nothing: None)

    def ask(
        self,
        question: Callable[[LearningRegistry], T | None],
        answered: Callable[[T | None], None],
    ) -> None:
        """Have a question answered, later, on the event loop."""
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._thread, lambda: self._answer(question))
        future.add_done_callback(lambda done: answered(self._result(done)))

    def record(self, sighting: Sighting, downgraded: Callable[[], None] = lambda: None) -> None:
        """Have a sighting kept; ``downgraded``: called if TLS was used before, and is not."""
        if self._sightings_waiting == MOST_SIGHTINGS_WAITING:
            self._log.warning("a sighting is not kept", why="the registry is too slow")
            return
        self._sightings_waiting += 1

        def recorded(without_tls: bool | None) -> None:
            self._sightings_waiting -= 1
            if without_tls:
                downgraded()

        self.ask(lambda registry: registry.record_sighting(sighting), recorded)

    def close(self) -> None:
        """Let what was asked be done, and close the registry."""
        self._thread.submit(self._close)
        self._thread.shutdown(wait=True)

    def _result(self, done: asyncio.Future[T | None]) -> T | None:
        error = done.exception()
        if error is None:
            return done.result()
        if not isinstance(error, SeccError):
            raise error
        self._log.error("registry", why=str(error))
        return None

    def _answer(self, question: Callable[[LearningRegistry], T | None]) -> T | None:
        if self._registry is None:
            self._registry = open_registry(self._place, box=self._box, most=self._most)
        return question(self._registry)

    def _close(self) -> None:
        if self._registry is not None:
            self._registry.close()
