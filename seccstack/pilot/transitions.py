"""From phase to phase: the whole transition relation of the pilot sequences."""

from __future__ import annotations

import math
from dataclasses import replace

from seccstack.pilot.phases import (
    Barred,
    Changing,
    Halting,
    Offering,
    Phase,
    Rested,
    Step,
    Stepping,
    Talking,
    Vacant,
    Welded,
    plugged_in,
    steps_down,
)
from seccstack.pilot.port import LEAST_AMPS, Fault, Steady
from seccstack.pilot.settings import (
    OPEN_UNDER_LOAD,
    PULSE_INTERVAL,
    Current,
    LinkLoss,
    Start,
)
from seccstack.pilot.situation import DRAWING, Conditions, Situation


def conditions(phase: Phase, case: Situation, now: float) -> Conditions:
    """Gather what the contactor depends on."""
    allowed = may_stay = False
    least = LEAST_AMPS
    match phase:
        case Talking():
            least = case.least_amps
            allowed = may_stay = case.word is True  # a small limit is the session's matter
        case Offering(amps):
            may_stay = amps is not None and case.word is not False
            # A session on top of the pulses has to ask for energy, like any other.
            allowed = may_stay and (case.word is True or not case.in_session)
        case Halting(since):
            may_stay = case.word is not False and now < since + OPEN_UNDER_LOAD
        case _:
            pass
    energy = allowed and case.diode_shown and not case.toggling
    stays = may_stay and not case.at_once
    return Conditions(case.ready, energy, case.authorised, case.amps, stays, least)


def advance(phase: Phase, case: Situation, now: float) -> Phase:
    """Take one step, if time and situation ask for it."""
    if plugged_in(phase) and not case.present:
        return Vacant()
    match phase:
        case Vacant() if case.awaits_greeting and now >= case.greet_at:
            return _first(case, now)
        case Talking():
            return _talked(phase, case, now)
        case Stepping() if now >= phase.over_at:
            return _stepped(phase, case, now)
        case Changing(until) if now >= until:
            return Offering()
        case Offering():
            return _offered(phase, case, now)
        case Halting():
            return _halted(phase, case, now)
        case Rested() if _wanted(phase, case) and now >= _rested(phase, case):
            return _started(phase.resume, case)  # whether it speaks is known otherwise
        case Welded(until) if now >= until and not case.contactor.seen:
            return Vacant()
        case _:
            return phase


def deadline(phase: Phase, case: Situation) -> float | None:
    """Say when `advance` has to be asked again, if nothing else happens."""
    match phase:
        case Vacant() if case.awaits_greeting:
            return case.greet_at
        case Talking(asked_to_stop=asked, zero_since=since) if since is not None:
            return since + case.patience + (case.settings.stop_seconds if asked else 0.0)
        case Talking() if _unheard(phase, case) < math.inf:
            return _unheard(phase, case)
        case Stepping():
            return phase.over_at
        case Changing(until):
            return until
        case Offering(amps, changed_at) if case.offer != amps:
            return changed_at + PULSE_INTERVAL
        case Halting(since, restarts=True) if not case.contactor.told:
            return since + case.settings.step_x1
        case Halting(since):
            wait = PULSE_INTERVAL if _resumable(phase, case) else OPEN_UNDER_LOAD
            return since + wait
        case Rested() if _wanted(phase, case):
            return _rested(phase, case)
        case Welded(until) if not case.contactor.seen:
            return until
        case _:
            return None


def contactor_due(phase: Phase, case: Situation) -> float | None:
    """Say when a contactor that is not where it ought to be counts as broken."""
    if isinstance(phase, Welded) or not case.settings.contactor_feedback:
        return None
    return case.contactor.deadline


def failed(phase: Phase, case: Situation, lost: bool, now: float) -> Phase:
    """Give ISO 15118 up. At pulse width there is nothing to give up, unless a link is lost."""
    restarts = case.settings.link_loss is LinkLoss.RESTART
    match phase:
        case Talking(retries_left=retries_left):
            return _step_down(case, retries_left, now)
        case Halting(resume=Start.DIGITAL):
            return _step_down(case, 0, now)
        case Offering() if lost and (restarts or not case.authorised):
            return Halting(now, Start.NOMINAL, restarts=True)
        case _:
            return phase


def woken(phase: Phase, case: Situation, by_fault: bool, now: float) -> Phase:
    """Take pulses away for a moment from a vehicle that does not heed them."""
    heeds = case.vehicle in DRAWING or case.contactor.told or case.high_level
    if not isinstance(phase, Offering) or phase.amps is None or heeds:
        return phase
    settings = case.settings
    steady, fault = Step(Steady(), settings.step_x1), Step(Fault(), settings.step_ef)
    step = fault if by_fault else steady
    return Stepping((step,), now + step.seconds, 0)


def ended(phase: Phase, case: Situation, now: float) -> Phase:
    """Rest after a session that ended as agreed. If that was our wish, we may wake it again."""
    by_us = case.amps < LEAST_AMPS
    match phase:
        case Talking(asked_to_stop=asked):
            return Rested(now, Start.DIGITAL, case.amps < case.least_amps or asked)
        case Halting(resume=resume):
            return Rested(now, resume, by_us=True)
        case Changing():
            return Rested(now, Start.NOMINAL, by_us)
        case Offering():
            return Rested(now, Start.NOMINAL, by_us)
        case Rested():  # it was back before the pulses were, and has ended again
            return replace(phase, woken=False)
        case _:
            return phase


