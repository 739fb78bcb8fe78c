"""What one plug-in comes to, above the attempts of all the EVs that ask."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from seccstack.homeplug.messages import SlacMatchCnf, SlacMatchReq
from seccstack.slac import timing
from seccstack.slac.attempt import Ev


@dataclass(frozen=True, slots=True)
class Away:
    """There is no vehicle."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Anyone may ask until the deadline; one who has asked, and failed, is given time to retry.

    ``until``: when the first ask must have come. ``latest``: no deadline is set beyond it.
    """

    until: float
    latest: float
    deadline: float
    asked: bool = False
    last_failure: str = "no CM_SLAC_PARM.REQ came"


@dataclass(frozen=True, slots=True)
class Closed:
    """Matching has failed; ``reopens``: an EV that asks all the same is answered."""

    reopens: bool


@dataclass(frozen=True, slots=True)
class Joining:
    """The EV has our key and should turn up in our network."""

    ev: Ev
    request: SlacMatchReq
    confirmation: SlacMatchCnf
    deadline: float


@dataclass(frozen=True, slots=True)
class Joined:
    """The link stands; ``asked_at``: its EV asks to be matched all the same, since then."""

    ev: Ev
    asked_at: float | None = None


@dataclass(frozen=True, slots=True)
class Parted:
    """The link stood, and is lost."""

    ev: Ev


Phase = Away | Matching | Closed | Joining | Joined | Parted


def may_ask(phase: Phase, mac: bytes) -> bool:
    """Whether CM_SLAC_PARM.REQ from this address is answered."""
    match phase:
        case Matching() | Closed(reopens=True):
            return True
        case Joining(ev) | Parted(ev):  # Stellantis cars restart matching in mid-session
            return ev.mac == mac
        case Away() | Closed() | Joined():
            return False
        case _:
            assert_never(phase)


def opened(now: float, init_seconds: float) -> Matching:
    """Wait for the first ask."""
    until = now + init_seconds
    return Matching(until, latest=until + timing.MATCHING_LIMIT, deadline=until)


def asked(phase: Phase, now: float) -> Phase:
    """Somebody asks, and may."""
    match phase:
        case Closed():
            return replace(opened(now, 0), deadline=now + timing.MATCHING_LIMIT, asked=True)
        case Matching(latest=latest):
            return replace(phase, deadline=latest, asked=True)
        case _:
            return phase


def refused(phase: Phase, mac: bytes, now: float) -> tuple[Phase, bool]:
    """Somebody asks, and may not; say whether it is the EV that is linked, and insists.

    A link that stands is not given up for one question, which anybody could have asked. But an
    EV that has lost it, before we have noticed, goes on asking.
    """
    match phase:
        case Joined(ev, asked_at) if ev.mac == mac:
            if asked_at is None or now - asked_at > timing.MATCHING_REPETITION:
                return Joined(ev, now), False
            return phase, now - asked_at >= timing.INSIST_AFTER
        case _:
            return phase, False


def deserted(phase: Phase, why: str, now: float) -> Phase:
    """The last attempt has failed: its EV may try anew."""
    match phase:
        case Matching(until, latest):
            deadline = min(max(until, now + timing.MATCHING_REPETITION), latest)
            return replace(phase, deadline=deadline, last_failure=why)
        case _:
            return phase
