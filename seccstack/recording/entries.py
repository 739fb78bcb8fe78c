"""What a recorder is told, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from seccstack import events
from seccstack.recording.stream import Side


@dataclass(frozen=True, slots=True)
class Step:
    """The outlet was given an event (None: only time), and did this.

    ``deadline`` is the one it had afterwards.
    """

    now: float
    event: events.Event | None
    actions: Sequence[events.Action]
    deadline: float | None


def acts(actions: Sequence[events.Action]) -> list[events.Action]:
    """Leave out what is shown: it follows from the state, and is no more than a view of it."""
    return [action for action in actions if not isinstance(action, events.Show)]


@dataclass(frozen=True, slots=True)
class Served:
    """SDP and TCP are served at this address, of this Ethernet address."""

    now: float
    address: str
    mac: bytes | None


@dataclass(frozen=True, slots=True)
class Opened:
    """A TCP connection was accepted, between the vehicle's end and ours."""

    now: float
    stream: int
    ev: tuple[str, int]
    evse: tuple[str, int]


@dataclass(frozen=True, slots=True)
class Octets:
    """One side sent this on a TCP connection."""

    now: float
    stream: int
    sender: Side
    octets: bytes


@dataclass(frozen=True, slots=True)
class Closed:
    """One side of a TCP connection sends no more."""

    now: float
    stream: int
    sender: Side
    reset: bool


@dataclass(frozen=True, slots=True)
class Secrets:
    """Lines of a TLS key log."""

    now: float
    lines: bytes = field(repr=False)


Entry = Step | Served | Opened | Octets | Closed | Secrets
