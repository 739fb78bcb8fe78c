"""Why it does not charge, or does: the first rule that applies to what is the case.

Danger comes first, then what keeps anybody from charging, then what keeps this vehicle; and
only where nothing does, it is the vehicle's own doing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seccstack.energy import arbiter
from seccstack.energy.watchdog_events import Step
from seccstack.explain.access import ACCESS, REDUCED
from seccstack.explain.answer import Answer, Turn, lasted
from seccstack.explain.failures import HANDSHAKE, fallback
from seccstack.explain.reasons import (
    DOCTOR,
    REPLUG,
    Meaning,
    understood,
    understood_best,
    unheard_of,
)
from seccstack.explain.situation import READY, Decided, Situation, Visit
from seccstack.pilot.port import LEAST_AMPS, Digital
from seccstack.pilot.settings import GREET_AFTER_FAULT, MOST_FAULTS

Rule = Callable[[Situation, float], Answer | None]
VisitRule = Callable[[Situation, Visit, float], Answer | None]

BEGINS_WITHIN = 10.0  # ours: seconds; who wants energy asks for it, and draws some, sooner
SAID_BY_LEAD = {"card awaited", "contract awaited"}
ELECTRICIAN = "call an electrician, and let nobody use the plug until then"
SETTINGS = 'make it known: tls.mode = "offer", and tls.chains'
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
    return _talking(case.visit, now)


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


def _charges(case: Situation, visit: Visit, now: float) -> Answer | None:
    if not case.charging or _ends(case):
        return None
    most = "all there is" if case.limit_amps is None else f"{case.limit_amps:g} A"
    by = _by_pulse_width(visit)
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
        says = f"It charges with {amount}{by}: that is too much, and it was {visit.ignores}."
        return Answer("limit ignored", says, Turn.VEHICLE, (OBEY,))
    why = f": {case.limit_why}" if case.limit_why and case.limit_by in OF_THE_BOX else ""
    source = "" if not case.limit_by else f" (set by {case.limit_by}{why})"
    says = f"It charges as it should, {amount}{source}{by}."
    return Answer("charging", says, Turn.NOBODY)


def _ends(case: Situation) -> bool:
    """Whether the limit leaves nothing; in a session it may be below what pulses can say."""
    amps = case.limit_amps
    least = 0.1 if isinstance(case.signal, Digital) else LEAST_AMPS
    return amps is not None and amps < least


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


def _limited(case: Situation, visit: Visit, now: float) -> Answer | None:
    amps = case.limit_amps
    if amps is None or amps >= LEAST_AMPS or visit.decided is None:
        return None
    because = f" ({case.limit_why})" if case.limit_why else ""
    says = (
        f"The limit is {amps:g} A, set by {case.limit_by}{because}; "
        f"the least that can be offered is {LEAST_AMPS:g} A."
    )
    source = case.limit_by
    do = LIMITS.get(source, OTHER_LIMIT.format(source=source))
    turn = Turn.CHARGER if source in BY_ITSELF else Turn.OWNER
    return Answer("limit", says, turn, (do,))


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


def _own_doing(case: Situation, visit: Visit, now: float) -> Answer | None:
    """It could charge, and does not want to."""
    if visit.decided is None or visit.in_session or case.pilot in (None, *READY):
        return None
    had = case.charged(now)
    since = f"state {case.pilot} since {lasted(now - case.pilot_since)}"
    wait = ("see in the vehicle whether it is full, or waits for a departure time",)
    if visit.ended == "paused":
        says = f"The vehicle has paused its session ({since}), and wakes up by itself."
        return Answer("paused", says, Turn.VEHICLE, wait)
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
    offered = f"though it has been offered {visit.offered_amps:g} A{_by_pulse_width(visit)}"
    says = f"The vehicle waits for its own time, or needs no energy ({since}, {offered})."
    if visit.minds_five:
        says += " Some vehicles do so after 5 %, until they are plugged in anew."
        return Answer("vehicle waits", says, Turn.DRIVER, (REPLUG, *wait))
    return Answer("vehicle waits", says, Turn.VEHICLE, wait)


# What is still under way.


def _failed(case: Situation, visit: Visit, now: float) -> Answer | None:
    """ISO 15118 was given up, or cannot begin."""
    if visit.in_session:
        return None
    meaning = _why_not(visit)
    if meaning is None:
        return None
    if not visit.fallback and visit.broken:
        says = f"Its session has just broken off, and it may open another: {meaning.says}."
        return Answer(meaning.cause, says, Turn.VEHICLE, meaning.do)
    if not visit.fallback:
        return Answer(meaning.cause, _sentence(meaning.says), meaning.turn, meaning.do)
    if case.dc:
        says = f"Direct current needs ISO 15118, and {meaning.says}."
        return Answer(meaning.cause, says, Turn.DRIVER, (REPLUG, DOCTOR))
    if isinstance(case.signal, Digital):
        says = f"It is asked once more to speak ISO 15118, as {meaning.says}."
    else:
        says = f"It is about to go on by pulse width, because {meaning.says}."
    return Answer(meaning.cause, says, meaning.turn, meaning.do)


def _why_not(visit: Visit) -> Meaning | None:
    """Say why there is no session, as far back as that can be known."""
    if visit.unanswered and not visit.in_session:
        return _of_discovery(visit.unanswered)
    if visit.handshake:
        return understood(visit.handshake, HANDSHAKE)
    if visit.wants_tls and visit.gets_tls is False:
        says = "the vehicle asked for TLS, and we have no certificate to show it"
        lab = "get a certificate chain; `python -m pki` makes some for a lab"
        return Meaning("TLS wanted", says, Turn.VEHICLE, (SETTINGS, lab))
    why = visit.fallback or visit.broken
    return fallback(why) if why else None


def _of_discovery(why: str) -> Meaning:
    if why == "it asks for no TLS, and TLS is required":
        says = "the vehicle does without TLS, and tls.mode requires it"
        return Meaning("TLS required", says, Turn.OWNER, ('set tls.mode = "offer"',))
    if why == "TLS is required, and there is no certificate to show":
        says = "TLS is required, and we have no certificate to show"
        return Meaning("no certificate", says, Turn.OWNER, (SETTINGS, DOCTOR))
    return Meaning("SDP", f"its search for us was not answered ({why})", Turn.DRIVER, (REPLUG,))


def _sentence(says: str) -> str:
    return f"{says[:1].upper()}{says[1:]}."


def _by_pulse_width(visit: Visit) -> str:
    meaning = None if visit.in_session else _why_not(visit)
    return "" if meaning is None else f", by pulse width, because {meaning.says}"


def _closing(case: Situation, visit: Visit, now: float) -> Answer | None:
    if not case.on:
        return None
    says = "The contactor is closing, or the vehicle is about to ask for energy."
    return Answer("closing", says, Turn.CHARGER)


def _talking(visit: Visit, now: float) -> Answer:
    """Say how far it has come; nothing has failed so far."""
    if visit.in_session:
        last = visit.asked or "nothing so far"
        says = f"An ISO 15118 session is under way; the vehicle's last request: {last}."
        return Answer("in session", says, Turn.VEHICLE)
    if visit.linked:
        says = "The modems are linked; the vehicle is to open a session."
        return Answer("linked", says, Turn.VEHICLE)
    if visit.matched:
        return Answer("matched", "It is matched; the modems are linking.", Turn.VEHICLE)
    here = lasted(now - visit.since)
    says = f"The vehicle was plugged in {here} ago, and is asked to speak ISO 15118."
    return Answer("plugged in", says, Turn.VEHICLE)


VISIT_RULES: Sequence[VisitRule] = (
    _revoked,
    _stopped,
    _charges,
    _insulation,
    _undecided,
    _limited,
    _ventilation,
    _simplified,
    _own_doing,
    _failed,
    _closing,
)
