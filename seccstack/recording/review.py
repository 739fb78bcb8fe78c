"""What a sidecar tells: the charger's own account of a plug-in, and whether it runs again.

A recording that breaks off is told as far as it goes, and what it lacks is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from seccstack import events
from seccstack.chronicle import Chronicle
from seccstack.errors import MalformedError
from seccstack.recording.entries import Step
from seccstack.recording.lines import Ended, Leg, WrittenStep, read_line
from seccstack.recording.rerun import Rerun
from seccstack.session.events import Exchanged
from seccstack.timeline import happenings

MAX_HAPPENINGS = 100_000  # told; ten of them each second for three hours
MAX_NOTES = 20
WIRE = frozenset({"message"})  # told by the capture


@dataclass(slots=True)
class Review:
    """What was read of a sidecar; ``notes`` say what it lacks."""

    source: str
    leg: Leg | None = None  # the first
    rerun: Rerun = field(default_factory=Rerun)
    happenings: list[dict[str, Any]] = field(default_factory=list)
    sessions: Sequence[dict[str, Any]] = ()
    notes: list[str] = field(default_factory=list)
    unplugged_at: float | None = None  # since 1970

    def session(self, heard: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Return the session object: what the capture heard of it, and what no wire shows.

        A recording is of one plug-in. Where the capture has none, or falls into several, or
        has nothing but TLS, the charger's own account stands for it.
        """
        ours = self.sessions[-1] if self.sessions else {}
        told = {key: ours.get(key) for key in ("decision", "limits", "contactor")}
        whole = heard[0] if len(heard) == 1 else ours
        if not whole:
            whole = heard[0] if heard else {"source": self.source}
        if ours and not whole["messages"]:
            told["messages"] = ours["messages"]
        return {**whole, **told, "rerun": self.rerun.to_json()}


class Reviewer:
    """Reads a sidecar line by line."""

    def __init__(self, source: str) -> None:
        self.review = Review(source)
        self._chronicle: Chronicle | None = None
        self._now = 0.0
        self._steps = 0
        self._connected = False  # whether a connection's beginning has been seen
        self._ended = False

    def read(self, octets: bytes) -> None:
        """Read the next line."""
        try:
            line = read_line(octets)
        except MalformedError as error:
            why = f"after {self._now:.3f} s of the charger's clock a line {error.problem}"
            self._note(why)
            self._steps += 1
            self.review.rerun.omit(why)
            return
        if isinstance(line, Leg):
            self._begin(line)
        elif isinstance(line, Ended):
            self._ended, self._now = True, line.t
        elif self._chronicle is not None:
            self._follow(line, self._chronicle)

    def finish(self) -> Review:
        """The sidecar has ended."""
        if self.review.leg is None:
            self._note("no recording begins in it")
        elif not self._ended:
            self._note("the recording breaks off: the charger ended without closing it")
        if self._chronicle is not None:
            self._chronicle.close(self._now)
            self.review.sessions = list(self._chronicle.sessions)
        return self.review

    def _note(self, what: str) -> None:
        if len(self.review.notes) < MAX_NOTES:
            self.review.notes.append(what)

    def _begin(self, leg: Leg) -> None:
        if self._chronicle is None:
            self.review.leg = leg
            self._chronicle = Chronicle(self.review.source, leg.offset / 1e9)
            if leg.limit is not None:
                at, amps, by = leg.limit
                limit = events.Noted("limit", {"amps": amps, "source": by})
                self._chronicle.observe(at, None, [limit])
        elif leg.steps > self._steps:
            lost, seconds = leg.steps - self._steps, leg.t - self._now
            self._note(f"{lost} steps, in {seconds:.0f} s, were not kept: there was no room")
        self._steps, self._now = leg.steps, leg.t
        self.review.rerun.begin(leg)

    def _follow(self, recorded: WrittenStep, chronicle: Chronicle) -> None:
        step = recorded.step
        self._now, self._steps = step.now, self._steps + 1
        self.review.rerun.follow(recorded)
        known = self._attributable(step)
        chronicle.observe(known.now, known.event, known.actions)
        for happening in happenings(step.now, step.actions):
            self._tell(happening)
            if happening["event"] == "unplugged" and self.review.leg is not None:
                self.review.unplugged_at = step.now + self.review.leg.offset / 1e9

    def _tell(self, happening: dict[str, Any]) -> None:
        told = self.review.happenings
        if happening["event"] in WIRE or len(told) == MAX_HAPPENINGS:
            return
        if told and happening["event"] == told[-1]["event"] == "identity":
            told.pop()  # it is said anew with every claim: the last has them all
        told.append(happening)

    def _attributable(self, step: Step) -> Step:
        """Return a step without messages of a connection that nothing is known of."""
        self._connected |= isinstance(step.event, events.StreamOpened)
        if self._connected:
            return step
        rest = [action for action in step.actions if not isinstance(action, Exchanged)]
        return replace(step, actions=rest)


def review(source: str, lines: Iterable[bytes]) -> Review:
    """Read a whole sidecar."""
    reviewer = Reviewer(source)
    for line in lines:
        reviewer.read(line)
    return reviewer.finish()
