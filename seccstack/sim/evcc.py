"""A simulated vehicle's end of an ISO 15118-2 AC session, external payment.

It asks in the order of the norm, one request at a time, and lets the response say how to go on.
It does not simulate: Plug and Charge, DC, value-added services, renegotiation, schedules of its
own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from seccstack import v2gtp
from seccstack.errors import MalformedError
from seccstack.messages import app_protocol, codec, iso2
from seccstack.messages.codec import Schema
from seccstack.v2gtp import Payload, Reader

ISO2_NAMESPACE = "urn:iso:15118:2:2013:MsgDef"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the vehicle wants and how it behaves in a session; currents per phase."""

    evccid: bytes
    namespace: str = ISO2_NAMESPACE
    mode: iso2.EnergyTransferMode = iso2.EnergyTransferMode.AC_THREE_PHASE_CORE
    energy_wh: int = 20_000
    max_amps: int = 32
    min_amps: int = 6
    think_seconds: float = 0.05  # from a response to the next request
    loop_seconds: float = 0.5  # between requests of the charging loop
    loops: int = 40  # then it is full
    response_seconds: float = 5.0  # for a response; then it hangs up
    heeds_stop: bool = True  # whether StopCharging moves it
    silent_at: str | None = None  # the name of a request that it never sends


