"""ISO 15118-20, schedules: what power there will be, and when.

In scheduled mode the vehicle is offered the limit as it is and as it is foreseen, and where
that varies, the least of it throughout as a second schedule; it says with PowerDelivery what it
will draw of it. A schedule has to come with what energy costs [V2G20-2176]: where nobody says
that (`tariffs`), it has one price level, the same throughout.
"""

from __future__ import annotations

from itertools import pairwise
from math import floor

from seccstack.messages.iso20_common import (
    ChargingSchedule,
    EVPowerProfile,
    PowerSchedule,
    PowerScheduleEntry,
    PowerScheduleEntryList,
    PriceLevelSchedule,
    PriceLevelScheduleEntry,
    PriceLevelScheduleEntryList,
    Scheduled_SEResControlMode,
    ScheduleTuple,
)
from seccstack.messages.iso20_types import RationalNumber
from seccstack.session.iso20 import power, rational
from seccstack.session.iso20.record import Session, Stretch

FOLLOWING, EVEN = 1, 2  # the ScheduleTupleIDs
DAY = 86_400  # seconds: for as long a schedule is offered where no departure is said
FURTHEST = 366 * DAY  # who leaves later is not told more
MOST_ENTRIES = 1023  # one less than the schema allows: libcbv2g reads no list that is full
TOLERANCE = 1.0  # watts: what a vehicle's rounding may add to its profile

Steps = list[tuple[int, float]]  # from so many seconds on, so many watts of each phase


def provisional(session: Session) -> Scheduled_SEResControlMode:
    """Return what the schema asks for while there is nothing to offer."""
    return Scheduled_SEResControlMode(
        schedule_tuple=(_tuple(FOLLOWING, [(0, 0.0)], DAY, session),)
    )


def offer(session: Session, departure: int | None, most: int) -> Scheduled_SEResControlMode:
    """Offer the present limit and its forecast, and remember what was offered."""
    seconds = min(departure or DAY, FURTHEST)
    steps = bounded(steps_until(seconds, session), min(most, MOST_ENTRIES))
    plans = {FOLLOWING: steps}
    if len(steps) > 1:
        plans[EVEN] = [(0, min(watts for _, watts in steps))]
    session.offered = {
        number: tuple(Stretch(start, _as_told(watts, session)) for start, watts in plan)
        for number, plan in plans.items()
    }
    session.tuple_id = FOLLOWING
    return Scheduled_SEResControlMode(
        schedule_tuple=tuple(
            _tuple(number, plan, seconds, session) for number, plan in plans.items()
        )
    )


def steps_until(seconds: int, session: Session) -> Steps:
    """Return when the limit will change, before the vehicle departs, and to what.

    What has begun is no forecast: the limit says more of the present.
    """
    steps = {0: _offered_per_phase(session)}
    for at, amps in sorted(session.plant.forecast):
        start = floor(at - session.now)
        if 0 < start < seconds:
            steps[start] = _offered_per_phase(session, amps)
    found: Steps = []
    for start, watts in steps.items():
        if not found or watts != found[-1][1]:
            found.append((start, watts))
    return found


def bounded(steps: Steps, most: int) -> Steps:
    """Let the last entry that fits be the least of all that it stands for."""
    if len(steps) <= most:
        return steps
    kept, rest = steps[: most - 1], steps[most - 1 :]
    return [*kept, (rest[0][0], min(watts for _, watts in rest))]


def _offered_per_phase(session: Session, amps: float | None = None) -> float:
    return power.total(session, amps) / power.phases(session)


def _as_told(watts: float, session: Session) -> float:
    """Return the power of all phases that the vehicle is told; on DC it is told that itself."""
    count = power.phases(session)
    if session.charger.supply is not None:
        return rational.plain(rational.limit(watts * count))
    return count * rational.plain(rational.limit(watts))


