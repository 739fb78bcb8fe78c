"""What an ISO 15118-20 session knows, and what its handlers return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum

from seccstack.auth.certificate import VehicleCertificate
from seccstack.messages.iso20_common import PowerDeliveryReq, ScheduleExchangeRes
from seccstack.messages.iso20_types import MessageHeader, MeterInfo
from seccstack.session import dialogue, payment
from seccstack.session.dc import CableCheck
from seccstack.session.events import Paused
from seccstack.session.iso20.requests import Request, Response
from seccstack.session.plant import Charger, Plant

UNSET = MessageHeader(session_id=bytes(8), time_stamp=0)


class State(Enum):
    """How far the vehicle has come, that is: which requests we are ready for."""

    CONNECTED = "connected"  # the handshake is done
    SET_UP = "set up"
    AUTHORIZING = "authorizing"  # it knows how it may be authorised
    AUTHORIZED = "authorized"
    DISCOVERED = "discovered"
    SELECTED = "selected"  # a service, or the one that it had before it paused
    NEGOTIATING = "negotiating"
    AGREED = "agreed"
    CONNECTING = "connecting"  # DC: a response is owed until the vehicle has closed its switch
    CHECKING = "checking"  # DC: its insulation is being measured
    CHECKED = "checked"
    PRECHARGED = "precharged"  # or being so
    STARTING = "starting"  # a PowerDeliveryRes is owed until the contactor has closed
    CHARGING = "charging"
    DEMANDING = "demanding"  # DC, as CHARGING is of AC
    VERIFYING = "verifying"  # a response is owed until somebody has verified something
    STOPPED = "stopped"
    UNLOADING = "unloading"  # DC: it has stopped, and may watch its contactors open
    PARTING = "parting"  # DC: a response is owed until the vehicle has opened its switch
    ENDED = "ended"


class Service(IntEnum):
    """The energy services that a charger of ours may have, by their ServiceIDs."""

    AC = 1
    DC = 2
    AC_BPT = 5
    DC_BPT = 6


class Control(IntEnum):
    """Who says what power flows when (ControlMode)."""

    SCHEDULED = 1  # the vehicle, within a schedule
    DYNAMIC = 2  # the charger, from moment to moment


class Pricing(IntEnum):
    """How a vehicle is told what energy costs, if it is."""

    NONE = 0
    ABSOLUTE = 1  # as it is
    LEVELS = 2  # by levels: 1 is the cheapest


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the vehicle has selected; ``phases``: 1 or 3 on AC, 0 on DC."""

    service: Service
    parameter_set: int
    control: Control
    phases: int = 0
    pricing: Pricing = Pricing.NONE

    @property
    def both_ways(self) -> bool:
        """Whether energy may flow back."""
        return self.service in (Service.AC_BPT, Service.DC_BPT)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a schedule that was offered, from so many seconds on."""

    start: int
    watts: float  # of all phases together, as the vehicle was told it


@dataclass(slots=True, kw_only=True)
class Payment(payment.Payment[Request]):
    """What a session knows of the vehicle's contract, in this protocol."""

    attempts: int = 0  # contracts that were shown, or asked for
    signed: bytes = b""  # the challenge's signature that proved that it holds the key
    shown: MeterInfo | None = None  # what the vehicle was shown, and is to sign
    shown_at: float | None = None


@dataclass(frozen=True, slots=True)
class Unpriced:
    """An offer whose price was asked, since when, and of what limit and plan it was made."""

    response: ScheduleExchangeRes
    since: float
    limit_amps: float | None
    plans: int


@dataclass(slots=True, kw_only=True)
class Session:
    """What one session knows."""

    charger: Charger
    plant: Plant
    session_id: bytes  # ours, from SessionSetupRes on
    timestamp: int  # seconds since 1970, when the stream was opened
    opened: float
    now: float  # when the request that is being answered came
    header: MessageHeader = UNSET  # of that request
    resumable: Paused | None = None
    vehicle: VehicleCertificate | None = None  # whose certificate it has shown
    evccid: str = ""
    asked: bool = False  # the authorizer
    detailed: frozenset[int] = frozenset()  # the services whose parameter sets it knows
    chosen: Chosen | None = None
    ongoing_since: float | None = None  # ScheduleExchange
    unpriced: Unpriced | None = None
    offered: Mapping[int, tuple[Stretch, ...]] = field(default_factory=dict)  # by tuple
    offered_at: float = 0.0
    plans: int = 0  # of the plan that was offered
    tuple_id: int = 1  # the tuple that the vehicle has chosen
    starting: PowerDeliveryReq | None = None  # the last start that was found good
    energy_allowed: bool = False
    looped: bool = False  # whether the loop has turned since energy was allowed
    promised: tuple[Stretch, ...] = ()  # the power profile that the vehicle keeps to
    promised_at: float = 0.0
    broken_since: float | None = None  # it draws more than that
    renegotiated: int = 0  # times in a row, with no turn of the loop between
    surplus_since: float | None = None  # the limit has been above what was offered
    check: CableCheck = field(default_factory=CableCheck)
    payment: Payment = field(default_factory=Payment)

    @property
    def claimed_id(self) -> bytes:
        """The session id that the request came with."""
        return self.header.session_id

    @property
    def looping(self) -> State:
        """Where a vehicle is while it charges."""
        return State.CHARGING if self.charger.supply is None else State.DEMANDING

    @property
    def wall_time(self) -> float:
        """What time it is: seconds since 1970."""
        return self.timestamp + self.now - self.opened

    @property
    def heading(self) -> MessageHeader:
        """The header of what is answered now."""
        return MessageHeader(session_id=self.session_id, time_stamp=int(self.wall_time))


class Reply(dialogue.Reply[State, Response]):
    """What to answer in ISO 15118-20."""

    __slots__ = ()


class Deferred(dialogue.Deferred[State, Session, Response]):
    """What is to be answered later."""

    __slots__ = ()


Outcome = dialogue.Reply[State, Response] | dialogue.Deferred[State, Session, Response]
