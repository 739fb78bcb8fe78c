"""ISO 15118-2, schedules: how much power a vehicle is offered, and whether it keeps to it.

The first tuple follows the limit as it is now and, where there is a forecast, as it will
probably be. Where that varies, a second one is the least of it throughout, for a vehicle that
wants an even power. Both cover the time until departure, or 24 hours. An interval can be 24
hours long at most, so a later departure takes another entry, and one in 195 days or more is cut
to what the schema can say.

There is no third, though three are allowed. Nobody promises this charger a minimum or reserves
power for it, and what is cheap is the tariff's to say: one that begins late, or is bounded to
what is always safe, would be a part of the first, which a vehicle may stay below as it likes
(`within`). And there are vehicles that could not read three: libcbv2g, and codecs made the same
way, take and write a list that is as full as its schema allows wrongly.
"""

from __future__ import annotations

from itertools import pairwise
from math import floor

from seccstack.messages.iso2 import (
    ChargingProfile,
    PMaxSchedule,
    PMaxScheduleEntry,
    RelativeTimeInterval,
    SAScheduleList,
    SAScheduleTuple,
    UnitSymbol,
)
from seccstack.session import scaled
from seccstack.session.iso2 import offers, physical
from seccstack.session.iso2.record import Session, Stretch, Terms

FOLLOWING, EVEN = 1, 2  # the SAScheduleTupleIDs
EVERY_VEHICLE = 12  # entries
DAY = 86_400  # seconds; the longest duration that RelativeTimeInterval can hold
BRIEF = 60  # seconds; what is planned otherwise for less is rounding
LATEST = 16_777_214  # seconds; the latest start that RelativeTimeInterval can hold

Steps = list[tuple[int, float]]  # from so many seconds on, so many watts


def offer(session: Session, departure: int | None, most: int | None) -> SAScheduleList:
    """Offer the present limit and its forecast, and remember what was offered.

    ``most``: the entries that the vehicle can take per tuple.
    """
    seconds = departure or DAY
    entries = entries_of(most)
    steps = _covering(_steps(session, seconds), seconds, entries)
    plans = {FOLLOWING: steps}
    if len(steps) > 1:
        plans[EVEN] = [(0, min(power for _, power in steps))]
    session.offered = {number: _stretches(plan) for number, plan in plans.items()}
    session.offered_at, session.terms = (
        session.now,
        Terms(seconds, entries, session.plant.plans),
    )
    tuples = [_tuple(number, plan, seconds, entries) for number, plan in plans.items()]
    return SAScheduleList(sa_schedule_tuple=tuple(tuples))


def entries_of(most: int | None) -> int:
    """Return how many entries a schedule or tariff may have, as the vehicle says.

    Without a word of it, what every vehicle has to take (12, as RISE V2G has it); 0, as some
    say, is 1.
    """
    return EVERY_VEHICLE if most is None else max(most, 1)


def within(profile: ChargingProfile | None, stretches: tuple[Stretch, ...]) -> bool:
    """Whether a profile is at no time above PMax or below nothing.

    An entry lasts until the next one begins, and the last one, like the last PMax, for ever.
    """
    if profile is None:
        return True
    entries = sorted(profile.profile_entry, key=lambda e: e.charging_profile_entry_start)
    ends: list[float] = [e.charging_profile_entry_start for e in entries[1:]]
    for entry, end in zip(entries, [*ends, float("inf")], strict=True):
        power, start = (
            entry.charging_profile_entry_max_power,
            entry.charging_profile_entry_start,
        )
        most = least_between(stretches, start, max(end, start + 1))
        if power.unit is not UnitSymbol.W or not 0 <= scaled.milli(power) <= most:
            return False
    return True


def least_between(stretches: tuple[Stretch, ...], start: float, end: float) -> int:
    """Return the least PMax, in milliwatts, of a time that is not empty."""
    ends = [*(stretch.start for stretch in stretches[1:]), float("inf")]
    return min(
        stretch.milliwatts
        for stretch, until in zip(stretches, ends, strict=True)
        if stretch.start < end and start < until
    )


def outdated(session: Session, worth: float) -> bool:
    """Whether less than was offered is planned for a time to come, or so many times more."""
    elapsed, terms = floor(session.now - session.offered_at), session.terms
    left, offered = terms.seconds - elapsed, session.offered[FOLLOWING]
    plan = _stretches(_covering(_steps(session, left), left, terms.entries))
    shifted = {stretch.start - elapsed for stretch in offered if stretch.start > elapsed}
    moments = sorted(shifted | {stretch.start for stretch in plan[1:]})
    for start, end in pairwise([*moments, left]):
        before = least_between(offered, start + elapsed, start + elapsed + 1)
        now = least_between(plan, start, start + 1)
        if end - start >= BRIEF and not before <= now <= before * worth:
            return True
    return False


def _stretches(steps: Steps) -> tuple[Stretch, ...]:
    return tuple(Stretch(at, scaled.milli(physical.watts(power))) for at, power in steps)


def _steps(session: Session, seconds: int) -> Steps:
    """Return when the limit will change, before the vehicle departs, and to what.

    What has begun is no forecast: the limit says more of the present.
    """
    steps = {0: offers.watts(session)}
    for at, amps in sorted(session.plant.forecast):
        start = floor(at - session.now)
        if 0 < start < min(seconds, LATEST):
            steps[start] = offers.watts(session, amps)
    found: Steps = []
    for start, power in steps.items():
        if not found or power != found[-1][1]:
            found.append((start, power))
    return found


def _covering(steps: Steps, seconds: int, most: int) -> Steps:
    """Let the steps fit, and leave room for the entry that a later departure takes."""
    kept = _bounded(steps, most)
    short = most > 1 and seconds - kept[-1][0] > DAY
    return _bounded(steps, most - 1) if short else kept


def _bounded(steps: Steps, most: int) -> Steps:
    """Let the last entry that fits be the least of all that it stands for."""
    if len(steps) <= most:
        return steps
    kept, rest = steps[: most - 1], steps[most - 1 :]
    return [*kept, (rest[0][0], min(power for _, power in rest))]


def _tuple(number: int, steps: Steps, seconds: int, most: int) -> SAScheduleTuple:
    last, power = steps[-1]
    again = min(seconds - DAY, LATEST)
    if again > last and len(steps) < most:
        steps, last = [*steps, (again, power)], again
    entries = tuple(
        _entry(start, power, min(seconds - last, DAY) if start == last else None)
        for start, power in steps
    )
    schedule = PMaxSchedule(p_max_schedule_entry=entries)
    return SAScheduleTuple(sa_schedule_tuple_id=number, p_max_schedule=schedule)


def _entry(start: int, power: float, duration: int | None) -> PMaxScheduleEntry:
    interval = RelativeTimeInterval(start=start, duration=duration)
    return PMaxScheduleEntry(time_interval=interval, p_max=physical.watts(power))