def _first(case: Situation, now: float) -> Phase:
    settings = case.settings
    if case.simplified and _has_pulses(case):  # it cannot speak ISO 15118
        return Offering() if settings.simplified_pilot else Barred()
    if case.asked_who:
        return _started(Start.DIGITAL, case)
    if case.greeting is not None:
        return _started(case.greeting.start, case, now)
    ahead = case.expected or case.granted == case.plug_in + 1
    return _started(settings.start_authorised if ahead else settings.start, case, now)


def _started(how: Start, case: Situation, silent_since: float = math.inf) -> Phase:
    if how is Start.NOMINAL and _has_pulses(case):
        return Offering()
    return Talking(case.settings.retries, silent_since)


def _has_pulses(case: Situation) -> bool:
    return case.settings.current is Current.AC


def _unheard(talking: Talking, case: Situation) -> float:
    """When a vehicle that may charge has been silent at 5 % for long enough (V2G3-M06-05)."""
    if not (case.authorised and _has_pulses(case)):
        return math.inf
    spoken_until = case.longest_at if talking.asked else -math.inf
    return max(talking.silent_since + case.speak_seconds, spoken_until)


def _rested(rested: Rested, case: Situation) -> float:
    """Return when X1 has lasted long enough; whom we wake is not woken too soon again."""
    seen = rested.since + case.settings.step_x1
    return seen if rested.woken else max(seen, case.wake_at)


def _talked(talking: Talking, case: Situation, now: float) -> Phase:
    if now >= _unheard(talking, case):
        return _step_down(case, talking.retries_left, now)
    if _changes(talking, case):
        return Changing(now + case.settings.step_x1)
    return _watched(talking, case, now)


def _changes(talking: Talking, case: Situation) -> bool:
    """Whether a vehicle that is being matched goes on by pulses (V2G3-M06-06)."""
    letter = case.settings.when_authorised is Start.NOMINAL and _has_pulses(case)
    speaks = talking.asked or talking.silent_since == math.inf
    return letter and case.authorised and speaks and not case.in_session


def _watched(talking: Talking, case: Situation, now: float) -> Phase:
    """Climb the ladder that ends a session at 0 A: asked to stop, X1, opened."""
    supplied = case.contactor.told or _draws_dc(case) or (case.at_once and case.word is True)
    if case.amps > 0 or not supplied:
        return replace(talking, zero_since=None)
    since = now if talking.zero_since is None else talking.zero_since
    asked = talking.asked_to_stop or now >= since + case.patience
    if talking.asked_to_stop and now >= since + case.patience + case.settings.stop_seconds:
        return Halting(now, Start.DIGITAL)
    return replace(talking, asked_to_stop=asked, zero_since=since)


def _draws_dc(case: Situation) -> bool:
    """Whether a vehicle is to stop whose output, without a contactor of ours, may be on."""
    meant = case.stopped or case.in_session
    return meant and not _has_pulses(case) and case.vehicle in DRAWING


def _step_down(case: Situation, retries_left: int, now: float) -> Phase:
    if not (retries_left or case.authorised or case.high_level):
        return _resigned(case, now)  # it never spoke: there is nobody to be told
    steps = steps_down(case.settings, broken_off=case.high_level)
    return Stepping(steps, now + steps[0].seconds, retries_left)


def _stepped(stepping: Stepping, case: Situation, now: float) -> Phase:
    if stepping.resumed:
        return Talking(stepping.retries_left)
    if rest := stepping.steps[1:]:
        return replace(stepping, steps=rest, until=now + rest[0].seconds)
    if not stepping.retries_left:
        return _resigned(case, now)
    if case.authorised and _has_pulses(case):
        return Offering()
    return Talking(stepping.retries_left - 1, silent_since=now)


def _resigned(case: Situation, now: float) -> Phase:
    """Wait at X1: for an authorisation, or where there are no pulses, for any sign of life."""
    return Offering() if _has_pulses(case) else Rested(now, Start.DIGITAL, by_us=False)


def _offered(offering: Offering, case: Situation, now: float) -> Phase:
    offer, amps = case.offer, offering.amps
    if offer == amps:
        return offering
    if offer is None:
        return Halting(now, Start.NOMINAL)
    grows = amps is None or offer > amps
    if grows and now < offering.changed_at + PULSE_INTERVAL:
        return offering
    return Offering(offer, now)


def _halted(halting: Halting, case: Situation, now: float) -> Phase:
    if halting.restarts:
        return _restarted(halting, case, now)
    if not case.contactor.told:
        if halting.resume is Start.NOMINAL:
            return Offering(None, halting.since)
        return Rested(now, Start.DIGITAL, by_us=True)
    if _resumable(halting, case) and now >= halting.since + PULSE_INTERVAL:
        return Offering(case.offer, now)
    return halting


def _restarted(halting: Halting, case: Situation, now: float) -> Phase:
    settings = case.settings
    if case.contactor.told or now < halting.since + settings.step_x1:
        return halting
    fault = Step(Fault(), settings.step_ef)
    return Stepping((fault,), now + fault.seconds, settings.retries)


def _resumable(halting: Halting, case: Situation) -> bool:
    nominal = halting.resume is Start.NOMINAL and not halting.restarts
    return nominal and case.offer is not None


def _wanted(rested: Rested, case: Situation) -> bool:
    least = case.least_amps if rested.resume is Start.DIGITAL else LEAST_AMPS
    ours = rested.by_us and case.authorised and case.amps >= least
    return rested.woken or (ours and case.may_wake)
