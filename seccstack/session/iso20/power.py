"""ISO 15118-20, what power the limit of the moment stands for."""

from __future__ import annotations

from seccstack.messages.iso20_types import RationalNumber
from seccstack.session.iso20 import rational
from seccstack.session.iso20.record import Session


def phases(session: Session) -> int:
    """Return how many phases the vehicle charges with, as far as it has said."""
    chosen = session.chosen
    return session.charger.phases if chosen is None or not chosen.phases else chosen.phases


def per_phase(session: Session, amps: float | None = None) -> float:
    """Return the power of each phase at a limit: the present one, if no other is given."""
    carried = session.plant.limit_amps or 0.0 if amps is None else amps
    return max(carried, 0.0) * session.charger.nominal_volts


def total(session: Session, amps: float | None = None) -> float:
    """Return the power of all phases; on DC, no more than the supply can give."""
    supply = session.charger.supply
    grid = per_phase(session, amps) * phases(session)
    return grid if supply is None else min(grid, supply.max_watts)


def back(session: Session) -> float:
    """Return the power of all phases that may ever go back: none, unless that was selected."""
    charger, supply = session.charger, session.charger.supply
    if session.chosen is None or not session.chosen.both_ways:
        return 0.0
    if supply is not None:
        return supply.discharge_watts
    return per_phase(session, charger.discharge_amps) * phases(session)


def on_lines(name: str, watts: float, session: Session) -> dict[str, RationalNumber]:
    """Write a power of each phase under an element's name, and those of L2 and L3.

    The element alone means all phases together where the connector has three; with the others
    beside it, L1. So they are there whenever there are three.
    """
    number = rational.limit(watts)
    if phases(session) == 1:
        return {name: number}
    return {name: number, f"{name}_l2": number, f"{name}_l3": number}
