"""Run a machine on the asyncio event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from seccstack.machine import Machine

E = TypeVar("E")
A = TypeVar("A")

Observer = Callable[[float, E | None, Sequence[A]], None]


class Driver(Generic[E, A]):
    """Feeds a machine events and time, and has its actions carried out.

    Carrying out an action may feed the next event at once: such events wait until the actions
    before them are done, so order is kept and nothing recurses.
    ``observe`` sees every step: the time, the event (None for a tick) and the actions.
    """

    def __init__(
        self,
        machine: Machine[E, A],
        carry_out: Callable[[A], None],
        observe: Observer[E, A] = lambda now, event, actions: None,
    ) -> None:
        self._machine = machine
        self._carry_out = carry_out
        self._observe = observe
        self._loop = asyncio.get_running_loop()
        self._now = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: deque[E] = deque()
        self._busy = False
        self._closed = False

    def feed(self, event: E) -> None:
        """Give the machine an event, now; a closed driver drops it."""
        if self._closed:
            return
        self._waiting.append(event)
        if not self._busy:
            self._run()

    def close(self) -> None:
        """Let the machine rest for good: no more events, no more deadlines."""
        self._closed = True
        self._waiting.clear()
        self._unwind()

    def _tick(self, deadline: float) -> None:
        # The loop may fire a timer up to its clock's resolution early.
        self._run(max(deadline, self._loop.time()))

    def _run(self, tick_at: float | None = None) -> None:
        self._busy = True
        try:
            if tick_at is not None:
                self._now = max(self._now, tick_at)
                self._settle(None, self._machine.tick(self._now))
            while self._waiting:
                event = self._waiting.popleft()
                # Never back behind a tick that was early: machines take time to be monotonic.
                self._now = max(self._now, self._loop.time())
                self._settle(event, self._machine.receive(event, self._now))
        finally:
            self._busy = False
        self._wind()

    def _settle(self, event: E | None, actions: Sequence[A]) -> None:
        self._observe(self._now, event, actions)
        for action in actions:
            self._carry_out(action)

    def _wind(self) -> None:
        self._unwind()
        deadline = self._machine.deadline
        if deadline is not None and not self._closed:
            self._timer = self._loop.call_at(deadline, self._tick, deadline)

    def _unwind(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
