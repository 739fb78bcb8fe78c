"""What a pilot controller inside the charger's own computer must keep to by itself.

A microcontroller opens the contactor without being asked, once nobody is ready or nobody speaks
to it any more (`seccstack.pilot.wire`). Where there is none, this does it: it is fed by a
thread that only measures, so that neither a long computation nor a mistake of the rest of the
program stands between a vehicle that leaves and an open contactor. The program proves by `beat`
that it is alive; a second of silence is a failure, as is hardware that cannot be read.

While it has failed, the line is at X1, the relay has fallen, and the vehicle is told to be in
state E. After that both states are told anew; an order to close is not remembered.
"""

from __future__ import annotations

from seccstack.pilot.port import (
    ContactorState,
    Digital,
    Fault,
    Limit,
    PilotState,
    Signal,
    Steady,
)
from seccstack.pilot.voltage import DRAWING, Peaks, Watch
from seccstack.pilot.wire import SILENCE

BLANK_SECONDS = 0.005  # after another signal, until the peaks that a board holds are of it
SILENT = f"the charger's program was busy for {SILENCE:g} s"

Report = PilotState | ContactorState


class Keeper:
    """Decides what relay and line do; tells each state that is new."""

    def __init__(self, now: float) -> None:
        self._watch = Watch()
        self._wanted: Signal = Steady()
        self._closing = False
        self._beaten_at = self._blank_until = now
        self._pilot: PilotState | None = None
        self._contactor: ContactorState | None = None
        self.problem: str | None = None

    @property
    def signal(self) -> Signal:
        """What the line has to carry."""
        return self._wanted if self.problem is None else Steady()

    @property
    def relay(self) -> bool:
        """Whether the coil has to be energised."""
        return self._closing

    def beat(self, now: float) -> None:
        """Note that the program is alive."""
        self._beaten_at = now

    def drive(self, signal: Signal, now: float) -> list[Report]:
        """Take the signal that is wanted."""
        before, self._wanted = self._wanted, signal
        if before == signal:
            return []
        self._blank_until = now + BLANK_SECONDS
        if Fault() not in (before, signal):
            return []
        self._watch.forget()
        return self._blind() if self.problem is None else []

    def order(self, closed: bool) -> None:
        """Take an order for the contactor; to close, it needs a vehicle that is ready now."""
        ready = self.problem is None and self._pilot in DRAWING
        self._closing = closed and ready

    def measured(self, peaks: Peaks, closed: bool, now: float) -> list[Report]:
        """Take what line and feedback contact say; it ends a failure of the hardware.

        The lower peak counts while there are pulses alone.
        """
        if now >= self._beaten_at + SILENCE:
            return self.failed(SILENT)
        told: list[Report] = []
        if self.problem is not None:
            self.problem = None
            told += self._blind()
        if self._wanted != Fault() and now >= self._blank_until:
            pulses = isinstance(self._wanted, Digital | Limit)
            heard = peaks if pulses else Peaks(peaks.high_volts)
            told += self._seen(self._watch.take(heard, now))
        return told + self._moved(closed)

    def failed(self, why: str) -> list[Report]:
        """Take that nothing can be measured, or driven."""
        self._closing = False
        self.problem = why
        self._watch.forget()
        return self._seen(PilotState.SHORTED)

    def _blind(self) -> list[Report]:
        return self._seen(PilotState.UNAVAILABLE) if self._wanted == Fault() else []

    def _seen(self, state: PilotState | None) -> list[Report]:
        if state is None or state is self._pilot:
            return []
        self._pilot = state
        self._closing = self._closing and state in DRAWING
        return [state]

    def _moved(self, closed: bool) -> list[Report]:
        before = self._contactor
        self._contactor = ContactorState.CLOSED if closed else ContactorState.OPEN
        # The vehicle comes first, as long as it is the first time that anything is told.
        if self._pilot is None:
            self._contactor = None
            return []
        return [] if self._contactor is before else [self._contactor]
