"""Recorded cars in the ritual of registration: which of them are registered, and which not."""

from random import Random

import pytest

from seccstack.auth import events as auth_events
from seccstack.auth.addresses import rotating
from seccstack.auth.enrolment_events import Beep, BeepPattern, BeginWanted
from seccstack.auth.pseudonyms import Pseudonyms
from seccstack.drive.course import PLUGGED_IN, DriveWorld, _station_of
from seccstack.drive.script import script_of
from seccstack.events import Noted
from seccstack.sim.registry import SimRegistry
from seccstack.sim.world import World
from tests.drive.test_recorded import EXPECTED, read

ROTATES = "vw-id-4-fw-3-5-2023-04-18-1542-3-config-ac-iso2"
SECONDS = 60.0  # in which each of them has said who it is


class Ritual(DriveWorld):
    """Nobody is registered, registration is on, and the recorded car is plugged in."""

    def __init__(self, script, octets):
        super().__init__(script, octets)
        self.registry = SimRegistry()
        self.heard, self.says, self.told = [], [], []
        self.at(PLUGGED_IN / 2, lambda: self.tell(BeginWanted()))
        self.at(PLUGGED_IN, self.plug_in)

    def _authorise(self):
        """Nobody helps: no card is held up."""

    def _carry_out(self, action):
        if isinstance(action, Noted):
            self.told.append(dict(action.details))
        match action:
            case Beep(pattern):
                self.heard.append(pattern)
            case Noted("registration", details):
                self.says.append(details["says"])
        if isinstance(action, auth_events.LookUpVehicle):
            World._carry_out(self, action)
        else:
            super()._carry_out(action)


def flat(told):
    """What was told as one text, in which an address is found however it is written."""
    return str(told).upper().replace(":", "").replace("-", "")


def registering(session):
    """The ritual with one recorded car."""
    plug_in = session.plug_in
    script = script_of(plug_in, plug_in.vehicle, *_station_of(plug_in))
    world = Ritual(script, Random(5).randbytes)  # noqa: S311 - a test repeats
    world.run(SECONDS)
    return world


@pytest.fixture(scope="module", params=EXPECTED)
def sessions(request, shared):
    [path] = (shared / "captures").glob(f"{request.param}.pcap*")
    return read(path)


def test_every_recorded_car_is_registered_but_those_that_change_their_address(sessions):
    for session in sessions:
        world, mac = registering(session), session.plug_in.vehicle
        if rotating(mac):
            assert world.heard == [BeepPattern.SHORT, BeepPattern.ROTATING]
            assert world.registry.vehicles() == []
        else:
            assert world.heard == [BeepPattern.SHORT, BeepPattern.TWO_SHORT]
            assert [one.mac for one in world.registry.vehicles()] == [mac]


def test_none_of_them_charges_meanwhile_and_what_it_shows_of_itself_is_learned(sessions):
    for session in sessions:
        world = registering(session)
        assert not world.pilot.closed
        for record in world.registry.vehicles():
            [shown] = world.registry.prints(record.mac)
            assert shown.offer
            assert shown.run_id


def test_who_changes_its_address_is_told_which_one_it_was(shared):
    [path] = (shared / "captures").glob(f"{ROTATES}.pcap*")
    [session] = read(path)
    told = registering(session).says[-1]
    assert f"({session.plug_in.vehicle.hex().upper()} this time)" in told


def test_a_log_of_any_of_them_that_is_to_name_nobody_does_not(sessions):
    for session in sessions:
        told = registering(session).told
        names = {one["evccid"] for one in told if one.get("evccid")}
        names.add(session.plug_in.vehicle.hex().upper())
        assert all(name in flat(told) for name in names)
        hidden = flat(Pseudonyms(bytes(32)).hide(told))
        assert not [name for name in names if name in hidden]
