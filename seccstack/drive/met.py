"""What charger a recorded car met, where ISO 15118-20 says so, and in which protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from seccstack.capture.items import Item, V2gMessage
from seccstack.messages import iso20_ac, iso20_dc
from seccstack.messages.codec import Schema
from seccstack.messages.iso20_common import ScheduleExchangeRes
from seccstack.session.iso20.rational import plain
from seccstack.session.plant import DcSupply, Protocol

PROTOCOLS = {
    Schema.DIN: Protocol.DIN,
    Schema.ISO2: Protocol.ISO2,
    Schema.ISO20_COMMON: Protocol.ISO20,
}
USUAL_AMPS = 16.0  # per phase, of a charger that takes energy back


def protocol_of(items: Sequence[Item]) -> Protocol | None:
    """Return what the two spoke; None: nothing that we know."""
    talk = (item.schema for item in items if isinstance(item, V2gMessage))
    return next((PROTOCOLS[schema] for schema in talk if schema in PROTOCOLS), None)


def supply_of(items: Sequence[Item], unknown: DcSupply) -> DcSupply | None:
    """Return what the charger said it can, on DC."""
    for offer in _modes(items, iso20_dc.DC_ChargeParameterDiscoveryRes, "dc_cpd_res"):
        amps, watts = offer.evse_maximum_charge_current, offer.evse_maximum_charge_power
        power = max(plain(watts), *_scheduled(items))
        most = (plain(offer.evse_maximum_voltage), plain(amps), power)
        if min(most) <= 0:
            return unknown
        back = isinstance(offer, iso20_dc.BPT_DC_CPDResEnergyTransferMode)
        return DcSupply(
            max_volts=most[0],
            max_amps=most[1],
            max_watts=most[2],
            discharge_amps=most[1] if back else 0.0,
            discharge_watts=most[2] if back else 0.0,
        )
    asked = any(_modes(items, iso20_dc.DC_ChargeParameterDiscoveryReq, "dc_cpd_req"))
    return unknown if asked else None


def _scheduled(items: Sequence[Item]) -> Iterator[float]:
    """Yield the powers that were offered, which may be above what was said before, and 0."""
    yield 0.0
    for item in items:
        said = item.content if isinstance(item, V2gMessage) else None
        if isinstance(said, ScheduleExchangeRes) and said.scheduled_se_res_control_mode:
            for one in said.scheduled_se_res_control_mode.schedule_tuple:
                schedule = one.charging_schedule.power_schedule.power_schedule_entries
                yield from (plain(entry.power) for entry in schedule.power_schedule_entry)


def discharge_amps_of(items: Sequence[Item]) -> float:
    """Return what the charger lets back on AC, per phase; 0: it takes nothing back."""
    modes = _modes(items, iso20_ac.AC_ChargeParameterDiscoveryReq, "ac_cpd_req")
    back = any(isinstance(mode, iso20_ac.BPT_AC_CPDReqEnergyTransferMode) for mode in modes)
    return USUAL_AMPS if back else 0.0


def _modes(items: Sequence[Item], kind: type[Any], name: str) -> Iterator[Any]:
    for item in items:
        if isinstance(item, V2gMessage) and isinstance(item.content, kind):
            yield getattr(item.content, f"{name}_energy_transfer_mode")
