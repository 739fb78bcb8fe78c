"""The latest steps of the ritual of registration, for an operator who follows it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

MAX_STEPS = 64  # more than happen between two looks of whoever follows
Step = dict[str, Any]


class Steps:
    """Numbered from 1 on, so that one can be told which of them are new."""

    def __init__(self) -> None:
        self._steps: deque[Step] = deque(maxlen=MAX_STEPS)
        self.count = 0

    def add(self, details: Mapping[str, Any]) -> None:
        """Note another step."""
        self.count += 1
        self._steps.append({"number": self.count, **details})

    def since(self, number: int) -> list[Step]:
        """Return those after that number."""
        return [step for step in self._steps if step["number"] > number]
