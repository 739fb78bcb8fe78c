"""Run a machine on the asyncio event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from seccstack.machine import Machine

E = TypeVar("E")
A = TypeVar("A")


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
        observe: Callable[[float, E | None, Sequence[A]], None] = lambda now, event, actions: (
            None
        ),
    ) -> None:
        self._machine = machine
        self._carry_out = carry_out
        self._observe = observe
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: deque[E] = deque()
        self._busy = False

    def feed(self, event: E) -> None:
        """Give the machine an event, now."""
        self._waiting.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._waiting:
                event = self._waiting.popleft()
                now = self._loop.time()
                self._settle(now, event, self._machine.receive(event, now))
        finally:
            self._busy = False
        self._wind()

    def close(self) -> None:
        """Stop keeping the machine's deadlines."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self, deadline: float) -> None:
        # The loop may fire a timer up to its clock's resolution early.
        now = max(deadline, self._loop.time())
        self._busy = True
        try:
            self._settle(now, None, self._machine.tick(now))
        finally:
            self._busy = False
        if self._waiting:
            self.feed(self._waiting.popleft())
        else:
            self._wind()

    def _settle(self, now: float, event: E | None, actions: Sequence[A]) -> None:
        self._observe(now, event, actions)
        for action in actions:
            self._carry_out(action)

    def _wind(self) -> None:
        self.close()
        deadline = self._machine.deadline
        if deadline is not None:
            self._timer = self._loop.call_at(deadline, self._tick, deadline)
