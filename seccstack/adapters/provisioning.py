"""Asks a provisioning service for contracts.

The question is the EXI of a vehicle's whole message, the answer that of the response. The
service holds keys that sign contracts, so it is another process, or on another machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from seccstack.adapters.services import ServiceError, exchange
from seccstack.session.events import ContractProvided, ProvideContract

ANSWER_SECONDS = 3.8  # the session waits for 4

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
        try:
            response = await exchange(
                self._socket, "provisioning", self._seconds, question.request
            )
            if not response:
                raise ServiceError(
                    f"the provisioning service at {self._socket}: an empty answer"
                )
            self._answered(ContractProvided(question.ticket, response))
        except ServiceError as error:
            self._log.error("provisioning", why=str(error))
            self._answered(ContractProvided(question.ticket, None, str(error)))
