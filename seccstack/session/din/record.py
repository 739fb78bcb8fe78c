"""What a DIN SPEC 70121 session knows, and what its handlers return."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from seccstack.session import dialogue
from seccstack.session.dc import CableCheck
from seccstack.session.din.requests import Response
from seccstack.session.plant import Charger, DcSupply, Plant


class State(Enum):
    """How far the vehicle has come, that is: which requests we are ready for."""

    CONNECTED = "connected"  # the handshake is done
    SET_UP = "set up"
    DISCOVERED = "discovered"
    SELECTED = "selected"
    AUTHORIZED = "authorized"
    NEGOTIATING = "negotiating"  # the limit is not known yet
    CHECKING = "checking"  # the insulation is being measured, or is about to be
    CONNECTING = "connecting"  # a CableCheckRes is owed until the vehicle has closed its switch
    CHECKED = "checked"
    PRECHARGED = "precharged"  # or being so
    DEMANDING = "demanding"
    UNLOADING = "unloading"  # it has stopped, and may watch its contactors open
    PARTING = "parting"  # a response is owed until the vehicle has opened its switch
    ENDED = "ended"


@dataclass(slots=True, kw_only=True)
class Session:
    """What one session knows; ``pmax``: the power that was offered, in watts."""

    charger: Charger
    supply: DcSupply
    plant: Plant
    session_id: bytes  # ours, from SessionSetupRes on
    timestamp: int  # seconds since 1970, when the stream was opened
    opened: float
    now: float  # when the request that is being answered came
    claimed_id: bytes = b""  # the session id that the request came with
    asked: bool = False  # the authorizer
    waiting_since: float | None = None  # first told Ongoing, by ContractAuthenticationRes
    ongoing_since: float | None = None  # or by ChargeParameterDiscoveryRes
    refused_at: float | None = None  # while it was told Ongoing
    pmax: int = 0
    check: CableCheck = field(default_factory=CableCheck)
    energy_allowed: bool = False


class Reply(dialogue.Reply[State, Response]):
    """What to answer in DIN SPEC 70121."""

    __slots__ = ()


Outcome = dialogue.Reply[State, Response] | dialogue.Deferred[State, Session, Response]
