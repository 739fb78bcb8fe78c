"""A simulated vehicle's end of a DIN SPEC 70121 session.

What it asks in ISO 15118-2 on DC, it asks here in the words of this language. It does not
simulate: anything but a charge that is paid elsewhere, since there is nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from seccstack.messages import din
from seccstack.messages.codec import Schema
from seccstack.messages.din import PhysicalValue, UnitSymbol
from seccstack.sim import evcc
from seccstack.sim.evcc import Action, Phase
from seccstack.sim.evcc_requests import DIN_NAMESPACE, PRECHARGE_AMPS, Wishes


class DinEvcc(evcc.Evcc):
    """One session in DIN SPEC 70121."""

    schema: ClassVar[Schema] = Schema.DIN

    def _first(self) -> din.SessionSetupReq:
        return din.SessionSetupReq(evccid=self._wishes.evccid)

    def _message(self, request: Any) -> din.V2G_Message:
        header = din.MessageHeader(session_id=self._session_id)
        return din.V2G_Message(header=header, body=request)

    def _go_on(self, response: Any, now: float) -> Sequence[Action]:
        wishes = self._wishes
        match self._phase, response:
            case Phase.SETUP, din.SessionSetupRes():
                return self._step(Phase.DISCOVERY, din.ServiceDiscoveryReq(), now)
            case Phase.DISCOVERY, din.ServiceDiscoveryRes():
                return self._step(Phase.PAYMENT, selection(response), now)
            case Phase.PAYMENT, din.ServicePaymentSelectionRes():
                return self._step(Phase.AUTHORIZATION, din.ContractAuthenticationReq(), now)
            case Phase.AUTHORIZATION, din.ContractAuthenticationRes():
                return self._when_finished(response, Phase.PARAMETERS, parameters(wishes), now)
            case Phase.PARAMETERS, din.ChargeParameterDiscoveryRes():
                asked = din.CableCheckReq(dc_ev_status=status())
                return self._when_finished(response, Phase.CHECKING, asked, now)
            case Phase.CHECKING, din.CableCheckRes():
                return self._when_finished(response, Phase.PRECHARGING, pre_charge(wishes), now)
            case Phase.PRECHARGING, din.PreChargeRes():
                return self._precharging(response, now)
            case Phase.STARTING, din.PowerDeliveryRes():
                return self._step(Phase.CHARGING, current_demand(wishes), now)
            case Phase.CHARGING, din.CurrentDemandRes():
                return self._charging(response, now)
            case Phase.STOPPING, din.PowerDeliveryRes():
                watch = din.WeldingDetectionReq(dc_ev_status=status())
                return self._step(Phase.UNLOADING, watch, now)
            case Phase.UNLOADING, din.WeldingDetectionRes():
                return self._step(Phase.GOODBYE, din.SessionStopReq(), now)
            case Phase.GOODBYE, din.SessionStopRes():
                return self._hang_up("charged" if self.full else "stopped")
            case _:
                return self._hang_up(f"unexpected {type(response).__name__}")

    def _when_finished(
        self, response: Any, phase: Phase, request: Any, now: float
    ) -> Sequence[Action]:
        """Go on, or ask the same once more."""
        if response.evse_processing is din.EVSEProcessing.FINISHED:
            return self._step(phase, request, now)
        return self._ask_later(self._next, now, self._wishes.loop_seconds)

    def _charging(self, response: Any, now: float) -> Sequence[Action]:
        self._loops += 1
        notice = response.dc_evse_status.evse_notification
        asked = notice is din.EVSENotification.STOP_CHARGING and self._wishes.heeds_stop
        if self.full or asked:
            return self._deliver(Phase.STOPPING, "STOP", now)
        return self._ask_later(self._next, now, self._wishes.loop_seconds)

    def _deliver(self, phase: Phase, progress: str, now: float) -> Sequence[Action]:
        return self._step(phase, delivery(progress == "START"), now)


def speaker(wishes: Wishes) -> type[evcc.Evcc]:
    """Return who speaks the language that a vehicle wants."""
    return DinEvcc if wishes.namespace == DIN_NAMESPACE else evcc.Evcc


def value(number: int, unit: UnitSymbol) -> PhysicalValue:
    """Write a physical value in plain units."""
    return PhysicalValue(multiplier=0, unit=unit, value=number)


def status() -> din.DC_EVStatus:
    """Say that nothing is wrong."""
    return din.DC_EVStatus(
        ev_ready=True, ev_error_code=din.DC_EVErrorCode.NO_ERROR, evresssoc=50
    )


def selection(response: din.ServiceDiscoveryRes) -> din.ServicePaymentSelectionReq:
    """Choose the charge service that is on offer, and to pay elsewhere."""
    tag = response.charge_service.service_tag
    chosen = din.SelectedService(service_id=tag.service_id)
    return din.ServicePaymentSelectionReq(
        selected_payment_option=din.PaymentOption.EXTERNAL_PAYMENT,
        selected_service_list=din.SelectedServiceList(selected_service=(chosen,)),
    )


def parameters(wishes: Wishes) -> din.ChargeParameterDiscoveryReq:
    """Say what its battery can."""
    return din.ChargeParameterDiscoveryReq(
        ev_requested_energy_transfer_type=din.EVRequestedEnergyTransfer.DC_EXTENDED,
        ev_charge_parameter=din.DC_EVChargeParameter(
            dc_ev_status=status(),
            ev_maximum_current_limit=value(wishes.max_amps, UnitSymbol.A),
            ev_maximum_voltage_limit=value(wishes.battery_volts + 20, UnitSymbol.V),
        ),
    )


def pre_charge(wishes: Wishes) -> din.PreChargeReq:
    """Demand the battery's voltage."""
    return din.PreChargeReq(
        dc_ev_status=status(),
        ev_target_voltage=value(wishes.battery_volts, UnitSymbol.V),
        ev_target_current=value(PRECHARGE_AMPS, UnitSymbol.A),
    )


def current_demand(wishes: Wishes) -> din.CurrentDemandReq:
    """Demand what it wants."""
    return din.CurrentDemandReq(
        dc_ev_status=status(),
        ev_target_current=value(wishes.max_amps, UnitSymbol.A),
        charging_complete=False,
        ev_target_voltage=value(wishes.battery_volts, UnitSymbol.V),
    )


def delivery(on: bool) -> din.PowerDeliveryReq:
    """Start, or stop."""
    return din.PowerDeliveryReq(
        ready_to_charge_state=on,
        ev_power_delivery_parameter=din.DC_EVPowerDeliveryParameter(
            dc_ev_status=status(), charging_complete=not on
        ),
    )
