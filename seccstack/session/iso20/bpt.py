"""ISO 15118-20 on AC, both ways: what a vehicle may feed back, and the target it is given.

A vehicle's own inverter makes what goes back: so it is told how much that may be, and where the
charger decides, how much it is to be. The limit of the moment bounds it as it bounds what is
drawn. On DC the output's guard does.
"""

from __future__ import annotations

from seccstack.messages import iso20_ac
from seccstack.messages.iso20_ac import BPT_AC_CPDReqEnergyTransferMode
from seccstack.messages.iso20_types import RationalNumber
from seccstack.session.iso20 import power, rational
from seccstack.session.iso20.dynamic import target_watts
from seccstack.session.iso20.record import Session

Lines = dict[str, RationalNumber]


def per_phase(session: Session) -> float:
    """Return the power of each phase that may go back now."""
    carried = min(session.plant.limit_amps or 0.0, session.charger.discharge_amps)
    return power.per_phase(session, carried)


def offered(session: Session) -> Lines:
    """Say with the parameters what may go back."""
    most = power.per_phase(session, session.charger.discharge_amps)
    return {
        **power.on_lines("evse_maximum_discharge_power", most, session),
        **power.on_lines("evse_minimum_discharge_power", 0.0, session),
    }


def plausible(asked: BPT_AC_CPDReqEnergyTransferMode) -> bool:
    """Whether what a vehicle can give has its least not above its most, whatever its sign."""
    least = rational.plain(asked.ev_minimum_discharge_power)
    most = rational.plain(asked.ev_maximum_discharge_power)
    return abs(least) <= abs(most)


def target(mode: iso20_ac.BPT_Dynamic_AC_CLReqControlMode, session: Session) -> Lines:
    """Say what a vehicle that lets the charger decide is to take, or with a minus, to give."""
    count = power.phases(session)
    charge, discharge = power.total(session), per_phase(session) * count
    watts = target_watts(mode, session.plant, charge, discharge) / count
    lines = power.on_lines("evse_target_active_power", abs(watts), session)
    if watts >= 0:
        return lines
    return {
        name: RationalNumber(exponent=number.exponent, value=-number.value)
        for name, number in lines.items()
    }
