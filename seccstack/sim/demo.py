"""The demonstration: one car, one outlet, one charge with everything that happens in one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seccstack.auth import authorisation, judgement
from seccstack.auth.decision import CardRecord, Policy, VehicleRecord
from seccstack.events import LimitOffered
from seccstack.outlet import Settings
from seccstack.session.plant import Charger
from seccstack.sim.car import Car, Character
from seccstack.sim.registry import SimRegistry
from seccstack.sim.world import World

CARD = "04A2B3C4D5E680"
PLUG_IN, CARD_HELD, LOWERED, RAISED, UNPLUGGED, END = 1.0, 8.0, 14.0, 19.0, 32.0, 33.0


def stage(policy: Policy, octets: Callable[[int], bytes]) -> World:
    """Set the stage for one charge under this policy; `World.run` to `END` plays it.

    The car is registered under `autocharge`, a stranger with a card under `card`.
    """
    registry = SimRegistry([CardRecord(uid=CARD, label="the owner's")])
    car = Car(Character(), octets)
    if policy is Policy.AUTOCHARGE:
        registry.add_vehicle(VehicleRecord(mac=car.mac, label="family car"))
    settings = Settings(
        charger=Charger(evse_id="DE*SEC*E000001"),
        rated_amps=16,
        access=judgement.Settings(policy=policy),
    )
    world = World(settings, car, registry=registry, octets=octets)
    world.at(PLUG_IN, world.plug_in)
    if policy is Policy.CARD:
        world.at(CARD_HELD, lambda: world.tell(authorisation.CardPresented(CARD)))
    world.at(LOWERED, lambda: world.tell(LimitOffered("owner", 10)))
    world.at(RAISED, lambda: world.tell(LimitOffered("owner", 13)))
    world.at(UNPLUGGED, world.unplug)
    return world


def charged(session: dict[str, Any]) -> bool:
    """Whether a session object tells of a charge: every limit obeyed, and energy between."""
    closed = [change["closed"] for change in session["contactor"]]
    obeyed = [limit["obeyed"] is not None for limit in session["limits"]]
    return True in closed and closed[-1] is False and all(obeyed)
