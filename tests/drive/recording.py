"""Recordings to drive: a staged scene around the messages of a real charge of ours."""

import struct
from functools import cache
from random import Random

from seccstack.auth import judgement
from seccstack.auth.decision import Policy
from seccstack.capture.plugins import plug_ins_of
from seccstack.drive.course import drive
from seccstack.messages.iso2 import EnergyTransferMode
from seccstack.outlet import Settings
from seccstack.pilot import settings as pilot_settings
from seccstack.pilot.settings import Current
from seccstack.session.events import Exchanged
from seccstack.session.plant import Charger
from seccstack.sim.car import Car, Character
from seccstack.sim.evcc_requests import Wishes
from seccstack.sim.registry import SimRegistry
from seccstack.sim.world import World
from tests.capture.scene import EV, Scene


def dice(seed):
    """Octets that look random and are the same each time."""
    return Random(seed).randbytes  # noqa: S311 - a test repeats


@cache
def charge(loops=3, supply=None):
    """Who said what (sender, EXI) when a car of ours charged at our charger."""
    octets, said = dice(1), []
    modes = EnergyTransferMode
    mode = modes.AC_THREE_PHASE_CORE if supply is None else modes.DC_EXTENDED
    wishes = Wishes(evccid=b"", loops=loops, mode=mode)
    car = Car(Character(mac=EV, wishes=wishes), octets)
    current = Current.AC if supply is None else Current.DC
    settings = Settings(
        charger=Charger(evse_id="DE*SEC*E000001", supply=supply),
        rated_amps=16,
        pilot=pilot_settings.Settings(current=current),
        access=judgement.Settings(policy=Policy.OPEN),
    )
    world = World(settings, car, registry=SimRegistry(), octets=octets)

    def observe(now, event, actions):
        said.extend((a.direction, a.exi) for a in actions if isinstance(a, Exchanged))

    world.observers.append(observe)
    world.at(1.0, world.plug_in)
    world.run(60.0)
    return said


def scene_of_a_charge():
    """A car is matched, finds the charger, connects; what it says then is yet to come."""
    scene = Scene()
    scene.match()
    scene.discover()
    return scene, scene.connect()


def recorded(said=None, *, close="ev"):
    """The scene of a whole charge."""
    scene, talk = scene_of_a_charge()
    for sender, exi in charge() if said is None else said:
        talk.say(sender, exi)
    if close:
        talk.close(close)
    return scene


def plug_in_of(scene):
    [plug_in] = plug_ins_of(scene.trace())
    return plug_in


def driven(scene, seed=2):
    return drive(plug_in_of(scene), dice(seed))


def partings(session):
    return [(p["message"], p["ours"], p["theirs"]) for p in session["partings"]]


def names(session):
    return [(m["from"], m["name"]) for m in session["messages"]]


def capture_of(scene):
    """A pcap of the scene, with its times."""
    octets = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    for packet in scene.packets:
        seconds, microseconds = divmod(round(packet.time * 1e6), 10**6)
        size = len(packet.octets)
        octets += struct.pack("<IIII", seconds, microseconds, size, size) + packet.octets
    return octets
