"""Why vehicle and charger never came to speak: matching, address, TLS, protocol.

Each rule looks for one cause, and returns None where it is not the one; `verdict` has their
order. Seconds are what was seen of vehicles, or what a standard gives them.
"""

from __future__ import annotations

from seccstack.auth.addresses import format_mac
from seccstack.capture.case import CAPTURE, Case, Failure
from seccstack.capture.matching import Attempt, outcome_of
from seccstack.capture.rounds import answers_of
from seccstack.homeplug.messages import (
    AttenCharInd,
    MnbcSoundInd,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
    StartAttenCharInd,
)

FIRST_SDP = 16.0  # s from the match; the slowest of 114 vehicles took 15.8
REPORT = 1.2  # s that a vehicle collects reports for, from its first CM_START_ATTEN_CHAR.IND
CONFIRMATION = 0.2  # s until a vehicle asks again for what was not answered
SDP_ANSWER = 0.25  # s until a vehicle asks again
CONNECTION = 2.0  # s from the SDP answer; the slowest of 114 vehicles had its session by then

OF_A_CERTIFICATE = frozenset(
    {
        "bad_certificate",
        "certificate_expired",
        "certificate_revoked",
        "certificate_unknown",
        "certificate_required",
        "no_certificate",
        "unknown_ca",
        "unsupported_certificate",
        "bad_certificate_status_response",
        "certificate_unobtainable",
    }
)
OF_WHAT_IS_COMMON = frozenset(
    {
        "handshake_failure",
        "insufficient_security",
        "protocol_version",
        "no_application_protocol",
    }
)
WHO = {"ev": "the vehicle", "evse": "the charger", None: "one side"}
OTHER = {"ev": "evse", "evse": "ev", None: "unclear"}
STANDARD = "urn:iso:15118:2:2013:MsgDef"


def no_match(case: Case) -> Failure | None:
    """Matching that came to no match, by how far its last attempt came."""
    attempts = case.plug_in.attempts
    if case.plug_in.real or not attempts:
        return None
    return _of_attempt(attempts[-1], case) or _never_answered(case)


def _never_answered(case: Case) -> Failure:
    attempts = case.plug_in.attempts
    why = f"the vehicle asked for a match {outcome_of(attempts)}"
    return Failure("unclear", why, _numbers(attempts, SlacParmReq))


def _of_attempt(attempt: Attempt, case: Case) -> Failure | None:
    last = attempt.frames[-1]
    left = case.left_after(last.time)
    chosen, reports = attempt.of(SlacMatchReq), attempt.of(AttenCharInd)
    if chosen and attempt.chosen is not None:
        evidence = tuple(item.number for item in chosen)
        what = f"{format_mac(attempt.chosen)} (CM_SLAC_MATCH.REQ)"
        if left < CONFIRMATION:
            return _cut(f"right after the vehicle chose {what}", evidence)
        why = f"the vehicle chose {what}, and was not answered"
        return Failure("evse", why, evidence)
    if reports:
        decibels = ", ".join(
            f"{answer.attenuation_db:.1f} dB to {format_mac(answer.evse)}"
            for answer in answers_of(attempt)
            if answer.attenuation_db is not None
        )
        evidence = tuple(item.number for item in reports)
        if left < REPORT:
            return _cut("while the vehicle may still have chosen a charger", evidence)
        return Failure("ev", f"the vehicle was told {decibels}, and chose no charger", evidence)
    return _without_report(attempt, left)


def _without_report(attempt: Attempt, left: float) -> Failure | None:
    starts = [*attempt.of(StartAttenCharInd), *attempt.of(MnbcSoundInd)]
    answers = attempt.of(SlacParmCnf)
    if starts:
        evidence = tuple(item.number for item in starts)
        if left < REPORT:
            return _cut("before a charger need have told the attenuation", evidence)
        why = "the vehicle sounded (CM_START_ATTEN_CHAR.IND), and no charger told what it heard"
        return Failure("evse", why, evidence)
    if not answers:
        return None
    evidence = tuple(item.number for item in answers)
    if not attempt.of(SlacParmReq):
        run = "" if attempt.run_id is None else attempt.run_id.hex().upper()
        why = f"the charger answered with run id {run}, which is not the vehicle's"
        return Failure("evse", why, evidence)
    if left < REPORT:
        return _cut("before the vehicle need have sent sounds", evidence)
    return Failure(
        "ev", "the vehicle was answered (CM_SLAC_PARM.CNF), and sent no sounds", evidence
    )


