"""One EV's attempt to be matched, up to its choice of a charger.

An attempt is a value: one of the four states below, each holding only what is known in it.
`on_message` and `on_timeout` are the whole transition relation. What is given to them has
passed `seccstack.slac.checks` and comes from the attempt's own EV, or from our modem about it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from seccstack.homeplug.messages import (
    AttenCharInd,
    AttenCharRsp,
    AttenProfileInd,
    StartAttenCharInd,
)
from seccstack.slac import timing
from seccstack.slac.events import Send


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
class Failed:
    """The attempt is over."""

    why: str


Attempt = AwaitingStart | Sounding | AwaitingResponse | AwaitingChoice
AttemptMessage = StartAttenCharInd | AttenProfileInd | AttenCharRsp


def on_message(
    attempt: Attempt, message: AttemptMessage, correction_db: int, now: float
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
            return _report(heard, correction_db, now) if complete else (heard, [])
        case AwaitingResponse(), AttenCharRsp():
            return AwaitingChoice(ev, now + timing.MATCH_SESSION, attempt.report), []
        case AwaitingChoice(), AttenCharRsp():
            return attempt, []  # our repetition crossed its first answer
        case _:
            return None


def on_timeout(
    attempt: Attempt, correction_db: int, now: float
) -> tuple[Attempt | Failed, list[Send]]:
    """Let the attempt's deadline pass."""
    match attempt:
        case AwaitingStart():
            return Failed("no CM_START_ATTEN_CHAR.IND followed CM_SLAC_PARM.CNF"), []
        case Sounding(profiles=()):
            # No report: whatever attenuation we made up might win against the right charger.
            return Failed("our modem reported no sound"), []
        case Sounding():
            return _report(attempt, correction_db, now)
        case AwaitingResponse(retries_left=0):
            return Failed("the EV did not acknowledge CM_ATTEN_CHAR.IND"), []
        case AwaitingResponse(ev, retries_left=left):
            deadline = now + timing.MATCH_RESPONSE
            again = replace(attempt, retries_left=left - 1, deadline=deadline)
            return again, [Send(ev.mac, attempt.report)]
        case AwaitingChoice():
            return Failed("the EV did not choose us with CM_SLAC_MATCH.REQ"), []
        case _:
            assert_never(attempt)


def _report(sounding: Sounding, correction_db: int, now: float) -> tuple[Attempt, list[Send]]:
    ev, profiles = sounding.ev, sounding.profiles
    message = AttenCharInd(
        source_address=ev.mac,
        run_id=ev.run_id,
        num_sounds=len(profiles),
        attenuations=mean(profiles, correction_db),
    )
    awaiting = AwaitingResponse(ev, now + timing.MATCH_RESPONSE, message)
    return awaiting, [Send(ev.mac, message)]


def mean(profiles: tuple[bytes, ...], correction_db: int) -> bytes:
    """Average each group over all sounds, rounded half up, and correct it for our board."""
    count = len(profiles)
    means = ((2 * sum(group) + count) // (2 * count) for group in zip(*profiles, strict=True))
    return bytes(min(max(mean_db + correction_db, 0), 255) for mean_db in means)
