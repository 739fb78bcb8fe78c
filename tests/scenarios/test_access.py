"""Who may charge: by nobody's word, by the vehicle's own, by a card."""

import pytest

from seccstack.messages.iso2 import EVSEProcessing
from seccstack.pilot.port import Digital, Limit, Steady
from seccstack.pilot.settings import Start
from tests.scenarios.scene import CARD, MAC, STRANGE_CARD, Scene, character

ONGOING = EVSEProcessing.ONGOING_WAITING_FOR_CUSTOMER_INTERACTION
FINISHED = EVSEProcessing.FINISHED
OTHER = bytes.fromhex("EC65CC999999")
PLATE = bytes.fromhex("0200000001")  # no MAC address: 5 octets


def told(scene):
    """What the car was told of its authorisation, without repetitions."""
    said = [body.evse_processing for _, body in scene.exchanged("AuthorizationRes")]
    return list(dict.fromkeys(said))


def test_under_open_a_polite_car_charges(scene):
    scene.charge()
    assert scene.decision["by"] == "open"
    assert told(scene) == [FINISHED]
    assert scene.reasons() == []


def test_under_autocharge_a_known_car_charges_without_a_card():
    scene = Scene("autocharge", known=[MAC]).charge()
    assert scene.decision["by"] == "autocharge"
    assert scene.noted("identity")[-1]["consistent"] is True


def test_under_autocharge_all_five_claims_are_heard():
    scene = Scene("autocharge", known=[MAC]).charge()
    claims = ("slac_mac", "match_mac", "ethernet_mac", "ipv6_mac", "evccid")
    identity = scene.noted("identity")[-1]
    assert {identity[claim] for claim in claims} == {"EC65CC010203"}


@pytest.mark.parametrize("evccid", [OTHER, PLATE, b""])
def test_a_car_whose_evccid_is_another_than_its_macs_is_never_granted_by_itself(evccid):
    scene = Scene("autocharge", car=character(evccid=evccid), known=[MAC, OTHER])
    scene.plug_in().wait(55)
    assert {decision["granted"] for decision in scene.noted("decision")} == {None}
    assert told(scene) == [ONGOING]


@pytest.mark.parametrize("evccid", [OTHER, PLATE])
def test_but_a_card_grants_it(evccid):
    scene = Scene("autocharge", car=character(evccid=evccid), known=[MAC])
    scene.plug_in().wait(10).hold_card().wait(5)
    assert scene.drawing
    assert scene.decision["by"] == "card"
    assert told(scene) == [ONGOING, FINISHED]


def test_an_unknown_car_is_told_ongoing_while_a_card_is_awaited():
    scene = Scene("autocharge").plug_in().wait(50)
    assert told(scene) == [ONGOING]
    assert len(scene.exchanged("AuthorizationReq")) > 80
    assert "a card is awaited" in scene.decision["reasons"]


def test_a_registered_card_grants_an_unknown_car():
    scene = Scene("autocharge").plug_in().wait(30).hold_card().wait(2)
    assert scene.drawing
    assert told(scene) == [ONGOING, FINISHED]


def test_a_card_that_nobody_registered_grants_nothing():
    scene = Scene("autocharge").plug_in().wait(30).hold_card(STRANGE_CARD).wait(5)
    assert not scene.drawing
    assert f"card {STRANGE_CARD} is not registered" in scene.decision["reasons"]


@pytest.mark.parametrize("policy", ["autocharge", "card"])
def test_without_a_card_the_session_ends_in_a_refusal_when_the_wait_is_over(policy):
    scene = Scene(policy, access={"card_wait_seconds": 20.0}).plug_in()
    scene.wait_until(scene.ended)
    assert scene.code("AuthorizationRes") == "FAILED"
    waited = (
        scene.exchanged("AuthorizationRes")[-1][0] - scene.exchanged("SessionSetupReq")[0][0]
    )
    assert 20 <= waited <= 20.6
    assert "AuthorizationReq: FAILED" in scene.noted("session ended")[-1]["why"]
    assert not scene.witness.closings


def test_a_refused_car_is_asked_to_speak_twice_more_and_then_left_without_pulses():
    scene = Scene("card", access={"card_wait_seconds": 5.0}).plug_in().wait(120)
    assert len(scene.reasons()) == 3
    assert scene.signal == Steady()
    assert not scene.witness.closings


