"""A simulated vehicle's end of an ISO 15118-2 session, AC or DC, paid here or by contract.

It asks in the order of the norm, one request at a time, and lets the response say how to go on.
It does not simulate: having a contract installed, value-added services, schedules of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any, ClassVar

from seccstack import v2gtp
from seccstack.errors import MalformedError
from seccstack.messages import app_protocol, codec, din, iso2
from seccstack.messages.codec import Schema
from seccstack.sim import evcc_requests as requests
from seccstack.sim import wallet as wallets
from seccstack.sim.evcc_requests import Wishes
from seccstack.v2gtp import Payload, Reader

CLOSE_VOLTS = 20.0  # a pre-charge that is as near as that will do


class Phase(Enum):
    """Which response is awaited next."""

    PROTOCOL = auto()
    SETUP = auto()
    DISCOVERY = auto()
    PAYMENT = auto()
    CONTRACT = auto()
    DETAILS = auto()
    AUTHORIZATION = auto()
    PARAMETERS = auto()
    CHECKING = auto()
    PRECHARGING = auto()
    STARTING = auto()
    CHARGING = auto()
    RENEGOTIATING = auto()
    STOPPING = auto()
    UNLOADING = auto()
    GOODBYE = auto()
    OVER = auto()


@dataclass(frozen=True, slots=True)
class SendBytes:
    """Send on the stream."""

    data: bytes


@dataclass(frozen=True, slots=True)
class GetReady:
    """Close S2 (state C) or open it (state B)."""

    ready: bool


@dataclass(frozen=True, slots=True)
class HeedLimit:
    """The charger now allows this much per phase; ``negotiated``: for good."""

    amps: float
    negotiated: bool = False


@dataclass(frozen=True, slots=True)
class HangUp:
    """The session is over for the vehicle."""

    why: str


Action = SendBytes | GetReady | HeedLimit | HangUp


class Evcc:
    """One V2G session, from the open stream to its end; a machine fed with bytes.

    ``session_id``: of the session that it paused, to go on with it; ``pauses``: whether this
    one ends with a pause.
    """

    schema: ClassVar[Schema] = Schema.ISO2

    def __init__(
        self, wishes: Wishes, *, session_id: bytes = bytes(1), pauses: bool = False
    ) -> None:
        self._wishes = wishes
        self._pauses = pauses
        self._reader = Reader()
        self._phase = Phase.PROTOCOL
        self._session_id = session_id
        self._tuple_id = 1
        self._loops = 0
        self._next: Any = None  # the request that is sent next, or was sent last
        self._awaiting = False  # it was sent
        self.deadline: float | None = None
        self.over = False
        self.joined = False  # the charger remembers the session that was paused
        self.paused_id: bytes | None = None  # of this session, if it ended with a pause

    @property
    def full(self) -> bool:
        """Whether it has had all it wanted."""
        return self._loops >= self._wishes.loops

    @property
    def asked(self) -> str:
        """The name of the request that was sent last, or is about to be."""
        return _name(self._next)

    def start(self, now: float) -> Sequence[Action]:
        """Begin: the stream is open."""
        return self._ask_later(requests.protocol(self._wishes), now)

    def stop(self, now: float) -> Sequence[Action]:
        """End the charge at the next turn of the loop, as if the vehicle were full."""
        self._loops = self._wishes.loops
        return []

    def receive(self, data: bytes, now: float) -> Sequence[Action]:
        """Take bytes from the charger."""
        actions: list[Action] = []
        for item in self._reader.feed(data):
            if self.over or not isinstance(item, Payload):
                continue
            try:
                actions += self._take(item.octets, now)
            except MalformedError as error:
                actions += self._hang_up(str(error))
        return actions

    def tick(self, now: float) -> Sequence[Action]:
        """Send what is due."""
        if self.deadline is None or now < self.deadline:
            return []
        self.deadline, request = None, self._next
        if self._awaiting:
            return self._hang_up(f"no response in {self._wishes.response_seconds:g} s")
        if _name(request) == self._wishes.silent_at:
            return []
        if _name(request) == self._wishes.leaves_at:
            return self._hang_up(f"left before {_name(request)}")
        self._awaiting, self.deadline = True, now + self._wishes.response_seconds
        return [*_readiness(request), SendBytes(self._encoded(request))]

    def _encoded(self, request: Any) -> bytes:
        if isinstance(request, app_protocol.SupportedAppProtocolReq):
            return v2gtp.encode(v2gtp.EXI, codec.encode(Schema.APP_PROTOCOL, request))
        octets = codec.encode(self.schema, self._message(request))
        return v2gtp.encode(v2gtp.EXI, octets)

    def _message(self, request: Any) -> Any:
        wallet = self._wishes.wallet
        signature = None if wallet is None else wallet.signature(request)
        header = iso2.MessageHeader(session_id=self._session_id, signature=signature)
        return iso2.V2G_Message(header=header, body=request)

    def _first(self) -> Any:
        return iso2.SessionSetupReq(evccid=self._wishes.evccid)

    def _take(self, octets: bytes, now: float) -> Sequence[Action]:
        if self._phase is Phase.PROTOCOL:
            answer: Any = codec.decode(Schema.APP_PROTOCOL, octets).message
            if not isinstance(answer, app_protocol.SupportedAppProtocolRes):
                return self._hang_up(f"unexpected {type(answer).__name__}")
            if "FAILED" in answer.response_code.value.upper():
                return self._hang_up(answer.response_code.value)
            self._phase = Phase.SETUP
            return self._ask_later(self._first(), now)
        message: Any = codec.decode(self.schema, octets).message
        response = getattr(message, "body", message)
        if not hasattr(response, "response_code"):
            return self._hang_up(f"unexpected {type(response).__name__}")
        if response.response_code.value.startswith("FAILED"):
            return self._hang_up(f"{type(response).__name__}: {response.response_code.value}")
        self._session_id = message.header.session_id
        return self._go_on(response, now)

    def _go_on(self, response: Any, now: float) -> Sequence[Action]:
        wishes = self._wishes
        match self._phase, response:
            case Phase.SETUP, iso2.SessionSetupRes(response_code=code):
                self.joined = code is iso2.ResponseCode.OK_OLD_SESSION_JOINED
                return self._step(Phase.DISCOVERY, iso2.ServiceDiscoveryReq(), now)
            case Phase.DISCOVERY, iso2.ServiceDiscoveryRes():
                contract = wallets.accepted(wishes.wallet, response)
                phase = Phase.CONTRACT if contract else Phase.PAYMENT
                return self._step(phase, requests.payment(response, contract), now)
            case Phase.CONTRACT, iso2.PaymentServiceSelectionRes() if wishes.wallet:
                return self._step(Phase.DETAILS, wishes.wallet.details(), now)
            case Phase.DETAILS, iso2.PaymentDetailsRes():
                return self._step(Phase.AUTHORIZATION, wallets.proof(response), now)
            case Phase.PAYMENT, iso2.PaymentServiceSelectionRes():
                return self._step(Phase.AUTHORIZATION, iso2.AuthorizationReq(), now)
            case Phase.AUTHORIZATION, iso2.AuthorizationRes():
                if response.evse_processing is not iso2.EVSEProcessing.FINISHED:
                    return self._ask_later(iso2.AuthorizationReq(), now, wishes.loop_seconds)
                return self._step(Phase.PARAMETERS, requests.parameters(self._wishes), now)
            case Phase.PARAMETERS, iso2.ChargeParameterDiscoveryRes():
                return self._parameters_known(response, now)
            case Phase.CHECKING, iso2.CableCheckRes():
                if response.evse_processing is not iso2.EVSEProcessing.FINISHED:
                    return self._ask_later(requests.cable_check(), now, wishes.loop_seconds)
                return self._step(Phase.PRECHARGING, requests.pre_charge(wishes), now)
            case Phase.PRECHARGING, iso2.PreChargeRes():
                return self._precharging(response, now)
            case Phase.STARTING, iso2.PowerDeliveryRes():
                return self._step(Phase.CHARGING, requests.turn(wishes), now)
            case Phase.CHARGING, iso2.ChargingStatusRes() | iso2.CurrentDemandRes():
                return self._charging(response, now)
            case Phase.CHARGING, iso2.MeteringReceiptRes():
                turn = requests.turn(wishes)
                return self._ask_later(turn, now, wishes.loop_seconds)
            case Phase.RENEGOTIATING, iso2.PowerDeliveryRes():
                return self._step(Phase.PARAMETERS, requests.parameters(wishes), now)
            case Phase.STOPPING, iso2.PowerDeliveryRes():
                if wishes.dc:
                    return self._step(Phase.UNLOADING, requests.welding_detection(), now)
                return self._step(Phase.GOODBYE, requests.goodbye(self._pauses), now)
            case Phase.UNLOADING, iso2.WeldingDetectionRes():
                return self._step(Phase.GOODBYE, requests.goodbye(self._pauses), now)
            case Phase.GOODBYE, iso2.SessionStopRes():
                return self._part()
            case _:
                return self._hang_up(f"unexpected {type(response).__name__}")

    def _parameters_known(self, response: Any, now: float) -> Sequence[Action]:
        if response.evse_processing is not iso2.EVSEProcessing.FINISHED:
            again = requests.parameters(self._wishes)
            return self._ask_later(again, now, self._wishes.loop_seconds)
        self._tuple_id = response.sa_schedules.sa_schedule_tuple[0].sa_schedule_tuple_id
        if self._wishes.dc or self._wishes.checks_cable:
            return self._step(Phase.CHECKING, requests.cable_check(), now)
        limit = in_units(response.evse_charge_parameter.evse_max_current)
        return [HeedLimit(limit, True), *self._deliver(Phase.STARTING, "START", now)]

    def _precharging(self, response: Any, now: float) -> Sequence[Action]:
        missing = self._wishes.battery_volts - in_units(response.evse_present_voltage)
        if missing > CLOSE_VOLTS:
            return self._ask_later(self._next, now, self._wishes.loop_seconds)
        return self._deliver(Phase.STARTING, "START", now)

    def _charging(self, response: Any, now: float) -> Sequence[Action]:
        self._loops += 1
        heed, asked = _heeded(response), _notification(response)
        stop = asked is iso2.EVSENotification.STOP_CHARGING and self._wishes.heeds_stop
        anew = asked is iso2.EVSENotification.RE_NEGOTIATION
        if self.full or stop:
            return [*heed, *self._deliver(Phase.STOPPING, "STOP", now)]
        if anew or self._loops == self._wishes.renegotiates_at:
            return [*heed, *self._deliver(Phase.RENEGOTIATING, "RENEGOTIATE", now)]
        if (receipt := wallets.receipt(self._session_id, response)) is not None:
            return [*heed, *self._ask_later(receipt, now)]
        again = requests.turn(self._wishes)
        return [*heed, *self._ask_later(again, now, self._wishes.loop_seconds)]

    def _deliver(self, phase: Phase, progress: str, now: float) -> Sequence[Action]:
        return self._step(phase, requests.delivery(progress, self._tuple_id), now)

    def _step(self, phase: Phase, request: Any, now: float) -> Sequence[Action]:
        self._phase = phase
        return self._ask_later(request, now)

    def _ask_later(
        self, request: Any, now: float, wait: float | None = None
    ) -> Sequence[Action]:
        self._next, self._awaiting = request, False
        self.deadline = now + (self._wishes.think_seconds if wait is None else wait)
        return []

    def _part(self) -> Sequence[Action]:
        if self._pauses:
            self.paused_id = self._session_id
            return self._hang_up("paused")
        return self._hang_up("charged" if self.full else "stopped")

    def _hang_up(self, why: str) -> Sequence[Action]:
        self._phase, self.deadline, self.over = Phase.OVER, None, True
        return [GetReady(False), HangUp(why)]


def with_evccid(wishes: Wishes, evccid: bytes) -> Wishes:
    """Return the same wishes of a vehicle with this EVCCID."""
    return replace(wishes, evccid=evccid)


def _name(request: Any) -> str:
    """Return a request's name, as the norm writes it."""
    name = type(request).__name__
    handshake = isinstance(request, app_protocol.SupportedAppProtocolReq)
    return name[0].lower() + name[1:] if handshake else name


def in_units(value: iso2.PhysicalValue | din.PhysicalValue) -> float:
    """Return a physical value in the plain unit: amperes, volts, watts."""
    return float(value.value) * 10.0**value.multiplier


def _readiness(request: Any) -> list[Action]:
    """Say what the vehicle's switch does before a request."""
    if isinstance(request, iso2.CableCheckReq | din.CableCheckReq):
        return [GetReady(True)]
    if isinstance(request, din.PowerDeliveryReq):
        return [GetReady(request.ready_to_charge_state)]
    if not isinstance(request, iso2.PowerDeliveryReq):
        return []
    return [GetReady(request.charge_progress is not iso2.ChargeProgress.STOP)]


def _heeded(response: Any) -> list[Action]:
    told = getattr(response, "evse_max_current", None)
    return [] if told is None else [HeedLimit(in_units(told))]


def _notification(response: Any) -> iso2.EVSENotification:
    dc = isinstance(response, iso2.CurrentDemandRes)
    status = response.dc_evse_status if dc else response.ac_evse_status
    found: iso2.EVSENotification = status.evse_notification
    return found
