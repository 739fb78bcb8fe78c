"""One EV's attempt to be matched, up to its choice of a charger.

An attempt is a value: one of the states below, each holding only what is known in it.
`on_message`, `on_validate`, `on_edge` and `on_timeout` are the whole transition relation. What
is given to them has passed `seccstack.slac.checks` and comes from the attempt's own EV, from
our modem about it, or from the pilot line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from seccstack.homeplug.messages import (
    AttenCharInd,
    AttenCharRsp,
    AttenProfileInd,
    StartAttenCharInd,
    ValidateCnf,
    ValidateReq,
)
from seccstack.slac import timing
from seccstack.slac.events import Send
from seccstack.slac.validation import Result, Toggles, begun_by, window_seconds

Correction = tuple[int, ...]  # dB for each group: what this board's coupling does to them
READY = ValidateCnf(result=Result.READY)
NOT_READY = ValidateCnf(result=Result.NOT_READY)


@dataclass(frozen=True, slots=True)
class Ev:
    """Who is asking, and under which run of the protocol. Neither alone tells EVs apart."""

    mac: bytes
    run_id: bytes


@dataclass(frozen=True, slots=True)
class AwaitingStart:
    """We answered CM_SLAC_PARM.REQ; the EV has yet to announce its sounds."""

    ev: Ev
    deadline: float


@dataclass(frozen=True, slots=True)
class Sounding:
    """Sounds are arriving; our modem reports the attenuation of each."""

    ev: Ev
    deadline: float
    profiles: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class AwaitingResponse:
    """We reported the mean attenuation; the EV has yet to acknowledge."""

    ev: Ev
    deadline: float
    report: AttenCharInd
    retries_left: int = timing.RETRIES


@dataclass(frozen=True, slots=True)
class AwaitingChoice:
    """The EV has our report and is choosing a charger."""

    ev: Ev
    deadline: float
    report: AttenCharInd


@dataclass(frozen=True, slots=True)
class Validating:
    """The EV was told that we are ready; it has yet to announce its toggles, until ``latest``.

    Only one EV at a time may be here, or toggling: there is one pilot line. ``risen_at``: since
    when it is in state C, for the first toggle may be quicker than the message that it begins.
    """

    ev: Ev
    deadline: float
    report: AttenCharInd
    latest: float
    retries_left: int = timing.RETRIES
    risen_at: float | None = None


@dataclass(frozen=True, slots=True)
class Toggling:
    """The EV toggles the pilot line until the deadline."""

    ev: Ev
    deadline: float
    report: AttenCharInd
    request: ValidateReq
    toggles: Toggles


@dataclass(frozen=True, slots=True)
class Validated:
    """It is the EV on our cable, and should choose us at once."""

    ev: Ev
    deadline: float
    report: AttenCharInd
    request: ValidateReq
    outcome: ValidateCnf


@dataclass(frozen=True, slots=True)
class Failed:
    """The attempt is over."""

    why: str


Choosing = AwaitingChoice | Validating | Toggling | Validated
Attempt = AwaitingStart | Sounding | AwaitingResponse | Choosing
AttemptMessage = StartAttenCharInd | AttenProfileInd | AttenCharRsp


def on_message(
    attempt: Attempt, message: AttemptMessage, correction: Correction, now: float
) -> tuple[Attempt, list[Send]] | None:
    """Take a message; None: it is not due in this state."""
    ev = attempt.ev
    match attempt, message:
        case AwaitingStart(), StartAttenCharInd():
            return Sounding(ev, now + timing.MATCH_MNBC), []
        case Sounding(), StartAttenCharInd():
            return attempt, []  # it is sent three times
        case Sounding(), AttenProfileInd():
            heard = replace(attempt, profiles=(*attempt.profiles, message.attenuations))
            complete = len(heard.profiles) == timing.NUM_SOUNDS
            return _report(heard, correction, now) if complete else (heard, [])
        case AwaitingResponse(), AttenCharRsp():
            return AwaitingChoice(ev, now + timing.MATCH_SESSION, attempt.report), []
        case AwaitingChoice(), AttenCharRsp():
            return attempt, []  # our repetition crossed its first answer
        case _:
            return None


def on_validate(
    attempt: Choosing, request: ValidateReq, free: bool, now: float
) -> tuple[Attempt | Failed, list[Send]] | None:
    """Take CM_VALIDATE.REQ; ``free``: no other EV is being validated. None: it is not due."""
    ev, ready = attempt.ev, request.result == Result.READY
    match attempt:
        case AwaitingChoice(deadline=latest) if ready and request.timer == 0:
            if not free:
                return attempt, [Send(ev.mac, NOT_READY)]
            deadline = now + timing.MATCH_SEQUENCE
            return Validating(ev, deadline, attempt.report, latest), [Send(ev.mac, READY)]
        case Validating() if not ready:
            return Failed(f"the EV ended its validation with result {request.result}"), []
        case Validating(latest=latest) if request.timer == 0:
            deadline = min(now + timing.MATCH_SEQUENCE, latest)
            return replace(attempt, deadline=deadline), [Send(ev.mac, READY)]
        case Validating():
            until, begun = now + window_seconds(request), begun_by(attempt.risen_at, now)
            return Toggling(ev, until, attempt.report, request, begun), []
        case Toggling(request=announced) if announced == request:
            return attempt, []  # it is told when the toggles are over
        case Validated(request=announced, outcome=outcome) if announced == request:
            return attempt, [Send(ev.mac, outcome)]
        case _:
            return None


def on_edge(attempt: Attempt, drawing: bool, now: float) -> Attempt:
    """Take an edge of the pilot line: to state C or D, or back."""
    match attempt:
        case Validating():
            return replace(attempt, risen_at=now if drawing else None)
        case Toggling(toggles=toggles):
            return replace(attempt, toggles=toggles.seen(drawing, now))
        case _:
            return attempt


def on_timeout(
    attempt: Attempt, correction: Correction, now: float
) -> tuple[Attempt | Failed, list[Send]]:
    """Let the attempt's deadline pass."""
    match attempt:
        case AwaitingStart():
            return Failed("no CM_START_ATTEN_CHAR.IND followed CM_SLAC_PARM.CNF"), []
        case Sounding(profiles=()):
            # No report: whatever attenuation we made up might win against the right charger.
            return Failed("our modem reported no sound"), []
        case Sounding():
            return _report(attempt, correction, now)
        case AwaitingResponse(retries_left=0):
            return Failed("the EV did not acknowledge CM_ATTEN_CHAR.IND"), []
        case AwaitingResponse(ev, retries_left=left):
            deadline = now + timing.MATCH_RESPONSE
            again = replace(attempt, retries_left=left - 1, deadline=deadline)
            return again, [Send(ev.mac, attempt.report)]
        case AwaitingChoice():
            return Failed("the EV did not choose us with CM_SLAC_MATCH.REQ"), []
        case Validating(retries_left=left, latest=latest) if not left or latest <= now:
            return Failed("the EV did not announce its toggles"), []
        case Validating(ev, retries_left=left):
            deadline = min(now + timing.MATCH_SEQUENCE, attempt.latest)
            return replace(attempt, retries_left=left - 1, deadline=deadline), [
                Send(ev.mac, READY)
            ]
        case Toggling():
            return _judge(attempt, now)
        case Validated():
            return Failed("the EV was validated and did not choose us"), []
        case _:
            assert_never(attempt)


