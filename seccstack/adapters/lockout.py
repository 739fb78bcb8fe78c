"""The strangers that were counted, kept over a restart of ours, and told to the owner."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import structlog

from seccstack.adapters.lookups import Lookups
from seccstack.auth import events as auth_events
from seccstack.auth.limiter import CALM, KEPT, Limiter, limiter_of, text_of
from seccstack.auth.port import Registry
from seccstack.errors import MalformedError
from seccstack.events import Event

AGAIN_SECONDS = 10.0  # until a registry that was away at the start is asked once more


class LockOut:
    """Between the outlet, which counts, and the registry; ``clock``: seconds since 1970.

    A registry that fails costs the count only: who may charge is asked of it, too. One that was
    away at the start is asked until it answers, and what it has is not written over meanwhile.
    """

    def __init__(
        self,
        lookups: Lookups,
        feed: Callable[[Event], None],
        log: structlog.typing.FilteringBoundLogger,
        clock: Callable[[], float],
        again_seconds: float = AGAIN_SECONDS,
    ) -> None:
        self._lookups, self._feed, self._log, self._clock = lookups, feed, log, clock
        self._again_seconds = again_seconds
        self._until = 0.0  # seconds since 1970
        self._awaited = False  # what an earlier run has left is still to come
        self._unwritten: str | None = None

    def find(self) -> None:
        """Ask what an earlier run has left; whoever is looked up later, is so after it."""
        self._awaited = True
        self._lookups.ask(lambda registry: (registry.kept(KEPT),), self._answered)

    def keep(self, action: auth_events.KeepLockOut) -> None:
        """Have it written."""
        self._note(action.limiter)
        self._unwritten = text_of(action.limiter, self._clock())
        if not self._awaited:
            self._write()

    def status(self) -> dict[str, Any]:
        """Say for how long nobody is let in for an address alone; nothing: there is none."""
        left = self._until - self._clock()
        if left <= 0:
            return {}
        ends = datetime.fromtimestamp(self._until, UTC).isoformat(timespec="seconds")
        return {"lock-out": {"seconds": round(left), "until": ends}}

    def _answered(self, found: tuple[str | None] | None) -> None:
        if found is None:
            asyncio.get_running_loop().call_later(self._again_seconds, self.find)
            return
        self._awaited, [text] = False, found
        limiter = None if text is None else self._read(text)
        if self._unwritten is not None and self._outdone(limiter, self._unwritten):
            self._write()
        elif limiter is not None:
            self._unwritten = None
            self._note(limiter)
            if limiter != CALM:
                self._feed(auth_events.LockOutFound(limiter))

    def _outdone(self, earlier: Limiter | None, text: str) -> bool:
        """Whether what was counted since is worse than what was found, or was forgiven."""
        since = limiter_of(text, self._clock())
        return earlier is None or since == CALM or _badness(since) > _badness(earlier)

    def _write(self) -> None:
        text, self._unwritten = self._unwritten or "", None
        self._lookups.ask(lambda registry: _keep(registry, text), lambda nothing: None)

    def _read(self, text: str) -> Limiter | None:
        try:
            return limiter_of(text, self._clock())
        except MalformedError as error:
            self._log.warning("strangers counted earlier are forgotten", why=str(error))
            return None

    def _note(self, limiter: Limiter) -> None:
        self._until = self._clock() + max(limiter.locked_until, 0.0)


def _keep(registry: Registry, text: str) -> None:
    registry.keep(KEPT, text)


def _badness(limiter: Limiter) -> tuple[float, int]:
    return limiter.locked_until, len(limiter.strangers)
