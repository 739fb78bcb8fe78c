"""The sidecar of a recording: a JSON object per line.

A line is one of three. `recording` begins a leg: who recorded what with which settings, and
the machine's state where the leg begins. A step has `t`, `event` (null: only time passed),
`actions` and `deadline`. `ended` is the last line, and says why. Times are seconds of the
charger's clock, which does not jump; `offset` is what its 0 was, in nanoseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Any

import msgspec

from seccstack.errors import MalformedError
from seccstack.events import (
    Action,
    DatagramReceived,
    Event,
    Noted,
    SendDatagram,
    StreamOpened,
)
from seccstack.outlet import Settings
from seccstack.recording.entries import Step, acts
from seccstack.recording.notes import MOST, check_note
from seccstack.recording.redaction import Redaction
from seccstack.recording.values import action_of, event_of, settings_of, written
from seccstack.slac import station

FORMAT = 1
MOST_OFFSET = 1e19  # nanoseconds: the year 2286


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """What a leg begins with.

    ``state`` is None where the machine is fresh, or where it has none: ``unknown`` says why.
    ``limit`` is the one that stands: when it was set, amperes, who set it. ``steps`` is how
    many there were before this leg, kept or not.
    """

    version: str
    plug_in: int
    part: int
    t: float
    offset: int
    redacted: bool
    settings: Settings
    steps: int = 0
    state: Any = None
    unknown: str = ""
    limit: tuple[float, float, str] | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The recording is complete."""

    t: float
    why: str


@dataclass(frozen=True, slots=True)
class WrittenStep:
    """A step with its actions as they were written, which is how they are compared."""

    step: Step
    actions: list[Any]


Line = Leg | WrittenStep | Ended


def leg_line(leg: Leg) -> bytes:
    """Write the line that begins a leg."""
    about = {name: getattr(leg, name) for name in leg.__slots__ if name != "settings"}
    return _line({"recording": {"format": FORMAT, **about, "settings": written(leg.settings)}})


def step_line(step: Step, redaction: Redaction) -> bytes:
    """Write a step."""
    event = None if step.event is None else _crossed(step.event, redaction)
    actions = [_crossed(action, redaction) for action in acts(step.actions)]
    said = {"t": step.now, "event": event, "actions": actions, "deadline": step.deadline}
    return _line(said)


def ended_line(ended: Ended) -> bytes:
    """Write the last line."""
    return _line({"ended": {"t": ended.t, "why": ended.why}})


def read_line(octets: bytes) -> Line:
    """Read a line; MalformedError says what is wrong with it."""
    try:
        value = msgspec.json.decode(octets)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(f"is no JSON: {error}", path="line") from error
    try:
        if "recording" in value:
            return _leg(value["recording"])
        if "ended" in value:
            return Ended(_number(value["ended"]["t"]), str(value["ended"]["why"]))
        return _step(value)
    except (LookupError, TypeError, ValueError) as error:
        raise MalformedError(f"is no line of a recording: {error!r}", path="line") from error


def _crossed(value: Any, redaction: Redaction) -> Any:
    frame = isinstance(value, station.FrameReceived | station.SendFrame)
    return written(value, redaction.frame_text if frame else redaction.text)


def _line(value: Any) -> bytes:
    return msgspec.json.encode(value) + b"\n"


def _leg(value: Mapping[str, Any]) -> Leg:
    if value["format"] != FORMAT:
        raise MalformedError(f"format {value['format']} is unknown", path="recording")
    limit = value["limit"]
    return Leg(
        version=str(value["version"]),
        plug_in=int(value["plug_in"]),
        part=int(value["part"]),
        t=_number(value["t"]),
        offset=int(_number(value["offset"], MOST_OFFSET)),
        redacted=bool(value["redacted"]),
        settings=settings_of(value["settings"]),
        steps=int(value["steps"]),
        state=value["state"],
        unknown=str(value["unknown"]),
        limit=None if limit is None else (_number(limit[0]), _number(limit[1]), str(limit[2])),
    )


def _step(value: Mapping[str, Any]) -> WrittenStep:
    now, deadline = _number(value["t"]), value["deadline"]
    event = None if value["event"] is None else event_of(value["event"])
    _check_address(event)
    deadline = None if deadline is None else _number(deadline)
    actions = value["actions"]
    if not isinstance(actions, list):
        raise MalformedError(f"cannot be {str(actions)[:60]!r}", path="actions")
    for action in actions:
        if not (isinstance(action, dict) and len(action) == 1):
            raise MalformedError(f"cannot be {str(action)[:60]!r}", path="action")
    return WrittenStep(Step(now, event, _known(actions), deadline), actions)


def _number(value: Any, most: float = MOST) -> float:
    """Return what can be reckoned with; a damaged line may have a number that can't be."""
    if type(value) not in (int, float) or abs(value) > most:
        raise ValueError(f"{str(value)[:60]!r} where a number must be")
    return value  # type: ignore[no-any-return]


def _known(actions: Iterable[Any]) -> list[Action]:
    """Return the actions that this version knows; what others did is compared as written."""
    known = []
    for action in actions:
        with suppress(MalformedError):
            known.append(action_of(action))
    for action in known:
        _check_address(action)
        if isinstance(action, Noted):
            check_note(action.event, action.details)
    return known


def _check_address(said: Event | Action | None) -> None:
    """Raise ValueError where a vehicle's address can't be one."""
    if isinstance(said, DatagramReceived | SendDatagram | StreamOpened):
        IPv6Address(said.address)
