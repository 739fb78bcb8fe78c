"""The other end of a pilot controller's serial line, as `seccstack.pilot.wire` asks for it.

It is written for whoever makes firmware: the order of things here is the order that is meant.
Around it is a simulated line (`seccstack.sim.pilot`), measured once a millisecond while it is
not yet clear what it says.

Not simulated: the generator's own pulses, noise, the board's watchdog (a microcontroller that
hangs is one that has `Died`), and a self-test.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import assert_never

from seccstack.pilot.limits import ContactorChanged, PilotChanged
from seccstack.pilot.port import ContactorState, Fault, PilotState, Sensed, Signal, Steady
from seccstack.pilot.signal import reading
from seccstack.pilot.voltage import DRAWING, Peaks, Watch
from seccstack.pilot.wire import (
    HEARTBEAT,
    MOST_WAITING,
    NOTHING_SENSED,
    NUMBERS,
    REPEAT,
    SILENCE,
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
from seccstack.sim.pilot import (
    Applied,
    ContactorCommanded,
    DefectInjected,
    SimPilot,
    VehicleConnected,
    VehicleDisconnected,
)

MEASURE_SECONDS = 0.001
STEPS = 12_000  # of a period: a timer of 12 MHz
NAME = "seccstack simulated 1"

# Events, beside those of the line.


@dataclass(frozen=True, slots=True)
class HostSent:
    """Octets came from the host."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class Reset:
    """It starts, for this time."""

    boot: int


@dataclass(frozen=True, slots=True)
class Died:
    """It has no power: the coil falls, and nothing is said or measured."""


@dataclass(frozen=True, slots=True)
class TroubleFound:
    """It has found something wrong with itself, or that all is well again."""

    trouble: Trouble


@dataclass(frozen=True, slots=True)
class SensorsRead:
    """Its sensors say this."""

    sensed: Sensed


Event = (
    HostSent
    | Reset
    | Died
    | TroubleFound
    | SensorsRead
    | VehicleConnected
    | VehicleDisconnected
    | DefectInjected
)

# Actions, beside `PilotChanged` and `ContactorChanged`: what it has noticed itself.


