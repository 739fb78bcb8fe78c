"""What a meter says at one moment, and whose phase is whose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

PerPhase = tuple[float | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One entry per phase, None where the meter has no value; what is drawn is positive.

    Meters give currents without a sign: here they have that of the phase's power.
    """

    volts: PerPhase
    amps: PerPhase
    phase_watts: PerPhase
    watts: float | None
    energy_wh: float | None  # drawn since the meter was made
    hertz: float | None

    @property
    def most_amps(self) -> float | None:
        """The largest current of a phase, whichever way it flows."""
        return max((abs(amps) for amps in self.amps if amps is not None), default=None)


def reordered(reading: Reading, phases: Sequence[int]) -> Reading:
    """Return it as the charger counts: ``phases`` are the meter's at the charger's L1, L2, L3.

    A charger with a single phase may hang at any one of the meter's.
    """
    places = [phase - 1 for phase in phases]
    return replace(
        reading,
        volts=tuple(reading.volts[place] for place in places),
        amps=tuple(reading.amps[place] for place in places),
        phase_watts=tuple(reading.phase_watts[place] for place in places),
    )
