"""A recording run again: the machine as it is now, given what the machine was given then.

Each leg begins with a machine in the recorded state. Each step it takes at its recorded time,
and its actions are compared with the recorded ones. Time passes as it did then: a machine whose
deadline is another than the recorded one is let have its own way beside that.

A difference is no error of the recording. It says what an update, or other settings, would have
done differently. After a few of them a leg is not followed any further, because the events that
would then have come are not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from seccstack.chargepoint import ChargePoint
from seccstack.errors import MalformedError
from seccstack.recording.entries import Step
from seccstack.recording.lines import Leg, WrittenStep
from seccstack.recording.state import restore
from seccstack.recording.values import written

MAX_DIFFERENCES = 10  # per leg; what comes after the first follows from it, mostly
TIME = "time"  # what a machine is given where it is given no event


@dataclass(frozen=True, slots=True)
class Difference:
    """Given this, the machine did one thing then and does another now; actions as JSON."""

    t: float
    event: str
    then: Sequence[Any]
    now: Sequence[Any]

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON value."""
        return {"t": self.t, "event": self.event, "then": self.then, "now": self.now}

    def __str__(self) -> str:
        """Say where the two part."""
        pairs = zip(self.then, self.now, strict=False)
        same = next((i for i, (a, b) in enumerate(pairs) if a != b), min(map(len, self._both)))
        then, now = (_short(actions[same:]) for actions in self._both)
        return f"on {self.event}: then {then}; now {now}"

    @property
    def _both(self) -> tuple[Sequence[Any], Sequence[Any]]:
        return self.then, self.now


def _short(actions: Sequence[Any]) -> str:
    """Say what was done first of some actions."""
    if not actions:
        return "nothing"
    [(name, content)] = actions[0].items()
    said = ", ".join(f"{key} {str(value)[:40]}" for key, value in content.items())
    more = f" and {len(actions) - 1} more" if len(actions) > 1 else ""
    return f"{name}({said}){more}"


class Rerun:
    """Takes a recording's legs and steps in order."""

    def __init__(self) -> None:
        self.steps = 0  # that were compared
        self.differences: list[Difference] = []
        self.omissions: list[str] = []  # why a leg was not run
        self._machine: ChargePoint | None = None
        self._promised: float | None = None  # the deadline that was recorded last
        self._left = 0  # differences that this leg may still have

    @property
    def identical(self) -> bool | None:
        """Whether every action was the same; None if none could be compared."""
        if self.differences:
            return False
        return True if self.steps else None

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as a JSON value."""
        return {
            "identical": self.identical,
            "steps": self.steps,
            "differences": [difference.to_json() for difference in self.differences],
            "omissions": self.omissions,
        }

    def begin(self, leg: Leg) -> None:
        """Begin a leg."""
        self._machine, self._left, self._promised = None, MAX_DIFFERENCES, None
        if leg.unknown:
            self.omissions.append(f"part {leg.part} has no state: {leg.unknown}")
            return
        machine = ChargePoint(leg.settings)
        if leg.state is not None:
            try:
                machine = restore(leg.state, machine)
            except MalformedError as error:
                why = f"the state that version {leg.version} wrote can't be taken over: {error}"
                self.omissions.append(f"part {leg.part}: {why}")
                return
        self._machine = machine
        self._promised = machine.deadline

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
            done = self._take(self._machine, step)
        except Exception as error:  # a state, or events, that no version of ours would write
            done = [{"Failed": {"why": repr(error)}}]
            self._left = 1
        self.steps += 1
        self._promised = step.deadline
        if done != recorded.actions:
            self._differ(Difference(step.now, event, recorded.actions, done))

    def _take(self, machine: ChargePoint, step: Step) -> list[Any]:
        if step.event is None:
            actions = machine.tick(step.now)
        else:
            actions = machine.receive(step.event, step.now)
        return [written(action) for action in actions]

    def _let_pass(self, machine: ChargePoint, step: Step) -> None:
        """Let a machine act that would not have waited for this step."""
        while self._left and (due := machine.deadline) is not None and due < step.now:
            if self._promised is not None and self._promised <= due:
                return  # it had that deadline then, too, and was late
            done = [written(action) for action in machine.tick(due)]
            if done:
                self._differ(Difference(due, TIME, [], done))

    def _differ(self, difference: Difference) -> None:
        self.differences.append(difference)
        self._left -= 1
        if not self._left:
            self._machine = None
