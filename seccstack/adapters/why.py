"""Why a running charger is not charging: its accounts, kept beside it.

What explains is loaded in a thread, once the outlet runs: a vehicle that is there at the start
does not wait for it. What happens until then is kept, and told to it then.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Protocol, cast

import structlog

from seccstack import events
from seccstack.adapters.control import Answer
from seccstack.errors import UsageError
from seccstack.outlet import Settings
from seccstack.pilot.settings import Current

EXPLAINS = "seccstack.explain.account"
LATER = 0.5  # seconds from the start
MOST_EARLY = 1000  # steps until then: more than the start has, also where frames are many

Observe = Callable[[float, events.Event | None, Sequence[events.Action]], None]
Step = tuple[float, events.Event | None, Sequence[events.Action]]


class Accounts(Protocol):
    """`seccstack.explain.account.Accounts`, which is not loaded yet."""

    def observe(
        self, now: float, event: events.Event | None, actions: Sequence[events.Action]
    ) -> None:
        """Take one step."""

    def to_json(self, now: float) -> list[dict[str, object]]:
        """Return the accounts."""


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
        self._offset = time.time() - self._loop.time()
        self._dc = settings.pilot.current is Current.DC
        self._early: list[Step] | None = []  # until what explains is loaded
        self._accounts: Accounts | None = None
        self._loop.call_later(LATER, self._load)

    def observe(
        self, now: float, event: events.Event | None, actions: Sequence[events.Action]
    ) -> None:
        """Take note of a step of the outlet's; a fault in that is no reason not to charge."""
        for other in self._others:
            other(now, event, actions)
        if self._early is not None:
            self._early.append((now, event, actions))
            if len(self._early) == MOST_EARLY:
                self._begin()
            return
        self._take(now, event, actions)

    def answer(self) -> Answer:
        """Return the accounts; UsageError if they had to be given up."""
        self._begin()
        if self._accounts is None:
            raise UsageError("the accounts were given up after a fault; the log has it")
        return {"accounts": self._accounts.to_json(self._loop.time())}

    def _load(self) -> None:
        loaded = self._loop.run_in_executor(None, import_module, EXPLAINS)
        loaded.add_done_callback(lambda done: self._begin())

    def _begin(self) -> None:
        """Tell what happened so far, once."""
        if self._early is None:
            return
        steps, self._early = self._early, None
        made = import_module(EXPLAINS).Accounts(self._offset, dc=self._dc)
        self._accounts = cast("Accounts", made)
        for step in steps:
            self._take(*step)

    def _take(
        self, now: float, event: events.Event | None, actions: Sequence[events.Action]
    ) -> None:
        if self._accounts is None:
            return
        try:
            self._accounts.observe(now, event, actions)
        except Exception as error:  # of any kind: what it would be is not known
            self._accounts = None
            self._log.error("nobody can say why any more", why=repr(error))
