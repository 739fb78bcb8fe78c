"""The requests of a simulated vehicle that speaks ISO 15118-20, as its wishes have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seccstack.messages import iso20_ac, iso20_common, iso20_dc
from seccstack.messages.iso20_types import MessageHeader, Processing, RationalNumber
from seccstack.sim.evcc_requests import Wishes

AC_NAMESPACE = "urn:iso:std:iso:15118:-20:AC"
DC_NAMESPACE = "urn:iso:std:iso:15118:-20:DC"
AC, DC, AC_BPT, DC_BPT = 1, 2, 5, 6  # ServiceIDs
LINE_VOLTS = 230
UNSET = MessageHeader(session_id=bytes(8), time_stamp=0)  # until it is sent
FINISHED, ONGOING = Processing.FINISHED, Processing.ONGOING


@dataclass(frozen=True, slots=True)
class Wishes20(Wishes):
    """What such a vehicle wants besides: a service, and whether the charger decides.

    ``gives_from``: the turn of the loop from which on it feeds back, on DC, where it decides
    itself; how much is per phase on AC. ``name``: what it calls itself, instead of its address.
    """

    namespace: str = AC_NAMESPACE
    loop_seconds: float = 0.2
    service: int = AC
    dynamic: bool = False
    gives_from: int | None = None
    name: str = ""

    @property
    def on_dc(self) -> bool:
        """Whether it charges DC."""
        return self.service in (DC, DC_BPT)

    @property
    def both_ways(self) -> bool:
        """Whether it can feed back."""
        return self.service in (AC_BPT, DC_BPT)


def number(value: float) -> RationalNumber:
    """Write a whole number; a large one in tens."""
    small = abs(value) <= 32767
    return RationalNumber(
        exponent=0 if small else 1, value=round(value) if small else round(value / 10)
    )


def numbers(**values: float) -> dict[str, Any]:
    """Write numbers."""
    return {name: number(value) for name, value in values.items()}


def authorization() -> iso20_common.AuthorizationReq:
    """Pay elsewhere."""
    return iso20_common.AuthorizationReq(
        header=UNSET,
        selected_authorization_service=iso20_common.Authorization.EIM,
        eim_a_req_authorization_mode=iso20_common.EIM_AReqAuthorizationMode(),
    )


def selection(wishes: Wishes20, parameter_set: int) -> iso20_common.ServiceSelectionReq:
    """Choose its service."""
    chosen = iso20_common.SelectedService(
        service_id=wishes.service, parameter_set_id=parameter_set
    )
    return iso20_common.ServiceSelectionReq(
        header=UNSET, selected_energy_transfer_service=chosen
    )


def parameter_set(response: iso20_common.ServiceDetailRes, wishes: Wishes20) -> int | None:
    """Return the first parameter set that has its control mode."""
    control = 2 if wishes.dynamic else 1
    for offered in response.service_parameter_list.parameter_set:
        known = {one.name: one.int_value for one in offered.parameter}
        if known.get("ControlMode") == control:
            return offered.parameter_set_id
    return None


Parameters = iso20_ac.AC_ChargeParameterDiscoveryReq | iso20_dc.DC_ChargeParameterDiscoveryReq
Turn = iso20_ac.AC_ChargeLoopReq | iso20_dc.DC_ChargeLoopReq


def parameters(wishes: Wishes20) -> Parameters:
    """Say what it can."""
    return dc_parameters(wishes) if wishes.on_dc else ac_parameters(wishes)


def ac_parameters(wishes: Wishes20) -> iso20_ac.AC_ChargeParameterDiscoveryReq:
    """Say what its on-board charger can, of all phases together."""
    charge = numbers(
        ev_maximum_charge_power=wishes.max_amps * LINE_VOLTS * 3,
        ev_minimum_charge_power=wishes.min_amps * LINE_VOLTS,
    )
    back = numbers(
        ev_maximum_discharge_power=wishes.gives_amps * LINE_VOLTS * 3,
        ev_minimum_discharge_power=0,
    )
    return iso20_ac.AC_ChargeParameterDiscoveryReq(
        header=UNSET,
        ac_cpd_req_energy_transfer_mode=(
            iso20_ac.BPT_AC_CPDReqEnergyTransferMode(**charge, **back)
            if wishes.both_ways
            else iso20_ac.AC_CPDReqEnergyTransferMode(**charge)
        ),
    )


def dc_limits(wishes: Wishes20) -> dict[str, Any]:
    """Say what its battery can, both in the loop and before it."""
    most = wishes.battery_volts + 20
    return numbers(
        ev_maximum_charge_power=wishes.max_amps * most,
        ev_minimum_charge_power=0,
        ev_maximum_charge_current=wishes.max_amps,
        ev_maximum_voltage=most,
        ev_minimum_voltage=wishes.battery_volts // 2,
    )


def dc_back(wishes: Wishes20) -> dict[str, Any]:
    """Say what its battery can give."""
    return numbers(
        ev_maximum_discharge_power=wishes.gives_amps * (wishes.battery_volts + 20),
        ev_minimum_discharge_power=0,
        ev_maximum_discharge_current=wishes.gives_amps,
    )


def dc_parameters(wishes: Wishes20) -> iso20_dc.DC_ChargeParameterDiscoveryReq:
    """Say what its battery can."""
    charge = {**dc_limits(wishes), **numbers(ev_minimum_charge_current=0)}
    back = {**dc_back(wishes), **numbers(ev_minimum_discharge_current=0)}
    return iso20_dc.DC_ChargeParameterDiscoveryReq(
        header=UNSET,
        dc_cpd_req_energy_transfer_mode=(
            iso20_dc.BPT_DC_CPDReqEnergyTransferMode(**charge, **back)
            if wishes.both_ways
            else iso20_dc.DC_CPDReqEnergyTransferMode(**charge)
        ),
    )


def energy(wishes: Wishes20) -> dict[str, Any]:
    """Say what energy it wants; it has some to spare."""
    return numbers(
        ev_target_energy_request=wishes.energy_wh,
        ev_maximum_energy_request=2 * wishes.energy_wh,
        ev_minimum_energy_request=-wishes.energy_wh // 4,
    )


def schedule(wishes: Wishes20) -> iso20_common.ScheduleExchangeReq:
    """Ask for a schedule, or let the charger decide."""
    departure = wishes.departure_seconds
    if wishes.dynamic:
        return iso20_common.ScheduleExchangeReq(
            header=UNSET,
            maximum_supporting_points=wishes.max_entries or 1024,
            dynamic_se_req_control_mode=iso20_common.Dynamic_SEReqControlMode(
                departure_time=departure or 7200, **energy(wishes)
            ),
        )
    return iso20_common.ScheduleExchangeReq(
        header=UNSET,
        maximum_supporting_points=wishes.max_entries or 1024,
        scheduled_se_req_control_mode=iso20_common.Scheduled_SEReqControlMode(
            departure_time=departure
        ),
    )


def pre_charge(wishes: Wishes20) -> iso20_dc.DC_PreChargeReq:
    """Demand the battery's voltage."""
    return iso20_dc.DC_PreChargeReq(
        header=UNSET,
        ev_processing=ONGOING,
        ev_present_voltage=number(0),
        ev_target_voltage=number(wishes.battery_volts),
    )


