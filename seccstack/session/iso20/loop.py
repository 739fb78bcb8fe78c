"""ISO 15118-20, what every turn of a charge loop has in common, on AC and DC."""

from __future__ import annotations

from dataclasses import dataclass

from seccstack.messages.iso20_types import EVSEStatus, MeterInfo
from seccstack.session.iso20 import meters, notices, status
from seccstack.session.iso20.record import Session


@dataclass(frozen=True, slots=True)
class Turn:
    """What the vehicle is told beside its target."""

    status: EVSEStatus | None
    meter_info: MeterInfo | None


def turn(requested: bool, session: Session) -> Turn:
    """Take a turn of the loop; ``requested``: whether the vehicle wants to see the meter."""
    notices.review(session)
    receipt = meters.owed(session)
    told = Turn(status.wanted(session, receipt), meters.shown(requested, session))
    session.looped, session.renegotiated = True, 0
    return told
