"""What a pilot controller tells whoever follows it, in order, and nothing twice."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable

from seccstack.errors import UsageError
from seccstack.pilot.port import ContactorState, PilotState

# A reader that is so far behind may have missed that one vehicle went and another came.
MAX_UNREAD = 256

Report = PilotState | ContactorState


class Reports:
    """Tells every follower every report from when it began to follow."""

    def __init__(self) -> None:
        self._readers: list[_Reader] = []

    def put(self, report: Report) -> None:
        """Tell all of them."""
        for reader in self._readers:
            reader.put(report)

    async def follow(
        self, present: Callable[[], Iterable[Report]]
    ) -> AsyncGenerator[Report, None]:
        """Yield what is present once somebody waits for it, and then every report."""
        reader = _Reader(present())
        self._readers.append(reader)
        try:
            while True:
                yield await reader.next()
        finally:
            self._readers.remove(reader)


class _Reader:
    """What one follower has not read yet."""

    def __init__(self, present: Iterable[Report]) -> None:
        self._unread: deque[Report] = deque(present)
        self._more = asyncio.Event()
        self._behind = False

    def put(self, report: Report) -> None:
        self._behind = self._behind or len(self._unread) >= MAX_UNREAD
        if not self._behind:
            self._unread.append(report)
        self._more.set()

    async def next(self) -> Report:
        while not self._unread and not self._behind:
            self._more.clear()
            await self._more.wait()
        if not self._unread:
            raise UsageError(f"the pilot changed {MAX_UNREAD} times while nobody looked")
        return self._unread.popleft()