@dataclass(frozen=True, slots=True)
class SendToHost:
    """Put octets on the serial line."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """It does not hear the host any more, and has gone to X1 and opened."""

    why: str


Action = SendToHost | SessionEnded | PilotChanged | ContactorChanged


class Microcontroller:
    """One of them, without power until it is `Reset`."""

    def __init__(self) -> None:
        self.line = SimPilot()
        self._sensed = NOTHING_SENSED
        self._measure_at: float = math.inf
        self._status_at: float = math.inf
        self._repeat_at: float = math.inf
        self._heard_at = 0.0
        self._start(boot=None)

    @property
    def state(self) -> PilotState | None:
        """What the line says, debounced; F while it drives F itself."""
        return PilotState.UNAVAILABLE if self.line.signal == Fault() else self._watch.state

    @property
    def in_session(self) -> bool:
        """Whether a host has it in hand."""
        return self._session != 0

    @property
    def deadline(self) -> float | None:
        """When it has to measure, to say or to notice something."""
        moves_at = math.inf if self.line.deadline is None else self.line.deadline
        times = [moves_at, self._measure_at, self._status_at]
        times += [self._repeat_at] if self._changes else []
        times += [self._heard_at + SILENCE] if self._session else []
        due = min(times)
        return None if due == math.inf else due

    def receive(self, event: Event, now: float) -> list[Action]:
        """Let something happen to it."""
        actions = self.tick(now)
        match event:
            case HostSent(octets) if self._boot is not None:
                for frame in self._deframer.receive(octets):
                    actions += self._on_frame(frame, now)
            case HostSent():
                pass  # nobody listens
            case Reset(boot):
                self._start(boot)
                self._status_at = now + HEARTBEAT
                actions += self._drive(Steady(), now) + self._switch(False, now)
            case Died():
                self._start(boot=None)
                actions += self._drive(Steady(), now) + self._switch(False, now)
            case TroubleFound(trouble):
                self._trouble = trouble
                actions += self._status(now)
            case SensorsRead(sensed):
                self._sensed = sensed
            case VehicleConnected() | VehicleDisconnected() | DefectInjected():
                actions += self._moved(self.line.receive(event, now), now)
                actions += self._measure(now)
            case _:
                assert_never(event)
        return actions

    def tick(self, now: float) -> list[Action]:
        """Do what is due."""
        actions = self._moved(self.line.tick(now), now)
        if now >= self._measure_at:
            actions += self._measure(now)
        if self._session and now >= self._heard_at + SILENCE:
            actions += self._end(f"the host was silent for {SILENCE:g} s", now)
        if self._changes and now >= self._repeat_at:
            self._repeat_at = now + REPEAT
            actions += [SendToHost(encode(change)) for change in self._changes]
        if now >= self._status_at:
            actions += self._status(now)
        return actions

    def _start(self, boot: int | None) -> None:
        """Begin to run; None: without power."""
        self._boot = boot
        self._deframer = Deframer()
        self._watch = Watch()
        self._trouble = Trouble.NONE
        self._measure_at = self._status_at = self._repeat_at = math.inf
        self._owed: Begin | None = None  # an answer, until it has measured
        self._forget(session=0)

    def _forget(self, session: int) -> None:
        self._session = session
        self._done = 0
        self._closing = self._used_up = 0
        self._number = 0
        self._changes: deque[Change] = deque()  # at most MOST_WAITING

    # What the host says.

    def _on_frame(self, frame: Frame, now: float) -> list[Action]:
        if isinstance(frame, Begin):
            self._forget(session=0)
            self._owed = frame
            actions = self._drive(Steady(), now) + self._switch(False, now)
            return actions + self._answer(now)
        if not self._session or frame.session != self._session:
            return []
        self._heard_at = now
        match frame:
            case Order(number=number) if number != self._done:
                return self._obey(frame, now)
            case Heard(number=number) if number:
                while self._changes and _is_past(self._changes[0].number, number):
                    self._changes.popleft()
            case _:
                pass
        return []

    def _answer(self, now: float) -> list[Action]:
        if self._owed is None or self.state is None or self._boot is None:
            return []
        self._forget(self._owed.session)
        self._owed, self._heard_at = None, now
        identity = Identity(self._session, STEPS, self._boot, NAME)
        closed = ContactorState.CLOSED if self.line.closed else ContactorState.OPEN
        first = self._tell(self.state, now) + self._tell(closed, now)
        return [SendToHost(encode(identity)), *first]

    def _obey(self, order: Order, now: float) -> list[Action]:
        signal = _signal_of(order.high)
        if signal is None:
            return []
        self._done, self._closing = order.number, order.closing
        actions = [] if signal == self.line.signal else self._drive(signal, now)
        return actions + self._guard(now) + self._status(now)

    # What it does.

    def _guard(self, now: float) -> list[Action]:
        """Close, if there is an order for it and a vehicle that wants it; else be open."""
        if self.state not in DRAWING:
            self._used_up = self._closing or self._used_up
        return self._switch(self._closing not in (0, self._used_up), now)

    def _switch(self, closed: bool, now: float) -> list[Action]:
        return self._moved(self.line.receive(ContactorCommanded(closed), now), now)

    def _drive(self, signal: Signal, now: float) -> list[Action]:
        before = self.line.signal
        actions = self._moved(self.line.receive(Applied(signal), now), now)
        if Fault() in (before, signal) and before != signal:
            self._watch.forget()
        if signal == Fault():
            actions += self._changed(PilotState.UNAVAILABLE, now)
        return actions + self._measure(now)

    def _measure(self, now: float) -> list[Action]:
        if self._boot is None or self.line.signal == Fault():
            self._measure_at = math.inf
            return []
        state = self._watch.take(Peaks(self.line.high_volts, self.line.low_volts), now)
        unclear = self._watch.pending or self._watch.state is None
        self._measure_at = now + MEASURE_SECONDS if unclear else math.inf
        return [] if state is None else self._changed(state, now)

    def _changed(self, state: PilotState, now: float) -> list[Action]:
        opened = self._guard(now)  # before anything is said
        return [*opened, PilotChanged(state), *self._tell(state, now), *self._answer(now)]

    def _moved(
        self, actions: list[PilotChanged | ContactorChanged], now: float
    ) -> list[Action]:
        """Tell where the contact is; the line's own reading is not debounced, and left."""
        told: list[Action] = []
        for action in actions:
            if isinstance(action, ContactorChanged):
                state = ContactorState.CLOSED if action.closed else ContactorState.OPEN
                told += [action, *self._tell(state, now)]
        return told

    def _tell(self, state: PilotState | ContactorState, now: float) -> list[Action]:
        if not self._session:
            return []
        if len(self._changes) >= MOST_WAITING:
            return self._end(f"{MOST_WAITING} changes were not heard", now)
        self._repeat_at = self._repeat_at if self._changes else now + REPEAT
        self._number = following(self._number)
        high, low = self.line.high_volts, self.line.low_volts
        volts = [round(1000 * volts) for volts in (high, high if low is None else low)]
        change = Change(self._session, self._number, state, *volts)
        self._changes.append(change)
        return [SendToHost(encode(change))]

    def _status(self, now: float) -> list[Action]:
        if self._boot is None:
            return []
        self._status_at = now + HEARTBEAT
        status = Status(self._session, self._done, self._trouble, self._sensed)
        return [SendToHost(encode(status))]

    def _end(self, why: str, now: float) -> list[Action]:
        self._forget(session=0)
        opened = self._switch(False, now) + self._drive(Steady(), now)
        return [*opened, SessionEnded(why), *self._status(now)]


def _is_past(number: int, heard: int) -> bool:
    return (heard - number) % NUMBERS < MOST_WAITING


def _signal_of(high: int) -> Signal | None:
    """Say what so many steps of high line are; None: nothing that a vehicle understands."""
    if high in (0, STEPS):
        return Steady() if high else Fault()
    return reading(high / STEPS)
