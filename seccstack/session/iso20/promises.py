"""ISO 15118-20: whether a vehicle keeps to the power profile that it has promised.

Its rounding and a moment are its own. One that says itself that it draws more for longer is
warned, and refused in the end [V2G20-1864]; but only if that is also more than it was offered:
there is more than one way to read a profile without L2 and L3.
"""

from __future__ import annotations

from seccstack.messages.iso20_common import EVPowerProfile
from seccstack.messages.iso20_types import ResponseCode
from seccstack.session.iso20 import schedules
from seccstack.session.iso20.record import Session, Stretch

TOLERATED = 1.1  # times what it has promised
MEASURED = 200.0  # watts: what its own measurement may be off
WARNED_AFTER, REFUSED_AFTER = 10.0, 60.0  # seconds


def keep(profile: EVPowerProfile | None, session: Session) -> None:
    """Remember a profile that was found good; None: nothing was promised."""
    session.promised, session.promised_at, session.broken_since = (), session.now, None
    if profile is None or profile.scheduled_evppt_control_mode is None:
        return
    start, stretches = 0, []
    for entry in profile.ev_power_profile_entries.ev_power_profile_entry:
        stretches.append(Stretch(start, schedules.watts_of(entry)))
        start += max(entry.duration, 1)
    session.promised = tuple(stretches)


def judged(watts: float, session: Session) -> ResponseCode:
    """Return what is to be said to a vehicle that draws so much, by its own word."""
    if not session.promised or watts <= _borne(session.promised, session.promised_at, session):
        session.broken_since = None
        return ResponseCode.OK
    if session.broken_since is None:
        session.broken_since = session.now
    lasting = session.now - session.broken_since
    offered = session.offered[session.tuple_id]
    if lasting >= REFUSED_AFTER and watts > _borne(offered, session.offered_at, session):
        return ResponseCode.FAILED_EV_POWER_PROFILE_VIOLATION
    warned = ResponseCode.WARNING_EV_POWER_PROFILE_VIOLATION
    return warned if lasting >= WARNED_AFTER else ResponseCode.OK


def _borne(stretches: tuple[Stretch, ...], since: float, session: Session) -> float:
    """Return how much is borne with at present of what began then."""
    elapsed = session.now - since
    return schedules.least_between(stretches, elapsed, elapsed + 1) * TOLERATED + MEASURED
