"""What an ISO 15118-2 session knows, and what its handlers return."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from seccstack.messages.iso2 import EnergyTransferMode, PowerDeliveryReq
from seccstack.session.events import Action, AllowEnergy, How, Paused
from seccstack.session.iso2.requests import Response
from seccstack.session.plant import Charger, Plant


class State(Enum):
    """How far the vehicle has come, that is: which requests we are ready for."""

    CONNECTED = "connected"  # the handshake is done
    SET_UP = "set up"
    DISCOVERED = "discovered"
    SELECTED = "selected"
    AUTHORIZED = "authorized"
    NEGOTIATING = "negotiating"
    AGREED = "agreed"
    STARTING = "starting"  # a PowerDeliveryRes is owed until the contactor has closed
    CHARGING = "charging"
    STOPPED = "stopped"
    ENDED = "ended"


@dataclass(slots=True, kw_only=True)
class Session:
    """What one session knows."""

    charger: Charger
    plant: Plant
    session_id: bytes  # ours, from SessionSetupRes on
    timestamp: int  # seconds since 1970, when the stream was opened
    opened: float
    now: float  # when the request that is being answered came
    claimed_id: bytes = b""  # the session id that the request came with
    resumable: Paused | None = None
    evccid: bytes = b""
    mode: EnergyTransferMode | None = None
    asked: bool = False  # the authorizer
    ongoing_since: float | None = None  # ChargeParameterDiscovery
    offered_milliwatts: int = 0  # PMax, as the vehicle was told it
    starting: PowerDeliveryReq | None = None  # the last start that was found good
    energy_allowed: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer, where to go, and what to ask for before."""

    response: Response
    next: State
    actions: tuple[Action, ...] = ()
    how: How | None = None  # only when the session ends with it


@dataclass(frozen=True, slots=True)
class Deferred:
    """The response is owed: ``resume`` is called after every change, and at the deadline."""

    deadline: float
    resume: Callable[[Session], Reply | Deferred]
    actions: tuple[Action, ...] = ()


def allow_energy(session: Session) -> tuple[Action, ...]:
    """Let the vehicle have energy; only a granted one ever gets here."""
    session.energy_allowed = True
    return (AllowEnergy(True),)


def forbid_energy(session: Session) -> tuple[Action, ...]:
    """Take it away again, if it was given."""
    allowed, session.energy_allowed = session.energy_allowed, False
    return (AllowEnergy(False),) if allowed else ()