class Phase(Enum):
    """Which response is awaited next."""

    PROTOCOL = auto()
    SETUP = auto()
    DISCOVERY = auto()
    PAYMENT = auto()
    AUTHORIZATION = auto()
    PARAMETERS = auto()
    STARTING = auto()
    CHARGING = auto()
    STOPPING = auto()
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
    """The charger now allows this much per phase."""

    amps: float


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
        return self._ask_later(self._protocol_request(), now)

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
        self._awaiting, self.deadline = True, now + self._wishes.response_seconds
        ready: list[Action] = []
        if isinstance(request, iso2.PowerDeliveryReq):
            ready.append(GetReady(request.charge_progress is iso2.ChargeProgress.START))
        return [*ready, SendBytes(self._encoded(request))]

    def _encoded(self, request: Any) -> bytes:
        if isinstance(request, app_protocol.SupportedAppProtocolReq):
            return v2gtp.encode(v2gtp.EXI, codec.encode(Schema.APP_PROTOCOL, request))
        header = iso2.MessageHeader(session_id=self._session_id)
        message = iso2.V2G_Message(header=header, body=request)
        return v2gtp.encode(v2gtp.EXI, codec.encode(Schema.ISO2, message))

    def _take(self, octets: bytes, now: float) -> Sequence[Action]:
        if self._phase is Phase.PROTOCOL:
            answer: Any = codec.decode(Schema.APP_PROTOCOL, octets).message
            if not isinstance(answer, app_protocol.SupportedAppProtocolRes):
                return self._hang_up(f"unexpected {type(answer).__name__}")
            if "FAILED" in answer.response_code.value.upper():
                return self._hang_up(answer.response_code.value)
            self._phase = Phase.SETUP
            return self._ask_later(iso2.SessionSetupReq(evccid=self._wishes.evccid), now)
        message: Any = codec.decode(Schema.ISO2, octets).message
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
                return self._step(Phase.PAYMENT, self._payment_request(response), now)
            case Phase.PAYMENT, iso2.PaymentServiceSelectionRes():
                return self._step(Phase.AUTHORIZATION, iso2.AuthorizationReq(), now)
            case Phase.AUTHORIZATION, iso2.AuthorizationRes():
                if response.evse_processing is not iso2.EVSEProcessing.FINISHED:
                    return self._ask_later(iso2.AuthorizationReq(), now, wishes.loop_seconds)
                return self._step(Phase.PARAMETERS, self._parameters_request(), now)
            case Phase.PARAMETERS, iso2.ChargeParameterDiscoveryRes():
                return self._parameters_known(response, now)
            case Phase.STARTING, iso2.PowerDeliveryRes():
                return self._step(Phase.CHARGING, iso2.ChargingStatusReq(), now)
            case Phase.CHARGING, iso2.ChargingStatusRes():
                return self._charging(response, now)
            case Phase.STOPPING, iso2.PowerDeliveryRes():
                return self._step(Phase.GOODBYE, self._stop_request(), now)
            case Phase.GOODBYE, iso2.SessionStopRes():
                return self._part()
            case _:
                return self._hang_up(f"unexpected {type(response).__name__}")

    def _parameters_known(self, response: Any, now: float) -> Sequence[Action]:
        if response.evse_processing is not iso2.EVSEProcessing.FINISHED:
            again = self._parameters_request()
            return self._ask_later(again, now, self._wishes.loop_seconds)
        self._tuple_id = response.sa_schedules.sa_schedule_tuple[0].sa_schedule_tuple_id
        limit = in_units(response.evse_charge_parameter.evse_max_current)
        return [HeedLimit(limit), *self._step(Phase.STARTING, self._delivery("START"), now)]

    def _charging(self, response: Any, now: float) -> Sequence[Action]:
        self._loops += 1
        heed: list[Action] = []
        if response.evse_max_current is not None:
            heed.append(HeedLimit(in_units(response.evse_max_current)))
        stop = response.ac_evse_status.evse_notification is iso2.EVSENotification.STOP_CHARGING
        if self.full or (stop and self._wishes.heeds_stop):
            return [*heed, *self._step(Phase.STOPPING, self._delivery("STOP"), now)]
        again = iso2.ChargingStatusReq()
        return [*heed, *self._ask_later(again, now, self._wishes.loop_seconds)]

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

    def _protocol_request(self) -> app_protocol.SupportedAppProtocolReq:
        offer = app_protocol.AppProtocol(
            protocol_namespace=self._wishes.namespace,
            version_number_major=2,
            version_number_minor=0,
            schema_id=1,
            priority=1,
        )
        return app_protocol.SupportedAppProtocolReq(app_protocol=(offer,))

    def _payment_request(self, response: Any) -> iso2.PaymentServiceSelectionReq:
        chosen = iso2.SelectedService(service_id=response.charge_service.service_id)
        return iso2.PaymentServiceSelectionReq(
            selected_payment_option=iso2.PaymentOption.EXTERNAL_PAYMENT,
            selected_service_list=iso2.SelectedServiceList(selected_service=(chosen,)),
        )

    def _parameters_request(self) -> iso2.ChargeParameterDiscoveryReq:
        wishes, unit = self._wishes, iso2.UnitSymbol
        parameters = iso2.AC_EVChargeParameter(
            e_amount=iso2.PhysicalValue(multiplier=0, unit=unit.WH, value=wishes.energy_wh),
            ev_max_voltage=iso2.PhysicalValue(multiplier=0, unit=unit.V, value=400),
            ev_max_current=iso2.PhysicalValue(multiplier=0, unit=unit.A, value=wishes.max_amps),
            ev_min_current=iso2.PhysicalValue(multiplier=0, unit=unit.A, value=wishes.min_amps),
        )
        return iso2.ChargeParameterDiscoveryReq(
            requested_energy_transfer_mode=wishes.mode, ev_charge_parameter=parameters
        )

    def _stop_request(self) -> iso2.SessionStopReq:
        session = iso2.ChargingSession
        end = session.PAUSE if self._pauses else session.TERMINATE
        return iso2.SessionStopReq(charging_session=end)

    def _delivery(self, progress: str) -> iso2.PowerDeliveryReq:
        return iso2.PowerDeliveryReq(
            charge_progress=iso2.ChargeProgress[progress], sa_schedule_tuple_id=self._tuple_id
        )


def with_evccid(wishes: Wishes, evccid: bytes) -> Wishes:
    """Return the same wishes of a vehicle with this EVCCID."""
    return replace(wishes, evccid=evccid)


def _name(request: Any) -> str:
    """Return a request's name, as the norm writes it."""
    name = type(request).__name__
    handshake = isinstance(request, app_protocol.SupportedAppProtocolReq)
    return name[0].lower() + name[1:] if handshake else name


def in_units(value: iso2.PhysicalValue) -> float:
    """Return a physical value in the plain unit: amperes, volts, watts."""
    return float(value.value) * 10.0**value.multiplier
