"""How bright each colour of each segment is, at each moment."""

from __future__ import annotations

import math

from seccstack.indication import Colour, Light, Motion, Segment

BREATH_SECONDS = 4.0  # in and out, as a sleeper's
RUN_SECONDS = 1.2  # from S1 to the last that runs
FRAME_SECONDS = 0.1  # no eye needs more of a breath, and no bus of LEDs either
DIMMEST = 0.1  # of a breath: the light never seems to be off

Level = tuple[float, float]  # of blue and of red, from 0 to 1
DARK: Level = (0.0, 0.0)


def frame(light: Light, seconds: float) -> tuple[Level, ...]:
    """Return the level of each segment, so many seconds after the light was shown."""
    running = [s.motion is Motion.RUNNING for s in light.segments].count(True)
    return tuple(
        _level(segment, number, running, seconds)
        for number, segment in enumerate(light.segments)
    )


def _level(segment: Segment, number: int, running: int, seconds: float) -> Level:
    match segment.motion:
        case Motion.BREATHING:
            inside = (1 - math.cos(2 * math.pi * seconds / BREATH_SECONDS)) / 2
            lit = 1 - (1 - DIMMEST) * inside  # it begins lit
        case Motion.RUNNING:
            here = int(seconds / RUN_SECONDS * running) % running
            lit = float(number == here)
        case _:
            lit = 1.0
    if segment.colour is Colour.OFF:
        return DARK
    return (lit, 0.0) if segment.colour is Colour.BLUE else (0.0, lit)
