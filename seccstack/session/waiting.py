"""For how long a vehicle is told Ongoing, in the protocols that have one limit for it.

The charger ends it, before the vehicle's own time is up: the next request is refused, and a
vehicle that does not even ask any more is hung up on (V2G_SECC_Ongoing_Timeout).
"""

from __future__ import annotations

ONGOING_LIMIT = 55.0  # seconds; V2G_EVCC_Ongoing_Timeout is 60: the charger ends it before
LAST_CALL = 2.0  # for the request that is refused; vehicles ask every 0.02 to 1.1 s


def over(since: float, now: float) -> bool:
    """Whether a vehicle that was first told Ongoing then has waited for long enough."""
    return now >= since + ONGOING_LIMIT


def last_call(since: float | None) -> float | None:
    """Say when it is no longer waited for, if it was told Ongoing at all."""
    return None if since is None else since + ONGOING_LIMIT + LAST_CALL
