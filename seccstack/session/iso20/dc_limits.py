"""ISO 15118-20 on DC, the charger's limits: as they are announced, and as they are now.

Both directions have theirs: where a charger takes nothing back, that is 0.
"""

from __future__ import annotations

from typing import Any

from seccstack.messages.iso20_dc import (
    BPT_DC_CPDResEnergyTransferMode,
    BPT_Dynamic_DC_CLReqControlMode,
    BPT_Dynamic_DC_CLResControlMode,
    BPT_Scheduled_DC_CLReqControlMode,
    BPT_Scheduled_DC_CLResControlMode,
    CLReqControlMode,
    CLResControlMode,
    DC_CPDResEnergyTransferMode,
    Dynamic_DC_CLReqControlMode,
    Dynamic_DC_CLResControlMode,
    Scheduled_DC_CLResControlMode,
)
from seccstack.session import dc
from seccstack.session.events import DemandOutput
from seccstack.session.iso20.rational import ZERO, limit, measured
from seccstack.session.iso20.record import Session
from seccstack.session.plant import DcSupply


def watts(supply: DcSupply, session: Session) -> tuple[float, float]:
    """Return the power that the present limit lets flow: to the vehicle, and back."""
    most = dc.watts(session.charger, supply, session.plant.limit_amps)
    return most, min(most, supply.discharge_watts)


def announced(
    supply: DcSupply, both_ways: bool
) -> DC_CPDResEnergyTransferMode | BPT_DC_CPDResEnergyTransferMode:
    """Say what the supply can; no limit of the loop is ever above."""
    charge = {
        "evse_maximum_charge_power": limit(supply.max_watts),
        "evse_minimum_charge_power": measured(supply.min_amps * supply.min_volts),
        "evse_maximum_charge_current": limit(supply.max_amps),
        "evse_minimum_charge_current": measured(supply.min_amps),
        "evse_maximum_voltage": limit(supply.max_volts),
        "evse_minimum_voltage": measured(supply.min_volts),
    }
    if not both_ways:
        return DC_CPDResEnergyTransferMode(**charge)
    return BPT_DC_CPDResEnergyTransferMode(
        **charge,
        evse_maximum_discharge_power=limit(supply.discharge_watts),
        evse_minimum_discharge_power=ZERO,
        evse_maximum_discharge_current=limit(supply.discharge_amps),
        evse_minimum_discharge_current=ZERO,
    )


def present(mode: CLReqControlMode, supply: DcSupply, session: Session) -> CLResControlMode:
    """Say what holds now, in the words of the vehicle's control mode."""
    most, back = watts(supply, session)
    least = min(supply.min_amps * supply.min_volts, most)
    charge: dict[str, Any] = {
        "evse_maximum_charge_power": limit(most),
        "evse_minimum_charge_power": limit(least),
        "evse_maximum_charge_current": limit(supply.max_amps),
        "evse_maximum_voltage": limit(supply.max_volts),
    }
    discharge: dict[str, Any] = {
        "evse_maximum_discharge_power": limit(back),
        "evse_minimum_discharge_power": ZERO,
        "evse_maximum_discharge_current": limit(supply.discharge_amps),
        "evse_minimum_voltage": measured(supply.min_volts),
    }
    match mode:
        case BPT_Dynamic_DC_CLReqControlMode():
            return BPT_Dynamic_DC_CLResControlMode(**charge, **discharge)
        case BPT_Scheduled_DC_CLReqControlMode():
            return BPT_Scheduled_DC_CLResControlMode(**charge, **discharge)
        case Dynamic_DC_CLReqControlMode():
            return Dynamic_DC_CLResControlMode(**charge)
        case _:
            return Scheduled_DC_CLResControlMode(**charge)


def reached(wanted: DemandOutput, supply: DcSupply, session: Session) -> dict[str, Any]:
    """Say which limits are reached by what is demanded, in its own direction."""
    most, back = watts(supply, session)
    amps, volts = abs(wanted.amps), min(wanted.volts, supply.max_volts)
    most, most_amps = (
        (back, supply.discharge_amps) if wanted.amps < 0 else (most, supply.max_amps)
    )
    return {
        "evse_power_limit_achieved": volts * amps >= most,
        "evse_current_limit_achieved": amps >= most_amps,
        "evse_voltage_limit_achieved": wanted.volts >= supply.max_volts,
    }
