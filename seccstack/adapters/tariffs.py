"""Asks who sells energy what it costs, where anybody is named who can say it.

The question is a JSON object with the contract's ``emaid`` (empty where none pays) and the
``entries`` that a tariff may have (of ISO 15118-20 with the ``pricing`` that is wanted, too,
"absolute" or "levels"), then the EXI of a response with schedules; the answer is that of a
response that has tariffs in it, signed as the vehicle expects. An empty answer: there is no
tariff. Whoever signs tariffs is no part of a charger.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import structlog

from seccstack.adapters.services import Desk
from seccstack.session.events import ProvideTariffs, TariffsProvided

ANSWER_SECONDS = 9.5  # the session waits for 10

Answered = Callable[[TariffsProvided], None]


class Tariffs(Desk[ProvideTariffs]):
    """Questions to who sells energy; a session that asks anew believes the last answer only."""

    what = "tariff"
    may_be_empty = True

    def __init__(
        self,
        socket: str,
        log: structlog.typing.FilteringBoundLogger,
        answered: Answered,
        seconds: float = ANSWER_SECONDS,
    ) -> None:
        super().__init__(socket, log, seconds)
        self._answered = answered

    def frames(self, question: ProvideTariffs) -> tuple[bytes, ...]:
        """Send who pays, and what is offered."""
        terms: dict[str, str | int] = {"emaid": question.emaid, "entries": question.entries}
        if question.pricing:
            terms["pricing"] = question.pricing
        return json.dumps(terms).encode(), question.response

    def take(self, question: ProvideTariffs, answer: bytes | None, why: str) -> None:
        """Tell the session."""
        self._answered(TariffsProvided(question.ticket, answer or None, why))
