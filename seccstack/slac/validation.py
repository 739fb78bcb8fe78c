"""Recognising a vehicle by how it toggles the pilot line (CM_VALIDATE; B, C, B).

A car that hears several chargers alike may ask whether we see it toggle. It says for how long
it will (the second CM_VALIDATE.REQ), goes one to three times from B to C and back, and is told
what we have counted. A part of a toggle that is too short to be meant, or too long, spoils the
toggle it belongs to and no other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, IntEnum

from seccstack.homeplug.messages import ValidateCnf, ValidateReq
from seccstack.slac import timing


class Validation(Enum):
    """How a charger answers an EV that wants to be recognised by its toggles."""

    ON = "on"  # it counts them
    OFF = "off"  # not required: go on to the match
    UNSUPPORTED = "unsupported"  # failure, as ISO 15118-5 wants it of one that cannot count


class Result(IntEnum):
    """What CM_VALIDATE carries as its result."""

    NOT_READY = 0
    READY = 1
    SUCCESS = 2
    FAILURE = 3
    NOT_REQUIRED = 4


@dataclass(frozen=True, slots=True)
class Toggles:
    """What the pilot line has done since the EV announced its toggles."""

    count: int = 0
    risen_at: float | None = None  # in state C since, and not later than it should have been
    fallen_at: float | None = None  # in state B since, after a toggle

    def seen(self, drawing: bool, now: float) -> Toggles:
        """Take an edge: to state C or D (``drawing``), or back."""
        if drawing:
            in_time = self.fallen_at is None or _fits(now - self.fallen_at)
            return replace(self, risen_at=now if in_time else None)
        whole = self.risen_at is not None and _fits(now - self.risen_at)
        return Toggles(self.count + whole, None, now)

    def judged(self) -> ValidateCnf:
        """Tell the EV what was counted."""
        agreed = 1 <= self.count <= timing.EV_VALD_TOGGLES
        result = Result.SUCCESS if agreed else Result.FAILURE
        return ValidateCnf(toggles=min(self.count, 0xFF), result=result)


def begun_by(risen_at: float | None, now: float) -> Toggles:
    """Begin to count; an edge that came just before its announcement counts as well."""
    quick = risen_at is not None and now - risen_at <= timing.VALD_DETECT
    return Toggles(risen_at=risen_at if quick else None)


def window_seconds(request: ValidateReq) -> float:
    """How long the toggles of this announcement are watched."""
    return min((request.timer + 1) * 0.1, timing.EVSE_VALD_TOGGLE)


def _fits(seconds: float) -> bool:
    least, most = timing.VALD_STATE
    return least - timing.VALD_TOLERANCE <= seconds <= most + timing.VALD_TOLERANCE
