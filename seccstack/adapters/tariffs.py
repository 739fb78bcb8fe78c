"""Asks who sells energy what it costs, where anybody is named who can say it.

The question is a JSON object with the contract's ``emaid`` (empty where none pays) and the
``entries`` that a tariff may have, then the EXI of a response with schedules; the answer is
that of a response that has tariffs in it, too, signed as the vehicle expects. An empty answer:
there is no tariff. Whoever signs tariffs is no part of a charger.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import structlog

from seccstack.adapters.services import ServiceError, exchange
from seccstack.session.events import ProvideTariffs, TariffsProvided

ANSWER_SECONDS = 9.5  # the session waits for 10

Answered = Callable[[TariffsProvided], None]


class Tariffs:
    """Questions to one service; ``socket`` empty: there is none."""

    def __init__(
        self,
        socket: str,
        log: structlog.typing.FilteringBoundLogger,
        answered: Answered,
        seconds: float = ANSWER_SECONDS,
    ) -> None:
        self._socket, self._log, self._answered = socket, log, answered
        self._seconds = seconds
        self._task: asyncio.Task[None] | None = None

    def ask(self, question: ProvideTariffs) -> None:
        """Have a question answered, later; an earlier one is not waited for any more."""
        self.close()
        self._task = asyncio.get_running_loop().create_task(self._ask(question))

    def close(self) -> None:
        """Answer nothing more."""
        if self._task is not None:
            self._task.cancel()

    async def _ask(self, question: ProvideTariffs) -> None:
        terms = json.dumps({"emaid": question.emaid, "entries": question.entries}).encode()
        try:
            response = await exchange(
                self._socket, "tariff", self._seconds, terms, question.response
            )
            self._answered(TariffsProvided(question.ticket, response or None))
        except ServiceError as error:
            self._log.error("tariffs", why=str(error))
            self._answered(TariffsProvided(question.ticket, None, str(error)))
