"""What is known of our own modem, as an operator is told it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Condition(Enum):
    """Whether the modem does what it is asked to."""

    SOUGHT = "sought"
    ANSWERS = "answers"
    SILENT = "silent"
    DEAD = "dead"  # a restart has not helped; it is tried again, and more and more rarely


class KeyState(Enum):
    """How far the modem is with our key."""

    NONE = "none"
    TAKEN = "taken"  # it says so
    SHOWN = "shown"  # it is in the network that follows from it, seconds later


@dataclass(frozen=True, slots=True)
class Status:
    """One modem; ``role`` and ``coordinator`` are None where they could not be read (yet)."""

    condition: Condition = Condition.SOUGHT
    trouble: str | None = None
    mac: bytes | None = None
    maker: str | None = None
    firmware: str | None = None
    role: str | None = None
    coordinator: str | None = None
    key: KeyState = KeyState.NONE
    link: bool = False
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "state": self.condition.value,
            "trouble": self.trouble,
            "mac": None if self.mac is None else self.mac.hex().upper(),
            "maker": self.maker,
            "firmware": self.firmware,
            "role": self.role,
            "coordinator": self.coordinator,
            "key": self.key.value,
            "link": self.link,
            "warnings": list(self.warnings),
        }
