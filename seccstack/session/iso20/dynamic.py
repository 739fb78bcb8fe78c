"""ControlMode Dynamic: how much a vehicle that lets the charger decide is to take, or give.

It is charged with all there is, until it has what it wants; unless its owner, or whoever speaks
for him, wants energy back (`DischargeWanted`): then it gives as much of that as vehicle and
charger can. A vehicle whose battery is below what it needs is charged all the same: it says so
itself, by a least energy above nothing.
"""

from __future__ import annotations

from seccstack.messages import iso20_ac, iso20_dc
from seccstack.session.iso20.rational import maybe, plain
from seccstack.session.plant import Plant

BothWays = iso20_ac.BPT_Dynamic_AC_CLReqControlMode | iso20_dc.BPT_Dynamic_DC_CLReqControlMode
Dynamic = BothWays | iso20_ac.Dynamic_AC_CLReqControlMode | iso20_dc.Dynamic_DC_CLReqControlMode


def target_watts(mode: Dynamic, plant: Plant, charge: float, discharge: float) -> float:
    """Return the power that a vehicle is to take; below 0, to give.

    ``charge`` and ``discharge``: as much as the charger lets it, both 0 or more.
    """
    given = min(plant.discharge_watts, discharge)
    if given > 0 and isinstance(mode, BothWays) and may_give(mode):
        return -min(given, abs(plain(mode.ev_maximum_discharge_power)))
    return max(0.0, min(charge, plain(mode.ev_maximum_charge_power))) if wants(mode) else 0.0


def wants(mode: Dynamic) -> bool:
    """Whether it wants energy: what its user asked for, within what the battery can hold."""
    asked = (mode.ev_target_energy_request, mode.ev_maximum_energy_request)
    return all(plain(number) > 0 for number in asked)


def may_give(mode: BothWays) -> bool:
    """Whether the battery has more than the vehicle needs, and than it keeps for itself."""
    kept = maybe(mode.ev_minimum_v2_x_energy_request)
    return plain(mode.ev_minimum_energy_request) <= 0 and (kept is None or kept <= 0)
