"""How long a vehicle is given to follow a limit, by how long it has taken so far.

IEC 61851-1 gives every vehicle 5 s. Most take a second, and some more than they may. One that
is known to be quick is found out sooner when it disobeys; one that is known to be slow is not
accused of it. Being slower than allowed is learned at once, being quicker only by and by.
"""

from __future__ import annotations

from seccstack.energy.watchdog_events import PULSES_REACT

SURE = 5  # times that it has followed, until it is given less than any other vehicle
MARGIN = 1.5  # of its slowest times: batteries are cold in winter
METER_SECONDS = 1.0  # a meter is read once a second, so a measurement may be as old
LEAST = 3.0  # seconds; a poll, a ramp and a reading together
MOST = 15.0  # what is slower is disobedience, however often it has been seen


def reaction_of(
    slowest: float | None, times: int, unknown_seconds: float = PULSES_REACT
) -> float | None:
    """Return how long it is given; None if nothing is known.

    ``slowest``: its slowest time but for accidents, of so many ``times``.
    """
    if slowest is None:
        return None
    learned = slowest * MARGIN + METER_SECONDS
    if times < SURE:
        learned = max(learned, unknown_seconds)
    return min(max(learned, LEAST), max(MOST, unknown_seconds))
