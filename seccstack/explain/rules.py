"""Why it does not charge, or does: the first rule that applies to what is the case.

Danger comes first, then what keeps anybody from charging, then what keeps this vehicle; and
only where nothing does, it is the vehicle's own doing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seccstack.explain.access import ACCESS
from seccstack.explain.answer import Answer, Turn
from seccstack.explain.drawing import OBEY, charges, limited
from seccstack.explain.failures import fallback
from seccstack.explain.own_doing import own_doing, sleeps
from seccstack.explain.reasons import REPLUG, understood_best, unheard_of
from seccstack.explain.situation import Decided, Situation, Visit
from seccstack.explain.underway import closing, failed, talking
from seccstack.pilot.settings import GREET_AFTER_FAULT, MOST_FAULTS

Rule = Callable[[Situation, float], Answer | None]
VisitRule = Callable[[Situation, Visit, float], Answer | None]

SAID_BY_LEAD = {"card awaited", "contract awaited"}
ELECTRICIAN = "call an electrician, and let nobody use the plug until then"


def answer_of(case: Situation, now: float) -> Answer:
    """Say in one sentence why it does not charge, or that it does, and what can be done."""
    for rule in RULES:
        answer = rule(case, now)
        if answer is not None:
            return answer
    if case.visit is None:
        fully = "if there is one, push the plug in fully"
        return Answer("no vehicle", "No vehicle is plugged in.", Turn.DRIVER, (fully,))
    for of_visit in VISIT_RULES:
        answer = of_visit(case, case.visit, now)
        if answer is not None:
            return answer
    return talking(case.visit, now)


# What is wrong with the outlet, whoever is there.


def _contactor(case: Situation, now: float) -> Answer | None:
    if case.welded:
        says = "The contactor is welded: it does not open, and the plug may be live."
        return Answer("contactor welded", says, Turn.ELECTRICIAN, (ELECTRICIAN,))
    if case.stuck and case.visit is not None:
        says = "The contactor does not close: there is no power at the plug."
        once = f"{REPLUG}; if it happens again, call an electrician"
        return Answer("contactor stuck", says, Turn.ELECTRICIAN, (once,))
    return None


def _supply(case: Situation, now: float) -> Answer | None:
    if not case.supply:
        return None
    says = f"The power supply has a fault: {case.supply}."
    return Answer("supply fault", says, Turn.ELECTRICIAN, ("have the power supply looked at",))


def _line(case: Situation, now: float) -> Answer | None:
    faulty = "the vehicle, cable or plug may be at fault: try another vehicle, or dry the plug"
    if case.faulty and case.pilot == "E":
        says = "The pilot line is short-circuited, or its controller is lost (state E)."
        lost = "see whether the controller is lost: `seccstack tell status`"
        return Answer("pilot E", says, Turn.DRIVER, (REPLUG, faulty, lost))
    if case.faulty and case.pilot == "F":
        says = "The pilot line is at -12 V, which we do not drive (state F)."
        return Answer("pilot F", says, Turn.ELECTRICIAN, (REPLUG, faulty))
    if case.faults > MOST_FAULTS and case.visit is None:
        says = (
            f"The pilot line had {case.faults} faults in a row: it stays off until unplugged."
        )
        return Answer("pilot faults", says, Turn.DRIVER, (REPLUG, faulty))
    if case.faults and case.visit is None:
        says = f"The pilot line had a fault: it begins anew {GREET_AFTER_FAULT:g} s after that."
        return Answer("after a fault", says, Turn.CHARGER, (REPLUG,))
    return None


def _nobody(case: Situation, now: float) -> Answer | None:
    if case.visit is not None:
        return None
    if case.pilot is None:
        says = "Nothing is known of the pilot line yet: the charger is just starting."
        return Answer("starting", says, Turn.CHARGER)
    if case.registering:
        says = "No vehicle is plugged in, and vehicles and cards are being registered."
        end = "end it: hold the setup card to the reader, or `seccstack tell learn off`"
        return Answer("registration on", says, Turn.OWNER, (end,))
    return None


RULES: Sequence[Rule] = (_contactor, _supply, _line, _nobody)


# What keeps this vehicle from charging.


def _revoked(case: Situation, visit: Visit, now: float) -> Answer | None:
    meaning = understood_best(visit.revoked, ACCESS)
    if meaning is None:
        return None
    says = f"It may not charge any more: {meaning.says}."
    return Answer(meaning.cause, says, meaning.turn, meaning.do)


def _stopped(case: Situation, visit: Visit, now: float) -> Answer | None:
    if not visit.stop:
        return None
    lead = "The charge is being stopped" if case.charging else "The charge was stopped"
    if visit.halted:
        reasons = visit.stop.split("; ")
        meaning = understood_best(reasons, ACCESS) or unheard_of(visit.stop)
        by_card = meaning.cause == "stopped by a card"
        says = f"{lead} by {meaning.says}." if by_card else f"{lead}: {meaning.says}."
        return Answer(meaning.cause, says, meaning.turn, meaning.do)
    if visit.disobeyed:
        says = f"{lead}, because the vehicle kept to no limit: {visit.stop}."
        return Answer("limit ignored", says, Turn.DRIVER, (OBEY, f"to go on, {REPLUG}"))
    says = f"{lead} by the owner's command: {visit.stop}."
    return Answer("stopped", says, Turn.OWNER, (f"to go on, {REPLUG}",))


def _simplified(case: Situation, visit: Visit, now: float) -> Answer | None:
    lets = visit.decided is not None and visit.decided.granted
    if not (case.simplified and lets and visit.offered_at is None and not case.charging):
        return None
    says = "The vehicle has a simplified pilot (from state A to C at once)."
    help_ = "if it does not begin to charge, use another cable: such vehicles may be barred"
    return Answer("simplified pilot", says, Turn.DRIVER, (REPLUG, help_))


def _undecided(case: Situation, visit: Visit, now: float) -> Answer | None:
    decided = visit.decided
    if decided is None or decided.granted:
        return None
    meaning = understood_best(decided.reasons, ACCESS)
    if meaning is None:
        return Answer("undecided", f"{_lead(decided, '')}.", Turn.CHARGER, (REPLUG,))
    lead, unnamed = _lead(decided, meaning.cause), _unnamed(visit)
    because = [] if meaning.cause in SAID_BY_LEAD else [meaning.says]
    if unnamed and meaning.cause == "says no name":
        because = []  # that is said better
    contract = [f"its contract was refused: {visit.contract}"] if visit.contract else []
    said = "; ".join([*because, *unnamed, *contract])
    says = f"{lead}: {said}." if said else f"{lead}."
    return Answer(meaning.cause, says, meaning.turn, meaning.do)


def _lead(decided: Decided, cause: str) -> str:
    if decided.granted is False:
        return "It may not charge"
    if cause == "registry asked":
        return "It waits for the registry"
    if "a card is awaited" in decided.reasons:
        return "It waits for a card to be held to the reader"
    if "a contract is awaited" in decided.reasons:
        return "It waits for its contract"
    return "It waits until it is decided whether it may charge"


def _unnamed(visit: Visit) -> list[str]:
    """Say why nobody knows who it is, if so."""
    if not visit.fallback or visit.matched:
        return []
    return [f"nobody can tell who it is, because {fallback(visit.fallback).says}"]


def _ventilation(case: Situation, visit: Visit, now: float) -> Answer | None:
    if case.pilot != "D" or case.on or visit.decided is None or case.dc:
        return None
    says = "The vehicle asks for ventilation (state D), and there is none here."
    only = "if there is ventilation after all: pilot.ventilation = true"
    return Answer("ventilation", says, Turn.OWNER, (only,))


def _insulation(case: Situation, visit: Visit, now: float) -> Answer | None:
    if case.insulated is not False:
        return None
    says = "The insulation of cable or vehicle is not good: no voltage is given."
    return Answer("insulation", says, Turn.ELECTRICIAN, (REPLUG, ELECTRICIAN))


VISIT_RULES: Sequence[VisitRule] = (
    _revoked,
    _stopped,
    charges,
    _insulation,
    _undecided,
    limited,
    _ventilation,
    _simplified,
    sleeps,
    own_doing,
    failed,
    closing,
)
