"""A car sleeps while the charger is started anew: its session goes on, and nobody else's."""

from dataclasses import replace

import pytest

from seccstack.chargepoint import ChargePoint
from seccstack.events import ForgetPaused, KeepPaused, PausedFound
from seccstack.pilot import limits
from tests.scenarios.scene import TAPES, Scene, character
from tests.scenarios.test_return import SHORT, codes, ids

JOINED = ["OK_NewSessionEstablished", "OK_OldSessionJoined"]
NEW = ["OK_NewSessionEstablished"] * 2


@pytest.fixture
def scene():
    scene = Scene(car=character(pauses=1, wishes=SHORT)).plug_in()
    TAPES.pop()  # of one outlet; here are two, one after the other
    return scene.wait_until(scene.ended).wait(5)


def kept(scene):
    [(_, order)] = scene.done(KeepPaused)
    return PausedFound(order.paused, order.mac)


def start_anew(scene, found, plugged=True):
    """Put a fresh outlet in the place of the one that was killed."""
    world = scene.world
    world.charge_point = ChargePoint(world.charge_point._settings)
    world.tell(found)
    world.open_powerline()
    if not plugged:
        scene.unplug().wait(1)
    scene.wait(10)  # the old key is no more: the car's link is lost
    world.tell(limits.PilotChanged(world.pilot.state))
    return scene


def test_a_car_that_slept_over_a_restart_joins_its_old_session(scene):
    start_anew(scene, kept(scene)).wait(60)
    assert codes(scene) == JOINED
    assert len(set(ids(scene))) == 1
    assert len(scene.done(ForgetPaused)) == 1


def test_it_is_matched_anew_since_our_network_is_a_new_one(scene):
    start_anew(scene, kept(scene)).wait(60)
    assert len(scene.noted("matched")) == 2
    assert scene.reasons() == []


@pytest.mark.parametrize(
    "change", [{"session_id": bytes(range(8))}, {"evccid": bytes(6)}], ids=["id", "EVCCID"]
)
def test_one_that_is_another_than_the_one_that_paused_begins_a_new_session(scene, change):
    found = kept(scene)
    start_anew(scene, replace(found, paused=replace(found.paused, **change))).wait(60)
    assert codes(scene) == NEW
    assert len(scene.done(ForgetPaused)) == 1


def test_one_with_another_ethernet_address_begins_a_new_session(scene):
    start_anew(scene, replace(kept(scene), mac=bytes(6))).wait(60)
    assert codes(scene) == NEW


def test_if_nobody_is_there_after_the_restart_it_is_forgotten(scene):
    start_anew(scene, kept(scene), plugged=False).wait(5)
    assert len(scene.done(ForgetPaused)) == 1
    scene.plug_in().wait(60)
    assert codes(scene)[1:2] != ["OK_OldSessionJoined"]


def test_what_is_unplugged_after_the_restart_is_forgotten(scene):
    start_anew(scene, kept(scene)).wait(0.5).unplug().wait(5)
    assert len(scene.done(ForgetPaused)) == 1


def test_what_is_found_when_a_vehicle_has_been_there_for_long_is_nobodys(scene):
    found = kept(scene)
    scene.world.tell(found)
    assert scene.world.charge_point._parts.earlier is None


def test_who_unplugs_while_it_sleeps_is_forgotten(scene):
    assert not scene.done(ForgetPaused)
    scene.unplug().wait(5)
    assert len(scene.done(ForgetPaused)) == 1
