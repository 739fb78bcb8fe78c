"""A recording run again: the machine as it is now, given what the machine was given then.

Each leg begins with a machine in the recorded state. Each step it takes at its recorded time,
and its actions are compared with the recorded ones. Time passes as it did then: a machine whose
deadline is another than the recorded one is let have its own way beside that.

A difference is no error of the recording. It says what an update, or other settings, would have
done differently. What is done (frames, messages, pilot, contactor) is told apart from what is
only told (notes), because the latter changes more often and moves no car. After a few
differences in what is done a leg is not followed any further, because the events that would
then have come are not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seccstack.chargepoint import ChargePoint
from seccstack.errors import MalformedError
from seccstack.recording.entries import Step, acts
from seccstack.recording.lines import Leg, WrittenStep
from seccstack.recording.state import restore
from seccstack.recording.values import written

MAX_DIFFERENCES = 10  # kept per leg, of either kind; what follows from the first is no news
TIME = "time"  # what a machine is given where it is given no event
TELLING = frozenset({"Noted", "Ignored", "Exchanged"})  # actions that do nothing
LONGEST = 60  # characters of a value that a line shows


@dataclass(frozen=True, slots=True)
class Difference:
    """Given this, the machine did one thing then and does another now; actions as JSON."""

    t: float
    event: str
    then: Sequence[Any]
    now: Sequence[Any]

    @property
    def acts(self) -> bool:
        """Whether it is in what is done, not only in what is told."""
        return _done(self.then) != _done(self.now)

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON value."""
        return {
            "t": self.t,
            "event": self.event,
            "acts": self.acts,
            "then": self.then,
            "now": self.now,
        }

    def __str__(self) -> str:
        """Say where the two part first."""
        then, now = (_done(a) if self.acts else a for a in (self.then, self.now))
        at = 0
        while at < min(len(then), len(now)) and then[at] == now[at]:
            at += 1
        return f"on {self.event}: {_contrast(then[at:], now[at:])}"


def _done(actions: Sequence[Any]) -> list[Any]:
    return [action for action in actions if TELLING.isdisjoint(action)]


def _contrast(then: Sequence[Any], now: Sequence[Any]) -> str:
    """Say how the first of some actions differ."""
    if then and now and then[0].keys() == now[0].keys():
        [name] = then[0]
        return _parting(name, then[0][name], now[0][name])
    return f"then {_named(then)}, now {_named(now)}"


def _parting(path: str, then: Any, now: Any) -> str:
    """Say where two values part that are made of the same kind of objects."""
    if isinstance(then, dict) and isinstance(now, dict):
        absent = "(nothing)"  # of another version, which does not know it
        differing = (key for key in then | now if then.get(key, absent) != now.get(key, absent))
        key = next(differing)
        return _parting(f"{path}.{key}", then.get(key, absent), now.get(key, absent))
    return f"{path}: then {_clipped(then)}, now {_clipped(now)}"


def _named(actions: Sequence[Any]) -> str:
    return ", ".join(name for action in actions for name in action) or "nothing"


def _clipped(value: Any) -> str:
    said = str(value)
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}..."


def _machine_of(leg: Leg) -> ChargePoint:
    machine = ChargePoint(leg.settings)
    if leg.state is None:
        return machine
    restored = restore(leg.state, machine)
    if not isinstance(restored, ChargePoint):
        raise MalformedError("is no outlet's state")
    return restored


class Rerun:
    """Takes a recording's legs and steps in order."""

    def __init__(self) -> None:
        self.steps = 0  # that were compared
        self.differences: list[Difference] = []
        self.omissions: list[str] = []  # why a leg was not run
        self._machine: ChargePoint | None = None
        self._promised: float | None = None  # the deadline that was recorded last
        self._done = self._told = 0  # differences of this leg, in what is done and only told

    @property
    def identical(self) -> bool | None:
        """Whether every action was the same; None if none could be compared."""
        if self.differences:
            return False
        return True if self.steps else None

    @property
    def acts_alike(self) -> bool | None:
        """Whether everything that is done, and not only told, was the same."""
        return self.identical if self.identical is None else not self._parted

    @property
    def _parted(self) -> bool:
        return any(difference.acts for difference in self.differences)

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as a JSON value."""
        return {
            "identical": self.identical,
            "acts_alike": self.acts_alike,
            "steps": self.steps,
            "differences": [difference.to_json() for difference in self.differences],
            "omissions": self.omissions,
        }

    def begin(self, leg: Leg) -> None:
        """Begin a leg."""
        self._machine, self._promised, self._done, self._told = None, None, 0, 0
        if leg.unknown:
            self.omissions.append(f"part {leg.part} has no state: {leg.unknown}")
            return
        try:
            machine = _machine_of(leg)
            self._promised = machine.deadline
        except Exception as error:  # whatever another version's state leads to in this one
            why = f"the state that version {leg.version} wrote can't be taken over: {error}"
            self.omissions.append(f"part {leg.part}: {why}")
            return
        self._machine = machine

    def omit(self, why: str) -> None:
        """What the machine was given next is not known: this leg ends here."""
        if self._machine is not None:
            self.omissions.append(why)
            self._machine = None

    def follow(self, recorded: WrittenStep) -> None:
        """Let the machine take a step, and compare."""
        step = recorded.step
        if self._machine is None:
            return
        event = TIME if step.event is None else type(step.event).__name__
        try:
            self._let_pass(self._machine, step)
            if self._machine is None:
                return
            done = self._take(self._machine, step)
        except Exception as error:  # a state, or events, that no version of ours would write
            done = [{"Failed": {"why": repr(error)}}]
            self._done = MAX_DIFFERENCES - 1  # it is not to be trusted any further
        self.steps += 1
        self._promised = step.deadline
        if done != recorded.actions:
            self._differ(Difference(step.now, event, recorded.actions, done))

    def _take(self, machine: ChargePoint, step: Step) -> list[Any]:
        if step.event is None:
            actions = machine.tick(step.now)
        else:
            actions = machine.receive(step.event, step.now)
        return [written(action) for action in acts(actions)]

    def _let_pass(self, machine: ChargePoint, step: Step) -> None:
        """Let a machine act that would not have waited for this step."""
        while self._machine is not None:
            due = machine.deadline
            if due is None or due >= step.now:
                return
            if self._promised is not None and self._promised <= due:
                return  # it had that deadline then, too, and was late
            done = [written(action) for action in acts(machine.tick(due))]
            if done:
                self._differ(Difference(due, TIME, [], done))

    def _differ(self, difference: Difference) -> None:
        if difference.acts:
            self._done += 1
        else:
            self._told += 1
        if (self._done if difference.acts else self._told) <= MAX_DIFFERENCES:
            self.differences.append(difference)
        if self._done >= MAX_DIFFERENCES:
            self._machine = None
