"""ISO 15118-20: for how long a vehicle is told Ongoing.

The charger ends it, before the vehicle's own time is up: the next request is refused, and a
vehicle that does not even ask any more is hung up on.
"""

from __future__ import annotations

from seccstack.session.iso20.record import Session, State
from seccstack.session.iso20.schedules import ONGOING_LIMIT

LAST_CALL = 2.0  # for the request that is refused; vehicles ask every 0.02 to 1.1 s


def hung_up_at(state: State, session: Session) -> float | None:
    """Say when there is no more waiting for the vehicle to ask once more, if so."""
    plant, since = session.plant, None
    if state is State.NEGOTIATING and plant.limit_amps is None:
        since = session.ongoing_since
    if state is State.AUTHORIZING and not plant.granted:
        since = session.payment.since
    return None if since is None else since + ONGOING_LIMIT + LAST_CALL
