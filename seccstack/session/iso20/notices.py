"""ISO 15118-20, when the charger asks a vehicle in scheduled mode for a new schedule.

A limit that has fallen reaches it by its target at once. One that has risen above what was
offered is of no use until it is offered; what has been planned anew for a time to come is
offered anew, since a vehicle plans with it. A rise has to be worth it, and to last. In dynamic
mode there is nothing to negotiate: the target says it all.
"""

from __future__ import annotations

from seccstack.session.events import Renegotiate
from seccstack.session.iso20 import power, schedules
from seccstack.session.iso20.record import Session

WORTH = 1.1  # a rise to so many times what was offered
LASTING = 30.0  # seconds
APART = 60.0  # seconds, from one offer to the next for a rise
BRIEF = 60  # seconds; what is planned otherwise for less is rounding


def review(session: Session) -> None:
    """See whether what was offered is still right; said with the next response, until asked."""
    if session.plant.renegotiation is not None or not session.offered:
        return
    elapsed = session.now - session.offered_at
    if session.plans != session.plant.plans and elapsed >= APART:
        session.plans = session.plant.plans
        if schedules.outdated(session, WORTH, BRIEF):
            session.plant.renegotiation = Renegotiate("another schedule is planned")
            return
    stretches = session.offered[session.tuple_id]
    offered = schedules.least_between(stretches, elapsed, elapsed + 1)
    if power.total(session) <= offered * WORTH:
        session.surplus_since = None
        return
    if session.surplus_since is None:
        session.surplus_since = session.now
    if session.now - session.surplus_since >= LASTING and elapsed >= APART:
        session.plant.renegotiation = Renegotiate("the limit is above what was offered")
