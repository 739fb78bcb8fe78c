"""What a vehicle shows of itself without meaning to, and how like two visits are in that.

A MAC address is copied in seconds; how the software behind it speaks is not. Each trait is
compared with what the same vehicle showed on earlier visits, and says in words what it found.
A likeness is evidence, never a name: vehicles of one model and software are all alike, and who
has a vehicle's own software at hand is as like it as the vehicle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from statistics import median
from typing import Any

from seccstack.errors import UsageError

MAX_PRINTS = 12  # remembered per vehicle: some weeks, so that new software is learned in some
SOON_USUAL = 4  # a value counts in full once a quarter of the remembered visits have had it
ALIKE = 0.7  # the least score that speaks for the vehicle; see tests/auth/FINGERPRINTS.md
DIFFERENT = 0.02  # what one trait is worth at least, so that none decides alone
FEW = 5.0  # weight that must have been compared; below, nothing is said of likeness
RUN_ID_OCTETS = 8
MAX_OFFERS = 20  # of supportedAppProtocolReq; the schema has no more

MAX_STEPS = 3  # of a raster that a duration may be away from those seen
FRESH = "drawn at random"  # what a run id is called that follows no rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What was seen in one visit; None: it was not. Times are seconds, and the vehicle's own.

    ``sounds``: between two CM_MNBC_SOUND.IND; ``start``: from CM_SLAC_PARM.CNF to the first
    CM_START_ATTEN_CHAR.IND; ``sdp``: from CM_SLAC_MATCH.CNF to the first SDP request, and
    ``sdp_again`` from one to the next; ``pace``: from a response to the next request, if it is
    of another kind; ``modem``: its modem's own address, ``firmware``: what that runs.
    """

    run_id: str | None = None
    run_octets: str | None = None  # of a run id that follows no rule: whether it comes again
    sounds: float | None = None
    start: float | None = None
    security: str | None = None
    sdp: float | None = None
    sdp_again: float | None = None
    offer: tuple[str, ...] | None = None
    session_id: str | None = None
    pace: float | None = None
    parameters: tuple[str, ...] | None = None
    tcp: str | None = None
    modem: str | None = None
    firmware: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing was seen."""
        return self == NOTHING

    def to_json(self) -> dict[str, Any]:
        """Return what was seen."""
        seen = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in seen.items()
            if value is not None
        }


NOTHING = Fingerprint()


def from_json(value: Any) -> Fingerprint:
    """Read what `Fingerprint.to_json` wrote; UsageError if it is something else."""
    if not isinstance(value, dict):
        raise UsageError("a fingerprint is an object")
    known: dict[str, Any] = {}
    for one in fields(Fingerprint):
        if (found := value.get(one.name)) is None:
            continue
        known[one.name] = _read(one.name, str(one.type), found)
    return Fingerprint(**known)


def _read(name: str, kind: str, found: Any) -> Any:
    if kind.startswith("float") and isinstance(found, int | float):
        return float(found)
    if kind.startswith("str") and isinstance(found, str):
        return found
    texts = isinstance(found, list) and all(isinstance(text, str) for text in found)
    if kind.startswith("tuple") and texts:
        return tuple(found)
    raise UsageError(f"a fingerprint's {name} cannot be {str(found)[:40]!r}")


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like a visit is to those before: from 0 to 1, and for each trait why.

    ``differing`` has the reasons against, ``agreeing`` those for it; ``score`` is None if too
    little could be compared.
    """

    score: float | None
    agreeing: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()

    @property
    def low(self) -> bool:
        """Whether it speaks against the vehicle."""
        return self.score is not None and self.score < ALIKE

    @property
    def high(self) -> bool:
        """Whether it speaks for the vehicle."""
        return self.score is not None and self.score >= ALIKE

    @property
    def words(self) -> str:
        """Say it in a sentence."""
        if self.score is None:
            return "too little of its fingerprint is known yet to compare it"
        said = f"its fingerprint is {self.score:.0%} like before"
        if self.differing:
            return f"{said}: {'; '.join((*self.agreeing[:1], *self.differing))}"
        return f"{said}: {'; '.join(self.agreeing[:3])}"


def likeness(known: Sequence[Fingerprint], seen: Fingerprint) -> Likeness:
    """Compare a visit with those before it."""
    product, weights = 1.0, 0.0
    agreeing: list[str] = []
    differing: list[str] = []
    for trait in TRAITS:
        found = getattr(seen, trait.name)
        before = [value for one in known if (value := getattr(one, trait.name)) is not None]
        if found is None or not before:
            continue
        same, says = trait.compare(known, seen)
        product *= max(same, DIFFERENT) ** trait.weight
        weights += trait.weight
        (agreeing if same >= ALIKE else differing).append(f"{trait.title} {says}")
    score = product ** (1 / weights) if weights >= FEW else None
    return Likeness(score, tuple(agreeing), tuple(differing))


def remembered(known: Sequence[Fingerprint], seen: Fingerprint) -> tuple[Fingerprint, ...]:
    """Return what is known after another visit that is certain to be the vehicle's."""
    return tuple(known) if seen.empty else (*known, seen)[-MAX_PRINTS:]


def candidates(
    family: Sequence[tuple[bytes, Sequence[Fingerprint]]], seen: Fingerprint
) -> list[bytes]:
    """Return those of some vehicles that a visit is like, the most like first."""
    scored = [(likeness(known, seen), mac) for mac, known in family]
    high = [(like.score or 0.0, mac) for like, mac in scored if like.high]
    return [mac for _, mac in sorted(high, key=lambda pair: -pair[0])]


