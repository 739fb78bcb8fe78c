"""After a power cut not all chargers of a street may begin at once ("cold load pick-up").

Whether the power was away, a program cannot see: it sees that it is started. A computer that
has run on since our last run (its boot id is the same) had power all the time, whatever ended
us. One that was started anew was without power if our last run left no word of an orderly end:
who is shut down, or restarted to be updated, has been told so before. Where nothing at all is
known of a last run, there was none.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from seccstack.energy.arbiter import POWER_RETURN, LimitPlanned

LEAST_SECONDS = 1.0
LONG_UP = 600.0  # seconds a computer has been up: the grid has seen to itself since


class After(Enum):
    """What a delay follows."""

    POWER_LOSS = "power-loss"
    BOOT = "boot"  # any start of the computer, for boxes that are always switched off in order
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Trace:
    """What a run leaves to the next: in which boot it was, and whether it ended in order."""

    boot: str
    orderly: bool


@dataclass(frozen=True, slots=True)
class Start:
    """What is known at the start of a run; ``boot`` empty: this computer does not say."""

    boot: str
    up_seconds: float
    last: Trace | None


def power_was_away(start: Start, after: After) -> bool:
    """Say whether energy has to be withheld for a while."""
    last = start.last
    if after is After.NEVER or last is None or not start.boot or start.up_seconds > LONG_UP:
        return False
    return last.boot != start.boot and (after is After.BOOT or not last.orderly)


def delay_seconds(drawn: float, most_seconds: float) -> float:
    """Turn a number from 0 to 1 that somebody drew into 1 s to ``most_seconds``, in 0.1 s."""
    if not 0 <= drawn <= 1:
        raise ValueError(f"{drawn} is not between 0 and 1")
    return math.floor(10 * (LEAST_SECONDS + drawn * (most_seconds - LEAST_SECONDS))) / 10


def plan_of(seconds: float, now: float) -> LimitPlanned:
    """Withhold energy from now on, for so long."""
    why = f"the power was away, and it waits {seconds:g} s, a time drawn at random"
    return LimitPlanned(POWER_RETURN, ((now, 0.0), (now + seconds, None)), why)
