"""What the sessions of all protocols know of a vehicle's contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from seccstack.session.events import Answer, ContractRefused, Proven, Ticket

RequestT = TypeVar("RequestT")


@dataclass(slots=True, kw_only=True)
class Payment(Generic[RequestT]):
    """What a session knows of the vehicle's contract; ``challenge``: 16 octets of its own.

    ``possible``: whether a contract may pay at all, which takes TLS.
    """

    possible: bool = False
    challenge: bytes = field(default=b"", repr=False)
    session_id: bytes = b""  # names the session's questions where there is no challenge
    chosen: bool = False
    number: int = 0  # of the last question that was asked
    answer: Answer | None = None  # to it
    owed: RequestT | None = None  # the request that is answered when there is one
    contract: Proven | None = None
    chain: tuple[bytes, ...] = ()
    proven: bool = False  # that the vehicle holds its key
    since: float | None = None  # when it was first told Ongoing after that
    refused: ContractRefused | None = None

    def ask(self) -> Ticket:
        """Number the next question."""
        self.number += 1
        self.answer = None
        return self._ticket

    def take(self, answer: Answer) -> None:
        """Take an answer, if it is to the last question."""
        if isinstance(answer, ContractRefused):
            self.refused = answer
        elif answer.ticket == self._ticket:
            self.answer = answer

    @property
    def _ticket(self) -> Ticket:
        return Ticket(self.challenge or self.session_id, self.number)
