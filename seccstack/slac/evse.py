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
after its link was lost; while the link stands it has to insist (`AskedAgain`).

An EV that cannot tell chargers apart by attenuation may toggle the pilot line, to see which of
them counts (`seccstack.slac.validation`); one at a time. `ToggleExpected` says while it may.

Who else is heard is told once there is a match: until then anybody may be ours.

Attempts that make no progress are aged out by their timers. Should strangers ask faster than
that, the attempt without progress for longest gives way at `timing.MAX_ATTEMPTS`: a car that
moves on every 250 ms keeps its place against 1,000 new strangers a second, and 256 attempts of
10 profiles each take less than half a megabyte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    ValidateReq,
)
from seccstack.slac import timing
from seccstack.slac.attempt import AwaitingChoice, Ev, Validated
from seccstack.slac.attempts import Attempts, Deserted
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
from seccstack.slac.neighbours import NeighbourHeard, mean_db
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
    refused,
)
from seccstack.slac.validation import Validation

# What the machine is told beside `seccstack.slac.events`, and what it asks for.


@dataclass(frozen=True, slots=True)
class VehicleArrived:
    """A vehicle is at our outlet (pilot B, C, D), or may have a further go at matching."""


@dataclass(frozen=True, slots=True)
class VehicleLeft:
    """No vehicle is at our outlet any more (pilot A, E, F)."""


@dataclass(frozen=True, slots=True)
class Matched:
    """An EV chose us and was given our key. Who it is, it has only claimed.

    ``attenuations``: dB of each group of carriers, as it was told; ``attenuation_db``: their
    mean. ``toggles``: how often it toggled the pilot line for us to see; None: it did not.
    """

    ev_mac: bytes
    run_id: bytes
    attenuation_db: float
    sounds: int
    request_mac: bytes  # PEV_MAC in CM_SLAC_MATCH.REQ
    attenuations: bytes
    toggles: int | None = None


@dataclass(frozen=True, slots=True)
class LineTurned:
    """The pilot line has gone to state C or D (``drawing``), or from there to another."""

    drawing: bool


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """The EV whose link stands goes on asking to be matched: for it, the link does not."""


@dataclass(frozen=True, slots=True)
class ToggleExpected:
    """From now on state C may be a message to us and no wish for energy; or no longer."""

    on: bool


@dataclass(frozen=True, slots=True)
class MatchingFailed:
    """Nobody is being matched, and nobody is expected any more."""

    reason: str


@dataclass(frozen=True, slots=True)
class LinkReady:
    """The matched EV is in our network."""

    ev_mac: bytes


@dataclass(frozen=True, slots=True)
class LinkLost:
    """The matched EV was in our network and is no longer."""


Event = (
    Heard
    | VehicleArrived
    | VehicleLeft
    | LineTurned
    | KeyInForce
    | KeyLost
    | LinkChanged
    | ModemLearned
)
Action = (
    Send
    | Matched
    | Deserted
    | AskedAgain
    | MatchingFailed
    | LinkReady
    | LinkLost
    | ToggleExpected
    | NeighbourHeard
    | Ignored
)


