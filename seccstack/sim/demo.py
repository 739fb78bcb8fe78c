"""The demonstration: one car, one outlet, one charge with everything that happens in one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from seccstack.auth import contract, judgement
from seccstack.auth import events as auth_events
from seccstack.auth.decision import CardRecord, Policy, VehicleRecord
from seccstack.events import LimitOffered
from seccstack.messages.iso2 import EnergyTransferMode
from seccstack.outlet import Settings
from seccstack.pilot import settings as pilot_settings
from seccstack.pilot.settings import Current
from seccstack.session.events import Meter, MeterRead
from seccstack.session.plant import Charger, DcSupply, Protocol
from seccstack.sim.car import Car, Character
from seccstack.sim.evcc20_requests import Wishes20
from seccstack.sim.evcc_requests import DIN_NAMESPACE, Wishes
from seccstack.sim.registry import SimRegistry
from seccstack.sim.wallet import Wallet
from seccstack.sim.world import Contracts, World

CARD = "04A2B3C4D5E680"
NAME = "WMIV1234567890ABCDEX"  # of a car in ISO 15118-20, which has no MAC address for one
RECEIPT_SECONDS = 10.0
RATED_AMPS = 16  # per phase: 11 kW
SUPPLY = DcSupply(max_volts=500, max_amps=30, max_watts=11_000, min_volts=150)
DIN_WISHES: Mapping[str, Any] = {
    "namespace": DIN_NAMESPACE,
    "mode": EnergyTransferMode.DC_EXTENDED,
    "max_amps": 25,  # at the 400 V of its battery: 10 kW
}
WALL_TIME = 1_700_000_000  # of the demonstration: seconds since 1970
PLUG_IN, CARD_HELD, LOWERED, RAISED, UNPLUGGED, END = 1.0, 8.0, 14.0, 19.0, 32.0, 33.0


@dataclass(frozen=True, slots=True)
class PlugAndCharge:
    """A car's contract, and who answers what the charger asks about contracts."""

    wallet: Wallet
    contracts: Contracts


def stage(
    policy: Policy,
    octets: Callable[[int], bytes],
    paid: PlugAndCharge | None = None,
    protocol: Protocol = Protocol.ISO2,
) -> World:
    """Set the stage for one charge under this policy; `World.run` to `END` plays it.

    In DIN SPEC 70121 that is one on DC; in ISO 15118-20, one as in a lab, without TLS.

    The car is registered under `autocharge`, a stranger with a card under `card`, and has a
    contract where that pays. One with a contract is told of limits by schedules only, and of
    one that rises not before it has lasted.
    """
    registry = SimRegistry([CardRecord(uid=CARD, label="the owner's")])
    wishes = Wishes(evccid=b"", wallet=None if paid is None else paid.wallet)
    din = protocol is Protocol.DIN
    if din:
        wishes = replace(wishes, **DIN_WISHES)
    if protocol is Protocol.ISO20:
        wishes = Wishes20(evccid=b"", name=NAME, loops=100)
    car = Car(Character(wishes=wishes), octets)
    if policy is Policy.AUTOCHARGE:
        name = NAME.encode() if protocol is Protocol.ISO20 else None
        registry.add_vehicle(VehicleRecord(mac=car.mac, label="family car", evccid=name))
    settings = Settings(
        charger=Charger(
            evse_id="DE*SEC*E000001",
            contracts=paid is not None,
            receipt_seconds=RECEIPT_SECONDS,
            supply=SUPPLY if din else None,
            protocols=(protocol,),
            iso20_in_plain=protocol is Protocol.ISO20,
        ),
        rated_amps=RATED_AMPS,
        pilot=pilot_settings.Settings(current=Current.DC if din else Current.AC),
        access=judgement.Settings(policy=policy),
        contract=contract.Settings(trust=None if paid is None else contract.Trust.CHAIN),
    )
    contracts = None if paid is None else paid.contracts
    world = World(
        settings,
        car,
        registry=registry,
        octets=octets,
        contracts=contracts,
        wall_time=WALL_TIME,
    )
    world.at(PLUG_IN, world.plug_in)
    if paid is not None:
        world.at(PLUG_IN, lambda: world.tell(MeterRead(Meter("demo", 1_234_500))))
    elif policy is Policy.CARD:
        world.at(CARD_HELD, lambda: world.tell(auth_events.CardPresented(CARD)))
    world.at(LOWERED, lambda: world.tell(LimitOffered("owner", 10)))
    if paid is None:
        world.at(RAISED, lambda: world.tell(LimitOffered("owner", 13)))
    world.at(UNPLUGGED, world.unplug)
    return world


def charged(session: dict[str, Any]) -> bool:
    """Whether a session object tells of a charge: every limit obeyed, and energy between."""
    closed = [change["closed"] for change in session["contactor"]]
    obeyed = [limit["obeyed"] is not None for limit in session["limits"]]
    return True in closed and closed[-1] is False and all(obeyed)
