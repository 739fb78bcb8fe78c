"""The attempts of all the EVs that ask, side by side.

Each EV is known by its address and its run together. Attempts that make no progress are aged
out by their timers. Should strangers ask faster than that, the attempt without progress for
longest gives way at `timing.MAX_ATTEMPTS`: a car that moves on every 250 ms keeps its place
against 1,000 new strangers a second, and 256 attempts of 10 profiles each take less than half a
megabyte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import UnionType

from seccstack.errors import UsageError
from seccstack.homeplug.messages import AttenProfileInd, ValidateCnf, ValidateReq
from seccstack.slac import timing
from seccstack.slac.attempt import (
    Attempt,
    AttemptMessage,
    AwaitingChoice,
    AwaitingResponse,
    AwaitingStart,
    Choosing,
    Correction,
    Ev,
    Failed,
    Sounding,
    Toggling,
    Validated,
    Validating,
    on_edge,
    on_message,
    on_timeout,
    on_validate,
)
from seccstack.slac.events import Ignored, Send
from seccstack.slac.neighbours import NeighbourHeard, Neighbours
from seccstack.slac.validation import Result, Validation

GROUPS = 58

Told = Send | NeighbourHeard | Ignored


@dataclass(frozen=True, slots=True)
class Deserted:
    """The last EV that asked has failed; it may try anew, or nobody may be left who speaks."""

    why: str


class Attempts:
    """``correction_db``: of every group of carriers, or of each of the 58."""

    def __init__(self, correction_db: int | Sequence[int], validation: Validation) -> None:
        self.neighbours = Neighbours()
        self._correction = per_group(correction_db)
        self._validation = validation
        self._attempts: dict[Ev, Attempt] = {}  # those without progress for longest come first

    def __len__(self) -> int:
        return len(self._attempts)

    @property
    def deadlines(self) -> list[float]:
        """When something is overdue."""
        return [attempt.deadline for attempt in self._attempts.values()]

    @property
    def validating(self) -> Ev | None:
        """The EV that may toggle the pilot line now, or is about to."""
        for ev, attempt in self._attempts.items():
            if isinstance(attempt, Validating | Toggling):
                return ev
        return None

    def clear(self) -> None:
        """Forget them all."""
        self._attempts.clear()

    def begin(self, ev: Ev, now: float) -> None:
        """Begin an EV's attempt, or begin it anew."""
        self._put(AwaitingStart(ev, now + timing.MATCH_SEQUENCE))
        if len(self._attempts) > timing.MAX_ATTEMPTS:
            del self._attempts[next(iter(self._attempts))]

    def choosing(self, ev: Ev) -> AwaitingChoice | Validated | None:
        """Return the EV's attempt, if it may choose us now."""
        attempt = self._attempts.get(ev)
        return attempt if isinstance(attempt, AwaitingChoice | Validated) else None

    def advance(self, ev: Ev, message: AttemptMessage, now: float) -> Sequence[Told]:
        """Take a message of an EV's, other than those below."""
        return self._advance(self._attempts.get(ev), message, now)

    def report(self, profile: AttenProfileInd, now: float) -> Sequence[Told]:
        """Take what our modem says of a sound: it belongs to the newest run of that EV."""
        return self._advance(self._newest(profile.ev_mac, Sounding), profile, now)

    def validate(
        self, mac: bytes, request: ValidateReq, now: float
    ) -> Sequence[Told | Deserted]:
        """Take CM_VALIDATE.REQ; it carries no run, and is of the newest that may send it."""
        attempt = self._newest(mac, Choosing)
        if not isinstance(attempt, Choosing):
            return [Ignored(request.name, "belongs to no attempt that awaits a choice")]
        taken = self._validated(attempt, request, now)
        if taken is None:
            return [Ignored(request.name, f"not while {type(attempt).__name__}")]
        return self._proceed(attempt, *taken)

    def turn(self, drawing: bool, now: float) -> None:
        """Take an edge of the pilot line."""
        for ev, attempt in self._attempts.items():
            self._attempts[ev] = on_edge(attempt, drawing, now)

    def expire(self, now: float) -> Sequence[Told | Deserted]:
        """Let every deadline up to now pass."""
        actions: list[Told | Deserted] = []
        for attempt in list(self._attempts.values()):
            if attempt.deadline <= now:
                actions += self._proceed(attempt, *on_timeout(attempt, self._correction, now))
        return actions

    def _advance(
        self, attempt: Attempt | None, message: AttemptMessage, now: float
    ) -> Sequence[Told]:
        if attempt is None:
            return [Ignored(message.name, "belongs to no attempt")]
        taken = on_message(attempt, message, self._correction, now)
        if taken is None:
            return [Ignored(message.name, f"not while {type(attempt).__name__}")]
        return self._go_on(*taken)

    def _validated(
        self, attempt: Choosing, request: ValidateReq, now: float
    ) -> tuple[Attempt | Failed, list[Send]] | None:
        if self._validation is Validation.ON:
            free = self.validating in (None, attempt.ev)
            return on_validate(attempt, request, free, now)
        if (request.timer, request.result) != (0, Result.READY):
            return None
        off = self._validation is Validation.OFF
        result = Result.NOT_REQUIRED if off else Result.FAILURE
        return attempt, [Send(attempt.ev.mac, ValidateCnf(result=result))]

    def _proceed(
        self, attempt: Attempt, outcome: Attempt | Failed, sends: Sequence[Send]
    ) -> Sequence[Told | Deserted]:
        if not isinstance(outcome, Failed):
            return self._go_on(outcome, sends)
        del self._attempts[attempt.ev]
        return [*sends, *([] if self._attempts else [Deserted(outcome.why)])]

    def _go_on(self, attempt: Attempt, sends: Sequence[Send]) -> Sequence[Told]:
        self._put(attempt)
        match attempt:
            case AwaitingResponse(ev, report=report) if sends:
                return [*sends, *self.neighbours.hear(ev.mac, report.attenuations)]
            case _:
                return sends

    def _put(self, attempt: Attempt) -> None:
        self._attempts.pop(attempt.ev, None)
        self._attempts[attempt.ev] = attempt

    def _newest(self, mac: bytes, state: type[Attempt] | UnionType) -> Attempt | None:
        for ev, attempt in reversed(self._attempts.items()):
            if ev.mac == mac and isinstance(attempt, state):
                return attempt
        return None


def per_group(correction_db: int | Sequence[int]) -> Correction:
    """Return the correction of each group."""
    if isinstance(correction_db, int):
        return (correction_db,) * GROUPS
    if len(correction_db) != GROUPS:
        raise UsageError(f"there are {GROUPS} groups to correct, not {len(correction_db)}")
    return tuple(correction_db)