def _judge(toggling: Toggling, now: float) -> tuple[Attempt | Failed, list[Send]]:
    ev, outcome = toggling.ev, toggling.toggles.judged()
    sends = [Send(ev.mac, outcome)]
    if outcome.result != Result.SUCCESS:
        return Failed(f"the pilot line was toggled {outcome.toggles} times"), sends
    deadline = now + timing.MATCH_SEQUENCE
    return Validated(ev, deadline, toggling.report, toggling.request, outcome), sends


def _report(
    sounding: Sounding, correction: Correction, now: float
) -> tuple[Attempt, list[Send]]:
    ev, profiles = sounding.ev, sounding.profiles
    message = AttenCharInd(
        source_address=ev.mac,
        run_id=ev.run_id,
        num_sounds=len(profiles),
        attenuations=mean(profiles, correction),
    )
    awaiting = AwaitingResponse(ev, now + timing.MATCH_RESPONSE, message)
    return awaiting, [Send(ev.mac, message)]


def mean(profiles: tuple[bytes, ...], correction: Correction) -> bytes:
    """Average each group over all sounds, rounded half up, and correct it for our board."""
    count = len(profiles)
    means = ((2 * sum(group) + count) // (2 * count) for group in zip(*profiles, strict=True))
    corrected = zip(means, correction, strict=True)
    return bytes(min(max(db + correction_db, 0), 255) for db, correction_db in corrected)
