"""The charger's end of the serial line to a microcontroller (`seccstack.pilot.wire`).

The link is detached (there is no serial port), beginning (BEGIN is sent, each time under a new
number, until the microcontroller answers), or talking. Whatever ends a session, a port that is
gone, a second of silence, a reset at the other end, means the same: the microcontroller opens
the contactor by itself, and nobody knows any more whether the vehicle is the same one. So the
pilot is told to be in state E, which ends a plug-in whatever the line is driven with; F would
pass for the echo of a `Fault` of ours. The contactor is *not* told to be open: nobody saw it,
and one that was closed and stays unseen for a second counts as one that does not open.

With the next session both states are told anew. The signal that is wanted is sent again by
itself; an order to close is not, and one that is given meanwhile is nobody's.

In the first two seconds of all, while nobody has answered yet, nothing is told: a charger that
starts beside a sound microcontroller starts without a fault.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from seccstack.pilot.limits import ContactorChanged, PilotChanged
from seccstack.pilot.port import ContactorState, PilotState, Sensed, Signal, Steady
from seccstack.pilot.signal import duty_cycle
from seccstack.pilot.wire import (
    HEARTBEAT,
    NOTHING_SENSED,
    REPEAT,
    SILENCE,
    VERSION,
    Begin,
    Change,
    Deframer,
    Frame,
    Heard,
    Identity,
    Order,
    Status,
    Trouble,
    encode,
    following,
)

FIRST_SECONDS = 2.0  # for the first answer of all
BEGIN_SECONDS = 0.25  # between two tries

# Events.


@dataclass(frozen=True, slots=True)
class Attached:
    """The serial port is open."""


@dataclass(frozen=True, slots=True)
class Detached:
    """It is gone, or cannot be opened."""

    why: str


@dataclass(frozen=True, slots=True)
class OctetsReceived:
    """Something came."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class SignalWanted:
    """The line is to be driven like this."""

    signal: Signal


@dataclass(frozen=True, slots=True)
class ContactorWanted:
    """The contactor is to close, or to open."""

    closed: bool


Event = Attached | Detached | OctetsReceived | SignalWanted | ContactorWanted

# Actions, beside `PilotChanged` and `ContactorChanged`.


