"""Where a ritual of registration stands, and what is going on in it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from seccstack.auth.decision import CardRecord, VehicleRecord
from seccstack.auth.enrolment_events import BeginWanted
from seccstack.auth.fingerprint import Fingerprint

# The ritual, while it is on.


@dataclass(frozen=True, slots=True)
class Open:
    """It goes on until nothing has happened up to ``until``.

    ``followed_until``: when an operator who said nothing since is gone.
    """

    wishes: BeginWanted
    until: float
    registered: int = 0
    followed_until: float = math.inf


@dataclass(frozen=True, slots=True)
class Closing:
    """It ends as soon as the registry has answered."""

    why: str
    registered: int = 0


# The vehicle that was plugged in meanwhile.


@dataclass(frozen=True, slots=True)
class Identifying:
    """It is to say who it is."""

    until: float


@dataclass(frozen=True, slots=True)
class GivenUp:
    """It has not said so in time, and may yet."""


@dataclass(frozen=True, slots=True)
class LookedUp:
    """It has said who it is; the registry is being asked."""

    record: VehicleRecord
    fingerprint: Fingerprint
    until: float


@dataclass(frozen=True, slots=True)
class DealtWith:
    """What becomes of it is settled."""


Guest = Identifying | GivenUp | LookedUp | DealtWith


@dataclass(frozen=True, slots=True)
class Asked:
    """A card that was held to the reader, and that the registry is being asked about."""

    uid: str
    until: float


@dataclass(frozen=True, slots=True)
class Writing:
    """A record that the registry is to keep; without ``until``, it is late."""

    ticket: int
    record: VehicleRecord | CardRecord
    plug_in: int  # 0: a card's
    until: float | None
