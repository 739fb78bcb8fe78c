"""From what is measured on the pilot line to a state that has lasted (IEC 61851-1, annex A).

A measurement is the line's two peaks over at least one period of the pulses: whoever samples at
arbitrary moments catches edges, and must not call that a measurement. `state_of_voltage` says
what each one means, with hysteresis between the windows of two states; a `Watch` decides when
that has lasted. To leave C or D takes 2.5 ms of anything else, whatever else it is: the
contactor must be open 100 ms later, and a wrong alarm costs one start. All else takes 20 ms,
E too if it comes from A or B: a plug that is being pushed in bounces.

At least two measurements have to agree, however seldom they come. A hardware that measures
every 20 ms needs 40 ms to leave C, and must not be slower than that.
"""

from __future__ import annotations

from dataclasses import dataclass

from seccstack.pilot.port import PilotState
from seccstack.pilot.signal import state_of_voltage

LEAVE_SECONDS = 0.0025  # of anything but C or D: two to three periods
SETTLE_SECONDS = 0.02
SLOWEST_SECONDS = 0.02  # between measurements
DRAWING = frozenset({PilotState.READY, PilotState.READY_VENTILATED})


@dataclass(frozen=True, slots=True)
class Peaks:
    """The line's highest and lowest voltage over a period; ``low_volts`` None: no pulses."""

    high_volts: float
    low_volts: float | None = None


class Watch:
    """Takes measurements, and says which state has lasted."""

    def __init__(self, state: PilotState | None = None) -> None:
        self._state = state
        self._candidate = state
        self._candidate_since = self._left_at = 0.0

    @property
    def state(self) -> PilotState | None:
        """What was said last. None: nothing has lasted yet."""
        return self._state

    @property
    def pending(self) -> bool:
        """Whether the last measurement was something else."""
        return self._candidate is not self._state

    def take(self, peaks: Peaks, now: float) -> PilotState | None:
        """Take a measurement; return the state that has lasted, if it is a new one."""
        seen = state_of_voltage(peaks.high_volts, peaks.low_volts, self._candidate)
        if seen is self._state:
            self._candidate = seen
            return None
        if not self.pending:
            self._left_at = now
        if seen is not self._candidate:
            self._candidate, self._candidate_since = seen, now
        if now < self._due or now <= self._left_at:
            return None
        self._state = seen
        return seen

    @property
    def _due(self) -> float:
        """When it will have lasted."""
        if self._state in DRAWING:
            return self._left_at + LEAVE_SECONDS
        return self._candidate_since + SETTLE_SECONDS

    def forget(self) -> None:
        """Begin anew, as after a signal during which the vehicle cannot be seen."""
        self._state = self._candidate = None
