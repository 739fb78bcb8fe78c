"""Asks a provisioning service for contracts.

The question is the EXI of a vehicle's whole message, the answer that of the response. The
service holds keys that sign contracts, so it is another process, or on another machine.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog

from seccstack.adapters.services import Desk
from seccstack.session.events import ContractProvided, ProvideContract

ANSWER_SECONDS = 3.8  # the session waits for 4

Answered = Callable[[ContractProvided], None]


class Provisioning(Desk[ProvideContract]):
    """Questions to a provisioning service."""

    what = "provisioning"

    def __init__(
        self,
        socket: str,
        log: structlog.typing.FilteringBoundLogger,
        answered: Answered,
        seconds: float = ANSWER_SECONDS,
    ) -> None:
        super().__init__(socket, log, seconds)
        self._answered = answered

    def frames(self, question: ProvideContract) -> tuple[bytes, ...]:
        """Send the vehicle's request."""
        return (question.request,)

    def take(self, question: ProvideContract, answer: bytes | None, why: str) -> None:
        """Tell the session."""
        self._answered(ContractProvided(question.ticket, answer, why))
