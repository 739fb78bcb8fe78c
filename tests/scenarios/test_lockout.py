"""Limits on trying: nothing tells a plug whether an address is known, until it is decided."""

from dataclasses import replace

from seccstack.auth.events import LockOutFound, LockOutLifted, LookUpVehicle, VehicleFound
from seccstack.auth.limiter import KEPT, LOCK_SECONDS, MAX_STRANGERS, limiter_of
from seccstack.events import Noted, RecordSighting
from seccstack.session.events import Exchanged
from seccstack.sim.demo import WALL_TIME
from tests.scenarios.scene import MAC, Scene, character
from tests.scenarios.test_identity import another, guesses

FOR_THE_OWNER = (Noted, RecordSighting, LookUpVehicle)  # nobody at the plug sees or hears it
OTHER = bytes.fromhex("EC65CC020304")


def shown(scene, until=float("inf")):
    """All that is done and not only noted, with its time, up to then."""
    return [
        (now, action)
        for now, action in scene.actions
        if not isinstance(action, FOR_THE_OWNER) and now < until
    ]


def decided_at(scene):
    """When the vehicle is first told anything about its authorisation."""
    exchanged = scene.done(Exchanged)
    return next(now for now, action in exchanged if action.name == "AuthorizationRes")


def first_visit(*known, **settings):
    scene = Scene("autocharge", known=known, **settings).plug_in()
    return scene.wait_until(lambda: scene.exchanged("AuthorizationRes"))


def test_until_the_decision_a_known_and_an_unknown_vehicle_are_treated_alike_to_the_action():
    known, unknown = first_visit(MAC), first_visit()
    at = decided_at(known)
    assert decided_at(unknown) == at
    before = shown(known, at)
    assert len(before) > 30
    assert before == shown(unknown, at)
    assert known.code("AuthorizationRes") == unknown.code("AuthorizationRes") == "OK"
    assert shown(known) != shown(unknown)  # one is Finished, the other Ongoing


def test_the_registry_is_asked_at_the_same_moment_about_either():
    asked = [
        [now for now, _ in first_visit(*known).done(LookUpVehicle)] for known in ([MAC], [])
    ]
    assert asked[0] == asked[1] != []


def test_during_a_lock_out_nothing_at_all_is_different_for_a_known_vehicle():
    seen = []
    for known in ([MAC], []):
        scene = guesses(Scene("autocharge", known=known), MAX_STRANGERS + 1)
        another(scene, character()).plug_in().wait(50)
        assert any(isinstance(event, VehicleFound) for _, event, _ in scene.steps)
        seen.append(shown(scene))
    assert seen[0] == seen[1]


def restarted(scene, wall_time, **settings):
    """Another run of ours, to which only what was kept is known."""
    found = limiter_of(scene.registry.kept(KEPT), wall_time)
    return Scene("autocharge", known=[MAC], **settings).tell(LockOutFound(found))


def test_a_lock_out_outlives_a_restart_and_a_card_counts_all_the_same():
    scene = guesses(Scene("autocharge", known=[MAC]), MAX_STRANGERS + 1)
    after = restarted(scene, WALL_TIME + scene.now + 60)
    assert after.noted("locked out")[0]["seconds"] < LOCK_SECONDS - 60
    after.plug_in().wait(20)
    assert not after.drawing
    assert after.hold_card().wait(5).drawing


def test_it_ends_when_its_time_has_passed_whether_we_ran_or_not():
    scene = guesses(Scene("autocharge", known=[MAC]), MAX_STRANGERS + 1)
    assert restarted(scene, WALL_TIME + scene.now + LOCK_SECONDS).charge().drawing


def test_the_owner_lifts_it_while_the_vehicle_waits():
    scene = guesses(Scene("autocharge", known=[MAC]), MAX_STRANGERS + 1)
    another(scene, character()).plug_in().wait(20)
    assert not scene.drawing
    scene.tell(LockOutLifted()).wait(5)
    assert scene.drawing
    assert len(scene.noted("lock-out lifted")) == 1
    assert limiter_of(scene.registry.kept(KEPT), WALL_TIME).strangers == ()


def test_a_second_address_within_one_plug_in_is_let_in_by_nothing_but_a_card():
    """So an address costs a plug-in, and strangers can be counted by plug-ins."""
    car = character(mac=OTHER, wakes_by_pilot=False, wishes={"loops": 1000})
    scene = Scene("autocharge", known=[MAC], car=car).plug_in().wait(10)
    scene.lose_stream().wait(0.5)
    scene.world.car.character = replace(car, evccid=MAC)
    scene.appetite(True).wait(15)
    said = [body.evccid for _, body in scene.exchanged("SessionSetupReq")]
    assert said == [OTHER, MAC]
    assert not scene.drawing
    assert scene.hold_card().wait(5).drawing
