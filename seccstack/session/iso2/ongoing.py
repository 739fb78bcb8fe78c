"""ISO 15118-2: which vehicles are told Ongoing, and until when they are waited for."""

from __future__ import annotations

from seccstack.session import waiting
from seccstack.session.iso2.record import Session, State


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
        return None if session.refused_at is None else session.refused_at + waiting.LAST_CALL
    if state is State.IDENTIFIED and not plant.granted:
        since = session.payment.since
    elif state is State.NEGOTIATING and plant.limit_amps is None:
        since = session.ongoing_since
    return waiting.last_call(since)
