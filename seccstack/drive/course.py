"""One drive: a recorded car at our charger, in virtual time, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv6Address
from typing import Any, TypeVar

from seccstack.auth import events as auth_events
from seccstack.auth import judgement
from seccstack.auth.addresses import unusable
from seccstack.auth.decision import CardRecord, Policy, VehicleRecord
from seccstack.capture.frames import Endpoint
from seccstack.capture.items import Connected, Discovery, Link
from seccstack.capture.plugins import PlugIn
from seccstack.chronicle import Chronicle
from seccstack.drive.car import Authorise, Finished, Insulate, RecordedCar
from seccstack.drive.parting import SILENCE, Parting
from seccstack.drive.script import Script, script_of
from seccstack.energy import supply
from seccstack.events import Action, Noted
from seccstack.outlet import Settings
from seccstack.pilot import settings as pilot_settings
from seccstack.pilot.settings import Current
from seccstack.session.plant import Charger
from seccstack.sim.powerline import LineSettings, Powerline
from seccstack.sim.registry import SimRegistry
from seccstack.sim.world import EVSE_MAC, NETWORK_SECONDS, World

CARD = "04A2B3C4D5E680"  # of whoever was authorised by something that no recording shows
PLUGGED_IN = 1.0  # after our charger has set its key
JOIN_SECONDS = 0.1  # less than any recorded car takes from the key to its first datagram
LONGEST = 24 * 3600.0  # a day at the plug; what is recorded of it after that is not driven
STRIDE = 60.0  # how often it is looked whether the car has left
EVSE_ID = "DE*SEC*E000001"
USUAL_AMPS, USUAL_VOLTS = 16.0, 230
CREDIBLE_AMPS, CREDIBLE_VOLTS = (6, 80), (100, 400)  # of what a charger says it offers

PATIENT = 3600.0  # seconds for a decision: as long as the recorded charger's may have taken

N = TypeVar("N", int, float)


class DriveWorld(World):
    """A world whose charger learns that the car may charge when the recorded one said so.

    A registered car is recognised, where it can be. Where it can't (a recording of the network
    alone, claims that disagree), a card is held up.
    """

    def __init__(self, script: Script, octets: Callable[[int], bytes]) -> None:
        vehicle = VehicleRecord(mac=script.mac, label="recorded car")
        registry = SimRegistry([vehicle, CardRecord(uid=CARD)])
        self.recorded = RecordedCar(script)
        super().__init__(
            _settings(script),
            self.recorded,
            registry=registry,
            octets=octets,
            line=Powerline(LineSettings(join_seconds=JOIN_SECONDS)),
            evse_mac=script.evse_mac or EVSE_MAC,
        )
        self.gave_up: tuple[float, str] | None = None  # on ISO 15118: when last, and why
        self._matching_seen = script.matching_seen
        self._authorised = False
        self._granted = False
        self._withheld: list[auth_events.LookUpVehicle] = []
        if script.attenuation is not None:
            self.line.attenuate("evse", "ev", 0, script.attenuation)

    def _carry_out(self, action: Action) -> None:
        match action:
            case auth_events.LookUpVehicle() if not self._authorised:
                self._withheld.append(action)
            case auth_events.LookUpCard(uid):
                self.tell(auth_events.CardFound(uid, self.registry.card(uid)))
            case supply.CheckInsulation():
                pass  # its result is in the recording
            case Noted("pulse width", details):
                self.gave_up = self.now, details["why"]
            case Noted("decision", details):
                self._granted = details["granted"] is True
            case _:
                super()._carry_out(action)

    def _across(self, plan: Callable[[], None]) -> None:
        """Let something pass; where nothing is known of a matching, the line is taken to do."""
        if self._matching_seen:
            super()._across(plan)
        else:
            self.at(self.now + NETWORK_SECONDS, plan)

    def _authorise(self) -> None:
        """Let our charger know that the car may charge: it is registered, or has a card."""
        self._authorised = True
        withheld, self._withheld = self._withheld, []
        for look_up in withheld:
            record = self.registry.vehicle(look_up.mac)
            self.tell(auth_events.VehicleFound(look_up.mac, record))
        if not self._granted:
            self.tell(auth_events.CardPresented(CARD))

    def _carry_out_for_car(self, action: Any) -> None:
        match action:
            case Authorise():
                self._authorise()
            case Insulate():
                self.tell(supply.InsulationChecked(True))
            case Finished():
                self.at(self.now, self.unplug)
            case _:
                super()._carry_out_for_car(action)


def drive(
    plug_in: PlugIn, octets: Callable[[int], bytes], longest: float = LONGEST
) -> dict[str, Any] | None:
    """Drive one recorded car; return its session object, or None if nobody knows who it was."""
    mac = plug_in.vehicle
    if mac is None or unusable(mac):
        return None
    script = script_of(plug_in, mac, *_station_of(plug_in))
    offset = script.began - PLUGGED_IN
    world = DriveWorld(script, octets)
    chronicle = Chronicle(script.source, offset)
    world.observers.append(chronicle.observe)
    world.at(PLUGGED_IN, world.plug_in)
    while not chronicle.sessions and world.now < longest:
        world.run(world.now + STRIDE)
    chronicle.close(world.now)
    [session] = chronicle.sessions
    partings = [_explained(p, world.gave_up, offset) for p in world.recorded.partings]
    return {**session, "partings": [parting.to_json() for parting in partings]}


def _explained(found: Parting, gave_up: tuple[float, str] | None, offset: float) -> Parting:
    """Return a parting at its time in the recording; for a silence, with its reason."""
    at = found.t + offset
    if found.why != SILENCE or gave_up is None or gave_up[0] > found.t:
        return replace(found, t=at)
    return replace(found, t=at, why=f"{SILENCE}: by pulse width, because {gave_up[1]}")


def _settings(script: Script) -> Settings:
    """Return a charger like the recorded one, as far as the recording shows it."""
    volts = _credible(script.volts, CREDIBLE_VOLTS, USUAL_VOLTS)
    current = Current.AC if script.supply is None else Current.DC
    charger = Charger(
        evse_id=EVSE_ID,
        nominal_volts=volts,
        supply=script.supply,
        discharge_amps=script.discharge_amps,
        iso20_in_plain=True,  # as a recording of it without TLS was made
    )
    if script.protocol is not None:  # of several that the car offered, too
        charger = replace(charger, protocols=(script.protocol,))
    amps = _credible(script.amps, CREDIBLE_AMPS, USUAL_AMPS)
    return Settings(
        charger=charger,
        rated_amps=amps if script.supply is None else charger.amps_for(script.supply.max_watts),
        pilot=pilot_settings.Settings(current=current),
        access=judgement.Settings(
            policy=Policy.AUTOCHARGE, registry_wait_seconds=PATIENT, card_wait_seconds=PATIENT
        ),
    )


def _credible(value: N | None, limits: tuple[int, int], usual: N) -> N:
    return value if value is not None and limits[0] <= value <= limits[1] else usual


def _station_of(plug_in: PlugIn) -> tuple[str | None, bytes | None]:
    """Return the IPv6 and Ethernet addresses of the car's host, as far as the recording goes.

    A car's modem may bridge to a host of another Ethernet address than that of its matching.
    """
    for item in plug_in.items:
        match item:
            case Discovery(sender="ev", ev=endpoint, ev_mac=mac):
                return str(IPv6Address(endpoint.address)), mac
            case Connected(link=Link(ev=Endpoint() as endpoint, ev_mac=mac)):
                return str(IPv6Address(endpoint.address)), mac
            case _:
                pass
    return None, None
