"""The car's side of SLAC matching, as ISO 15118-3 has it: for simulation and interop tests.

Theory of operation
-------------------
The car asks, by broadcast, and listens for a while who answers. It then announces its sounds
three times, sounds ten times, and waits until all who answered have reported, or for 1.2 s. Of
those it takes the one that heard it best, and asks it for its key. Whatever goes unanswered is
sent three times at most; a run that fails is repeated after a pause, with a new RunID, until
patience ends.

Each step is a state, holding only what is known in it. Answers that take a car a moment wait in
an outbox. Random octets are given, by a function of how many are wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from seccstack.homeplug.fields import Mme
from seccstack.homeplug.messages import (
    BROADCAST,
    AttenCharInd,
    AttenCharRsp,
    MnbcSoundInd,
    SlacMatchCnf,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
    StartAttenCharInd,
)
from seccstack.slac import timing
from seccstack.slac.events import Heard, Send

MAX_CHARGERS = 16  # that one car hears; more than stand within reach of its line


@dataclass(frozen=True, slots=True)
class PluggedIn:
    """The plug is in and the pilot asks for digital communication."""


@dataclass(frozen=True, slots=True)
class Unplugged:
    """The plug is out."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A charger gave us its key: give it to our modem."""

    network_key: bytes = field(repr=False)
    network_id: bytes
    evse_mac: bytes


@dataclass(frozen=True, slots=True)
class MatchFailed:
    """The car gives up."""

    why: str


Event = Heard | PluggedIn | Unplugged
Action = Send | Joined | MatchFailed


@dataclass(frozen=True, kw_only=True, slots=True)
class Character:
    """What one car does differently from another; the defaults are what cars in captures do."""

    run_id: bytes | None = None  # Tesla's never changes
    start_seconds: float = 0.0  # from plug-in to the first ask; a VW may take 30
    listen_seconds: float = timing.MATCH_RESPONSE  # for further chargers, after the first
    response_seconds: float = timing.EV_RESPONSE
    choice_seconds: float = timing.EV_RESPONSE  # a Tesla takes 0.9
    interval_seconds: float = timing.EV_BATCH_INTERVAL
    patience_seconds: float = timing.MATCHING_REPETITION
    sounds: int = timing.NUM_SOUNDS
    withheld: frozenset[type[Mme]] = frozenset()  # what it never sends, out of a defect


@dataclass(frozen=True, slots=True)
class Idle:
    """Not plugged in, or done."""

    deadline: None = None


@dataclass(frozen=True, slots=True)
class Pausing:
    """A run is about to begin."""

    deadline: float


@dataclass(frozen=True, slots=True)
class Asking:
    """CM_SLAC_PARM.REQ is out; chargers answer."""

    run_id: bytes
    deadline: float
    retries_left: int = timing.RETRIES
    chargers: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Sounding:
    """Starts and sounds are being sent, and results awaited until ``results_by``."""

    run_id: bytes
    deadline: float
    chargers: frozenset[bytes]
    results_by: float
    script: tuple[Mme, ...]
    results: tuple[tuple[float, bytes], ...] = ()  # mean attenuation, whose


@dataclass(frozen=True, slots=True)
class Requesting:
    """A charger is chosen; CM_SLAC_MATCH.REQ is sent when the deadline comes, so often."""

    run_id: bytes
    deadline: float
    charger: bytes
    sends_left: int = 1 + timing.RETRIES


Busy = Pausing | Asking | Sounding | Requesting
State = Idle | Busy


