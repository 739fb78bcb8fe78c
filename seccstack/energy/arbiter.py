"""How much current may be drawn: many have a say, the least wins, and it is known who said it.

Theory of operation
-------------------
A source (cable, installation, user, back office, meter, thermal, ...) offers amperes per
phase, or None: it sets no limit now. An offer may have a time until which it is believed; a
source that does not speak again before that is *lost*, and then its safe current holds: the one
it was declared with, or else the fail-safe. A declared source counts as lost until it first
speaks: a charger whose meter has not answered yet does not begin with all that the breaker can
carry. A source that nobody declared takes part from its first offer on, until it sets no limit
any more.

A source may say its offers beforehand: from each of some moments on, so much. They then hold
one after the other, and the *forecast* says how the least of all will change, if nobody but
those who have planned says anything new.

If no source sets a limit at all, the fail-safe does: 6 A or less, never the most there is.

Each phase has its own limit, by its own winner; an offer is for all phases alike unless it says
otherwise. A vehicle is told one current, which it takes from every phase that it charges on: so
what holds is the least of the phases it uses, and of all of them until that is known. One that
uses a single phase of three may have a limit of its own, lest it load the grid one-sidedly.

The result is rounded down, to the steps of the charger or else to 0.1 A, which is what the
messages can say. Below 6 A it is passed on as it is: ISO 15118 can offer 3 A, pulses cannot,
and `seccstack.pilot.sequences` makes 0 of it where it matters.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from seccstack.errors import ConfigError, UsageError

CABLE = "cable"
INSTALLATION = "installation"
USER = "user"
BACK_OFFICE = "back office"
METER = "meter"
HOUSE = "house"  # what its fuse has left
SOLAR = "solar"
NETWORK_OPERATOR = "network operator"  # peak load
THERMAL = "thermal"
SCHEDULE = "schedule"  # times of day
ACCESS = "access"  # what this vehicle may draw, as it is known who it is
CONTRACT = "contract"  # what its contract may draw
PHASE_COUNT = "phase count"  # what a single phase of three may carry
POWER_RETURN = "power return"  # after the power was away, not all begin at once
FAIL_SAFE = "fail-safe"  # the winner where no source sets a limit

# who leaves a vehicle less time than others: where several leave it nothing, the first
URGENT = (CABLE, THERMAL)

# said by the outlet itself, and by nobody else
OURS = frozenset({INSTALLATION, ACCESS, CONTRACT, PHASE_COUNT})
MOST_STEPS = 96  # of a plan, and of the forecast: quarters of an hour, for a day
ROOM = OURS - {INSTALLATION}  # which are never too many
MAX_SOURCES = 20  # ours: twice what a house has; a back office must not make one per message
MOST_FAIL_SAFE_AMPS = 6.0
RESOLUTION = 10  # steps per ampere
MOST_PHASES = 3

Step = tuple[float, float | None]  # from this moment on, amperes per phase, or no limit

# What an installer can set a BMW Wallbox Plus to.
WALLBOX_STEPS = (0.0, 6.0, 10.0, 12.0, 16.0, 20.0, 24.0, 32.0)


@dataclass(frozen=True, slots=True)
class Source:
    """One that is known beforehand: while it is lost, this much may be drawn."""

    name: str
    safe_amps: float

    def __post_init__(self) -> None:
        _check(self.safe_amps)


# Events and actions.


@dataclass(frozen=True, slots=True)
class LimitOffered:
    """A source speaks: amperes per phase, or None for no limit; believed until then.

    ``reason``: why so much, for people. ``each``: where the phases differ, what each of them
    may carry; ``amps`` is then the least of them.
    """

    source: str
    amps: float | None
    until: float | None = None
    reason: str = ""
    each: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.amps is not None:
            _check(self.amps)
        for amps in self.each:
            _check(amps)
        if self.each and self.amps != min(self.each):
            raise ValueError(f"{self.amps} A are not the least of {self.each}")
        if self.until is not None and not math.isfinite(self.until):
            raise ValueError(f"{self.until} is no time")


@dataclass(frozen=True, slots=True)
class LimitPlanned:
    """A source says what it will offer from each of these moments on; until then, as before."""

    source: str
    steps: tuple[Step, ...]
    reason: str = ""

    def __post_init__(self) -> None:
        moments = [at for at, _ in self.steps]
        if not 1 <= len(moments) <= MOST_STEPS or moments != sorted(set(moments)):
            raise ValueError(f"a plan has 1 to {MOST_STEPS} steps, one after the other")
        for at, amps in self.steps:
            if not math.isfinite(at):
                raise ValueError(f"{at} is no time")
            if amps is not None:
                _check(amps)


@dataclass(frozen=True, slots=True)
class PhasesUsed:
    """The vehicle charges on these phases, L1 being 0; none that we have: it is not known."""

    phases: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PhaseLimit:
    """What one phase may carry, and who says so."""

    amps: float
    source: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LimitChanged:
    """So much may be drawn per phase from now on, and this source is why.

    ``reason`` is the source's own; another for the same limit is no news. ``phases``: what each
    of them could carry when this was said, whether the vehicle uses it or not.
    """

    amps: float
    source: str
    reason: str = field(default="", compare=False)
    phases: tuple[PhaseLimit, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class ForecastChanged:
    """The limit will probably be so much from each of these moments on.

    ``plans``: how many have been made until now, so another number is another plan.
    """

    steps: tuple[tuple[float, float], ...]
    plans: int


Event = LimitOffered | LimitPlanned | PhasesUsed
Action = LimitChanged | ForecastChanged


@dataclass(frozen=True, slots=True)
class _Lost:
    """The source is silent."""


@dataclass(frozen=True, slots=True)
class _Planned:
    """The first step has begun, all others are to come."""

    steps: tuple[Step, ...]
    reason: str

    def at(self, now: float) -> float | None:
        return next(amps for at, amps in reversed(self.steps) if at <= now)

    def rest(self, now: float) -> _Planned:
        begun = sum(at <= now for at, _ in self.steps)
        return self if begun == 1 else _Planned(self.steps[begun - 1 :], self.reason)

    @property
    def to_come(self) -> tuple[float, ...]:
        return tuple(at for at, _ in self.steps[1:])


_Said = LimitOffered | _Planned | _Lost


class Arbiter:
    """All sources of limits of one outlet."""

    def __init__(
        self,
        sources: Iterable[Source] = (),
        *,
        fail_safe_amps: float = MOST_FAIL_SAFE_AMPS,
        steps: Sequence[float] = (),
        phases: int = MOST_PHASES,
        single_phase_amps: float | None = None,
    ) -> None:
        if not 0 <= fail_safe_amps <= MOST_FAIL_SAFE_AMPS:
            right = f"use 0 to {MOST_FAIL_SAFE_AMPS:g} A"
            raise ConfigError("fail_safe_amps", f"{fail_safe_amps} is not safe", right)
        self._fail_safe_amps = fail_safe_amps
        self._steps = steps
        self._all = frozenset(range(phases))
        self._used = self._all
        self._single_phase_amps = single_phase_amps
        self._safe_amps = {source.name: source.safe_amps for source in sources}
        self._said: dict[str, _Said] = {name: _Lost() for name in self._safe_amps}
        if len(self._said) > MAX_SOURCES:
            raise ConfigError("sources", "too many", f"declare at most {MAX_SOURCES}")
        self._limit = self._least(FAIL_SAFE, -math.inf)
        self._forecast = ForecastChanged((), 0)
        self._plans = 0

    @property
    def limit(self) -> LimitChanged:
        """What holds now; from the beginning, before anybody has spoken."""
        return self._limit

    @property
    def lost(self) -> tuple[str, ...]:
        """Whose word is missing."""
        return tuple(name for name, said in self._said.items() if isinstance(said, _Lost))

    @property
    def deadline(self) -> float | None:
        """When the next offer stops being believed, or another is planned to take its place."""
        offers = [said for said in self._said.values() if isinstance(said, LimitOffered)]
        doubts = {said.until for said in offers if said.until is not None}
        return min(doubts | self._to_come(), default=None)

    def receive(self, event: Event, now: float) -> list[Action]:
        """Take an offer, or a plan; it replaces the source's last."""
        if isinstance(event, PhasesUsed):
            return self._use(event.phases, now)
        if isinstance(event, LimitOffered) and len(event.each) not in {0, len(self._all)}:
            raise UsageError(f"{event.source!r} says {len(event.each)} of our phases")
        if self._leaves(event):
            self._said.pop(event.source, None)
            return self._decide(now)
        taken = [name for name in self._said if name not in ROOM]
        known = event.source in self._said or event.source in ROOM
        if not known and len(taken) >= MAX_SOURCES:
            raise UsageError(f"more than {MAX_SOURCES} sources of limits: {event.source!r}")
        if isinstance(event, LimitPlanned):
            self._plan(event, now)
        else:
            self._said[event.source] = event
        return self._decide(now)

    def _use(self, phases: tuple[int, ...], now: float) -> list[Action]:
        self._used = self._all.intersection(phases) or self._all
        self._said.pop(PHASE_COUNT, None)
        amps, single = self._single_phase_amps, len(self._used) == 1 < len(self._all)
        if amps is not None and single:
            why = "the vehicle charges on a single phase"
            self._said[PHASE_COUNT] = LimitOffered(PHASE_COUNT, amps, None, why)
        return self._decide(now)

    def _leaves(self, event: LimitOffered | LimitPlanned) -> bool:
        """Whether a source need not be remembered: nobody expects another word of it."""
        if isinstance(event, LimitPlanned):
            return False
        expected = event.source in self._safe_amps or event.until is not None
        return event.amps is None and not expected

    def tick(self, now: float) -> list[Action]:
        """Stop believing what is too old; go on to what was planned."""
        return self._decide(now)

    def _plan(self, event: LimitPlanned, now: float) -> None:
        said, self._plans = self._said.get(event.source), self._plans + 1
        present = None if said is None else self._amps_of(event.source, said, now)
        steps = ((-math.inf, present), *event.steps)
        self._said[event.source] = _Planned(steps, event.reason).rest(now)

    def _to_come(self) -> set[float]:
        plans = [said for said in self._said.values() if isinstance(said, _Planned)]
        return {at for plan in plans for at in plan.to_come}

    def _decide(self, now: float) -> list[Action]:
        for name, said in self._said.items():
            if isinstance(said, LimitOffered) and said.until is not None and said.until <= now:
                self._said[name] = _Lost()
            elif isinstance(said, _Planned):
                self._said[name] = said.rest(now)
        before, self._limit = self._limit, self._least(self._limit.source, now)
        changed: list[Action] = [] if self._limit == before else [self._limit]
        foretold, self._forecast = self._forecast, self._foresee()
        to_come = tuple(step for step in foretold.steps if step[0] > now)
        known = ForecastChanged(to_come, foretold.plans)
        return changed if self._forecast == known else [*changed, self._forecast]

    def _foresee(self) -> ForecastChanged:
        """Say how the limit will change; the last step stands for the least of all beyond."""
        before, steps = self._limit.amps, list[tuple[float, float]]()
        for at in sorted(self._to_come()):
            amps = self._least(FAIL_SAFE, at).amps
            if amps != before:
                steps.append((at, amps))
            before = amps
        kept, more = steps[: MOST_STEPS - 1], steps[MOST_STEPS - 1 :]
        if more:
            kept.append((more[0][0], min(amps for _, amps in more)))
        return ForecastChanged(tuple(kept), self._plans)

    def _least(self, winner: str, now: float) -> LimitChanged:
        """Find the least of each phase, and of these; of equals the winner of before.

        So a reason does not flicker; but at 0 A the more urgent one is heard.
        """
        differ = any(
            isinstance(said, LimitOffered) and said.each for said in self._said.values()
        )
        if differ:
            phases = tuple(self._least_of(p, winner, now) for p in range(len(self._all)))
        else:  # one for all of them: a plan of a day has many steps to be foreseen
            phases = (self._least_of(0, winner, now),) * len(self._all)
        used = [limit for phase, limit in enumerate(phases) if phase in self._used]
        least = min(used, key=lambda limit: _rank(limit.amps, limit.source, winner))
        return LimitChanged(least.amps, least.source, least.reason, phases)

    def _least_of(self, phase: int, winner: str, now: float) -> PhaseLimit:
        limits = [
            (rounded_down(amps, self._steps), name, said)
            for name, said in self._said.items()
            if (amps := self._amps_of(name, said, now, phase)) is not None
        ]
        if not limits:
            return PhaseLimit(rounded_down(self._fail_safe_amps, self._steps), FAIL_SAFE)
        amps, name, said = min(limits, key=lambda limit: _rank(limit[0], limit[1], winner))
        return PhaseLimit(amps, name, self._reason_of(said))

    def _reason_of(self, said: _Said) -> str:
        if isinstance(said, _Lost):
            return "nothing is heard of it, so its safe value holds"
        return said.reason

    def _amps_of(
        self, name: str, said: _Said, now: float, phase: int | None = None
    ) -> float | None:
        if isinstance(said, LimitOffered):
            return said.each[phase] if said.each and phase is not None else said.amps
        if isinstance(said, _Planned):
            return said.at(now)
        return self._safe_amps.get(name, self._fail_safe_amps)


def _rank(amps: float, source: str, winner: str) -> tuple[float, int, bool]:
    """Say which limit comes first."""
    urgent = URGENT.index(source) if amps == 0 and source in URGENT else len(URGENT)
    return amps, urgent, source != winner


def rounded_down(amps: float, steps: Sequence[float] = ()) -> float:
    """Return the greatest of the steps that is not above, else 0; without steps, in 0.1 A."""
    if steps:
        return max((step for step in steps if step <= amps), default=0.0)
    tenths = math.floor(Fraction(amps) * RESOLUTION)
    # 0.3 is a little less than three tenths, and yet the nearest there is to them.
    return next_up if (next_up := (tenths + 1) / RESOLUTION) <= amps else tenths / RESOLUTION


def _check(amps: float) -> None:
    if not (math.isfinite(amps) and amps >= 0):
        raise ValueError(f"{amps} A is no limit")
