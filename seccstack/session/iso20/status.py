"""ISO 15118-20, EVSEStatus: what the charger wants of the vehicle, if anything."""

from __future__ import annotations

from seccstack.messages.iso20_types import EvseNotification, EVSEStatus
from seccstack.session.iso20.record import Control, Session

AT_ONCE = 0  # NotificationMaxDelay, in seconds


def wanted(session: Session, receipt: bool = False) -> EVSEStatus | None:
    """Tell the vehicle what it is to do; None: to go on as it does."""
    notification = _wanted(session, receipt)
    if notification is None:
        return None
    return EVSEStatus(notification_max_delay=AT_ONCE, evse_notification=notification)


def _wanted(session: Session, receipt: bool) -> EvseNotification | None:
    plant, chosen = session.plant, session.chosen
    if plant.stopping or plant.fault:
        return EvseNotification.TERMINATE
    scheduled = chosen is not None and chosen.control is Control.SCHEDULED
    if plant.renegotiation is not None and scheduled:
        return EvseNotification.SCHEDULE_RENEGOTIATION
    return EvseNotification.METERING_CONFIRMATION if receipt else None
