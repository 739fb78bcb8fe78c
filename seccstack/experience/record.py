"""What is known of how a vehicle, or its family, behaves: learned from what it did here.

Nothing here says who a vehicle is, or lets it charge. An `Experience` is what its behaviour has
shown so far; `seccstack.experience.outcomes` says how one thing that it did changes it, and
`seccstack.experience.words` what it comes to. Whoever sees an outcome reports it, whoever has
to choose looks it up, and neither knows of the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from seccstack.errors import UsageError

MAX_TIMES = 20  # of each kind: some weeks of charging, so that new software is learned in some
MAX_PROTOCOLS = 8  # ISO 15118-2 and -20, AC and DC, DIN 70121, pulse width, and room for two
MAX_WHY = 200  # characters of a reason: a sentence
DAY = 86_400.0  # seconds; nothing that is waited for takes longer
TWICE = 2  # failures in a row that no longer are an accident

Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Seconds = Annotated[float, Meta(ge=0, le=DAY)]
Times = Annotated[tuple[Seconds, ...], Meta(max_length=MAX_TIMES)]
Amps = Annotated[float, Meta(ge=0, le=80)]
At = Annotated[float, Meta(ge=0, le=1e11)]  # seconds since 1970


class Found(Enum):
    """How a vehicle's least current was found."""

    SAID = "said"  # its own word, which is known to be wrong in either direction
    MEASURED = "measured"  # a meter saw that it drew so little, as it had been told


class Wake(Enum):
    """How a vehicle that sleeps is asked to go on."""

    PULSES = "pulses"  # X1, then pulses: the edge from B1 to B2
    FAULT = "fault"  # state F for some seconds, then pulses
    NUDGE = "nudge"  # state E for a moment: less than the pilot's end, more than an edge
    REPLUG = "replug"  # the pilot is taken away, as if it had been unplugged


class Look(Enum):
    """Whether a vehicle's state of charge may be looked at on AC, by a short DC session."""

    UNTRIED = "untried"
    WELL = "went well"
    NEVER = "never again"  # it did not charge afterwards as it would have without


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastCurrent:
    """The least current per phase that it really follows; ``final``: and none below it."""

    amps: Amps
    found: Found
    at: At
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Waking:
    """How one way of waking it has worked."""

    way: Wake
    worked: Count = 0
    failed: Count = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """How one protocol has worked with it: ``in_a_row`` since it last did."""

    protocol: Annotated[str, Meta(min_length=1, max_length=40)]
    worked: Count = 0
    failed: Count = 0
    in_a_row: Count = 0
    why: Annotated[str, Meta(max_length=MAX_WHY)] = ""  # it failed, the last time
    at: At = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeLooks:
    """How looks at its state of charge have gone; one that did harm is one too many."""

    verdict: Look = Look.UNTRIED
    well: Count = 0
    badly: Count = 0
    at: At | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Experience:
    """All that is known. Times are seconds, the latest last; ``at``: when that was, wall time.

    ``first_slac``: from 5 % to its first HomePlug frame. ``never_spoke``: plug-ins in which it
    sent none, ``since_spoke`` of them in a row. ``faulted_at_five``: plug-ins in which it would
    not charge after 5 % had been shown to it, and ``needs_replug``: until it was plugged in
    anew. ``failed_starts`` in a row ended without energy; ``relaxed``: by how many steps the
    start has become more cautious for it. ``wakings``: ways to wake it; ``wakes_borne``: the
    most in one plug-in that it followed, ``wakes_refused``: the least that it did not.
    ``follows``: from telling it a limit to drawing that.
    """

    visits: Count = 0
    at: At | None = None
    first_slac: Times = ()
    never_spoke: Count = 0
    since_spoke: Count = 0
    faulted_at_five: Count = 0
    needs_replug: bool = False
    failed_starts: Count = 0
    relaxed: Annotated[int, Meta(ge=0, le=3)] = 0
    wakings: Annotated[tuple[Waking, ...], Meta(max_length=len(Wake))] = ()
    wakes_borne: Count = 0
    wakes_refused: Count | None = None
    least: LeastCurrent | None = None
    follows: Times = ()
    protocols: Annotated[tuple[Spoken, ...], Meta(max_length=MAX_PROTOCOLS)] = ()
    looks: ChargeLooks = ChargeLooks()

    @property
    def speaks(self) -> bool:
        """Whether it has ever spoken SLAC."""
        return bool(self.first_slac)

    @property
    def patience(self) -> float | None:
        """How long it has taken to speak, but for the slowest twentieth."""
        return _late(self.first_slac)

    @property
    def follows_within(self) -> float | None:
        """How long it has taken to follow a limit, but for the slowest twentieth."""
        return _late(self.follows)

    @property
    def best_waking(self) -> Wake | None:
        """The way that has woken it most surely, if any has."""
        able = [one for one in self.wakings if one.worked > one.failed]
        return max(able, key=lambda one: one.worked - one.failed).way if able else None

    def protocol(self, name: str) -> Spoken:
        """Return how a protocol has worked with it."""
        named = (one for one in self.protocols if one.protocol == name)
        return next(named, Spoken(protocol=name))

    def fails(self, protocol: str) -> bool:
        """Whether a protocol does not work with it: twice in a row is no accident."""
        return self.protocol(protocol).in_a_row >= TWICE

    @property
    def hopeless(self) -> bool:
        """Whether every protocol that was tried with it does not work."""
        return bool(self.protocols) and all(self.fails(one.protocol) for one in self.protocols)

    def to_json(self) -> dict[str, Any]:
        """Return what is known; what is not is left out."""
        every: dict[str, Any] = msgspec.to_builtins(self)
        nothing: dict[str, Any] = msgspec.to_builtins(UNKNOWN)
        return {name: value for name, value in every.items() if value != nothing[name]}


UNKNOWN = Experience()


def from_json(value: Any) -> Experience:
    """Read what `Experience.to_json` gave; UsageError says what in it cannot be so."""
    if isinstance(value, dict) and (odd := set(value) - set(msgspec.to_builtins(UNKNOWN))):
        raise UsageError(f"an experience has no {sorted(map(str, odd))[0]!r}")
    try:
        return msgspec.convert(value, Experience)
    except msgspec.ValidationError as error:
        raise UsageError(f"an experience cannot be so: {error}") from error


def dump(experience: Experience) -> str:
    """Write it as a text."""
    return msgspec.json.encode(experience.to_json()).decode()


def load(text: str) -> Experience:
    """Read what `dump` wrote; UsageError if it is something else."""
    try:
        return from_json(msgspec.json.decode(text))
    except msgspec.DecodeError as error:
        raise UsageError(f"an experience is a JSON object: {error}") from error


def _late(times: tuple[float, ...]) -> float | None:
    """Return the 95th percentile; of few, that is the greatest."""
    if not times:
        return None
    ordered = sorted(times)
    return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
