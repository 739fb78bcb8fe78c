"""The requests of a simulated vehicle, as its wishes have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seccstack.messages import app_protocol, iso2
from seccstack.messages.iso2 import PhysicalValue, UnitSymbol
from seccstack.sim.wallet import Wallet

ISO2_NAMESPACE = "urn:iso:15118:2:2013:MsgDef"
DIN_NAMESPACE = "urn:din:70121:2012:MsgDef"
AC_MODES = (
    iso2.EnergyTransferMode.AC_THREE_PHASE_CORE,
    iso2.EnergyTransferMode.AC_SINGLE_PHASE_CORE,
)
PRECHARGE_AMPS = 2


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the vehicle wants and how it behaves in a session; currents per phase.

    On DC ``max_amps`` is what it demands, at the voltage of its battery.
    """

    evccid: bytes
    namespace: str = ISO2_NAMESPACE
    mode: iso2.EnergyTransferMode = iso2.EnergyTransferMode.AC_THREE_PHASE_CORE
    energy_wh: int = 20_000
    max_amps: int = 32
    min_amps: int = 6
    gives_amps: int = 0  # that it can feed back, by ISO 15118-20
    battery_volts: int = 400
    departure_seconds: int | None = None
    max_entries: int | None = None
    think_seconds: float = 0.05  # from a response to the next request
    loop_seconds: float = 0.5  # between requests of the charging loop
    loops: int = 40  # then it is full
    renegotiates_at: int | None = None  # the turn of the loop at which it negotiates anew
    response_seconds: float = 5.0  # for a response; then it hangs up
    heeds_stop: bool = True  # whether StopCharging moves it
    silent_at: str | None = None  # the name of a request that it never sends
    leaves_at: str | None = None  # the name of one in whose place it hangs up
    checks_cable: bool = False  # on AC, too
    wallet: Wallet | None = None  # its contract, with which it pays where it can

    @property
    def dc(self) -> bool:
        """Whether it charges DC."""
        return self.mode not in AC_MODES


def value(number: int, unit: UnitSymbol) -> PhysicalValue:
    """Write a physical value in plain units."""
    return PhysicalValue(multiplier=0, unit=unit, value=number)


def protocol(wishes: Wishes) -> app_protocol.SupportedAppProtocolReq:
    """Offer the protocol that it speaks."""
    offer = app_protocol.AppProtocol(
        protocol_namespace=wishes.namespace,
        version_number_major=2,
        version_number_minor=0,
        schema_id=1,
        priority=1,
    )
    return app_protocol.SupportedAppProtocolReq(app_protocol=(offer,))


def payment(response: Any, contract: bool = False) -> iso2.PaymentServiceSelectionReq:
    """Choose the charge service that is on offer, and to pay elsewhere, or by contract."""
    option = iso2.PaymentOption
    chosen = iso2.SelectedService(service_id=response.charge_service.service_id)
    return iso2.PaymentServiceSelectionReq(
        selected_payment_option=option.CONTRACT if contract else option.EXTERNAL_PAYMENT,
        selected_service_list=iso2.SelectedServiceList(selected_service=(chosen,)),
    )


def parameters(wishes: Wishes) -> iso2.ChargeParameterDiscoveryReq:
    """Say what it can, and when it departs."""
    parameter = dc_parameter(wishes) if wishes.dc else ac_parameter(wishes)
    return iso2.ChargeParameterDiscoveryReq(
        max_entries_sa_schedule_tuple=wishes.max_entries,
        requested_energy_transfer_mode=wishes.mode,
        ev_charge_parameter=parameter,
    )


def ac_parameter(wishes: Wishes) -> iso2.AC_EVChargeParameter:
    """Say what an on-board charger can."""
    return iso2.AC_EVChargeParameter(
        departure_time=wishes.departure_seconds,
        e_amount=value(wishes.energy_wh, UnitSymbol.WH),
        ev_max_voltage=value(400, UnitSymbol.V),
        ev_max_current=value(wishes.max_amps, UnitSymbol.A),
        ev_min_current=value(wishes.min_amps, UnitSymbol.A),
    )


def dc_parameter(wishes: Wishes) -> iso2.DC_EVChargeParameter:
    """Say what a battery can."""
    return iso2.DC_EVChargeParameter(
        departure_time=wishes.departure_seconds,
        dc_ev_status=status(),
        ev_maximum_current_limit=value(wishes.max_amps, UnitSymbol.A),
        ev_maximum_voltage_limit=value(wishes.battery_volts + 20, UnitSymbol.V),
    )


def status() -> iso2.DC_EVStatus:
    """Say that nothing is wrong."""
    return iso2.DC_EVStatus(
        ev_ready=True, ev_error_code=iso2.DC_EVErrorCode.NO_ERROR, evresssoc=50
    )


def cable_check() -> iso2.CableCheckReq:
    """Let the insulation be measured."""
    return iso2.CableCheckReq(dc_ev_status=status())


def pre_charge(wishes: Wishes) -> iso2.PreChargeReq:
    """Demand the battery's voltage."""
    return iso2.PreChargeReq(
        dc_ev_status=status(),
        ev_target_voltage=value(wishes.battery_volts, UnitSymbol.V),
        ev_target_current=value(PRECHARGE_AMPS, UnitSymbol.A),
    )


def current_demand(wishes: Wishes) -> iso2.CurrentDemandReq:
    """Demand what it wants."""
    return iso2.CurrentDemandReq(
        dc_ev_status=status(),
        ev_target_current=value(wishes.max_amps, UnitSymbol.A),
        charging_complete=False,
        ev_target_voltage=value(wishes.battery_volts, UnitSymbol.V),
    )


def turn(wishes: Wishes) -> iso2.CurrentDemandReq | iso2.ChargingStatusReq:
    """Go through the loop once more."""
    return current_demand(wishes) if wishes.dc else iso2.ChargingStatusReq()


def welding_detection() -> iso2.WeldingDetectionReq:
    """Let the contactors be watched."""
    return iso2.WeldingDetectionReq(dc_ev_status=status())


def delivery(progress: str, tuple_id: int) -> iso2.PowerDeliveryReq:
    """Start, stop, or negotiate anew."""
    return iso2.PowerDeliveryReq(
        charge_progress=iso2.ChargeProgress[progress], sa_schedule_tuple_id=tuple_id
    )


def goodbye(pauses: bool) -> iso2.SessionStopReq:
    """End the session, or let it sleep."""
    end = iso2.ChargingSession.PAUSE if pauses else iso2.ChargingSession.TERMINATE
    return iso2.SessionStopReq(charging_session=end)
