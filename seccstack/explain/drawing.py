"""What it may draw, by whose will, and what it draws."""

from __future__ import annotations

from seccstack.energy import arbiter
from seccstack.energy.watchdog_events import Step
from seccstack.explain.access import REDUCED
from seccstack.explain.answer import Answer, Turn
from seccstack.explain.reasons import understood_best
from seccstack.explain.situation import Situation, Visit
from seccstack.explain.underway import by_pulse_width
from seccstack.pilot.port import LEAST_AMPS, Digital, Limit

BEGINS_WITHIN = 10.0  # ours: seconds; who wants energy asks for it, and draws some, sooner
OBEY = "see whether a setting of the vehicle, or an update of it, makes it keep to the limit"
IGNORING = {Step.NOTED.value, Step.RENEGOTIATE.value, Step.STOP.value}
# What to do about a limit, by who sets it.
LIMITS = {
    arbiter.CABLE: "push the cable in fully, or use one of a higher rating",
    arbiter.INSTALLATION: "set charger.rated_amps to what box, cable and breaker can carry",
    arbiter.USER: "set another one in the app",
    arbiter.BACK_OFFICE: "ask whoever runs the back office for more",
    arbiter.METER: "switch off what else draws from the same connection, or wait",
    "house": "switch off what else draws in the house, or wait",
    "solar": "wait for the sun, or let it charge from the grid too",
    "network operator": "wait: the network operator asks for less at peak load",
    "schedule": "change the times of day for which it is planned, or wait",
    arbiter.THERMAL: "let the charger cool down: it goes on by itself",
    arbiter.POWER_RETURN: "wait: it goes on by itself",
    arbiter.PHASE_COUNT: "raise charger.single_phase_amps, if the grid's operator allows it",
    arbiter.CONTRACT: "raise contract.amps",
    arbiter.ACCESS: "see what this vehicle may draw: `seccstack vehicles list`",
    arbiter.FAIL_SAFE: "have a source set a limit again: none of them speaks",
}
BY_ITSELF = {arbiter.THERMAL, arbiter.POWER_RETURN}  # limits that end so
OF_THE_BOX = {arbiter.THERMAL, arbiter.CABLE, arbiter.PHASE_COUNT, arbiter.CONTRACT}
OTHER_LIMIT = "take it back: `seccstack tell limit none --source '{source}'`"


def charges(case: Situation, visit: Visit, now: float) -> Answer | None:
    """It has power, and takes what it may, or nothing, or too much."""
    if not case.charging or _ends(case, visit):
        return None
    most = "all there is" if case.limit_amps is None else f"{case.limit_amps:g} A"
    by = by_pulse_width(visit)
    steady = visit.closed_at is None or now >= visit.closed_at + BEGINS_WITHIN
    if visit.draws == 0 and steady:
        says = f"Power is on, and the vehicle draws nothing of its {most}{by}."
        wait = "look whether the vehicle says why; it may be full, or wait for its own time"
        return Answer("draws nothing", says, Turn.VEHICLE, (wait,))
    amount = f"{visit.draws:g} A of {most}" if visit.draws is not None else f"up to {most}"
    if visit.access_amps is not None and case.limit_by == arbiter.ACCESS:
        meaning = understood_best(visit.access_why.split("; "), REDUCED)
        assert meaning is not None  # noqa: S101 - of any text there is one
        says = f"It charges with {amount} only{by}: {meaning.says}."
        return Answer(meaning.cause, says, meaning.turn, meaning.do)
    if visit.ignores in IGNORING:
        took = visit.behaviour.reaction
        says = f"It charges with {amount}{by}: that is too much, and it was {visit.ignores}."
        says += "" if took is None else f" It is known to follow a limit within {took:g} s."
        return Answer("limit ignored", says, Turn.VEHICLE, (OBEY,))
    why = f": {case.limit_why}" if case.limit_why and case.limit_by in OF_THE_BOX else ""
    source = "" if not case.limit_by else f" (set by {case.limit_by}{why})"
    says = f"It charges as it should, {amount}{source}{by}."
    return Answer("charging", says, Turn.NOBODY)


def _ends(case: Situation, visit: Visit) -> bool:
    """Whether the limit leaves nothing; in a session it may be below what pulses can say."""
    amps = case.limit_amps
    told = isinstance(case.signal, Digital)
    least = max(0.1, visit.behaviour.refused_amps) if told else LEAST_AMPS
    return amps is not None and amps < least


def limited(case: Situation, visit: Visit, now: float) -> Answer | None:
    """It is left less than it, or anybody, can charge with."""
    amps, least = case.limit_amps, _least(case, visit)
    if amps is None or amps >= least or visit.decided is None:
        return None
    because = f" ({case.limit_why})" if case.limit_why else ""
    says = (
        f"The limit is {amps:g} A, set by {case.limit_by}{because}; {_of_least(least, visit)}."
    )
    source = case.limit_by
    do = LIMITS.get(source, OTHER_LIMIT.format(source=source))
    turn = Turn.CHARGER if source in BY_ITSELF else Turn.OWNER
    return Answer("limit", says, turn, (do,))


def _least(case: Situation, visit: Visit) -> float:
    """Return what a limit must leave: by pulses that is the same for all."""
    by_pulses = bool(visit.fallback) or isinstance(case.signal, Limit)
    return LEAST_AMPS if by_pulses else visit.behaviour.least_amps


def _of_least(least: float, visit: Visit) -> str:
    if least == LEAST_AMPS:
        return f"the least that can be offered is {least:g} A"
    found = f" ({visit.behaviour.found})" if visit.behaviour.found else ""
    return f"the least that this vehicle is known to follow is {least:g} A{found}"
