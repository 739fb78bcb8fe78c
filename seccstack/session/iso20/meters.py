"""ISO 15118-20, the meter's reading: shown to the vehicle, and signed by it.

It is shown when asked for, in the first turn of the loop, and when the vehicle is to confirm it
with its contract's key. It is asked to until it does, and that reading stays as it was: a
vehicle may have gone on for some turns when it signs.
"""

from __future__ import annotations

from seccstack.messages.iso20_types import MeterInfo
from seccstack.session.iso20.record import Session


def shown(requested: bool, session: Session) -> MeterInfo | None:
    """Return what the vehicle is to see of the meter in this turn of the loop."""
    info = reading(session)
    if info is None:
        return None
    if owed(session):
        if session.payment.shown is None:
            session.payment.shown, session.payment.shown_at = info, session.now
        return session.payment.shown
    return info if requested or not session.looped else None


def reading(session: Session) -> MeterInfo | None:
    """Write the reading, if there is one."""
    meter = session.plant.meter
    if meter is None:
        return None
    return MeterInfo(
        meter_id=meter.id,
        charged_energy_reading_wh=meter.reading_wh,
        meter_timestamp=meter.read_at,
    )


def owed(session: Session) -> bool:
    """Whether the vehicle has to confirm what the meter shows."""
    payment, every = session.payment, session.charger.receipt_seconds
    if every is None or not payment.proven or session.plant.meter is None:
        return False
    if payment.shown is not None or payment.shown_at is None:
        return True
    return session.now >= payment.shown_at + every