def run_id_style(run_id: bytes, mac: bytes) -> str:
    """Say how a run id is made, as far as one alone can tell."""
    if run_id == bytes(RUN_ID_OCTETS):
        return "all zeros"
    if run_id.startswith(mac):
        return f"MAC+{run_id[len(mac) :].hex().upper()}"
    if all((later - earlier) % 256 == 1 for earlier, later in pairwise(run_id)):
        return "counting octets"
    if all(0x20 <= octet < 0x7F for octet in run_id):
        return f'the text "{run_id.decode("ascii")}"'
    return FRESH


# How values compare: each returns how like they are, and what to say of it.


def _usual(before: Sequence[Any], found: Any) -> float:
    times = sum(1 for value in before if value == found)
    return min(1.0, times / len(before) * SOON_USUAL)


def _values(known: Sequence[Fingerprint], name: str) -> list[Any]:
    return [value for one in known if (value := getattr(one, name)) is not None]


def _same_value(name: str) -> Callable[[Sequence[Fingerprint], Fingerprint], tuple[float, str]]:
    def compare(known: Sequence[Fingerprint], seen: Fingerprint) -> tuple[float, str]:
        before, found = _values(known, name), getattr(seen, name)
        same = _usual(before, found)
        if same >= ALIKE:
            return same, f"is {_plain(found)}{_as_before(before, found)}"
        return same, f"differs: {_plain(found)}, before {_plain(before[-1])}"

    return compare


def _as_before(before: Sequence[Any], found: Any) -> str:
    return ", as always" if all(value == found for value in before) else ", as before"


def _plain(value: Any) -> str:
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _run_id(known: Sequence[Fingerprint], seen: Fingerprint) -> tuple[float, str]:
    """Compare what run ids are made of; one drawn at random must not come twice."""
    same, says = _same_value("run_id")(known, seen)
    drawn = _values(known, "run_octets")
    if seen.run_octets is None or seen.run_octets not in drawn:
        return same, says
    if len(set(drawn)) < len(drawn):
        return same, f"is {seen.run_octets}, which it has used again and again"
    unlikely = DIFFERENT if len(drawn) > 1 else 0.5  # one visit has no habits yet
    return unlikely, f"{seen.run_octets} is the one of an earlier visit: is it replayed?"


def _parts(known: Sequence[Fingerprint], seen: Fingerprint) -> tuple[float, str]:
    """Compare parameters one by one; some of them an owner can set."""
    found = seen.parameters or ()
    before = _values(known, "parameters")
    usual = {part for parts in before for part in parts}
    strange = [part for part in found if part not in usual]
    same = 1.0 - len(strange) / max(len(found), 1)
    if not strange:
        return 1.0, f"are {_plain(found)}, as before"
    return same, f"differ: {', '.join(strange)}"


def _duration(
    name: str, tolerance: float, share: float
) -> Callable[[Sequence[Fingerprint], Fingerprint], tuple[float, str]]:
    """Compare durations: alike within ``tolerance`` seconds and a ``share`` of themselves."""

    def compare(known: Sequence[Fingerprint], seen: Fingerprint) -> tuple[float, str]:
        before, found = _values(known, name), float(getattr(seen, name))
        usual = min(before, key=lambda value: abs(value - found))
        off = abs(found - usual) / (tolerance + share * usual)
        same = max(0.0, min(1.0, (4.0 - off) / 3.0))
        step = raster(before, tolerance)
        if step is not None and same < ALIKE and _on_raster(found - usual, step, tolerance):
            return ALIKE, f"is {found:.2f} s, in steps of {step:.2f} s from {usual:.2f} s"
        if same >= ALIKE:
            return same, f"is {found:.2f} s, as before"
        return same, f"is {found:.2f} s, before {median(before):.2f} s"

    return compare


def raster(values: Sequence[float], tolerance: float) -> float | None:
    """Return the period by which durations differ, as of who looks once in a while."""
    ordered = sorted(values)
    gaps = [b - a for a, b in pairwise(ordered) if b - a > 2 * tolerance]
    if not gaps:
        return None
    step = min(gaps)
    return step if all(_on_raster(gap, step, tolerance) for gap in gaps) else None


def _on_raster(difference: float, step: float, tolerance: float) -> bool:
    off = abs(difference) / step
    return abs(off - round(off)) * step <= tolerance and round(off) <= MAX_STEPS


@dataclass(frozen=True, slots=True)
class Trait:
    """One trait: what it weighs against the others, and how it is compared."""

    name: str
    title: str
    weight: float
    compare: Callable[[Sequence[Fingerprint], Fingerprint], tuple[float, str]]


TRAITS = (
    Trait("run_id", "RunID", 3.0, _run_id),
    Trait("offer", "SAP offer", 4.0, _same_value("offer")),
    Trait("security", "SDP security", 1.0, _same_value("security")),
    Trait("sdp", "time from match to SDP", 1.5, _duration("sdp", 0.2, 0.05)),
    Trait("sdp_again", "time between SDP requests", 0.5, _duration("sdp_again", 0.05, 0.1)),
    Trait("session_id", "first SessionID", 0.5, _same_value("session_id")),
    Trait("pace", "time from response to request", 1.5, _duration("pace", 0.01, 0.3)),
    Trait("sounds", "time between sounds", 1.0, _duration("sounds", 0.005, 0.2)),
    Trait("start", "time to the first sound", 1.0, _duration("start", 0.02, 0.2)),
    Trait("parameters", "charge parameters", 1.5, _parts),
    Trait("tcp", "TCP", 2.0, _same_value("tcp")),
    Trait("modem", "address of its modem", 2.0, _same_value("modem")),
    Trait("firmware", "firmware of its modem", 1.0, _same_value("firmware")),
)
