"""ISO 15118-2, the meter's reading as vehicles are shown it."""

from __future__ import annotations

from seccstack.messages.iso2 import MeterInfo
from seccstack.session.iso2.record import Session


def info(session: Session) -> MeterInfo | None:
    """Write the reading, if there is one."""
    meter = session.plant.meter
    if meter is None:
        return None
    return MeterInfo(meter_id=meter.id, meter_reading=meter.reading_wh, t_meter=meter.read_at)
