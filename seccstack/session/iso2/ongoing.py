"""ISO 15118-2: for how long a vehicle is told Ongoing.

The charger ends it, before the vehicle's own time is up: the next request is refused, and a
vehicle that does not even ask any more is hung up on (V2G_SECC_Ongoing_Timeout).
"""

from __future__ import annotations

from seccstack.session.iso2.record import Session, State

ONGOING_LIMIT = 55.0  # seconds; V2G_EVCC_Ongoing_Timeout is 60: the charger ends it before
LAST_CALL = 2.0  # for the request that is refused; vehicles ask every 0.02 to 1.1 s


def refused(state: State, session: Session) -> bool:
    """Whether a vehicle that was told Ongoing will be refused what it waits for."""
    plant, payment = session.plant, session.payment
    if plant.granted:
        return False
    if state is State.SELECTED:
        return session.asked and plant.stopping
    settled = payment.refused is not None or plant.stop is not None
    return state is State.IDENTIFIED and payment.proven and settled


def hung_up_at(state: State, session: Session) -> float | None:
    """Say when there is no more waiting for the vehicle to ask once more, if so."""
    plant, since = session.plant, None
    if refused(state, session):
        return None if session.refused_at is None else session.refused_at + LAST_CALL
    if state is State.IDENTIFIED and not plant.granted:
        since = session.payment.since
    elif state is State.NEGOTIATING and plant.limit_amps is None:
        since = session.ongoing_since
    return None if since is None else since + ONGOING_LIMIT + LAST_CALL
