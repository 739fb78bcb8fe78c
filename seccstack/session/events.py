"""What a V2G session is told, and what it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from seccstack.auth.decision import Decision
from seccstack.errors import UsageError
from seccstack.messages.codec import Schema

METER_ID = 32  # meterIDType: its longest value


@dataclass(frozen=True, slots=True)
class Meter:
    """A reading of the charger's meter, as vehicles are told it."""

    id: str
    reading_wh: int
    read_at: int | None = None  # seconds since 1970

    def __post_init__(self) -> None:
        if len(self.id) > METER_ID or self.reading_wh < 0:
            raise UsageError(f"no meter reading that a vehicle can be told: {self}")


# Events.


@dataclass(frozen=True, slots=True)
class BytesReceived:
    """The next piece of the vehicle's stream came."""

    data: bytes


@dataclass(frozen=True, slots=True)
class StreamClosed:
    """The stream is gone, and why."""

    why: str = "the vehicle closed the stream"


@dataclass(frozen=True, slots=True)
class Decided:
    """The authorizer has answered, or has changed its mind."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class LimitChanged:
    """Each phase may carry this much from now on."""

    amps: float

    def __post_init__(self) -> None:
        if not isfinite(self.amps):
            raise UsageError(f"a limit of {self.amps} A")


@dataclass(frozen=True, slots=True)
class PilotChanged:
    """The vehicle closed its switch (pilot state C or D), or opened it."""

    ready: bool


@dataclass(frozen=True, slots=True)
class ContactorChanged:
    """The contactor's own contact says this."""

    closed: bool


@dataclass(frozen=True, slots=True)
class MeterRead:
    """The meter was read."""

    meter: Meter


@dataclass(frozen=True, slots=True)
class StopCharging:
    """The charger wants the vehicle to stop: it is told so with every status from now on."""

    why: str


@dataclass(frozen=True, slots=True)
class Renegotiate:
    """The charger wants to offer a new schedule; the vehicle is told so until it asks."""

    why: str


Change = (
    Decided
    | LimitChanged
    | PilotChanged
    | ContactorChanged
    | MeterRead
    | StopCharging
    | Renegotiate
)
Event = BytesReceived | StreamClosed | Change


# Actions.


@dataclass(frozen=True, slots=True)
class SendBytes:
    """Send this to the vehicle."""

    data: bytes


@dataclass(frozen=True, slots=True)
class CloseStream:
    """Send what is still to be sent, then close the stream; at the latest after 5 s."""

    reason: str


@dataclass(frozen=True, slots=True)
class AskAuthorizer:
    """Find out whether this vehicle may charge; asked once."""


@dataclass(frozen=True, slots=True)
class AllowEnergy:
    """The vehicle may have energy, or no longer, as far as the session is concerned."""

    on: bool


@dataclass(frozen=True, slots=True)
class Learned:
    """The vehicle claims this EVCCID."""

    evccid: bytes


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A message was read, or is being sent."""

    direction: Literal["ev", "evse"]  # who sent it
    schema: Schema
    name: str
    exi: bytes
    message: Any


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something the vehicle sent was not answered."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The vehicle ended the session as it should."""


@dataclass(frozen=True, slots=True)
class Paused:
    """The vehicle sleeps, and may come back to this session while it stays plugged in."""

    session_id: bytes
    evccid: bytes
    mode: str | None  # the energy transfer mode it had chosen


@dataclass(frozen=True, slots=True)
class Broken:
    """The session ended otherwise."""

    why: str


How = Stopped | Paused | Broken


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """The last action of a session."""

    how: How


Action = (
    SendBytes
    | CloseStream
    | AskAuthorizer
    | AllowEnergy
    | Learned
    | Exchanged
    | Ignored
    | SessionEnded
)