def _tuple(number: int, steps: Steps, seconds: int, session: Session) -> ScheduleTuple:
    ends = [*(start for start, _ in steps[1:]), max(seconds, steps[-1][0] + 1)]
    entries = tuple(
        _entry(end - start, watts, session)
        for (start, watts), end in zip(steps, ends, strict=True)
    )
    anchor = int(session.wall_time)
    schedule = ChargingSchedule(
        power_schedule=PowerSchedule(
            time_anchor=anchor,
            power_schedule_entries=PowerScheduleEntryList(power_schedule_entry=entries),
        ),
        price_level_schedule=even_price(number, anchor, ends[-1]),
    )
    return ScheduleTuple(schedule_tuple_id=number, charging_schedule=schedule)


def even_price(number: int, anchor: int, seconds: int) -> PriceLevelSchedule:
    """Say that energy costs the same for so long, as far as anybody here knows."""
    level = PriceLevelScheduleEntry(duration=seconds, price_level=0)
    return PriceLevelSchedule(
        time_anchor=anchor,
        price_schedule_id=number,
        number_of_price_levels=1,
        price_level_schedule_entries=PriceLevelScheduleEntryList(
            price_level_schedule_entry=(level,)
        ),
    )


def _entry(duration: int, watts: float, session: Session) -> PowerScheduleEntry:
    if session.charger.supply is not None:
        total = rational.limit(watts * power.phases(session))
        return PowerScheduleEntry(duration=duration, power=total)
    return PowerScheduleEntry(duration=duration, **power.on_lines("power", watts, session))


def within(profile: EVPowerProfile, stretches: tuple[Stretch, ...], session: Session) -> bool:
    """Whether a vehicle's profile is at no time above what it was offered.

    An entry of an offer, and the last one of the profile, last until the next, or for ever.
    No phase makes up for another one, and nothing goes back but where that was selected.
    """
    offered_at = int(session.wall_time - (session.now - session.offered_at))
    start, back = max(profile.time_anchor - offered_at, 0), power.back(session)
    entries = profile.ev_power_profile_entries.ev_power_profile_entry
    for place, entry in enumerate(entries, start=1):
        end = start + max(entry.duration, 1) if place < len(entries) else float("inf")
        offered = least_between(stretches, start, end)
        lines, most = lines_of(entry), offered
        if len(lines) > 1 and session.charger.supply is None:
            most = offered / power.phases(session)
        if sum(lines) > offered + TOLERANCE or max(lines) > most + TOLERANCE:
            return False
        if sum(line for line in lines if line < 0) < -back:
            return False
        start += entry.duration
    return True


def watts_of(entry: PowerScheduleEntry) -> float:
    """Return the power of all phases that an entry names."""
    return sum(lines_of(entry))


def lines_of(entry: PowerScheduleEntry) -> list[float]:
    """Return the powers that an entry names: of all phases together, or of each."""
    lines: tuple[RationalNumber | None, ...] = (entry.power, entry.power_l2, entry.power_l3)
    return [rational.plain(line) for line in lines if line is not None]


def least_between(stretches: tuple[Stretch, ...], start: float, end: float) -> float:
    """Return the least power offered for a time that is not empty."""
    ends = [*(stretch.start for stretch in stretches[1:]), float("inf")]
    return min(
        stretch.watts
        for stretch, until in zip(stretches, ends, strict=True)
        if stretch.start < end and start < until
    )


def outdated(session: Session, worth: float, brief: int) -> bool:
    """Whether less than was offered is planned for a time to come, or so many times more."""
    elapsed, offered = floor(session.now - session.offered_at), session.offered[FOLLOWING]
    plan = tuple(
        Stretch(start, _as_told(watts, session)) for start, watts in steps_until(DAY, session)
    )
    shifted = {stretch.start - elapsed for stretch in offered if stretch.start > elapsed}
    moments = sorted(shifted | {stretch.start for stretch in plan[1:]})
    for start, end in pairwise([*moments, DAY]):
        before = least_between(offered, start + elapsed, start + elapsed + 1)
        now = least_between(plan, start, start + 1)
        if end - start >= brief and not before <= now <= before * worth:
            return True
    return False
