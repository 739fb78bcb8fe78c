"""How far it has come with ISO 15118, and why it does without, if it does."""

from __future__ import annotations

from seccstack.explain.answer import Answer, Turn, lasted
from seccstack.explain.failures import HANDSHAKE, fallback
from seccstack.explain.reasons import DOCTOR, REPLUG, Meaning, understood
from seccstack.explain.situation import Situation, Visit
from seccstack.pilot.port import Digital

SETTINGS = 'make it known: tls.mode = "offer", and tls.chains'


def failed(case: Situation, visit: Visit, now: float) -> Answer | None:
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


def by_pulse_width(visit: Visit) -> str:
    """Say why it charges without ISO 15118, if it does, as the end of a sentence."""
    meaning = None if visit.in_session else _why_not(visit)
    return "" if meaning is None else f", by pulse width, because {meaning.says}"


def closing(case: Situation, visit: Visit, now: float) -> Answer | None:
    """Power is about to be on."""
    if not case.on:
        return None
    says = "The contactor is closing, or the vehicle is about to ask for energy."
    return Answer("closing", says, Turn.CHARGER)


def talking(visit: Visit, now: float) -> Answer:
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