def test_where_no_card_is_waited_for_an_unknown_car_is_refused_at_once():
    scene = Scene("autocharge", access={"card_wait_seconds": 0.0}).plug_in()
    scene.wait_until(scene.ended)
    assert len(scene.exchanged("AuthorizationReq")) == 1
    assert scene.code("AuthorizationRes") == "FAILED"


def test_under_card_a_known_car_waits_for_a_card_like_any_other():
    scene = Scene("card", known=[MAC]).plug_in().wait(30)
    assert told(scene) == [ONGOING]
    assert scene.hold_card().wait(2).drawing


def test_a_card_held_up_before_plugging_in_gives_pulses_at_once():
    scene = Scene("card").hold_card().wait(20).plug_in()
    assert scene.signal == Limit(16)
    assert scene.wait(5).drawing
    assert scene.decision["by"] == "card"


def test_or_it_counts_in_the_session_where_that_is_to_come_first():
    scene = Scene("card", pilot={"start_authorised": Start.DIGITAL}).hold_card().wait(20)
    assert scene.charge().decision["by"] == "card"
    assert told(scene) == [FINISHED]


def test_a_card_that_is_too_old_by_then_counts_for_nothing():
    scene = Scene("card").hold_card().wait(61).plug_in()
    assert scene.signal == Digital()


def test_a_card_that_comes_after_the_refusal_lets_the_car_charge_by_pulse_width():
    scene = Scene("card", access={"card_wait_seconds": 5.0}).plug_in().wait(120)
    assert not scene.drawing
    scene.hold_card().wait(10)
    assert scene.drawing


def test_it_does_so_too_while_the_refused_car_is_asked_to_speak_again():
    scene = Scene("card", access={"card_wait_seconds": 5.0}, pilot={"retries": 2}).plug_in()
    scene.wait_until(lambda: len(scene.reasons()) == 1).wait(10).hold_card()
    scene.wait_until(lambda: scene.drawing, within=40)


@pytest.mark.parametrize("policy", ["autocharge", "card"])
def test_an_authorisation_by_card_dies_with_the_plug_in(policy):
    scene = Scene(policy).plug_in().wait(5).hold_card().wait(2)
    assert scene.drawing
    scene.unplug().wait(5).plug_in().wait(50)
    assert not scene.drawing
    assert scene.decision["granted"] is None
    assert scene.witness.closings == 1
    assert scene.hold_card(CARD).wait(2).drawing


def test_so_does_one_by_claims():
    scene = Scene("autocharge", known=[MAC]).charge()
    scene.unplug().wait(1)
    scene.registry.remove_vehicle(MAC)
    assert not scene.plug_in().wait(50).drawing


def test_a_grant_for_claims_is_revoked_when_another_mac_speaks_for_the_vehicle():
    scene = Scene("autocharge", known=[MAC]).charge().wait(5)
    request = next(e for _, e, _ in scene.steps if type(e).__name__ == "DatagramReceived")
    scene.tell(type(request)(request.address, request.port, request.octets, OTHER)).wait(0.2)
    assert scene.noted("revoked")
    assert not scene.world.pilot.closed
    scene.wait(5)
    assert scene.last("ChargingStatusRes").ac_evse_status.evse_notification.value == (
        "StopCharging"
    )


def test_a_refused_car_that_speaks_again_later_is_waited_for_anew():
    stubborn = character(wakes_by_pilot=False)
    scene = Scene("card", car=stubborn, access={"card_wait_seconds": 5.0}).plug_in().wait(120)
    assert scene.decision["granted"] is False
    scene.appetite(True).wait_until(lambda: scene.decision["granted"] is None)
    scene.hold_card().wait(5)
    assert scene.code("AuthorizationRes") == "OK"
    assert scene.drawing


def test_a_vehicle_that_never_got_so_far_as_its_evccid_is_kept_when_it_leaves():
    scene = Scene(car=character(sdp_seconds=1000.0)).plug_in().wait(5)
    assert scene.registry.sightings() == []
    scene.unplug().wait(1)
    [sighting] = scene.registry.sightings()
    assert (sighting.mac, sighting.evccid) == (MAC, None)


def test_what_a_vehicle_said_is_kept_for_the_owner_to_register_it():
    scene = Scene("autocharge").plug_in().wait(10)
    [sighting] = scene.registry.sightings()
    assert (sighting.mac, sighting.consistent) == (MAC, True)
    scene.unplug().wait(1)
    assert len(scene.registry.sightings()) == 1
