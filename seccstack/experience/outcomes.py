"""What a vehicle did, and how that changes what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from seccstack.experience.record import (
    DAY,
    MAX_PROTOCOLS,
    MAX_TIMES,
    MAX_WHY,
    TWICE,
    ChargeLooks,
    Experience,
    Found,
    LeastCurrent,
    Look,
    Spoken,
    Wake,
    Waking,
)


@dataclass(frozen=True, slots=True)
class Spoke:
    """Its first HomePlug frame came so long after 5 %, or other pulses, began."""

    seconds: float


@dataclass(frozen=True, slots=True)
class StayedSilent:
    """It was offered digital communication for its whole time, and sent no frame."""


@dataclass(frozen=True, slots=True)
class FaultedAtFive:
    """It would not charge once it had seen 5 %; ``replugged``: but did when plugged in anew."""

    replugged: bool


@dataclass(frozen=True, slots=True)
class Started:
    """A start has led to energy, or to none though all was ready for it."""

    worked: bool


@dataclass(frozen=True, slots=True)
class Woken:
    """It was woken in one way, the ``nth`` time of this plug-in, and did go on, or did not."""

    way: Wake
    nth: int
    worked: bool


@dataclass(frozen=True, slots=True)
class Followed:
    """It drew what it had been told so long before."""

    seconds: float


@dataclass(frozen=True, slots=True)
class FollowedDownTo:
    """It follows so small a limit: as it says itself, or as a meter has seen.

    ``final``: a meter has seen that it follows none below it.
    """

    amps: float
    found: Found
    final: bool = False


@dataclass(frozen=True, slots=True)
class ProtocolTried:
    """A protocol has led to energy, or has not: ``why``."""

    protocol: str
    worked: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class ChargeLooked:
    """Its state of charge was looked at, and it charged afterwards as always, or did not."""

    well: bool


Outcome = (
    Spoke
    | StayedSilent
    | FaultedAtFive
    | Started
    | Woken
    | Followed
    | FollowedDownTo
    | ProtocolTried
    | ChargeLooked
)
MOST_RELAXED = 3  # from what is learned to the full window, and nothing is beyond that


def visited(known: Experience, at: float) -> Experience:
    """Return what is known once it has been plugged in again."""
    return replace(known, visits=known.visits + 1, at=at)


def learned(known: Experience, outcome: Outcome, at: float) -> Experience:
    """Return what is known with one outcome more; ``at``: seconds since 1970."""
    match outcome:
        case Spoke(seconds):
            times = _with(known.first_slac, seconds)
            return replace(known, at=at, first_slac=times, since_spoke=0)
        case StayedSilent():
            never, since = known.never_spoke + 1, known.since_spoke + 1
            return replace(known, at=at, never_spoke=never, since_spoke=since)
        case FaultedAtFive(replugged):
            count, replug = known.faulted_at_five + 1, known.needs_replug or replugged
            return replace(known, at=at, faulted_at_five=count, needs_replug=replug)
        case Started(worked):
            return replace(_started(known, worked), at=at)
        case Woken():
            return replace(_woken(known, outcome), at=at)
        case Followed(seconds):
            return replace(known, at=at, follows=_with(known.follows, seconds))
        case FollowedDownTo():
            return replace(known, at=at, least=_least(known.least, outcome, at))
        case ProtocolTried():
            return replace(known, at=at, protocols=_tried(known, outcome, at))
        case ChargeLooked(well):
            return replace(known, at=at, looks=_looked(known.looks, well, at))
        case _:
            assert_never(outcome)


def merged(one: Experience, other: Experience) -> Experience:
    """Return what two boxes know of one vehicle or family: the worse, where they differ."""
    newer, older = (one, other) if (one.at or 0.0) >= (other.at or 0.0) else (other, one)
    never = Look.NEVER in (one.looks.verdict, other.looks.verdict)
    looks = newer.looks if newer.looks.at is not None else older.looks
    return replace(
        newer,
        visits=max(one.visits, other.visits),
        first_slac=newer.first_slac or older.first_slac,
        never_spoke=max(one.never_spoke, other.never_spoke),
        faulted_at_five=max(one.faulted_at_five, other.faulted_at_five),
        needs_replug=one.needs_replug or other.needs_replug,
        wakings=newer.wakings or older.wakings,
        wakes_borne=max(one.wakes_borne, other.wakes_borne),
        wakes_refused=_smaller(one.wakes_refused, other.wakes_refused),
        least=newer.least or older.least,
        follows=newer.follows or older.follows,
        protocols=newer.protocols or older.protocols,
        looks=replace(looks, verdict=Look.NEVER) if never else looks,
    )


def _with(times: tuple[float, ...], seconds: float) -> tuple[float, ...]:
    return (*times, round(min(max(seconds, 0.0), DAY), 3))[-MAX_TIMES:]


def _started(known: Experience, worked: bool) -> Experience:
    if worked:
        return replace(known, failed_starts=0)
    failed = known.failed_starts + 1
    if failed < TWICE:
        return replace(known, failed_starts=failed)
    return replace(known, failed_starts=0, relaxed=min(known.relaxed + 1, MOST_RELAXED))


def _woken(known: Experience, woken: Woken) -> Experience:
    tally = next((w for w in known.wakings if w.way is woken.way), Waking(way=woken.way))
    tally = replace(
        tally, worked=tally.worked + woken.worked, failed=tally.failed + (not woken.worked)
    )
    others = tuple(w for w in known.wakings if w.way is not woken.way)
    known = replace(known, wakings=(*others, tally))
    if woken.worked:  # so what was refused before, at that place or sooner, was an accident
        refused = known.wakes_refused
        after = None if refused is not None and refused <= woken.nth else refused
        borne = max(known.wakes_borne, woken.nth)
        return replace(known, wakes_borne=borne, wakes_refused=after)
    return replace(known, wakes_refused=_smaller(known.wakes_refused, woken.nth))


def _least(known: LeastCurrent | None, seen: FollowedDownTo, at: float) -> LeastCurrent:
    """What was measured counts more than what was said; of the same kind, the latest."""
    if known is not None and known.found is Found.MEASURED and seen.found is Found.SAID:
        return known
    return LeastCurrent(amps=seen.amps, found=seen.found, at=at, final=seen.final)


def _tried(known: Experience, tried: ProtocolTried, at: float) -> tuple[Spoken, ...]:
    before = known.protocol(tried.protocol)
    if tried.worked:
        after = replace(before, worked=before.worked + 1, in_a_row=0, at=at)
    else:
        failed, row = before.failed + 1, before.in_a_row + 1
        after = replace(before, failed=failed, in_a_row=row, why=tried.why[:MAX_WHY], at=at)
    others = tuple(one for one in known.protocols if one.protocol != tried.protocol)
    return (*others, after)[-MAX_PROTOCOLS:]


def _looked(known: ChargeLooks, well: bool, at: float) -> ChargeLooks:
    if well:
        verdict = Look.NEVER if known.verdict is Look.NEVER else Look.WELL
        return replace(known, verdict=verdict, well=known.well + 1, at=at)
    return replace(known, verdict=Look.NEVER, badly=known.badly + 1, at=at)


def _smaller(one: int | None, other: int | None) -> int | None:
    known = [count for count in (one, other) if count is not None]
    return min(known, default=None)