def delivery(progress: str) -> iso20_common.PowerDeliveryReq:
    """Start, stop, or exchange schedules anew."""
    return iso20_common.PowerDeliveryReq(
        header=UNSET,
        ev_processing=FINISHED,
        charge_progress=iso20_common.ChargeProgress[progress],
    )


def turn(wishes: Wishes20, loops: int, drawn_watts: float) -> Turn:
    """Go through the loop once more; ``loops``: how often it has done so."""
    return dc_turn(wishes, loops) if wishes.on_dc else ac_turn(wishes, drawn_watts)


def ac_turn(wishes: Wishes20, watts: float) -> iso20_ac.AC_ChargeLoopReq:
    """Say what it draws."""
    present = numbers(ev_present_active_power=watts)
    limits = numbers(
        ev_maximum_charge_power=wishes.max_amps * LINE_VOLTS * 3,
        ev_minimum_charge_power=wishes.min_amps * LINE_VOLTS,
        ev_present_reactive_power=0,
    )
    back = numbers(
        ev_maximum_discharge_power=wishes.gives_amps * LINE_VOLTS * 3,
        ev_minimum_discharge_power=0,
    )
    mode: iso20_ac.CLReqControlMode
    match wishes.dynamic, wishes.both_ways:
        case True, True:
            mode = iso20_ac.BPT_Dynamic_AC_CLReqControlMode(
                **energy(wishes), **present, **limits, **back
            )
        case True, False:
            mode = iso20_ac.Dynamic_AC_CLReqControlMode(**energy(wishes), **present, **limits)
        case False, True:
            mode = iso20_ac.BPT_Scheduled_AC_CLReqControlMode(**present)
        case _:
            mode = iso20_ac.Scheduled_AC_CLReqControlMode(**present)
    return iso20_ac.AC_ChargeLoopReq(
        header=UNSET, meter_info_requested=False, cl_req_control_mode=mode
    )


def dc_turn(wishes: Wishes20, loops: int) -> iso20_dc.DC_ChargeLoopReq:
    """Demand what it wants, or give; or let the charger decide."""
    gives = wishes.gives_from is not None and loops >= wishes.gives_from
    amps = -wishes.gives_amps if gives else wishes.max_amps
    demand = numbers(ev_target_current=amps, ev_target_voltage=wishes.battery_volts)
    mode: iso20_dc.CLReqControlMode
    match wishes.dynamic, wishes.both_ways:
        case True, True:
            mode = iso20_dc.BPT_Dynamic_DC_CLReqControlMode(
                **energy(wishes), **dc_limits(wishes), **dc_back(wishes)
            )
        case True, False:
            mode = iso20_dc.Dynamic_DC_CLReqControlMode(**energy(wishes), **dc_limits(wishes))
        case False, True:
            mode = iso20_dc.BPT_Scheduled_DC_CLReqControlMode(**demand)
        case _:
            mode = iso20_dc.Scheduled_DC_CLReqControlMode(**demand)
    return iso20_dc.DC_ChargeLoopReq(
        header=UNSET,
        meter_info_requested=False,
        ev_present_voltage=number(wishes.battery_volts),
        cl_req_control_mode=mode,
    )


def goodbye(pauses: bool) -> iso20_common.SessionStopReq:
    """End the session, or let it sleep."""
    session = iso20_common.ChargingSession
    return iso20_common.SessionStopReq(
        header=UNSET, charging_session=session.PAUSE if pauses else session.TERMINATE
    )
