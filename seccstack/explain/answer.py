"""What is said of a plug-in: one sentence, whose turn it is, and what can be done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any


class Turn(Enum):
    """Whose turn it is: who has to act so that it goes on."""

    DRIVER = "driver"  # whoever stands at the outlet
    OWNER = "owner"  # whoever has the charger's commands and settings
    ELECTRICIAN = "electrician"
    VEHICLE = "vehicle"
    CHARGER = "charger"  # waiting is enough
    NOBODY = "nobody"  # all is as it should be


@dataclass(frozen=True, slots=True)
class Answer:
    """``cause``: a name for programs, which stays the same; ``do``: commands or settings."""

    cause: str
    says: str
    turn: Turn
    do: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "cause": self.cause,
            "says": self.says,
            "turn": self.turn.value,
            "do": list(self.do),
        }


def lasted(seconds: float) -> str:
    """Say how long something has lasted."""
    if seconds < 60:
        return f"{max(seconds, 0):.0f} s"
    minutes = int(seconds // 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
