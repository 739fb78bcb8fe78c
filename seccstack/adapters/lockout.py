"""The strangers that were counted, kept over a restart of ours, and told to the owner."""

from __future__ import annotations

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


class LockOut:
    """Between the outlet, which counts, and the registry; ``clock``: seconds since 1970.

    A registry that fails costs the count only: who may charge is asked of it, too.
    """

    def __init__(
        self,
        lookups: Lookups,
        feed: Callable[[Event], None],
        log: structlog.typing.FilteringBoundLogger,
        clock: Callable[[], float],
    ) -> None:
        self._lookups, self._feed, self._log, self._clock = lookups, feed, log, clock
        self._until = 0.0  # seconds since 1970

    def find(self) -> None:
        """Ask what an earlier run has left; whoever is looked up later, is so after it."""
        self._lookups.ask(lambda registry: registry.kept(KEPT), self._found)

    def keep(self, action: auth_events.KeepLockOut) -> None:
        """Have it written."""
        self._note(action.limiter)
        text = text_of(action.limiter, self._clock())
        self._lookups.ask(lambda registry: _keep(registry, text), lambda nothing: None)

    def status(self) -> dict[str, Any]:
        """Say for how long nobody is let in for an address alone; nothing: there is none."""
        left = self._until - self._clock()
        if left <= 0:
            return {}
        ends = datetime.fromtimestamp(self._until, UTC).isoformat(timespec="seconds")
        return {"lock-out": {"seconds": round(left), "until": ends}}

    def _found(self, text: str | None) -> None:
        if text is None:
            return
        try:
            limiter = limiter_of(text, self._clock())
        except MalformedError as error:
            self._log.warning("strangers counted earlier are forgotten", why=str(error))
            return
        self._note(limiter)
        if limiter != CALM:
            self._feed(auth_events.LockOutFound(limiter))

    def _note(self, limiter: Limiter) -> None:
        self._until = self._clock() + max(limiter.locked_until, 0.0)


def _keep(registry: Registry, text: str) -> None:
    registry.keep(KEPT, text)
