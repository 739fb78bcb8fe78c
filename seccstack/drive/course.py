"""One drive: a recorded car at our charger, in virtual time, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv6Address
from typing import Any

from seccstack.auth import authorisation, judgement
from seccstack.auth.decision import Policy, VehicleRecord
from seccstack.capture.frames import Endpoint
from seccstack.capture.items import Connected, Discovery
from seccstack.capture.plugins import PlugIn
from seccstack.chargepoint import Settings
from seccstack.chronicle import Chronicle
from seccstack.drive.car import Authorise, Finished, RecordedCar
from seccstack.drive.script import Script, script_of
from seccstack.events import Action, Event
from seccstack.session.plant import Charger
from seccstack.sim.powerline import LineSettings, Powerline
from seccstack.sim.registry import SimRegistry
from seccstack.sim.world import EVSE_MAC, World

PLUGGED_IN = 1.0  # after our charger has set its key
JOIN_SECONDS = 0.1  # less than any recorded car takes from the key to its first datagram
LONGEST = 24 * 3600.0  # a day at the plug
USUAL_AMPS, USUAL_VOLTS = 16.0, 230


class DriveWorld(World):
    """A world whose registry knows the car, and says so when the recorded charger did."""

    def __init__(self, script: Script, octets: Callable[[int], bytes]) -> None:
        registry = SimRegistry()
        registry.add_vehicle(VehicleRecord(mac=script.mac, label="recorded car"))
        self.recorded = RecordedCar(script)
        super().__init__(
            _settings(script),
            self.recorded,
            registry=registry,
            octets=octets,
            line=Powerline(LineSettings(join_seconds=JOIN_SECONDS)),
            evse_mac=script.evse_mac or EVSE_MAC,
        )
        self.finished_at: float | None = None
        self._authorised = False
        self._withheld: list[authorisation.LookUpVehicle] = []
        if script.attenuation is not None:
            self.line.attenuate("evse", "ev", 0, script.attenuation)

    def _carry_out(self, action: Action) -> None:
        if isinstance(action, authorisation.LookUpVehicle) and not self._authorised:
            self._withheld.append(action)
        else:
            super()._carry_out(action)

    def _carry_out_for_car(self, action: Any) -> None:
        match action:
            case Authorise():
                self._authorised = True
                withheld, self._withheld = self._withheld, []
                for look_up in withheld:
                    record = self.registry.vehicle(look_up.mac)
                    self.tell(authorisation.VehicleFound(look_up.mac, record))
            case Finished():
                self.finished_at = self.now
            case _:
                super()._carry_out_for_car(action)


def drive(plug_in: PlugIn, octets: Callable[[int], bytes]) -> dict[str, Any] | None:
    """Drive one recorded car; return its session object, or None if nobody knows who it was."""
    address = _address_of(plug_in)
    script = script_of(plug_in, address)
    if plug_in.vehicle is None or len(plug_in.vehicle) != 6:
        return None
    world = DriveWorld(script, octets)
    offset = script.began - PLUGGED_IN
    chronicle = Chronicle(script.source)

    def observe(now: float, event: Event | None, actions: Sequence[Action]) -> None:
        chronicle.observe(now + offset, event, actions)

    world.observers.append(observe)
    world.at(PLUGGED_IN, world.plug_in)
    while world.finished_at is None and world.now < LONGEST:
        world.run(world.now + 60.0)
    world.unplug()
    world.run(world.now + 1.0)
    [session] = chronicle.sessions
    partings = [parting.to_json() for parting in world.recorded.partings]
    for parting in partings:
        parting["t"] = round(parting["t"] + offset, 6)
    return {**session, "partings": partings}


def _settings(script: Script) -> Settings:
    """Return a charger like the recorded one, as far as the recording shows it."""
    return Settings(
        charger=Charger(
            evse_id="DE*SEC*E000001", phases=3, nominal_volts=script.volts or USUAL_VOLTS
        ),
        rated_amps=script.amps or USUAL_AMPS,
        access=judgement.Settings(policy=Policy.AUTOCHARGE, registry_wait_seconds=3600.0),
    )


def _address_of(plug_in: PlugIn) -> str | None:
    for item in plug_in.items:
        endpoint: Endpoint | None = None
        if isinstance(item, Discovery):
            endpoint = item.ev
        elif isinstance(item, Connected):
            endpoint = item.link.ev
        if endpoint is not None:
            return str(IPv6Address(endpoint.address))
    return None
