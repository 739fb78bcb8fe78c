"""What an ISO 15118-2 session knows, and what its handlers return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from seccstack.messages.iso2 import (
    EnergyTransferMode,
    MessageHeader,
    MeterInfo,
    PowerDeliveryReq,
)
from seccstack.session import dialogue, payment
from seccstack.session.dc import CableCheck
from seccstack.session.events import Paused
from seccstack.session.iso2.requests import Request, Response
from seccstack.session.plant import Charger, Plant


class State(Enum):
    """How far the vehicle has come, that is: which requests we are ready for."""

    CONNECTED = "connected"  # the handshake is done
    SET_UP = "set up"
    DISCOVERED = "discovered"
    SELECTED = "selected"
    CONTRACTING = "contracting"  # the vehicle pays by a contract, which it has yet to show
    PROVIDED = "provided"  # it has been given one
    IDENTIFIED = "identified"  # its contract is good; that it holds the key is still to prove
    AUTHORIZED = "authorized"
    NEGOTIATING = "negotiating"
    AGREED = "agreed"
    CONNECTING = "connecting"  # a CableCheckRes is owed until the vehicle has closed its switch
    CHECKING = "checking"  # DC: its insulation is being measured
    CHECKED = "checked"
    PRECHARGED = "precharged"  # or being so
    STARTING = "starting"  # a PowerDeliveryRes is owed until the contactor has closed
    CHARGING = "charging"
    DEMANDING = "demanding"  # DC, as CHARGING is of AC
    METERED = "metered"  # a receipt is due for what the meter showed
    VERIFYING = "verifying"  # a response is owed until somebody has verified something
    STOPPED = "stopped"
    UNLOADING = "unloading"  # DC: it has stopped, and may watch its contactors open
    PARTING = "parting"  # a response is owed until the vehicle has opened its switch
    ENDED = "ended"


@dataclass(slots=True, kw_only=True)
class Payment(payment.Payment[Request]):
    """What a session knows of the vehicle's contract, in this protocol."""

    only: bool | None = None  # what the session that was paused had chosen
    receipt: MeterInfo | None = None  # what the vehicle was shown, and has to sign
    receipt_at: float | None = None  # when it was shown that


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a schedule that was offered, from so many seconds on."""

    start: int
    milliwatts: int  # PMax, as the vehicle was told it


@dataclass(frozen=True, slots=True)
class Terms:
    """Of an offer: for how long, in how many entries, and of which plan."""

    seconds: int = 0
    entries: int = 1
    plans: int = 0


@dataclass(slots=True, kw_only=True)
class Session:
    """What one session knows."""

    charger: Charger
    plant: Plant
    session_id: bytes  # ours, from SessionSetupRes on
    timestamp: int  # seconds since 1970, when the stream was opened
    opened: float
    now: float  # when the request that is being answered came
    header: MessageHeader = field(default_factory=lambda: MessageHeader(session_id=b""))
    claimed_id: bytes = b""  # the session id that the request came with
    resumable: Paused | None = None
    evccid: bytes = b""
    mode: EnergyTransferMode | None = None
    asked: bool = False  # the authorizer
    refused_at: float | None = None  # while it was told Ongoing
    ongoing_since: float | None = None  # ChargeParameterDiscovery
    tariffs_since: float | None = None  # they have been asked for, and are waited for
    tariffs_for: tuple[int, ...] = ()  # the tuples that they were asked for
    offered: Mapping[int, tuple[Stretch, ...]] = field(default_factory=dict)  # by tuple
    offered_at: float = 0.0
    terms: Terms = Terms()
    tuple_id: int = 1  # the tuple that the vehicle has chosen
    surplus_since: float | None = None  # the limit has been above what was offered
    check: CableCheck = field(default_factory=CableCheck)
    starting: PowerDeliveryReq | None = None  # the last start that was found good
    energy_allowed: bool = False
    renegotiated: int = 0  # times in a row, with no turn of the loop that owes nothing between
    payment: Payment = field(default_factory=Payment)

    @property
    def looping(self) -> State:
        """Where a vehicle is while it charges."""
        return State.CHARGING if self.charger.supply is None else State.DEMANDING

    @property
    def wall_time(self) -> float:
        """What time it is: seconds since 1970."""
        return self.timestamp + self.now - self.opened


class Reply(dialogue.Reply[State, Response]):
    """What to answer in ISO 15118-2."""

    __slots__ = ()


class Deferred(dialogue.Deferred[State, Session, Response]):
    """What is to be answered later."""

    __slots__ = ()


Outcome = dialogue.Reply[State, Response] | dialogue.Deferred[State, Session, Response]
