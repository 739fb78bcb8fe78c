"""What follows from who it is, at a whole outlet: less current, proofs, cards that vouch."""

import pytest

from seccstack.auth.decision import VehicleRecord
from seccstack.auth.judgement import Below
from seccstack.auth.policies import ways_of
from seccstack.auth.suspicion import FingerprintUse
from seccstack.timeline import happenings, line
from tests.scenarios.scene import MAC, Scene, character
from tests.scenarios.test_identity import BORN, LAPTOP, REBORN, another, rotating

SURE = {"confidence": 0.8, "fingerprint": FingerprintUse.WEIGH, "below": Below.REDUCED}
PATIENT = {"loops": 10_000}
WITH_CARD = {"ways": ways_of("autocharge and card")}
ANOTHER = bytes.fromhex("007DFA077777")


def told(scene):
    """The last limit, as it was told."""
    return scene.noted("limit")[-1]


def taught(**access):
    """A charger that knows how its car speaks, by visits with a card."""
    scene = Scene("autocharge", known=[MAC], access={**SURE, **access})
    for _ in range(2):
        scene.plug_in().wait(6).hold_card().wait(4).unplug().wait(2)
    assert len(scene.registry.prints(MAC)) == 2
    return scene


def clone(**access):
    """A laptop with the address of a vehicle that is known."""
    return another(taught(**access), LAPTOP)


def test_one_that_is_unlike_the_vehicle_draws_6_a_and_all_with_a_card():
    scene = clone().charge(within=40).wait(3)
    assert told(scene) == {"amps": 6.0, "source": "access", "watts": 4140}
    assert scene.world.drawn <= 6.0
    scene.hold_card().wait(10)
    assert told(scene)["source"] == "installation"
    assert scene.world.drawn > 6.0
    assert scene.drawing


def test_the_limit_is_that_plug_in_s_only():
    scene = clone().charge(within=40).unplug().wait(1)
    assert told(scene)["source"] == "installation"


def test_it_is_refused_without_waiting_where_that_is_wanted():
    scene = clone(below=Below.REFUSE).plug_in().wait(25)
    assert scene.decision["granted"] is False
    assert "confidence 0." in " ".join(scene.decision["reasons"])


def test_the_vehicle_itself_has_all_there_is():
    assert told(taught().charge())["source"] == "installation"


def test_a_vehicle_s_own_limit_holds_from_the_first_offer_on_and_as_the_owner_changes_it():
    scene = Scene("autocharge", car=character(wishes=PATIENT))
    scene.registry.put([VehicleRecord(mac=MAC, max_amps=10.0)])
    scene.charge().wait(3)
    assert told(scene) == {"amps": 10.0, "source": "access", "watts": 6900}
    scene.registry.put([VehicleRecord(mac=MAC, max_amps=8.0)])
    scene.wait(15)
    assert (told(scene)["amps"], scene.drawing) == (8.0, True)


def test_it_is_told_in_words():
    scene = clone().charge(within=40)
    said = [line(h) for now, _, done in scene.steps for h in happenings(now, done)]
    assert any("it may draw 6 A: " in one and "until a card" in one for one in said)
    scene.hold_card().wait(2)
    [*_, (now, _, done)] = [
        s for s in scene.steps if "all there is" in str(list(map(line, happenings(s[0], s[2]))))
    ]
    assert "it may draw all there is" in map(line, happenings(now, done))


def test_the_registry_has_what_a_card_vouched_for_and_the_next_address_needs_none():
    scene = Scene("autocharge", car=rotating(BORN), known=[BORN])
    scene.plug_in().wait(8).hold_card().wait(4).unplug().wait(2)
    another(scene, rotating(REBORN), seed=4).plug_in().wait(12)
    assert not scene.drawing
    scene.hold_card().wait(3).unplug().wait(2)
    assert another(scene, rotating(ANOTHER), seed=5).charge().decision["by"] == "autocharge"
    assert "a card was held up for it" in " ".join(scene.decision["reasons"])


def test_until_that_card_is_taken_away():
    scene = Scene("autocharge", car=rotating(BORN), known=[BORN])
    scene.plug_in().wait(8).hold_card().wait(4).unplug().wait(2)
    another(scene, rotating(REBORN), seed=4).plug_in().wait(12).hold_card().wait(3)
    scene.unplug().wait(2)
    for card in scene.registry.cards():
        scene.registry.remove_card(card.uid)
    another(scene, rotating(ANOTHER), seed=5).plug_in().wait(15)
    assert not scene.drawing


@pytest.mark.parametrize("card_first", [True, False])
def test_where_both_are_wanted_the_vehicle_needs_its_card(card_first):
    scene = Scene("autocharge", known=[MAC], access=WITH_CARD)
    scene = scene.hold_card() if card_first else scene
    scene.plug_in().wait(8)
    assert scene.drawing is card_first
    if not card_first:
        scene.hold_card().wait(3)
    assert scene.decision["by"] == "card and autocharge"
    assert scene.drawing


def test_a_card_alone_is_not_enough_then():
    scene = Scene("autocharge", access=WITH_CARD).hold_card().plug_in().wait(30)
    assert not scene.drawing
    assert "there is its card, and autocharge is wanted besides" in scene.decision["reasons"]


def test_either_that_is_taken_away_stops_it():
    scene = Scene("autocharge", car=character(wishes=PATIENT), known=[MAC], access=WITH_CARD)
    scene.hold_card().plug_in().wait(8)
    assert scene.drawing
    scene.registry.remove_vehicle(MAC)
    scene.wait(15)
    assert not scene.drawing
    assert scene.ended() == ["stopped"]