def no_link(case: Case) -> Failure | None:
    """A match after which no vehicle was heard by IPv6."""
    attempts = case.plug_in.attempts
    if case.plug_in.connected or not case.plug_in.matched:
        return None
    at = max(n for n, attempt in enumerate(attempts) if attempt.matched)
    match, again = attempts[at].matched, attempts[at + 1 :]
    assert match is not None  # noqa: S101 - `at` is of one that matched
    if again:
        evidence = (match.number, *_numbers(again, SlacParmReq))
        whose = "line" if any(attempt.answered for attempt in again) else "evse"
        why = f"no link came of the match: the vehicle asked again {outcome_of(again)}"
        return Failure(whose, why, evidence)
    left = case.left_after(match.time)
    if left < FIRST_SDP:
        return _cut(f"{left:.1f} s after the match, before anything else", (match.number,))
    why = f"no link came of the match: nothing from the vehicle in the {left:.0f} s after it"
    return Failure("line", why, (match.number,))


def no_address(case: Case) -> Failure | None:
    """SDP that was not answered, or whose answer the vehicle did not use."""
    if case.link is not None or not case.inquiries:
        return None
    last = case.inquiries[-1]
    evidence = tuple(last.numbers)
    if last.answer is None:
        if case.left_after(last.last) < SDP_ANSWER:
            return _cut("right after the vehicle asked for the charger's address", evidence)
        why = f"the charger did not answer SDP, which the vehicle asked {_times(last.times)}"
        return Failure("evse", why, evidence)
    if last.denied_tls:
        why = "the vehicle asked for TLS, was told that there is none, and gave up"
        return Failure("evse", why, evidence)
    left = case.left_after(last.answered_at or last.time)
    if left < CONNECTION:
        return _cut("right after SDP", evidence)
    why = f"the vehicle was told the charger's address and did not connect in {left:.0f} s"
    return Failure("unclear", why, evidence)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def tls_alert(case: Case) -> Failure | None:
    """A fatal alert of TLS, where no message came after it."""
    fatal = [event for event in case.tls if event.fatal and event.name == "Alert"]
    if not fatal or any(m.number > fatal[-1].number for m in case.messages):
        return None
    alert = fatal[-1]
    description = alert.details.get("description", "")
    whose = OTHER[alert.sender]
    if description in OF_WHAT_IS_COMMON:
        whose = "unclear"
    elif description == "internal_error":
        whose = alert.sender or "unclear"
    why = f"{WHO[alert.sender]} ended TLS with {description or 'an alert'}"
    if description in OF_A_CERTIFICATE:
        why = f"{WHO[alert.sender]} refused the certificate of the other: {description}"
    return Failure(whose, f"{why} ({alert.says})" if alert.says else why, (alert.number,))


def no_protocol(case: Case) -> Failure | None:
    """A handshake in which the charger took none of what was offered."""
    last = case.last
    if last is None or last.name != "supportedAppProtocol" or not last.failed:
        return None
    offers = [offer.protocol_namespace for offer in last.asked.app_protocol]
    why = f"no protocol in common: the vehicle offers {', '.join(offers)}, and none was taken"
    return Failure("unclear", why, last.numbers)


def silent_connection(case: Case) -> Failure | None:
    """A connection without a word, and without TLS that might hide some."""
    if case.link is None or case.messages or case.link.tls:
        return None
    octets = case.link.octets
    if case.closing is None and octets:
        return _cut(f"without a whole message in the connection's {octets} octets", ())
    if case.closing is None:
        return _cut("before a word was said on the connection", ())
    closing = case.closing
    if octets:
        why = f"no whole message is in the connection's {octets} octets"
        return Failure("unclear", why, (closing.number,))
    whose = closing.sender or "unclear"
    why = f"{WHO[closing.sender]} closed the connection without a word on it"
    return Failure(whose, why, (closing.number,))


def _cut(when: str, evidence: tuple[int, ...]) -> Failure:
    return Failure(CAPTURE, f"the capture ends {when}", evidence)


def _numbers(attempts: list[Attempt], kind: type[SlacParmReq]) -> tuple[int, ...]:
    return tuple(item.number for attempt in attempts for item in attempt.of(kind))
