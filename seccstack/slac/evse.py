"""The charger's side of SLAC matching: which EV is on our cable?

Theory of operation
-------------------
Every EV that hears our powerline may ask, our own and the neighbours'. Each asks under its own
(MAC, RunID), so each gets an `Attempt` of its own, all at once (`seccstack.slac.attempt`).
Nothing is believed before `seccstack.slac.checks` has seen every field of it, and attenuation
is believed from our own modem alone.

Above the attempts is one `Phase` of the plug-in (`seccstack.slac.phases`). The first EV that
chooses us is given our key, once, and again only if it repeats the very same request; the
others' attempts are dropped. From then on nobody but that EV may ask again: while it joins, and
after its link was lost; while the link stands not even it.

Attempts that make no progress are aged out by their timers. Should strangers ask faster than
that, the attempt without progress for longest gives way at `timing.MAX_ATTEMPTS`: a car that
moves on every 250 ms keeps its place against 1,000 new strangers a second, and 256 attempts of
10 profiles each take less than half a megabyte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import assert_never

from seccstack.homeplug.keys import network_id
from seccstack.homeplug.messages import (
    AttenCharRsp,
    AttenProfileInd,
    MnbcSoundInd,
    SlacMatchCnf,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
    StartAttenCharInd,
    ValidateCnf,
    ValidateReq,
)
from seccstack.slac import timing
from seccstack.slac.attempt import (
    Attempt,
    AttemptMessage,
    AwaitingChoice,
    AwaitingStart,
    Ev,
    Failed,
    Sounding,
    on_message,
    on_timeout,
)
from seccstack.slac.checks import FromEv, complaint
from seccstack.slac.events import (
    Heard,
    Ignored,
    KeyInForce,
    KeyLost,
    LinkChanged,
    ModemLearned,
    Send,
)
from seccstack.slac.phases import (
    Away,
    Closed,
    Joined,
    Joining,
    Matching,
    Parted,
    Phase,
    asked,
    deserted,
    may_ask,
    opened,
)

# What the machine is told beside `seccstack.slac.events`, and what it asks for.


@dataclass(frozen=True, slots=True)
class VehicleArrived:
    """A vehicle is at our outlet (pilot B, C, D), or may have a further go at matching."""


@dataclass(frozen=True, slots=True)
class VehicleLeft:
    """No vehicle is at our outlet any more (pilot A, E, F)."""


@dataclass(frozen=True, slots=True)
class Matched:
    """An EV chose us and was given our key. Who it is, it has only claimed."""

    ev_mac: bytes
    run_id: bytes
    attenuation_db: float
    sounds: int
    request_mac: bytes  # PEV_MAC in CM_SLAC_MATCH.REQ


@dataclass(frozen=True, slots=True)
class MatchingFailed:
    """Nobody is being matched, and nobody is expected any more."""

    reason: str


@dataclass(frozen=True, slots=True)
class LinkReady:
    """The matched EV is in our network."""


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The matched EV was in our network and is no longer."""


class Validation(IntEnum):
    """How we answer an EV that wants to toggle the pilot line, which we do not watch."""

    FAILURE = 3
    NOT_REQUIRED = 4


Event = Heard | VehicleArrived | VehicleLeft | KeyInForce | KeyLost | LinkChanged | ModemLearned
Action = Send | Matched | MatchingFailed | LinkReady | LinkLost | Ignored


