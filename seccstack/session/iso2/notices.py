"""ISO 15118-2, when the charger asks a vehicle to negotiate anew.

A vehicle keeps to the PMax that it was offered. A limit that has risen above it is of no use
until it is offered; one that has fallen below it reaches a vehicle with external payment by
EVSEMaxCurrent, and one on DC by EVSEMaximumPowerLimit, but one on AC with a contract by nothing
else than a new schedule. What has been planned anew for a time to come is offered anew, since a
vehicle plans with it. A rise has to be worth it, and to last, because each negotiation is a
new chance for something to go wrong; a fall is said at once.
"""

from __future__ import annotations

from dataclasses import replace

from seccstack.session.events import Renegotiate
from seccstack.session.iso2 import offers, schedules
from seccstack.session.iso2.record import Session

WORTH = 1.1  # a rise to so many times PMax
LASTING = 30.0  # seconds
APART = 60.0  # seconds, from one offer to the next for a rise


def review(session: Session) -> None:
    """See whether what was offered is still right; said with the next status, until asked."""
    if session.plant.renegotiation is not None or not session.offered:
        return
    elapsed = session.now - session.offered_at
    if session.terms.plans != session.plant.plans and elapsed >= APART:
        session.terms = replace(session.terms, plans=session.plant.plans)
        if schedules.outdated(session, WORTH):
            session.plant.renegotiation = Renegotiate("another schedule is planned")
            return
    stretches = session.offered[session.tuple_id]
    offered = schedules.least_between(stretches, elapsed, elapsed + 1)
    present = offers.watts(session) * 1000
    if present < offered and session.payment.chosen and session.charger.supply is None:
        session.plant.renegotiation = Renegotiate("the limit is below what was offered")
    if present <= offered * WORTH:
        session.surplus_since = None
        return
    if session.surplus_since is None:
        session.surplus_since = session.now
    lasting = session.now - session.surplus_since >= LASTING
    if lasting and elapsed >= APART:
        session.plant.renegotiation = Renegotiate("the limit is above what was offered")
