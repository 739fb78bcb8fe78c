"""What a charger needs of the world to take contracts; nothing, where it takes none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import structlog

from seccstack.adapters.provisioning import Provisioning
from seccstack.config import Config
from seccstack.events import Event
from seccstack.session.events import (
    ContractProvided,
    ProvideContract,
    VerifyContract,
    VerifySignature,
)


class Verifying(Protocol):
    """Answers questions of sessions, later."""

    def open(self) -> None:
        """Get ready, before the first of them."""

    def ask(self, question: VerifyContract | VerifySignature) -> None:
        """Have one answered."""

    def close(self) -> None:
        """Answer nothing more."""


class Contracts:
    """Verifies contracts, and has them provided where somebody does."""

    def __init__(
        self,
        verification: Verifying,
        provisioning: Provisioning | None,
        answered: Callable[[ContractProvided], None],
    ) -> None:
        self._verification, self._provisioning = verification, provisioning
        self._answered = answered

    def open(self) -> None:
        """Get ready."""
        self._verification.open()

    def verify(self, question: VerifyContract | VerifySignature) -> None:
        """Have a contract or a signature verified."""
        self._verification.ask(question)

    def provide(self, question: ProvideContract) -> None:
        """Have a vehicle's request for a contract answered."""
        if self._provisioning is None:
            why = "no provisioning service is known here"
            self._answered(ContractProvided(question.ticket, None, why))
        else:
            self._provisioning.ask(question)

    def close(self) -> None:
        """Answer nothing more."""
        self._verification.close()
        if self._provisioning is not None:
            self._provisioning.close()


def contracts_of(
    config: Config, feed: Callable[[Event], None], log: structlog.typing.FilteringBoundLogger
) -> Contracts | None:
    """Make all of it; None: no contract is taken."""
    if not config.access.contract:
        return None
    from seccstack.adapters.verification import Verification  # OpenSSL, for who needs it

    socket = config.contract.provisioning
    return Contracts(
        Verification(config.contract, log, feed),
        Provisioning(socket, log, feed) if socket else None,
        feed,
    )
