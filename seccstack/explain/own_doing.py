"""Nothing keeps it from charging: it is the vehicle that does not want to, or sleeps."""

from __future__ import annotations

from seccstack.explain.answer import Answer, Turn, lasted
from seccstack.explain.drawing import BEGINS_WITHIN
from seccstack.explain.reasons import REPLUG
from seccstack.explain.situation import READY, Situation, Visit
from seccstack.explain.underway import by_pulse_width

ROUSE = "wake the vehicle: unlock it, open a door, or use its app"


def sleeps(case: Situation, visit: Visit, now: float) -> Answer | None:
    """It does not see that there is energy again."""
    known = visit.behaviour
    if visit.decided is None or visit.in_session or case.pilot in (None, *READY):
        return None
    if known.woken_by:
        says = f"The vehicle sleeps, though there is energy: it is woken by {known.woken_by}."
        return Answer("waking", says, Turn.CHARGER, (ROUSE,))
    if known.unwoken:
        times = "once" if known.unwoken == 1 else f"{known.unwoken} times"
        says = (
            f"The vehicle sleeps, though there is energy: it was woken {times}, "
            "and did not wake up."
        )
        return Answer("asleep", says, Turn.DRIVER, (ROUSE, REPLUG))
    return None


def own_doing(case: Situation, visit: Visit, now: float) -> Answer | None:
    """It could charge, and does not want to."""
    if visit.decided is None or visit.in_session or case.pilot in (None, *READY):
        return None
    had = case.charged(now)
    since = f"state {case.pilot} since {lasted(now - case.pilot_since)}"
    wait = ("see in the vehicle whether it is full, or waits for a departure time",)
    if visit.ended == "paused":
        says = f"The vehicle has paused its session ({since}), and wakes up by itself."
        return Answer("paused", says, Turn.VEHICLE, wait)
    if visit.ended == "stopped" and visit.behaviour.left_nothing:
        says = (
            f"Its session ended when the limit left it nothing ({since}); it is asked to speak "
            "again, but not too soon nor too often, as some vehicles sleep for good then."
        )
        return Answer("left alone", says, Turn.CHARGER, (REPLUG,))
    if visit.ended == "stopped":
        after = f"after {lasted(had)} of charging" if had else "before it had charged"
        says = f"The vehicle ended its session itself, {after} ({since})."
        return Answer("vehicle ended", says, Turn.VEHICLE, wait)
    if visit.offered_at is None:
        return None
    if had:
        says = f"The vehicle does not want energy any more, after {lasted(had)} ({since})."
        return Answer("vehicle satisfied", says, Turn.VEHICLE, wait)
    if now < visit.offered_at + BEGINS_WITHIN:
        says = f"The vehicle has just been offered {visit.offered_amps:g} A."
        return Answer("offered", says, Turn.VEHICLE)
    offered = f"though it has been offered {visit.offered_amps:g} A{by_pulse_width(visit)}"
    says = f"The vehicle waits for its own time, or needs no energy ({since}, {offered})."
    if visit.minds_five:
        says += " Some vehicles do so after 5 %, until they are plugged in anew."
        return Answer("vehicle waits", says, Turn.DRIVER, (REPLUG, *wait))
    return Answer("vehicle waits", says, Turn.VEHICLE, wait)