class SlacEvse:
    """Matching at one outlet.

    ``correction_db`` makes good what this board's own coupling does to every attenuation, or
    to each of the 58 groups. ``init_seconds`` is how long after plug-in an EV may first ask,
    and ``serve_late`` whether one that asks later is answered all the same (ISO 15118-5 wants
    it ignored).
    """

    def __init__(
        self,
        mac: bytes,
        *,
        correction_db: int | Sequence[int] = 0,
        init_seconds: float = timing.EVSE_SLAC_INIT,
        validation: Validation = Validation.OFF,
        serve_late: bool = False,
    ) -> None:
        self._mac = mac
        self._init_seconds = init_seconds
        self._serve_late = serve_late
        self._phase: Phase = Away()
        self._attempts = Attempts(correction_db, validation)
        self._toggles_expected = False
        self._modem: bytes | None = None
        self._network_key: bytes | None = None

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        deadlines = self._attempts.deadlines
        if isinstance(self._phase, Matching | Joining):
            deadlines.append(self._phase.deadline)
        return min(deadlines, default=None)

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event."""
        return [*self._take(event, now), *self._expect()]

    def tick(self, now: float) -> Sequence[Action]:
        """Let every deadline up to now pass."""
        actions = self._follow(self._attempts.expire(now), now)
        match self._phase:
            case Matching(deadline=deadline) if deadline <= now:
                actions += self._give_up(self._phase)
            case Joining(deadline=deadline) if deadline <= now:
                actions += self._give_up_joining(now)
            case _:
                pass
        return [*actions, *self._expect()]

    def _take(self, event: Event, now: float) -> Sequence[Action]:
        match event:
            case Heard():
                return self._hear(event, now)
            case VehicleArrived():
                self._open(now)
            case VehicleLeft():
                self._phase, self._network_key = Away(), None  # a key serves one plug-in
                self._attempts.clear()
                self._attempts.neighbours.clear()
            case LineTurned(drawing):
                self._attempts.turn(drawing, now)
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

    def _open(self, now: float) -> None:
        match self._phase:
            case Away() | Closed() | Parted() | Matching(asked=False):
                self._phase = opened(now, self._init_seconds)
            case _:
                pass  # somebody is at it

    def _expect(self) -> Sequence[Action]:
        """Say when toggles of the pilot line begin to be meant for us, and when no more."""
        expected = self._attempts.validating is not None
        if expected == self._toggles_expected:
            return []
        self._toggles_expected = expected
        return [ToggleExpected(expected)]

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
                return self._follow(self._attempts.validate(source, message, now), now)
            case SlacMatchReq():
                return self._choose(Ev(source, message.run_id), message, now)
            case AttenProfileInd():
                return self._report(message, now)
            case StartAttenCharInd() | AttenCharRsp():
                return self._attempts.advance(Ev(source, message.run_id), message, now)
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
            why = f"not while {type(self._phase).__name__}"
            self._phase, insists = refused(self._phase, mac, now)
            return [Ignored(request.name, why), *([AskedAgain()] if insists else [])]
        self._phase = asked(self._phase, now)
        self._attempts.begin(Ev(mac, request.run_id), now)
        return [Send(mac, SlacParmCnf(forwarding_station=mac, run_id=request.run_id))]

    def _report(self, profile: AttenProfileInd, now: float) -> Sequence[Action]:
        told = self._attempts.report(profile, now)
        if not isinstance(self._phase, Joined):
            return told
        neighbours = self._attempts.neighbours
        return [*told, *neighbours.hear(profile.ev_mac, profile.attenuations)]

    def _follow(self, told: Sequence[Action], now: float) -> list[Action]:
        """Let the phase follow the attempts: once nobody is left, retries are waited for."""
        actions: list[Action] = []
        for action in told:
            if not isinstance(action, Deserted):
                actions.append(action)
            elif isinstance(self._phase, Matching):
                self._phase = deserted(self._phase, action.why, now)
                actions.append(action)
        return actions

    def _choose(self, ev: Ev, request: SlacMatchReq, now: float) -> Sequence[Action]:
        attempt, phase = self._attempts.choosing(ev), self._phase
        if attempt is not None and self._network_key is not None:
            confirmation = _confirmation(request, self._network_key)
            self._attempts.clear()
            self._phase = Joining(ev, request, confirmation, now + timing.MATCH_JOIN)
            others = self._attempts.neighbours.matched(ev.mac)
            return [Send(ev.mac, confirmation), _matched(attempt, request), *others]
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
                return [LinkReady(ev.mac)]
            case Joined(ev) if not up:
                self._phase = Parted(ev)
                return [LinkLost()]
            case _:
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


def _confirmation(request: SlacMatchReq, network_key: bytes) -> SlacMatchCnf:
    return SlacMatchCnf(
        ev_mac=request.ev_mac,
        evse_mac=request.evse_mac,
        run_id=request.run_id,
        network_id=network_id(network_key),
        network_key=network_key,
    )


def _matched(attempt: AwaitingChoice | Validated, request: SlacMatchReq) -> Matched:
    report = attempt.report
    return Matched(
        ev_mac=attempt.ev.mac,
        run_id=attempt.ev.run_id,
        attenuation_db=mean_db(report.attenuations),
        sounds=report.num_sounds,
        request_mac=request.ev_mac,
        attenuations=report.attenuations,
        toggles=attempt.outcome.toggles if isinstance(attempt, Validated) else None,
    )