class SlacEv:
    """One car; ``octets(n)`` gives n random octets."""

    def __init__(
        self, mac: bytes, octets: Callable[[int], bytes], character: Character | None = None
    ) -> None:
        self._mac = mac
        self._octets = octets
        self._character = character or Character()
        self._state: State = Idle()
        self._outbox: tuple[tuple[float, Send], ...] = ()
        self._patient_until = 0.0

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        deadlines = [at for at, _ in self._outbox]
        if self._state.deadline is not None:
            deadlines.append(self._state.deadline)
        return min(deadlines, default=None)

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event."""
        match event:
            case PluggedIn():
                begin = now + self._character.start_seconds
                self._patient_until = begin + self._character.patience_seconds
                self._state = Pausing(begin)
            case Unplugged():
                self._state, self._outbox = Idle(), ()
            case Heard():
                return self._hear(event, now) if event.destination == self._mac else []
            case _:
                assert_never(event)
        return []

    def tick(self, now: float) -> Sequence[Action]:
        """Let every deadline up to now pass."""
        due: list[Action] = [send for at, send in self._outbox if at <= now]
        self._outbox = tuple(later for later in self._outbox if later[0] > now)
        state = self._state
        if not isinstance(state, Idle) and state.deadline <= now:
            due += self._move_on(state, now)
        return due

    def _hear(self, heard: Heard, now: float) -> Sequence[Action]:
        source, message, state = heard.source, heard.message, self._state
        match state, message:
            case Asking(), SlacParmCnf() if message.run_id == state.run_id:
                chargers = state.chargers | {source}
                if len(chargers) <= MAX_CHARGERS:
                    deadline = min(state.deadline, now + self._character.listen_seconds)
                    self._state = replace(state, chargers=chargers, deadline=deadline)
            case ((Sounding() | Requesting()), AttenCharInd()):
                if (message.source_address, message.run_id) == (self._mac, state.run_id):
                    self._acknowledge(source, message, now)
                    self._note_result(source, message, now)
            case Requesting(charger=charger), SlacMatchCnf() if charger == source:
                return self._join(state, message)
            case _:
                pass
        return []

    def _move_on(self, state: Busy, now: float) -> Sequence[Action]:
        match state:
            case Pausing():
                run_id = self._character.run_id or self._octets(8)
                return self._ask(Asking(run_id, now))
            case Asking(chargers=chargers) if chargers:
                return self._begin_sounding(state, now)
            case Asking(retries_left=0):
                return self._fail("no charger answered CM_SLAC_PARM.REQ", now)
            case Asking(retries_left=left):
                return self._ask(replace(state, deadline=now, retries_left=left - 1))
            case Sounding(script=()):
                return self._choose(state, now)
            case Sounding():
                return self._sound(state, now)
            case Requesting(sends_left=0):
                return self._fail("the charger did not answer CM_SLAC_MATCH.REQ", now)
            case Requesting():
                return self._request(state, now)
            case _:
                assert_never(state)

    def _ask(self, asking: Asking) -> Sequence[Action]:
        self._state = replace(asking, deadline=asking.deadline + timing.MATCH_RESPONSE)
        return self._send(BROADCAST, SlacParmReq(run_id=asking.run_id))

    def _begin_sounding(self, asking: Asking, now: float) -> Sequence[Action]:
        start = StartAttenCharInd(forwarding_station=self._mac, run_id=asking.run_id)
        sounds = tuple(
            MnbcSoundInd(remaining=left, run_id=asking.run_id, random=self._octets(16))
            for left in reversed(range(self._character.sounds))
        )
        script = (start,) * timing.EV_START_ATTEN_CHAR_INDS + sounds
        results_by = now + timing.EV_ATTEN_RESULTS
        return self._sound(
            Sounding(asking.run_id, now, asking.chargers, results_by, script), now
        )

    def _sound(self, sounding: Sounding, now: float) -> Sequence[Action]:
        message, *script = sounding.script
        deadline = now + self._character.interval_seconds
        if not script and len(sounding.results) < len(sounding.chargers):
            deadline = sounding.results_by
        self._state = replace(sounding, script=tuple(script), deadline=deadline)
        return self._send(BROADCAST, message)

    def _acknowledge(self, charger: bytes, report: AttenCharInd, now: float) -> None:
        answer = AttenCharRsp(source_address=self._mac, run_id=report.run_id)
        at = now + self._character.response_seconds
        due = tuple((at, send) for send in self._send(charger, answer))
        self._outbox = (*self._outbox, *due)[:MAX_CHARGERS]

    def _note_result(self, charger: bytes, report: AttenCharInd, now: float) -> None:
        state = self._state
        if not isinstance(state, Sounding):
            return
        if charger in state.chargers - {whose for _, whose in state.results}:
            attenuation = sum(report.attenuations) / len(report.attenuations)
            state = replace(state, results=(*state.results, (attenuation, charger)))
            if len(state.results) == len(state.chargers) and not state.script:
                state = replace(state, deadline=now + self._character.response_seconds)
            self._state = state

    def _choose(self, sounding: Sounding, now: float) -> Sequence[Action]:
        if not sounding.results:
            return self._fail("no charger reported with CM_ATTEN_CHAR.IND", now)
        _, nearest = min(sounding.results)
        self._state = Requesting(sounding.run_id, now + self._character.choice_seconds, nearest)
        return []

    def _request(self, requesting: Requesting, now: float) -> Sequence[Action]:
        deadline, left = now + timing.MATCH_RESPONSE, requesting.sends_left - 1
        self._state = replace(requesting, deadline=deadline, sends_left=left)
        charger = requesting.charger
        message = SlacMatchReq(ev_mac=self._mac, evse_mac=charger, run_id=requesting.run_id)
        return self._send(charger, message)

    def _join(self, requesting: Requesting, message: SlacMatchCnf) -> Sequence[Action]:
        ours = (requesting.run_id, self._mac, requesting.charger)
        if (message.run_id, message.ev_mac, message.evse_mac) != ours:
            return []
        self._state = Idle()
        return [Joined(message.network_key, message.network_id, message.evse_mac)]

    def _fail(self, why: str, now: float) -> Sequence[Action]:
        again = now + timing.MATCHING_RATE
        if again <= self._patient_until:
            self._state = Pausing(again)
            return []
        self._state = Idle()
        return [MatchFailed(why)]

    def _send(self, destination: bytes, message: Mme) -> list[Send]:
        withheld = type(message) in self._character.withheld
        return [] if withheld else [Send(destination, message)]
