"""What is tried for a modem that has fallen silent, step by step, for the life of the process.

Asking goes on beside it. When that has not helped, our own way to the modem is opened anew;
then the modem is told to restart; then it is declared dead. After a while, which doubles up to
a limit, all of it is tried again: someone may have put the plug back in.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from seccstack.slac import timing


class Step(Enum):
    """What is due."""

    REOPEN = "reopen"
    RESTART = "restart"
    DECLARE_DEAD = "declare dead"


@dataclass(frozen=True, slots=True)
class Climb:
    """The next step is due at the deadline; ``falls``: how often the last has been reached."""

    due: Step
    deadline: float
    falls: int = 0


def begin(now: float) -> Climb:
    """The modem has just been found silent."""
    return Climb(Step.REOPEN, now + timing.MODEM_REOPEN)


def above(climb: Climb, now: float) -> Climb:
    """Return the climb after the step that was due."""
    match climb.due:
        case Step.REOPEN:
            return Climb(Step.RESTART, now + timing.MODEM_RESTART, climb.falls)
        case Step.RESTART:
            return Climb(Step.DECLARE_DEAD, now + timing.MODEM_RESTARTED, climb.falls)
        case Step.DECLARE_DEAD:
            pause = min(timing.MODEM_PAUSE * 2**climb.falls, timing.MODEM_LONGEST_PAUSE)
            return Climb(Step.REOPEN, now + pause, min(climb.falls + 1, timing.MODEM_FALLS))
        case _:
            assert_never(climb.due)
