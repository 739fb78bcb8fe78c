"""Amplitude maps: two stations that are linked tell each other to send more quietly.

Either side may ask, carrier by carrier, once the link stands (CM_AMP_MAP). What the EV asks for
is handed on as `SetAmplitudes`, and confirmed when the world says that the modem does it; where
nobody can make a modem do it, every request is answered with failure at once, which is true.
What we want of the EV, if anything, is asked when the link comes up and repeated as every other
message; an EV that does not heed it is linked all the same.

An EV that asks for a map of no carriers is not answered: such a message does not decode.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from seccstack.homeplug.messages import AmpMapCnf, AmpMapReq
from seccstack.slac import timing
from seccstack.slac.events import Heard, Ignored, Send

DONE, FAILED = 0, 1  # results of CM_AMP_MAP.CNF
NOBODY = b""
MAX_PENDING = 4  # requests of one EV at once; ISO 15118-5 tries three


@dataclass(frozen=True, slots=True)
class PeerLinked:
    """The EV with this address is in our network."""

    mac: bytes


@dataclass(frozen=True, slots=True)
class PeerParted:
    """It is not any more."""


@dataclass(frozen=True, slots=True)
class AmplitudesSet:
    """The modem sends as it was told by the first `SetAmplitudes` unanswered; or it can't."""

    done: bool


@dataclass(frozen=True, slots=True)
class SetAmplitudes:
    """Make our modem send more quietly: four bits a carrier, two carriers an octet."""

    reductions: bytes


Event = Heard | PeerLinked | PeerParted | AmplitudesSet
Action = Send | SetAmplitudes | Ignored


@dataclass(frozen=True, slots=True)
class Asking:
    """The EV was asked to send more quietly, and has not confirmed it yet."""

    deadline: float
    retries_left: int


class AmplitudeMaps:
    """``able``: whether anybody answers `SetAmplitudes`; ``wanted``: what an EV is to do."""

    def __init__(self, *, able: bool = False, wanted: bytes | None = None) -> None:
        self._able = able
        self._wanted = wanted
        self._peer = NOBODY
        self._asking: Asking | None = None
        self._pending: deque[float] = deque()  # by when each request must be answered

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        deadlines = list(self._pending)
        if self._asking is not None:
            deadlines.append(self._asking.deadline)
        return min(deadlines, default=None)

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event."""
        match event:
            case PeerLinked(mac):
                self._part()
                self._peer = mac
                return self._ask(timing.RETRIES, now)
            case PeerParted():
                self._part()
                return []
            case AmplitudesSet(done):
                return self._answer(done)
            case Heard():
                return self._hear(event, now)
            case _:
                assert_never(event)

    def tick(self, now: float) -> Sequence[Action]:
        """Let every deadline up to now pass."""
        actions: list[Action] = []
        while self._pending and self._pending[0] <= now:
            actions += self._answer(False)
        if self._asking is not None and self._asking.deadline <= now:
            actions += self._ask_again(self._asking, now)
        return actions

    def _part(self) -> None:
        self._peer, self._asking = NOBODY, None
        self._pending.clear()

    def _hear(self, heard: Heard, now: float) -> Sequence[Action]:
        message = heard.message
        if not isinstance(message, AmpMapReq | AmpMapCnf):
            return []
        if self._peer == NOBODY or heard.source != self._peer:
            return [Ignored(message.name, "sent by nobody who is linked with us")]
        if isinstance(message, AmpMapReq):
            return self._take(message, now)
        if self._asking is None:
            return [Ignored(message.name, "nobody asked")]
        if message.result == DONE:
            self._asking = None
        return []  # refused: it is asked again in its time

    def _take(self, request: AmpMapReq, now: float) -> Sequence[Action]:
        if not self._able:
            return self._confirm(FAILED)
        if len(self._pending) >= MAX_PENDING:
            return [Ignored(request.name, f"{MAX_PENDING} requests are pending")]
        self._pending.append(now + timing.AMP_MAP)
        return [SetAmplitudes(request.reductions)]

    def _answer(self, done: bool) -> Sequence[Action]:
        if not self._pending:
            return []  # it took too long, or the EV has left
        self._pending.popleft()
        return self._confirm(DONE if done else FAILED)

    def _confirm(self, result: int) -> Sequence[Action]:
        return [Send(self._peer, AmpMapCnf(result=result))]

    def _ask(self, retries_left: int, now: float) -> Sequence[Action]:
        if self._wanted is None:
            return []
        self._asking = Asking(now + timing.AMP_MAP_EXCHANGE, retries_left)
        return [Send(self._peer, AmpMapReq(reductions=self._wanted))]

    def _ask_again(self, asking: Asking, now: float) -> Sequence[Action]:
        if asking.retries_left:
            return self._ask(asking.retries_left - 1, now)
        self._asking = None
        return [Ignored("our CM_AMP_MAP.REQ", "the EV did not confirm it")]
