"""One vehicle at the outlet, from plug to unplug: what is dropped with it, all in one place.

Some things have to happen in time, whatever the vehicle does. Once there is a link, a vehicle
that speaks opens a session; one that does not must not rest at 5 % for ever. One that wakes up
has its link back before that. A session whose modem is known to be dead is given up as soon as
the vehicle is silent. And when a session has been stopped for good, its network is left
(ISO 15118-3), but not before the last response has got through; a vehicle that is back sooner
finds it still there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from seccstack.auth.watch import Watch
from seccstack.events import PausedFound, StreamOpened
from seccstack.session.events import Paused, StopCharging
from seccstack.session.opening import Opening
from seccstack.session.plant import Charger, Plant, Protocol
from seccstack.session.session import V2gSession

CONNECT_WITHIN = 20.0  # V2G_EVCC_CommunicationSetup_Timeout: a vehicle itself gives up then
RETURN_WITHIN = 5.0  # ours: cars that come back after a failed TLS or SAP do within a second
RESUME_WITHIN = 6.0  # T_conn_resume: from waking up to the link
SILENT_WITHIN = 5.0  # ours: in a session a vehicle asks about every second, and waits for 2
OPEN_WITHIN = 3.0  # ours: when we start, the pilot speaks before there is a way to the modem
LEAVE_AFTER = 0.8  # TP_match_leave is 1 s at most


@dataclass(frozen=True, slots=True)
class NoSession:
    """The vehicle has opened no session in time; ``linked``: nor ever, since it has a link."""

    why: str
    linked: bool = False


@dataclass(frozen=True, slots=True)
class LeaveNetwork:
    """The vehicle has stopped for good: the network it was in has served its purpose."""


@dataclass(frozen=True, slots=True)
class SessionDead:
    """Our modem is dead, and nothing has come through it since."""

    why: str


Action = NoSession | LeaveNetwork | SessionDead


@dataclass(slots=True)
class PlugIn:
    """``number`` never comes twice, and 0 is nobody's: where nothing is plugged in.

    ``peer``: the addresses, IPv6 and Ethernet, at the end of ``stream``; ``stop``: why this
    charge is to end, if it is; ``earlier``: what it paused before we were started anew, and our
    network with us.
    """

    number: int = 0
    linked: bool = False
    stream: int | None = None
    peer: tuple[str, bytes | None] | None = None
    session: V2gSession | None = None
    resumable: Paused | None = None
    paused_by: bytes | None = None  # the Ethernet address at the end of what was paused
    earlier: PausedFound | None = None
    stop: str | None = None
    halted: bool = False  # by what may start it again, too
    connect_by: float | None = None
    failure: NoSession = NoSession("")  # what it is then, if it has not
    leave_at: float | None = None
    doubt_until: float | None = None  # the modem is dead; until then the session is not
    trouble: str = ""
    heard_at: float = -math.inf
    watch: Watch = field(default_factory=Watch)

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next."""
        deadlines = (self.connect_by, self.leave_at, self.doubt_until)
        return min((d for d in deadlines if d is not None), default=None)

    def tick(self, now: float) -> Sequence[Action]:
        """Say what is overdue, once."""
        actions: list[Action] = []
        if self.connect_by is not None and self.connect_by <= now:
            self.connect_by = None
            actions.append(self.failure)
        if self.leave_at is not None and self.leave_at <= now:
            self.leave_at = None
            actions.append(LeaveNetwork())
        if self.doubt_until is not None and self.doubt_until <= now:
            self.doubt_until = None
            actions.append(SessionDead(self.trouble))
        return actions

    @property
    def rejoins(self) -> bool:
        """Whether it needs no matching to open a session: it is in our network, or was."""
        return self.linked or self.resumable is not None

    def await_session(self, now: float) -> None:
        """Expect the vehicle to open a session, unless it has; before that, its link back."""
        if self.stream is not None:
            return
        if self.linked:
            self.connect_by = now + CONNECT_WITHIN
            why = f"no session within {CONNECT_WITHIN:g} s of the link"
        else:
            self.connect_by = now + RESUME_WITHIN
            why = f"the link was not back within {RESUME_WITHIN:g} s of waking up"
        self.failure = NoSession(why, linked=True)

    def await_line(self, why: str, now: float) -> None:
        """Give the powerline a moment to open: we have just started, or it is not there."""
        self.connect_by = now + OPEN_WITHIN
        self.failure = NoSession(why)

    def bear_with_matching(self, now: float) -> None:
        """Give a vehicle that woke up, and has forgotten our key, its time to be matched."""
        if self.connect_by is not None and not self.linked:
            self.connect_by = now + RESUME_WITHIN

    def matched(self) -> None:
        """Note that it was given our key: how long it may take to join is known elsewhere."""
        self.connect_by = None

    def doubt(self, why: str, now: float) -> None:
        """Note that our modem is dead; what the session says is the proof that it is not."""
        self.trouble = why
        if self.stream is not None:
            self.doubt_until = now + SILENT_WITHIN

    def heard(self, now: float) -> None:
        """Note that the session has said something."""
        self.heard_at = now
        if self.doubt_until is not None:
            self.doubt_until = now + SILENT_WITHIN

    def lives(self, now: float) -> bool:
        """Whether there is a session that has just said something."""
        return self.stream is not None and now < self.heard_at + SILENT_WITHIN

    def trust(self) -> None:
        """Note that our modem lives."""
        self.doubt_until = None

    def await_another(self, now: float) -> None:
        """Give a vehicle whose TLS failed as long to try again, or to do without it."""
        if self.connect_by is not None:
            self.connect_by = max(self.connect_by, now + RETURN_WITHIN)

    def await_return(self, now: float, why: str) -> None:
        """Give a vehicle whose session broke a moment to open another."""
        self.connect_by = now + RETURN_WITHIN
        self.failure = NoSession(why)

    def begin_session(
        self,
        charger: Charger,
        opened: StreamOpened,
        plant: Plant,
        now: float,
        avoided: frozenset[Protocol] = frozenset(),
    ) -> None:
        """Begin a session on a new stream; a paused one may be joined by it, once."""
        plant.stop = StopCharging(self.stop) if self.stop else None
        self.connect_by = self.leave_at = None
        self.stream, self.peer = opened.stream, (opened.address, opened.mac)
        resumable = self._paused_here_by(opened.mac) or self._paused_earlier_by(opened.mac)
        opening = Opening(
            charger=charger,
            plant=plant,
            session_id=opened.session_id,
            timestamp=opened.wall_time,
            at=now,
            resumable=resumable,
            tls=opened.tls,
            tls_version=opened.tls_version,
            challenge=opened.challenge,
            vehicle=opened.vehicle,
            avoided=avoided,
        )
        self.session = V2gSession(opening)
        self.resumable = self.earlier = None

    @property
    def sleeps(self) -> bool:
        """Whether it has paused a session that it may go on with."""
        return self.resumable is not None or self.earlier is not None

    def _paused_here_by(self, mac: bytes | None) -> Paused | None:
        other = None not in (mac, self.paused_by) and mac != self.paused_by
        return None if other else self.resumable

    def _paused_earlier_by(self, mac: bytes | None) -> Paused | None:
        earlier = self.earlier
        return earlier.paused if earlier is not None and earlier.mac == mac else None

    @property
    def objection(self) -> str | None:
        """Why no further stream may become a session, if so."""
        if not self.number:
            return "no vehicle is plugged in"
        return None if self.stream is None else "another session is active"

    def end_session(self) -> None:
        """Forget the session, whoever ended it."""
        self.session = self.stream = self.peer = self.doubt_until = None

    def stopped(self, now: float) -> None:
        """Note that the session was stopped for good."""
        self.leave_at = now + LEAVE_AFTER
