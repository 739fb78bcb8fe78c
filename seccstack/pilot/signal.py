"""What pulses on the pilot line say, and what its voltage says back (IEC 61851-1, annex A).

Writing: 6 to 51 A are 0.6 A per percent; above that, 2.5 A per percent over 64 %. No duty cycle
says a current between 51 A and 52.5 A: such a limit is written as 51 A. Reading goes by bands,
which leave room for a generator (5 us of 1 ms) and a line (1 % at the vehicle) that err: at
10 % an error downwards still says 6 A. No further margin is taken off a limit: the standard's
tolerances are its own, and every vehicle reckons with them.

The vehicle answers by loading the line: 12 V behind 1 kilohm, its resistor behind a diode.
"""

from __future__ import annotations

import math
from typing import assert_never

from seccstack.pilot.port import (
    LEAST_AMPS,
    MOST_AMPS,
    Digital,
    Fault,
    Limit,
    PilotState,
    Signal,
    Steady,
)

DIGITAL_DUTY = 0.05
COARSEST_STEP = 0.01  # the error that a duty cycle may have at the vehicle

GENERATOR_VOLTS = 12.0
SOURCE_OHMS = 1000.0
DIODE_VOLTS = 0.7

# The vehicle's resistor, behind its diode.
CONNECTED_OHMS = 2740.0
READY_OHMS = 882.0  # 2.74 k parallel to 1.3 k
READY_VENTILATED_OHMS = 246.0  # 2.74 k parallel to 270

LEVELS = {
    PilotState.NO_VEHICLE: 12.0,
    PilotState.CONNECTED: 9.0,
    PilotState.READY: 6.0,
    PilotState.READY_VENTILATED: 3.0,
    PilotState.SHORTED: 0.0,
}
HALF_WAY = 1.5  # between two levels: decides if nothing was known before
HOLD = 2.0  # a level's own window of 1 V, and the gap of 1 V to its neighbour's
NEGATIVE_PEAK = -10.5  # below it the line is unloaded: no resistor without a diode


def duty_cycle(signal: Signal, step: float = 0.0) -> float:
    """Return the part of the period for which the line is high, as a multiple of ``step``.

    A limit is rounded down: neither the gap nor a coarse generator ever offers more than it.
    """
    if not 0 <= step <= COARSEST_STEP:
        raise ValueError(f"a step of {step} is not between 0 and {COARSEST_STEP}")
    match signal:
        case Steady():
            return 1.0
        case Digital():
            return _nearest(DIGITAL_DUTY, step)
        case Limit(amps):
            return _not_above(_duty_of(amps), step)
        case Fault():
            return 0.0
        case _:
            assert_never(signal)


def reading(duty: float) -> Limit | Digital | None:
    """Say what a vehicle must make of a duty cycle (table A.8). None: it must not charge."""
    if 0.03 <= duty <= 0.07:
        return Digital()
    if 0.08 <= duty < 0.10:
        return Limit(LEAST_AMPS)
    if 0.10 <= duty <= 0.85:
        return Limit(max(duty * 60, LEAST_AMPS))
    if 0.85 < duty <= 0.97:
        return Limit(min((duty - 0.64) * 250, MOST_AMPS))
    return None


def offered_amps(duty: float) -> float:
    """Return the current per phase that a duty cycle offers; 0 where it offers none itself."""
    match reading(duty):
        case Limit(amps):
            return amps
        case _:
            return 0.0


def line_volts(resistance_ohms: float, diode: bool = True) -> float:
    """Return the positive peak with this resistor, behind the vehicle's diode, on the line."""
    if math.isinf(resistance_ohms):
        return GENERATOR_VOLTS
    drop = DIODE_VOLTS if diode else 0.0
    share = resistance_ohms / (resistance_ohms + SOURCE_OHMS)
    return (GENERATOR_VOLTS - drop) * share + drop


def state_of_resistance(resistance_ohms: float) -> PilotState:
    """Say which state a resistor at the vehicle makes; infinite: nothing is plugged in."""
    return state_of_voltage(line_volts(resistance_ohms))


def state_of_voltage(
    high_volts: float, low_volts: float | None = None, previous: PilotState | None = None
) -> PilotState:
    """Say which state the line's peaks mean; ``low_volts`` None: there are no pulses.

    Between the windows of two states, the one that was there before holds.
    """
    if high_volts <= NEGATIVE_PEAK:
        return PilotState.UNAVAILABLE
    if low_volts is not None and not diode_present(low_volts):
        return PilotState.SHORTED
    if previous in LEVELS and abs(high_volts - LEVELS[previous]) < HOLD:
        return previous
    above = [state for state, level in LEVELS.items() if high_volts > level - HALF_WAY]
    return above[0] if above else PilotState.SHORTED


def diode_present(low_volts: float) -> bool:
    """Say whether the negative peak is unloaded: only a vehicle has a diode."""
    return low_volts <= NEGATIVE_PEAK


def _duty_of(amps: float) -> float:
    if amps < 52.5:  # from 51 A to here no duty cycle is defined
        return min(amps, 51.0) / 60
    return amps / 250 + 0.64


def _not_above(duty: float, step: float) -> float:
    if step == 0:
        return duty
    # A hair is added, lest 10 % be no multiple of 0.1 %; min takes it back: at 85 % the next
    # band begins, and a last bit too much would say 52.5 A.
    return min(duty, math.floor(duty / step + 1e-9) * step)


def _nearest(duty: float, step: float) -> float:
    return duty if step == 0 else round(duty / step) * step
