"""Every exception this package raises on purpose.

SeccError
├── MalformedError   the peer's bytes are not what they claim to be; says where
├── PeerError        a well-formed message that its sender may not send now
└── UsageError       ours: a bug, or an operator's input
    └── ConfigError  a configuration that cannot be used; says which key and what would be right
"""

from __future__ import annotations


class SeccError(Exception):
    """Base of them all: catch this to catch anything of ours."""


class MalformedError(SeccError):
    """The peer sent bytes that are not what they claim to be.

    ``path`` names the field (``SlacParmReq.run_id``, ``V2G_Message/Body/SessionSetupReq``);
    ``octet`` or ``bit`` says where in the bytes; ``schema`` which EXI schema was read, if any.
    """

    def __init__(
        self,
        problem: str,
        *,
        path: str = "",
        octet: int | None = None,
        bit: int | None = None,
        schema: str = "",
    ) -> None:
        self.problem = problem
        self.path = path
        self.octet = octet
        self.bit = bit
        self.schema = schema
        place = f" (bit {bit})" if bit is not None else ""
        place = f" (octet {octet})" if octet is not None else place
        where = " ".join(part for part in (schema, path) if part)
        super().__init__(f"{where}: {problem}{place}" if where else f"{problem}{place}")


class PeerError(SeccError):
    """The peer sent a well-formed message it may not send now."""


class UsageError(SeccError):
    """We were about to do something wrong ourselves: a bug, or an operator's input."""


class ConfigError(UsageError):
    """A configuration that cannot be used."""

    def __init__(self, key: str, problem: str, right: str) -> None:
        self.key = key
        self.problem = problem
        self.right = right
        super().__init__(f"{key}: {problem}; {right}")
