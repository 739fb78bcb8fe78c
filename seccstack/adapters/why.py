"""Why a running charger is not charging: its accounts, kept beside it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog

from seccstack import events
from seccstack.adapters.control import Answer
from seccstack.errors import UsageError
from seccstack.explain.account import Accounts
from seccstack.outlet import Settings
from seccstack.pilot.settings import Current

Observe = Callable[[float, events.Event | None, Sequence[events.Action]], None]


class Why:
    """Observes one outlet, as ``others`` do. Made inside a running event loop."""

    def __init__(
        self,
        settings: Settings,
        log: structlog.typing.FilteringBoundLogger,
        *others: Observe,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._log = log
        self._others = others
        offset = time.time() - self._loop.time()
        dc = settings.pilot.current is Current.DC
        self._accounts: Accounts | None = Accounts(offset, dc=dc)

    def observe(
        self, now: float, event: events.Event | None, actions: Sequence[events.Action]
    ) -> None:
        """Take note of a step of the outlet's; a fault in that is no reason not to charge."""
        for other in self._others:
            other(now, event, actions)
        if self._accounts is None:
            return
        try:
            self._accounts.observe(now, event, actions)
        except Exception as error:  # of any kind: what it would be is not known
            self._accounts = None
            self._log.error("nobody can say why any more", why=repr(error))

    def answer(self) -> Answer:
        """Return the accounts; UsageError if they had to be given up."""
        if self._accounts is None:
            raise UsageError("the accounts were given up after a fault; the log has it")
        return {"accounts": self._accounts.to_json(self._loop.time())}
