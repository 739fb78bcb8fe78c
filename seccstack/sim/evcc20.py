"""A simulated vehicle's end of an ISO 15118-20 session: AC or DC, either way, paid elsewhere.

It asks in the order of the norm, and lets the response say how to go on. It does not simulate:
contracts, profiles of its own, standby, choosing another service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import structs

from seccstack import v2gtp
from seccstack.errors import MalformedError
from seccstack.messages import app_protocol, codec, iso20_ac, iso20_common, iso20_dc
from seccstack.messages.codec import Schema
from seccstack.messages.iso20_types import (
    EvseNotification,
    EVSEStatus,
    MessageHeader,
    Processing,
    RationalNumber,
)
from seccstack.sim import evcc20_requests as requests
from seccstack.sim.evcc import CLOSE_VOLTS, Action, Evcc, GetReady, HeedLimit, Phase, SendBytes
from seccstack.sim.evcc20_requests import LINE_VOLTS, UNSET, Wishes20
from seccstack.v2gtp import Payload

SCHEMAS: Mapping[int, Schema] = {
    v2gtp.MAINSTREAM: Schema.ISO20_COMMON,
    v2gtp.AC_MAINSTREAM: Schema.ISO20_AC,
    v2gtp.DC_MAINSTREAM: Schema.ISO20_DC,
}
TYPES = {schema: number for number, schema in SCHEMAS.items()}
MODULES = {
    iso20_ac.__name__: Schema.ISO20_AC,
    iso20_dc.__name__: Schema.ISO20_DC,
    iso20_common.__name__: Schema.ISO20_COMMON,
}
TIME = 1_700_000_000  # seconds since 1970: what its clock shows


class Evcc20(Evcc):
    """One session in ISO 15118-20."""

    def __init__(
        self, wishes: Wishes20, *, session_id: bytes = bytes(8), pauses: bool = False
    ) -> None:
        super().__init__(wishes, session_id=session_id.rjust(8, b"\0"), pauses=pauses)
        self._wants = wishes
        self._drawn_watts = 0.0

    def start(self, now: float) -> Sequence[Action]:
        """Begin: the stream is open."""
        offer = app_protocol.AppProtocol(
            protocol_namespace=self._wants.namespace,
            version_number_major=1,
            version_number_minor=0,
            schema_id=1,
            priority=1,
        )
        asked = app_protocol.SupportedAppProtocolReq(app_protocol=(offer,))
        return self._ask_later(asked, now)

    def receive(self, data: bytes, now: float) -> Sequence[Action]:
        """Take bytes from the charger."""
        actions: list[Action] = []
        for item in self._reader.feed(data):
            if self.over or not isinstance(item, Payload):
                continue
            try:
                actions += self._read(item, now)
            except MalformedError as error:
                actions += self._hang_up(str(error))
        return actions

    def tick(self, now: float) -> Sequence[Action]:
        """Send what is due, with the switch as it has to be."""
        request, actions = self._next, super().tick(now)
        if not any(isinstance(action, SendBytes) for action in actions):
            return actions
        return [*_readiness(request), *actions]

    def _encoded(self, request: Any) -> bytes:
        if isinstance(request, app_protocol.SupportedAppProtocolReq):
            return v2gtp.encode(v2gtp.EXI, codec.encode(Schema.APP_PROTOCOL, request))
        header = MessageHeader(session_id=self._session_id, time_stamp=TIME)
        schema = MODULES[type(request).__module__]
        octets = codec.encode(schema, structs.replace(request, header=header))
        return v2gtp.encode(TYPES[schema], octets)

    def _read(self, item: Payload, now: float) -> Sequence[Action]:
        schema = SCHEMAS.get(item.type, Schema.APP_PROTOCOL)
        response: Any = codec.decode(schema, item.octets).message
        code = getattr(response, "response_code", None)
        if code is None:
            return self._hang_up(f"unexpected {type(response).__name__}")
        if "FAILED" in code.value.upper():
            return self._hang_up(f"{type(response).__name__}: {code.value}")
        if isinstance(response, app_protocol.SupportedAppProtocolRes):
            evccid = self._wants.name or self._wants.evccid.hex().upper()
            setup = iso20_common.SessionSetupReq(header=UNSET, evccid=evccid)
            return self._step(Phase.SETUP, setup, now)
        self._session_id = response.header.session_id
        return self._go_on(response, now)

    def _go_on(self, response: Any, now: float) -> Sequence[Action]:
        match response:
            case iso20_dc.DC_CableCheckRes() | iso20_dc.DC_PreChargeRes():
                return self._connecting(response, now)
            case iso20_ac.AC_ChargeLoopRes() | iso20_dc.DC_ChargeLoopRes():
                return self._charging(response, now)
            case iso20_common.PowerDeliveryRes():
                return self._delivered(now)
            case iso20_dc.DC_WeldingDetectionRes():
                return self._step(Phase.GOODBYE, requests.goodbye(self._pauses), now)
            case iso20_common.SessionStopRes():
                return self._part()
            case _:
                return self._begin(response, now)

    def _begin(self, response: Any, now: float) -> Sequence[Action]:
        wishes = self._wants
        match response:
            case iso20_common.SessionSetupRes(response_code=code):
                self.joined = code.value == "OK_OldSessionJoined"
                if self.joined:
                    return self._step(Phase.PARAMETERS, requests.parameters(wishes), now)
                ways_in = iso20_common.AuthorizationSetupReq(header=UNSET)
                return self._step(Phase.PAYMENT, ways_in, now)
            case iso20_common.AuthorizationSetupRes():
                return self._step(Phase.AUTHORIZATION, requests.authorization(), now)
            case iso20_common.AuthorizationRes():
                discovery = iso20_common.ServiceDiscoveryReq(header=UNSET)
                return self._when_finished(response, Phase.DISCOVERY, discovery, now)
            case iso20_common.ServiceDiscoveryRes():
                detail = iso20_common.ServiceDetailReq(header=UNSET, service_id=wishes.service)
                return self._step(Phase.DETAILS, detail, now)
            case iso20_common.ServiceDetailRes():
                number = requests.parameter_set(response, wishes)
                if number is None:
                    return self._hang_up("no parameter set has its control mode")
                return self._step(Phase.DETAILS, requests.selection(wishes, number), now)
            case iso20_common.ServiceSelectionRes():
                return self._step(Phase.PARAMETERS, requests.parameters(wishes), now)
            case iso20_common.ScheduleExchangeRes():
                if wishes.on_dc and self._phase is not Phase.RENEGOTIATING:
                    check = iso20_dc.DC_CableCheckReq(header=UNSET)
                    return self._when_finished(response, Phase.CHECKING, check, now)
                start = requests.delivery("START")
                return self._when_finished(response, Phase.STARTING, start, now)
            case _:  # what the charger can
                return self._step(Phase.PARAMETERS, requests.schedule(wishes), now)

    def _when_finished(
        self, response: Any, phase: Phase, request: Any, now: float
    ) -> Sequence[Action]:
        """Go on, or ask the same once more."""
        if response.evse_processing is Processing.FINISHED:
            return self._step(phase, request, now)
        return self._ask_later(self._next, now, self._wants.loop_seconds)

    def _connecting(self, response: Any, now: float) -> Sequence[Action]:
        wishes = self._wants
        if isinstance(response, iso20_dc.DC_CableCheckRes):
            pre_charge = requests.pre_charge(wishes)
            return self._when_finished(response, Phase.PRECHARGING, pre_charge, now)
        if wishes.battery_volts - _units(response.evse_present_voltage) > CLOSE_VOLTS:
            return self._ask_later(self._next, now, wishes.loop_seconds)
        return self._step(Phase.STARTING, requests.delivery("START"), now)

    def _delivered(self, now: float) -> Sequence[Action]:
        match self._phase:
            case Phase.STARTING:
                return self._step(Phase.CHARGING, self._turn(), now)
            case Phase.RENEGOTIATING:
                return self._ask_later(requests.schedule(self._wants), now)
            case _ if self._wants.on_dc:
                watch = iso20_dc.DC_WeldingDetectionReq(
                    header=UNSET, ev_processing=Processing.FINISHED
                )
                return self._step(Phase.UNLOADING, watch, now)
            case _:
                return self._step(Phase.GOODBYE, requests.goodbye(self._pauses), now)

    def _charging(self, response: Any, now: float) -> Sequence[Action]:
        self._loops += 1
        heed, asked = self._heeded(response), _notification(response.evse_status)
        stop = asked is EvseNotification.TERMINATE and self._wants.heeds_stop
        if self.full or stop:
            return [*heed, *self._step(Phase.STOPPING, requests.delivery("STOP"), now)]
        anew = asked is EvseNotification.SCHEDULE_RENEGOTIATION
        if anew or self._loops == self._wants.renegotiates_at:
            again = requests.delivery("SCHEDULE_RENEGOTIATION")
            return [*heed, *self._step(Phase.RENEGOTIATING, again, now)]
        return [*heed, *self._ask_later(self._turn(), now, self._wants.loop_seconds)]

    def _turn(self) -> requests.Turn:
        return requests.turn(self._wants, self._loops, self._drawn_watts)

    def _heeded(self, response: Any) -> list[Action]:
        target = getattr(response.cl_res_control_mode, "evse_target_active_power", None)
        if target is None:
            return []
        self._drawn_watts = _units(target)
        return [HeedLimit(self._drawn_watts / LINE_VOLTS)]


def _units(number: RationalNumber) -> float:
    return float(number.value) * 10.0**number.exponent


def _notification(status: EVSEStatus | None) -> EvseNotification | None:
    return None if status is None else status.evse_notification


def _readiness(request: Any) -> list[Action]:
    """Say what the vehicle's switch does before a request."""
    if isinstance(request, iso20_dc.DC_CableCheckReq):
        return [GetReady(True)]
    if not isinstance(request, iso20_common.PowerDeliveryReq):
        return []
    return [GetReady(request.charge_progress is not iso20_common.ChargeProgress.STOP)]
