"""Asks a provisioning service for contracts, over a local socket.

A request is the EXI of a vehicle's whole message, the answer that of the response, each behind
its length in four octets. One question, one connection: whoever serves may come and go. The
service holds keys that sign contracts, so it is another process, or on another machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from seccstack.session.events import ContractProvided, ProvideContract

ANSWER_SECONDS = 3.8  # the session waits for 4
LENGTH = 4  # octets
MOST_OCTETS = 1 << 16  # of an answer; the largest that the schema allows has 14 kB

Answered = Callable[[ContractProvided], None]


class Provisioning:
    """Questions to one service, each answered in time: by it, or with why not."""

    def __init__(
        self,
        socket: str,
        log: structlog.typing.FilteringBoundLogger,
        answered: Answered,
        seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._socket, self._log, self._answered = socket, log, answered
        self._seconds = seconds
        self._tasks: set[asyncio.Task[None]] = set()  # a session asks one question at a time

    def ask(self, question: ProvideContract) -> None:
        """Have a vehicle's request answered, later."""
        task = asyncio.get_running_loop().create_task(self._ask(question))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Answer nothing more."""
        for task in self._tasks:
            task.cancel()

    async def _ask(self, question: ProvideContract) -> None:
        why = ""
        response: bytes | None = None
        try:
            async with asyncio.timeout(self._seconds):
                response = await self._exchange(question.request)
        except TimeoutError:
            why = f"the provisioning service did not answer in {self._seconds:g} s"
        except (OSError, EOFError, ValueError) as error:
            why = f"the provisioning service at {self._socket}: {error}"
        if response is None:
            self._log.error("provisioning", why=why)
        self._answered(ContractProvided(question.ticket, response, why))

    async def _exchange(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_unix_connection(self._socket)
        try:
            writer.write(len(request).to_bytes(LENGTH) + request)
            await writer.drain()
            length = int.from_bytes(await reader.readexactly(LENGTH))
            if not 0 < length <= MOST_OCTETS:
                raise ValueError(f"an answer of {length} octets; {MOST_OCTETS} at most")
            return await reader.readexactly(length)
        finally:
            writer.close()
