"""The one exception for what this machine does not have, or does not allow."""

from __future__ import annotations

from seccstack.errors import UsageError


class UnavailableError(UsageError):
    """Something of the machine is not there yet, or not allowed; the text says what to do.

    ``waiting_helps``: whether it may appear by itself.
    """

    def __init__(self, problem: str, *, waiting_helps: bool) -> None:
        self.waiting_helps = waiting_helps
        super().__init__(problem)
