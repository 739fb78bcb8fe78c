"""What an event changes at once: the situation, and what a phase remembers of it.

Each function takes the phase that the event finds and returns the phase as it is with the news;
where that leads is for `seccstack.pilot.transitions` to say.
"""

from __future__ import annotations

import math
from dataclasses import replace

from seccstack.pilot.phases import (
    Changing,
    Halting,
    Offering,
    Phase,
    Rested,
    Stepping,
    Talking,
    plugged_in,
)
from seccstack.pilot.port import PilotState
from seccstack.pilot.settings import Start
from seccstack.pilot.situation import DRAWING, Situation


def wake(phase: Phase) -> Phase:
    """The vehicle, or a new authorisation, asks for a start."""
    return replace(phase, woken=True) if isinstance(phase, Rested) else phase


def vehicle_seen(phase: Phase, case: Situation, state: PilotState, drives_f: bool) -> Phase:
    """The line is in another state; F is our own echo while we drive it, and until it goes."""
    if state is PilotState.UNAVAILABLE and (case.blind or drives_f):
        case.blind = True
        return phase
    before, case.vehicle, case.blind = case.vehicle, state, False
    if before is PilotState.NO_VEHICLE and state in DRAWING:
        case.simplified = True  # and a fault meanwhile makes it no other vehicle
    elif state in (PilotState.NO_VEHICLE, PilotState.CONNECTED):
        case.simplified = False
    if state is PilotState.NO_VEHICLE:
        case.clear()
    begins = before not in DRAWING and state in DRAWING and not case.toggling
    return wake(phase) if begins else phase


def authorised(phase: Phase, case: Situation, plug_in: int) -> Phase:
    """A plug-in may charge: this one, or the next; any other's comes too late."""
    if plug_in != (case.plug_in if plugged_in(phase) else case.plug_in + 1):
        return phase
    if case.granted == plug_in:
        case.stopped = False
    case.granted = plug_in
    return wake(phase)


def stop_wanted(phase: Phase, case: Situation) -> Phase:
    """Somebody wants an orderly end."""
    case.stopped = True
    if isinstance(phase, Talking):  # the ladder, from its second rung
        return replace(phase, asked_to_stop=True, zero_since=None)
    return phase


def limit_ignored(phase: Phase, overdue: bool, now: float) -> Phase:
    """A vehicle keeps to no limit: at pulse width what it is offered is its limit's matter."""
    if not isinstance(phase, Talking):
        return phase
    return Halting(now, Start.DIGITAL) if overdue else replace(phase, asked_to_stop=True)


def energy_allowed(phase: Phase, case: Situation, on: bool) -> None:
    """The session has spoken; one that broke off may still clear up behind itself."""
    hears = isinstance(phase, Talking | Changing | Offering | Halting | Rested)
    if hears and (on or case.high_level):
        case.word, case.high_level = on, True


def spoken(phase: Phase, case: Situation, matched: bool, in_session: bool, now: float) -> Phase:
    """ISO 15118 is spoken; who only asks may be a neighbour, and is waited for once."""
    case.high_level = plugged_in(phase)
    case.in_session |= in_session and plugged_in(phase)
    match phase:
        case Stepping() if matched or in_session:
            return replace(phase, resumed=True)
        case Talking() if matched or in_session:
            return replace(phase, silent_since=math.inf)
        case Talking():
            since = phase.silent_since if phase.asked else max(now, phase.silent_since)
            return replace(phase, silent_since=since, asked=True)
        case _:
            return wake(phase)


def paused(phase: Phase, case: Situation, now: float) -> Phase:
    """Whoever spoke has failed; from now on it is silent."""
    if isinstance(phase, Talking) and not case.in_session:
        case.high_level = False
        return replace(phase, silent_since=now)
    return phase