@dataclass(frozen=True, slots=True)
class SendOctets:
    """Put this on the line."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class ControllerFound:
    """The microcontroller answers."""

    name: str
    boot: int


@dataclass(frozen=True, slots=True)
class ControllerLost:
    """It does not, or no longer."""

    why: str


@dataclass(frozen=True, slots=True)
class TroubleReported:
    """It says what is wrong with it, or that nothing is any more."""

    trouble: Trouble


Action = (
    PilotChanged
    | ContactorChanged
    | SendOctets
    | ControllerFound
    | ControllerLost
    | TroubleReported
)


class _Phase(Enum):
    DETACHED = "detached"
    BEGINNING = "beginning"
    TALKING = "talking"


class HostLink:
    """One microcontroller as the charger knows it; ``session``: any number to count on from."""

    def __init__(self, session: int = 0) -> None:
        self._session = session
        self._phase = _Phase.DETACHED
        self._deframer = Deframer()
        self._first_by: float | None = None
        self._why = "no answer"
        self._lost = False
        self._heard_at = 0.0
        self._send_at = math.inf
        self._signal: Signal = Steady()
        self._order = self._done = 0
        self._closing = self._closings = 0
        self._taken = 0  # the last change
        self.identity: Identity | None = None
        self.trouble = Trouble.NONE
        self.pilot: PilotState | None = None
        self.contactor: ContactorState | None = None
        self.sensed: Sensed = NOTHING_SENSED  # as of the last STATUS

    @property
    def carried(self) -> bool:
        """Whether all that was wanted is done, and there is somebody who did it."""
        return self.talking and self._done == self._order

    @property
    def talking(self) -> bool:
        """Whether there is anybody."""
        return self._phase is _Phase.TALKING

    @property
    def problem(self) -> str | None:
        """Why the microcontroller is lost, if it is; or what it says is wrong with it."""
        if self._lost:
            return self._why
        return None if self.trouble is Trouble.NONE else _words(self.trouble)

    @property
    def broken(self) -> int:
        """How many frames were broken since the port was opened."""
        return self._deframer.broken

    @property
    def deadline(self) -> float | None:
        """When something has to be sent, or ought to have been heard."""
        silent_at = self._heard_at + SILENCE if self.talking else math.inf
        due = min(self._send_at, silent_at, self._patient_until)
        return None if due == math.inf else due

    @property
    def _patient_until(self) -> float:
        """How long nothing is told because nothing was ever known."""
        if self.pilot is not None or self._lost or self._first_by is None:
            return math.inf
        return self._first_by

    def receive(self, event: Event, now: float) -> list[Action]:
        """Take an event."""
        actions = self.tick(now)
        if self._first_by is None:
            self._first_by = now + FIRST_SECONDS
        match event:
            case Attached():
                self._deframer = Deframer()
                return actions + self._begin(now)
            case Detached(why):
                self._phase, self._send_at = _Phase.DETACHED, math.inf
                return actions + self._lose(why, now)
            case OctetsReceived(octets):
                for frame in self._deframer.receive(octets):
                    actions += self._on_frame(frame, now)
                return actions
            case SignalWanted(signal):
                changed = signal != self._signal
                self._signal = signal
                return actions + (self._order_anew(now) if changed else [])
            case ContactorWanted(closed):
                return actions + self._want(closed, now)
            case _:
                assert_never(event)

    def tick(self, now: float) -> list[Action]:
        """Send what is due, and see whether the other end is still there."""
        actions: list[Action] = []
        if self.talking and now >= self._heard_at + SILENCE:
            actions += self._lose(f"it was silent for {SILENCE:g} s", now)
            actions += self._begin(now)
        if now >= self._patient_until:
            actions += self._lose(self._why, now)
        if now >= self._send_at:
            actions += self._send_order(now) if self.talking else self._begin(now)
        return actions

    # What the microcontroller says.

    def _on_frame(self, frame: Frame, now: float) -> list[Action]:
        if self.talking:
            return self._on_talk(frame, now)
        if isinstance(frame, Identity) and frame.session == self._session:
            return self._on_identity(frame, now)
        return []

    def _on_identity(self, identity: Identity, now: float) -> list[Action]:
        if self._phase is _Phase.DETACHED:
            return []
        if identity.version != VERSION:
            said = f"{identity.name} speaks version {identity.version}, and we {VERSION}"
            return self._lose(said, now)
        self._phase, self.identity, self._heard_at = _Phase.TALKING, identity, now
        self._lost, self._taken, self._done = False, 0, 0
        # The first order waits until what both states are has had its consequences.
        self._order, self._send_at = following(self._order), now + REPEAT
        return [ControllerFound(identity.name, identity.boot)]

    def _on_talk(self, frame: Frame, now: float) -> list[Action]:
        if isinstance(frame, Status) and frame.session == 0:
            return [*self._lose("it was reset, or did not hear us", now), *self._begin(now)]
        if frame.session != self._session:
            return []
        self._heard_at = now
        match frame:
            case Status(order=order, trouble=trouble, sensed=sensed):
                self._done, self.sensed = order, sensed
                return self._on_trouble(trouble)
            case Change():
                return self._on_change(frame)
            case _:
                return []

    def _on_trouble(self, trouble: Trouble) -> list[Action]:
        before, self.trouble = self.trouble, trouble
        return [] if trouble is before else [TroubleReported(trouble)]

    def _on_change(self, change: Change) -> list[Action]:
        told: list[Action] = []
        if change.number == following(self._taken):
            self._taken = change.number
            told = self._told(change.now)
        return [*told, SendOctets(encode(Heard(self._session, self._taken)))]

    def _told(self, state: PilotState | ContactorState) -> list[Action]:
        if isinstance(state, PilotState):
            before, self.pilot = self.pilot, state
            return [] if state is before else [PilotChanged(state)]
        was, self.contactor = self.contactor, state
        return [] if state is was else [ContactorChanged(state is ContactorState.CLOSED)]

    # What it is told.

    def _begin(self, now: float) -> list[Action]:
        self._phase, self._send_at = _Phase.BEGINNING, now + BEGIN_SECONDS
        self._session = following(self._session)
        return [SendOctets(encode(Begin(self._session)))]

    def _want(self, closed: bool, now: float) -> list[Action]:
        if closed == bool(self._closing) or (closed and not self.talking):
            return []
        self._closings = following(self._closings) if closed else self._closings
        self._closing = self._closings if closed else 0
        return self._order_anew(now)

    def _order_anew(self, now: float) -> list[Action]:
        if not self.talking:
            return []
        self._order = following(self._order)
        return self._send_order(now)

    def _send_order(self, now: float) -> list[Action]:
        self._send_at = now + (HEARTBEAT if self.carried else REPEAT)
        assert self.identity is not None  # noqa: S101 - it has answered
        steps = self.identity.steps
        high = round(duty_cycle(self._signal, 1 / steps) * steps)
        order = Order(self._session, self._order, high, self._closing)
        return [SendOctets(encode(order))]

    def _lose(self, why: str, now: float) -> list[Action]:
        self._why, self._closing, self.sensed = why, 0, NOTHING_SENSED
        if now < self._patient_until < math.inf:
            return []
        told: list[Action] = [] if self._lost else [ControllerLost(why)]
        self._lost = True
        if self.pilot is not PilotState.SHORTED:
            self.pilot = PilotState.SHORTED
            told.insert(0, PilotChanged(PilotState.SHORTED))  # the contactor comes first
        return told


def _words(trouble: Trouble) -> str:
    return f"it reports trouble with its {trouble.name.lower().replace('_', ' ')}"
