"""ISO 15118-20: for how long a vehicle is told Ongoing, and when it is no longer waited for."""

from __future__ import annotations

from seccstack.session.iso20.record import Session, State
from seccstack.session.waiting import last_call


def hung_up_at(state: State, session: Session) -> float | None:
    """Say when there is no more waiting for the vehicle to ask once more, if so."""
    plant, since = session.plant, None
    if state is State.NEGOTIATING and plant.limit_amps is None:
        since = session.ongoing_since
    if state is State.AUTHORIZING and not plant.granted:
        since = session.payment.since
    return last_call(since)