class SlacEvse:
    """Matching at one outlet.

    ``correction_db`` makes good what this board's own coupling does to every attenuation;
    ``init_seconds`` is how long after plug-in an EV may first ask, and ``serve_late`` whether
    one that asks later is answered all the same (ISO 15118-5 wants it ignored).
    """

    def __init__(
        self,
        mac: bytes,
        *,
        correction_db: int = 0,
        init_seconds: float = timing.EVSE_SLAC_INIT,
        validation: Validation = Validation.FAILURE,
        serve_late: bool = False,
    ) -> None:
        self._mac = mac
        self._correction_db = correction_db
        self._init_seconds = init_seconds
        self._validation = validation
        self._serve_late = serve_late
        self._phase: Phase = Away()
        self._attempts: dict[Ev, Attempt] = {}  # those without progress for longest come first
        self._modem: bytes | None = None
        self._network_key: bytes | None = None

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        deadlines = [attempt.deadline for attempt in self._attempts.values()]
        if isinstance(self._phase, Matching | Joining):
            deadlines.append(self._phase.deadline)
        return min(deadlines, default=None)

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event."""
        match event:
            case Heard():
                return self._hear(event, now)
            case VehicleArrived():
                if isinstance(self._phase, Away | Closed | Parted):
                    self._phase = opened(now, self._init_seconds)
            case VehicleLeft():
                self._phase, self._network_key = Away(), None  # a key serves one plug-in
                self._attempts.clear()
            case KeyInForce(network_key):
                return self._take_key(network_key)
            case KeyLost():
                self._network_key = None
                self._attempts.clear()
                self._phase = deserted(self._phase, "our modem lost its key", now)
            case ModemLearned(mac):
                self._modem = mac
            case LinkChanged(up):
                return self._change_link(up)
            case _:
                assert_never(event)
        return []

    def tick(self, now: float) -> Sequence[Action]:
        """Let every deadline up to now pass."""
        actions: list[Action] = []
        for attempt in list(self._attempts.values()):
            if attempt.deadline <= now:
                actions += self._time_out(attempt, now)
        match self._phase:
            case Matching(deadline=deadline) if deadline <= now:
                actions += self._give_up(self._phase)
            case Joining(deadline=deadline) if deadline <= now:
                actions += self._give_up_joining(now)
            case _:
                pass
        return actions

    def _hear(self, heard: Heard, now: float) -> Sequence[Action]:
        source, message = heard.source, heard.message
        if not isinstance(message, FromEv | AttenProfileInd):
            return []  # of another charger, or between a modem and its host
        why = self._refusal(heard)
        if why is not None:
            return [Ignored(message.name, why)]
        match message:
            case SlacParmReq():
                return self._answer(source, message, now)
            case MnbcSoundInd():
                return []  # what counts is our modem's report of it
            case ValidateReq():
                return self._validate(source, message)
            case SlacMatchReq():
                return self._choose(Ev(source, message.run_id), message, now)
            case AttenProfileInd():
                return self._advance(self._newest(message.ev_mac, Sounding), message, now)
            case StartAttenCharInd() | AttenCharRsp():
                ev = Ev(source, message.run_id)
                return self._advance(self._attempts.get(ev), message, now)
            case _:
                assert_never(message)

    def _refusal(self, heard: Heard) -> str | None:
        if isinstance(self._phase, Away):
            return "no vehicle is at our outlet"
        if self._network_key is None:
            return "no key is in force"
        if isinstance(heard.message, AttenProfileInd) and heard.source != self._modem:
            return f"sent from {heard.source.hex()}, which is not our modem"
        return complaint(heard, self._mac)

    def _answer(self, mac: bytes, request: SlacParmReq, now: float) -> Sequence[Action]:
        if not may_ask(self._phase, mac):
            return [Ignored(request.name, f"not while {type(self._phase).__name__}")]
        self._phase = asked(self._phase, now)
        ev = Ev(mac, request.run_id)
        self._put(AwaitingStart(ev, now + timing.MATCH_SEQUENCE))
        if len(self._attempts) > timing.MAX_ATTEMPTS:
            del self._attempts[next(iter(self._attempts))]
        return [Send(mac, SlacParmCnf(forwarding_station=mac, run_id=request.run_id))]

    def _advance(
        self, attempt: Attempt | None, message: AttemptMessage, now: float
    ) -> Sequence[Action]:
        if attempt is None:
            return [Ignored(message.name, "belongs to no attempt")]
        taken = on_message(attempt, message, self._correction_db, now)
        if taken is None:
            return [Ignored(message.name, f"not while {type(attempt).__name__}")]
        self._put(taken[0])
        return taken[1]

    def _validate(self, mac: bytes, request: ValidateReq) -> Sequence[Action]:
        if self._newest(mac, AwaitingChoice) is None:  # it carries no run id
            return [Ignored(request.name, "belongs to no attempt that awaits a choice")]
        return [Send(mac, ValidateCnf(result=self._validation))]

    def _choose(self, ev: Ev, request: SlacMatchReq, now: float) -> Sequence[Action]:
        attempt, phase = self._attempts.get(ev), self._phase
        if isinstance(attempt, AwaitingChoice) and self._network_key is not None:
            confirmation = _confirmation(request, self._network_key)
            self._attempts.clear()
            self._phase = Joining(ev, request, confirmation, now + timing.MATCH_JOIN)
            return [Send(ev.mac, confirmation), _matched(attempt, request)]
        if isinstance(phase, Joining) and phase.request == request:  # by the sender it names
            return [Send(ev.mac, phase.confirmation)]
        return [Ignored(request.name, "belongs to no attempt that awaits a choice")]

    def _take_key(self, network_key: bytes) -> Sequence[Action]:
        self._network_key = network_key
        phase = self._phase
        if isinstance(phase, Joining) and phase.confirmation.network_key != network_key:
            self._phase = Closed(reopens=True)
            return [MatchingFailed("our key was changed while the EV was joining")]
        return []

    def _change_link(self, up: bool) -> Sequence[Action]:
        match self._phase:
            case Joining(ev) | Parted(ev) if up:
                self._phase = Joined(ev)
                self._attempts.clear()
                return [LinkReady()]
            case Joined(ev) if not up:
                self._phase = Parted(ev)
                return [LinkLost()]
            case _:
                return []

    def _time_out(self, attempt: Attempt, now: float) -> Sequence[Action]:
        outcome, sends = on_timeout(attempt, self._correction_db, now)
        if not isinstance(outcome, Failed):
            self._put(outcome)
            return sends
        del self._attempts[attempt.ev]
        if not self._attempts:
            self._phase = deserted(self._phase, outcome.why, now)
        return []

    def _give_up(self, phase: Matching) -> Sequence[Action]:
        self._attempts.clear()
        self._phase = Closed(reopens=phase.asked or self._serve_late)
        within = "" if phase.asked else f" within {self._init_seconds:g} s"
        return [MatchingFailed(phase.last_failure + within)]

    def _give_up_joining(self, now: float) -> Sequence[Action]:
        self._phase = Closed(reopens=True)
        if self._attempts:  # it never got the key, and is at it again
            self._phase = asked(self._phase, now)
            return []
        return [MatchingFailed("the EV has our key but did not join our network")]

    def _put(self, attempt: Attempt) -> None:
        self._attempts.pop(attempt.ev, None)
        self._attempts[attempt.ev] = attempt

    def _newest(self, mac: bytes, state: type[Attempt]) -> Attempt | None:
        for ev, attempt in reversed(self._attempts.items()):
            if ev.mac == mac and isinstance(attempt, state):
                return attempt
        return None


def _confirmation(request: SlacMatchReq, network_key: bytes) -> SlacMatchCnf:
    return SlacMatchCnf(
        ev_mac=request.ev_mac,
        evse_mac=request.evse_mac,
        run_id=request.run_id,
        network_id=network_id(network_key),
        network_key=network_key,
    )


def _matched(attempt: AwaitingChoice, request: SlacMatchReq) -> Matched:
    report = attempt.report
    return Matched(
        ev_mac=attempt.ev.mac,
        run_id=attempt.ev.run_id,
        attenuation_db=sum(report.attenuations) / len(report.attenuations),
        sounds=report.num_sounds,
        request_mac=request.ev_mac,
    )
