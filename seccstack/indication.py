"""What the light of an outlet shows: four segments, S1 to S4, from left to right.

What is shown follows from what is the case (`Standing`) and from nothing else, so it can't
contradict it. Of the vehicle it says only whether it is charged: until it is decided upon, a
registered one and a stranger look alike, and so do waiting for a card and a refusal, which
whoever holds a card up hears.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Colour(Enum):
    """Of one segment."""

    OFF = "off"
    BLUE = "blue"
    RED = "red"


class Motion(Enum):
    """How a segment is lit; what runs goes from S1 to the last that runs, and begins anew."""

    STEADY = "steady"
    BREATHING = "breathing"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the light."""

    colour: Colour
    motion: Motion = Motion.STEADY


@dataclass(frozen=True, slots=True)
class Light:
    """The whole of it."""

    s1: Segment
    s2: Segment
    s3: Segment
    s4: Segment

    @property
    def segments(self) -> tuple[Segment, ...]:
        """All of them, from left to right."""
        return self.s1, self.s2, self.s3, self.s4

    @property
    def moves(self) -> bool:
        """Whether any of it does."""
        return any(segment.motion is not Motion.STEADY for segment in self.segments)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What of an outlet's state is seen from outside.

    ``starting``: nothing is known of the pilot, or of the modem, yet. ``suspended``: a vehicle
    that may charge does not get the least current there is. ``broken``: of pilot line,
    contactor or supply, something is. ``mute``: the modem is.
    """

    starting: bool = False
    charging: bool = False
    suspended: bool = False
    broken: bool = False
    mute: bool = False
    registering: bool = False


def light_of(standing: Standing) -> Light:
    """Say what is shown; trouble comes first, then the ritual that somebody stands before."""
    if standing.broken:
        red = Segment(Colour.RED)
        return Light(red, red, red, red)
    blue, dark = Segment(Colour.BLUE, _motion(standing)), Segment(Colour.OFF)
    last = Segment(Colour.RED) if standing.mute else blue
    if standing.registering:
        return Light(blue, dark, dark, last)
    return Light(blue, blue, blue, last)


def _motion(standing: Standing) -> Motion:
    if standing.registering:
        return Motion.STEADY
    if standing.starting or standing.suspended:
        return Motion.RUNNING
    return Motion.BREATHING if standing.charging else Motion.STEADY


def words(light: Light) -> str:
    """Say a light for people, as in "S1-S3 blue, breathing; S4 red"."""
    groups: list[tuple[int, int, Segment]] = []
    for number, segment in enumerate(light.segments, 1):
        if groups and groups[-1][2] == segment:
            groups[-1] = groups[-1][0], number, segment
        else:
            groups.append((number, number, segment))
    if len(groups) == 1:
        return _said(groups[0][2])
    return "; ".join(f"{_where(a, b)} {_said(segment)}" for a, b, segment in groups)


def _where(first: int, last: int) -> str:
    return f"S{first}" if first == last else f"S{first}-S{last}"


def _said(segment: Segment) -> str:
    still = segment.motion is Motion.STEADY
    return segment.colour.value if still else f"{segment.colour.value}, {segment.motion.value}"
