"""What one vehicle does at the outlet, from plug to unplug, as far as it teaches something.

Theory of operation
-------------------
What happens is told as it happens (`seccstack.experience.seen`), and nothing is concluded
before it is sure. When it first spoke is counted from the first pulses, and is its own only
once it has been matched: until then a neighbour's vehicle may have spoken. What it did is kept
when it leaves, under all names by which it may be known again; a vehicle that never spoke has
none, and is one of the silent ones.

A vehicle that does not bear 5 % looks like one that is full: it stays in state B whatever is
offered. So that is a suspicion only (`Stuck`), which makes the next start one without 5 %, if
it comes soon; if that one draws energy, it was so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from seccstack.experience import seen
from seccstack.experience.events import (
    ExperienceFound,
    HouseholdFound,
    KeepExperience,
    LookUpExperience,
)
from seccstack.experience.household import NOBODY, Household
from seccstack.experience.outcomes import (
    FaultedAtFive,
    Outcome,
    ProtocolTried,
    Spoke,
    Started,
    StayedSilent,
    learned,
)
from seccstack.experience.policy import Greeting
from seccstack.experience.port import SILENT, Key, keys
from seccstack.experience.record import UNKNOWN, Experience

STUCK_AFTER = 30.0  # ours: a vehicle that wants energy closes S2 within seconds of an offer
REPLUGGED_WITHIN = 600.0  # ours: who reads that it helps goes to the outlet
MAX_ASKED = 8  # who asked to be matched: our vehicle, and neighbours; the first to ask goes
MAX_OUTCOMES = 64  # of one plug-in: some wake-ups, some sessions, and many limits


@dataclass(frozen=True, slots=True)
class Stuck:
    """It has not asked for energy in so many seconds of an offer that came after 5 %."""

    seconds: float


Action = Stuck | LookUpExperience | KeepExperience


@dataclass(slots=True)
class Present:
    """The vehicle that is there. ``suspect``: it came soon after one that was stuck."""

    bold: bool
    suspect: bool
    listened: float
    known: Experience = UNKNOWN
    pulses: Greeting | None = None  # on the line now
    pulses_at: float = 0.0  # since then
    first: Greeting | None = None  # that it saw
    first_at: float = 0.0
    five_seconds: float = 0.0  # that it was shown 5 %, without those of now
    asked: dict[bytes, float] = field(default_factory=dict)
    mac: bytes | None = None
    names: tuple[Key, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    protocol: str | None = None  # of its session, until that has led to energy
    failed: frozenset[str] = frozenset()  # protocols, once and for this plug-in
    wanted: bool = False
    supplied: bool = False
    stuck: bool = False
    faulted: bool = False
    deaf: bool = False

    def carry(self, pulses: Greeting | None, now: float) -> None:
        """Note what the line carries."""
        if pulses is self.pulses:
            return
        self.five_seconds = self.shown_five(now)
        self.pulses, self.pulses_at = pulses, now
        if self.first is None and pulses is not None:
            self.first, self.first_at = pulses, now

    def shown_five(self, now: float) -> float:
        """Return for how long it was shown 5 %."""
        present = now - self.pulses_at if self.pulses is Greeting.FIVE else 0.0
        return self.five_seconds + present

    def ask(self, mac: bytes, now: float) -> None:
        """Note when a station first asked."""
        if mac not in self.asked:
            self.asked[mac] = now
        if len(self.asked) > MAX_ASKED:
            del self.asked[next(iter(self.asked))]

    def asked_at(self, mac: bytes, now: float) -> float | None:
        """Return when a station first asked; now at the latest, if it was forgotten of many."""
        return self.asked.get(mac, now if len(self.asked) == MAX_ASKED else None)

    def fail(self, why: str) -> None:
        """Note that its protocol has failed; tried again in one plug-in, it is one failure."""
        if self.protocol is not None and self.protocol not in self.failed:
            self.note(ProtocolTried(self.protocol, False, why))
            self.failed |= {self.protocol}
        self.protocol = None

    def note(self, outcome: Outcome) -> None:
        """Keep an outcome for when it leaves."""
        self.outcomes = (*self.outcomes, outcome)[:MAX_OUTCOMES]


class Course:
    """One outlet's vehicles, one after the other."""

    def __init__(self) -> None:
        self.household: Household = NOBODY
        self._present: Present | None = None
        self._stuck_at: float | None = None  # when one left that would not charge after 5 %
        self._replugged = False  # by a plug that was pulled, not by a fault of the line

    @property
    def known(self) -> Experience:
        """What is known of the present vehicle, with what it has done since it came."""
        if self._present is None:
            return UNKNOWN
        known = self._present.known
        for outcome in self._present.outcomes:
            known = learned(known, outcome, known.at or 0.0)
        return known

    def suspects(self, now: float) -> bool:
        """Whether a vehicle that comes now may be one that did not bear 5 %."""
        return self._stuck_at is not None and now < self._stuck_at + REPLUGGED_WITHIN

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next."""
        there = self._present
        if there is None or there.stuck or there.wanted or there.names:
            return None
        waits = there.pulses is Greeting.PULSES and there.five_seconds > 0
        return there.pulses_at + STUCK_AFTER if waits else None

    def tick(self, now: float) -> Sequence[Action]:
        """Say that it is stuck, once."""
        there = self._present
        if there is None or self.deadline is None or now < self.deadline:
            return []
        there.stuck = True
        return [Stuck(STUCK_AFTER)]

    def receive(self, event: seen.Event, now: float) -> Sequence[Action]:
        """Take note of what has happened."""
        match event:
            case HouseholdFound(household):
                self.household = household
            case seen.Arrived(bold, listened):
                self._present = Present(bold, self.suspects(now), listened, pulses_at=now)
                self._stuck_at = None
            case _ if self._present is not None:
                return self._take(self._present, event, now)
            case _:
                pass
        return []

    def _take(self, there: Present, event: seen.Event, now: float) -> Sequence[Action]:
        match event:
            case seen.Left(consistent):
                return self._leave(there, consistent, now)
            case seen.Carries(pulses):
                there.carry(pulses, now)
            case seen.LineFaulted():
                speaks = there.wanted or there.asked  # who has begun to speak bears 5 %
                there.faulted = there.pulses is Greeting.FIVE and not speaks
            case seen.Deaf():
                there.deaf = True
            case seen.Asked(mac):
                there.ask(mac, now)
            case seen.Named(mac, fingerprint):
                return _name(there, mac, keys(mac, fingerprint), now)
            case seen.WantedEnergy():
                there.wanted, there.stuck = True, False
            case seen.GotEnergy():
                self._supply(there)
            case seen.Spoken(protocol):
                there.protocol = protocol
            case seen.SessionFailed(why):
                there.fail(why)
            case seen.Did(outcome):
                there.note(outcome)
            case ExperienceFound(names, experience) if names == there.names:
                there.known = experience
            case _:
                pass
        return []

    def _supply(self, there: Present) -> None:
        there.wanted = True
        if there.protocol is not None:
            there.note(ProtocolTried(there.protocol, True))
            there.protocol = None
        if there.supplied:
            return
        there.supplied = True
        there.note(Started(True))
        if there.suspect and there.first is Greeting.PULSES:
            there.note(FaultedAtFive(self._replugged))

    def _leave(self, there: Present, consistent: bool, now: float) -> Sequence[Action]:
        self._present = None
        if there.stuck or there.faulted:
            self._stuck_at, self._replugged = now, not there.faulted
        listened = there.shown_five(now) >= there.listened and not there.deaf
        unasked = there.first is Greeting.PULSES and there.supplied and not there.deaf
        if not (consistent and (there.names or listened or unasked)):
            return []  # nothing tells which vehicle it was
        if listened and not there.names:
            there.note(StayedSilent())
        offered = there.pulses is Greeting.PULSES and now - there.pulses_at >= STUCK_AFTER
        if there.bold and offered and not there.wanted:
            there.note(Started(False))
        five = there.first is Greeting.FIVE
        return [KeepExperience(there.names or (SILENT,), there.outcomes, five)]


def _name(there: Present, mac: bytes, names: tuple[Key, ...], now: float) -> Sequence[Action]:
    """Take what it is called; that it is narrower by now is worth another question."""
    if there.mac != mac:
        asked = there.asked_at(mac, now)
        if there.mac is None and asked is not None and there.first is not None:
            there.note(Spoke(asked - there.first_at))
        there.mac, there.stuck = mac, False
    if names == there.names or not names:
        return []
    there.names = names
    return [LookUpExperience(names)]
