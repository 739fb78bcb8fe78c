"""Identities that somebody has copied, made up, guessed or kept; and what each of them gets."""

from dataclasses import replace

import pytest

from seccstack.auth.certificate import VehicleCertificate
from seccstack.auth.decision import VehicleRecord
from seccstack.auth.limiter import LOCK_SECONDS, MAX_STRANGERS
from seccstack.auth.suspicion import FingerprintUse, RotatingUse
from seccstack.events import BytesReceived, Noted, SendBytes, StreamOpened
from seccstack.homeplug.frame import decode_frame, encode_frame
from seccstack.homeplug.messages import MnbcSoundInd, SlacParmReq, StartAttenCharInd
from seccstack.homeplug.vendor import VsNwInfoCnf
from seccstack.messages.iso2 import (
    AuthorizationReq,
    ChargingStatusReq,
    PowerDeliveryReq,
)
from seccstack.pilot import limits
from seccstack.session.events import Exchanged
from seccstack.sim.car import Car
from seccstack.slac import station
from tests.scenarios.scene import CARD, MAC, Scene, character, octets_of
from tests.session.vehicle import framed

OTHER = bytes.fromhex("EC65CC999999")
REQUIRED = {"fingerprint": FingerprintUse.REQUIRE}
BORN, REBORN = bytes.fromhex("007DFA061234"), bytes.fromhex("007DFA09ABCD")
# A laptop with another's address: its matching, its delays and its pace are its own.
LAPTOP = character(
    slac={"run_id": b"laptop!!", "interval_seconds": 0.045},
    wishes={"think_seconds": 0.4},
    sdp_seconds=9.0,
)


def another(scene, car, seed=99):
    """Have another car come to the plug; everything that it does at random differs."""
    scene.world.car = Car(car, octets_of(seed))
    return scene


def visit(scene, seconds=12):
    """Have the car come, charge if it may, and go."""
    scene.plug_in().wait(seconds)
    drawn = scene.drawing
    scene.unplug().wait(2)
    return drawn


def taught(policy="autocharge", visits=2, **settings):
    """A charger that knows how its car speaks, by visits with a card where one is needed."""
    scene = Scene(policy, known=[MAC], **settings)
    for _ in range(visits):
        scene.plug_in().wait(6)
        if not scene.drawing:
            scene.hold_card().wait(4)
        scene.unplug().wait(2)
    assert len(scene.registry.prints(MAC)) == visits
    return scene


# Stages and confidence.


def test_the_vehicle_is_named_within_a_second_of_plugging_in_and_confirmed_in_the_session():
    scene = Scene("autocharge", known=[MAC]).charge()
    [(plugged, _)] = notes(scene, "plugged in")
    (at, first), *_, (_, last) = notes(scene, "recognition")
    assert (first["stage"], first["confidence"]) == ("provisional", "low")
    assert first["mac"] == "EC65CC010203"
    assert at - plugged < 1.0
    assert (last["stage"], last["confidence"]) == ("confirmed", "medium")


def notes(scene, event):
    return [(now, note.details) for now, note in scene.done(Noted) if note.event == event]


def test_one_that_speaks_as_it_always_did_is_recognised_with_high_confidence():
    scene = taught().charge()
    assert scene.noted("recognition")[-1]["confidence"] == "high"
    assert "its fingerprint is 100% like before" in " ".join(scene.decision["reasons"])


def test_what_it_showed_is_kept_with_the_sighting():
    scene = taught(visits=1)
    [shown] = scene.registry.prints(MAC)
    assert shown.run_id == "drawn at random"
    assert shown.offer == ("urn:iso:15118:2:2013:MsgDef 2.0 id 1 priority 1",)
    assert shown.security == "none"
    assert 0.5 < shown.sdp < 2.0
    assert shown.session_id == "1 zeros"
    assert "EVMinCurrent 6x10^0 A" in shown.parameters
    assert scene.registry.sightings()[0].fingerprint == shown


def test_a_certificate_that_was_proven_in_tls_is_a_proof_and_no_claim():
    scene = Scene("autocharge").plug_in().wait(3)
    shown = VehicleCertificate(
        name="WMIV1234", issuer="CN=OEMSubCA2", digest=b"", ends=2e9, holder="AB" * 32
    )
    opened = StreamOpened(77, scene.world.car.address, b"12345678", 0, MAC, True, vehicle=shown)
    scene.tell(opened)
    [proof] = scene.noted("identity")[-1]["proofs"]
    assert (proof["kind"], proof["source"]) == ("vehicle certificate", "TLS handshake")
    assert proof["value"] == shown.holder
    assert scene.noted("recognition")[-1]["confidence"] == "high"


def test_how_it_opened_its_connection_is_a_trait_of_it():
    scene = Scene("autocharge").plug_in().wait(1.2)
    opening = "window 350, hop limit 10, options MSS=1440"
    opened = StreamOpened(77, scene.world.car.address, b"12345678", 0, MAC, opening=opening)
    scene.tell(opened).unplug()
    assert scene.registry.sightings()[0].fingerprint.tcp == opening


def test_frames_that_are_cut_are_watched_by_nobody():
    scene = Scene("autocharge", known=[MAC]).plug_in().wait(0.1)
    scene.wait_until(lambda: frames_of(scene, MnbcSoundInd))
    for octets in frames_of(scene, SlacParmReq, MnbcSoundInd):
        scene.tell(station.FrameReceived(octets[:20]))
    scene.wait_until(lambda: scene.drawing)
    assert scene.decision["by"] == "autocharge"


# A clone of the MAC address.


def test_a_laptop_with_a_copied_address_is_called_unlike_the_vehicle():
    scene = another(taught(), LAPTOP).charge(within=40)
    assert "its fingerprint is" in scene.decision["reasons"][-1]
    assert 'RunID differs: the text "laptop!!"' in scene.decision["reasons"][-1]
    assert scene.noted("recognition")[-1]["confidence"] == "low"


def test_and_where_it_is_required_it_needs_a_card():
    scene = another(taught(access=REQUIRED), LAPTOP).plug_in().wait(30)
    assert not scene.drawing
    assert "RunID differs" in " ".join(scene.decision["reasons"])
    assert scene.hold_card().wait(5).drawing


def test_the_vehicle_itself_does_not():
    assert taught(access=REQUIRED).charge().decision["by"] == "autocharge"


def test_a_clone_that_was_let_in_teaches_nothing_however_often_it_comes():
    scene = another(taught(), LAPTOP)
    before = scene.registry.prints(MAC)
    assert all(visit(scene, 20) for _ in range(5))
    assert scene.registry.prints(MAC) == before


def test_new_software_of_the_vehicle_is_learned_from_visits_with_a_card():
    scene = another(taught(access=REQUIRED), LAPTOP)
    scene.plug_in().wait(20).hold_card().wait(5).unplug().wait(2)
    assert another(scene, LAPTOP, seed=5).charge(within=40).decision["by"] == "autocharge"


# Claims that contradict.


@pytest.mark.parametrize("known", [[MAC], [OTHER], [MAC, OTHER]])
def test_an_evccid_that_is_not_the_mac_is_never_granted_and_it_is_said_why(known):
    scene = Scene("autocharge", car=character(evccid=OTHER), known=known).plug_in().wait(30)
    assert not scene.drawing
    assert "different MAC addresses" in " ".join(scene.decision["reasons"])
    assert scene.noted("recognition")[-1]["confidence"] == "none"


def test_an_address_that_is_made_up_is_never_granted_by_itself():
    mac = bytes.fromhex("02FEED0B0B0B")
    scene = Scene("autocharge", car=character(mac=mac), known=[mac]).plug_in().wait(30)
    assert not scene.drawing
    assert "anybody may make it up" in " ".join(scene.decision["reasons"])
    assert scene.noted("recognition")[-1]["confidence"] == "low"


@pytest.mark.parametrize("mac", ["03EC65CC0102", "000000000000"])
def test_one_that_no_station_can_have_is_not_even_matched(mac):
    scene = Scene("autocharge", car=character(mac=bytes.fromhex(mac))).plug_in().wait(120)
    assert scene.noted("matched") == []
    assert not scene.drawing


def test_a_session_id_of_zeros_is_never_that_of_a_session():
    scene = Scene("autocharge", known=[MAC]).charge()
    ids = [message.header.session_id for message in messages(scene)]
    asked, given = dict.fromkeys(ids)
    assert asked == bytes(1)
    assert any(given)


def test_a_request_with_the_session_id_of_zeros_is_refused_in_the_middle_of_a_charge():
    scene = Scene("autocharge", known=[MAC]).charge()
    scene.tell(BytesReceived(scene.stream, framed(ChargingStatusReq(), bytes(8)))).wait(0.01)
    assert scene.code("ChargingStatusRes") == "FAILED_UnknownSession"


def messages(scene):
    said = [action.message for _, action in scene.done(Exchanged)]
    return [message for message in said if hasattr(message, "header")]


# Second stations.


def frames_of(scene, *kinds):
    """What the car has said on the powerline, as octets."""
    heard = [e.octets for _, e, _ in scene.steps if isinstance(e, station.FrameReceived)]
    return [octets for octets in heard if isinstance(decode_frame(octets).message, kinds)]


def test_a_second_station_in_matching_with_the_same_address_keeps_it_from_being_granted():
    scene = Scene("autocharge", known=[MAC]).plug_in().wait(0.05)
    scene.wait_until(lambda: frames_of(scene, SlacParmReq))
    [asked] = frames_of(scene, SlacParmReq)
    scene.ask_as(MAC, bytes(range(8)))  # the clone; then the car goes on
    scene.wait(30)
    assert not scene.drawing
    assert scene.noted("second station")
    assert "another station uses this vehicle's address" in " ".join(scene.decision["reasons"])
    assert decode_frame(asked).source == MAC


def test_one_that_asks_while_the_vehicle_charges_is_told_and_stops_nothing():
    scene = Scene("autocharge", car=character(wishes={"loops": 10_000}), known=[MAC]).charge()
    for _ in range(20):
        scene.ask_as(MAC, bytes(range(8))).wait(1)
    [note] = scene.noted("second station")
    assert "asks to be matched while its session goes on" in note["why"]
    assert scene.drawing


def test_two_modems_before_one_vehicle_are_an_alarm():
    scene = Scene("autocharge", known=[OTHER]).plug_in().wait(8)
    assert scene.noted("vehicle modem")
    found = decode_frame(frames_of(scene, VsNwInfoCnf)[-1])
    [network] = found.message.networks
    [station_there] = network.stations
    copied = replace(network, stations=(station_there, replace(station_there, mac=OTHER)))
    scene.tell(
        station.FrameReceived(
            encode_frame(replace(found, message=replace(found.message, networks=(copied,))))
        )
    )
    [note] = scene.noted("second station")
    assert note["why"].endswith("and EC65CC999999 both say that it is behind them")
    assert scene.noted("recognition")[-1]["confidence"] == "none"
    assert "another station uses this vehicle's address" in " ".join(scene.decision["reasons"])


def test_the_modem_in_the_vehicle_is_a_trait_of_it():
    scene = Scene("autocharge", known=[MAC]).charge().wait(5).unplug()
    modem = scene.registry.sightings()[0].fingerprint.modem
    assert [modem] == [note["mac"] for note in scene.noted("vehicle modem")]


# Replays.


def test_a_matching_that_was_recorded_and_is_played_again_charges_nothing():
    scene = Scene("autocharge", known=[MAC]).charge()
    recorded = frames_of(scene, SlacParmReq, StartAttenCharInd, MnbcSoundInd)
    scene.unplug().wait(5)
    another(scene, character(speaks=False, wishes={})).plug_in().wait(0.5)
    for octets in recorded:
        scene.tell(station.FrameReceived(octets)).wait(0.02)
    scene.wait(120)
    assert not scene.drawing
    assert scene.witness.closings == 1


def test_a_run_id_that_comes_again_is_called_a_replay_and_teaches_nothing():
    scene = taught()
    known = scene.registry.prints(MAC)
    replayed = bytes.fromhex(known[0].run_octets)
    another(scene, character(slac={"run_id": replayed})).charge()
    assert "is it replayed?" in " ".join(scene.decision["reasons"])
    scene.unplug().wait(1)
    assert scene.registry.prints(MAC) == known


@pytest.mark.parametrize("policy", ["autocharge", "card"])
def test_an_authorisation_is_not_there_for_who_is_plugged_in_next(policy):
    scene = Scene(policy, known=[MAC])
    scene.plug_in().wait(5)
    if policy == "card":
        scene.hold_card().wait(2)
    assert scene.drawing
    scene.unplug()
    another(scene, character(mac=OTHER, speaks=False)).plug_in().wait(60)
    assert scene.noted("decision")[-1]["granted"] is not True
    assert not scene.drawing


# Going through addresses.


def guesses(scene, count, first=0):
    for number in range(first, first + count):
        mac = bytes.fromhex("EC65CC02") + number.to_bytes(2)
        another(scene, character(mac=mac), seed=number)
        assert not visit(scene, 5)
    return scene


def test_who_goes_through_addresses_is_locked_out_before_the_right_one_comes():
    scene = guesses(Scene("autocharge", known=[MAC]), MAX_STRANGERS + 1)
    [note] = scene.noted("locked out")
    assert note["seconds"] == LOCK_SECONDS
    another(scene, character()).plug_in().wait(30)
    assert not scene.drawing
    assert "strangers were here within an hour" in " ".join(scene.decision["reasons"])


def test_a_card_charges_all_the_same_and_ends_it():
    scene = guesses(Scene("autocharge", known=[MAC]), MAX_STRANGERS + 1)
    another(scene, character()).plug_in().wait(5).hold_card().wait(5)
    assert scene.drawing
    scene.unplug().wait(2)
    assert scene.charge().decision["by"] == "autocharge"


def test_each_time_it_lasts_longer_and_then_it_is_over():
    scene = guesses(Scene("autocharge", known=[MAC]), 2 * (MAX_STRANGERS + 1))
    assert [note["seconds"] for note in scene.noted("locked out")] == [
        LOCK_SECONDS,
        2 * LOCK_SECONDS,
    ]
    scene.wait(2 * LOCK_SECONDS)
    assert another(scene, character()).charge().decision["by"] == "autocharge"


def said(scene):
    """What a vehicle hears and sees until the decision, and when."""
    until = scene.exchanged("AuthorizationRes")[0][0]
    kinds = [(station.SendFrame, lambda a: type(decode_frame(a.octets).message))]
    kinds += [(limits.Apply, lambda a: a.signal), (SendBytes, lambda a: len(a.data))]
    heard = [(t, of(a)) for kind, of in kinds for t, a in scene.done(kind) if t < until]
    return heard, [(t, body) for t, body in scene.exchanged() if t < until]


def test_a_known_vehicle_and_an_unknown_one_see_and_hear_the_same_until_the_decision():
    known = Scene("autocharge", known=[MAC]).plug_in().wait(6)
    unknown = Scene("autocharge", known=[OTHER]).plug_in().wait(6)
    assert said(known) == said(unknown)
    assert len(said(known)[1]) >= 8


def test_a_vehicle_that_is_locked_out_hears_what_a_stranger_hears():
    stranger = guesses(Scene("autocharge"), MAX_STRANGERS + 1)
    locked = guesses(Scene("autocharge", known=[MAC]), MAX_STRANGERS + 1)
    for scene in (stranger, locked):
        another(scene, character(), seed=7).plug_in().wait(20)
    names = [[type(body) for _, body in scene.exchanged()] for scene in (stranger, locked)]
    assert names[0] == names[1]
    assert AuthorizationReq in names[0]
    assert PowerDeliveryReq not in names[0]


# Addresses that rotate.


def rotating(mac):
    return character(mac=mac, sdp_seconds=3.2)


def id4(**access):
    """A charger whose id.4 was here once with a card, under another address."""
    scene = Scene("autocharge", car=rotating(BORN), known=[BORN], access=access)
    scene.plug_in().wait(8).hold_card().wait(4)
    assert scene.drawing
    scene.unplug().wait(2)
    return another(scene, rotating(REBORN), seed=4)


def test_a_vehicle_with_a_new_address_is_probably_the_one_that_is_like_it():
    scene = id4().plug_in().wait(12)
    assert not scene.drawing
    assert "it is probably vehicle 007DFA061234" in " ".join(scene.decision["reasons"])
    scene.hold_card().wait(3)
    assert scene.drawing
    scene.unplug().wait(2)
    assert len(scene.registry.prints(BORN)) == 2


def test_where_its_owner_trusts_that_it_charges_without_a_card():
    scene = id4(rotating=RotatingUse.FINGERPRINT).charge()
    assert scene.decision["by"] == "autocharge"
    assert scene.noted("recognition")[-1]["confidence"] == "low"


def test_a_laptop_with_an_address_of_the_range_does_not():
    scene = id4(rotating=RotatingUse.FINGERPRINT)
    another(scene, replace(LAPTOP, mac=REBORN)).plug_in().wait(30)
    assert not scene.drawing


def test_one_that_keeps_its_address_is_asked_for_a_card_once():
    scene = another(id4(), rotating(BORN), seed=8)
    scene.plug_in().wait(8)
    if not scene.drawing:
        scene.hold_card().wait(3)
    scene.unplug().wait(2)
    assert another(scene, rotating(BORN), seed=9).charge().decision["by"] == "autocharge"


# The owner's word while it charges.


@pytest.mark.parametrize(
    "withdraw",
    [
        lambda registry: registry.remove_vehicle(MAC),
        lambda registry: registry.put([VehicleRecord(mac=MAC, enabled=False)]),
        lambda registry: registry.put([VehicleRecord(mac=MAC, expires=1.0)]),
    ],
)
def test_a_vehicle_that_is_removed_or_blocked_while_it_charges_stops(withdraw):
    scene = Scene("autocharge", car=character(wishes={"loops": 10_000}), known=[MAC]).charge()
    scene.registry.now = 10.0
    withdraw(scene.registry)
    scene.wait(15)
    assert not scene.drawing
    assert scene.ended() == ["stopped"]  # in the order of the norm, not by the contactor
    assert scene.noted("stop wanted")


def test_one_that_does_not_heed_it_is_cut_off():
    stubborn = character(wishes={"loops": 10_000, "heeds_stop": False})
    scene = Scene("autocharge", car=stubborn, known=[MAC]).charge()
    scene.registry.remove_vehicle(MAC)
    scene.wait(90)
    assert not scene.world.pilot.closed


def test_so_does_who_charges_by_pulse_width_for_a_card_that_is_removed():
    scene = Scene("card", car=character(speaks=False)).hold_card().wait(5).plug_in().wait(10)
    assert scene.drawing
    scene.registry.remove_card(CARD)
    assert not scene.wait(20).drawing


@pytest.mark.parametrize("speaks", [True, False])
def test_the_card_that_started_a_charge_stops_it_and_starts_it_again(speaks):
    car = character(speaks=speaks, wishes={"loops": 10_000})
    scene = Scene("card", car=car).hold_card().wait(5).plug_in().wait(10)
    assert scene.drawing
    scene.hold_card().wait(10)
    assert not scene.drawing
    assert scene.noted("stop wanted")
    scene.wait(30)
    assert not scene.drawing
    scene.hold_card()
    scene.wait_until(lambda: scene.drawing, within=60)


def test_another_card_does_not_stop_it():
    scene = Scene("card", cards=(CARD, "00AABBCC")).hold_card().wait(5).plug_in().wait(10)
    scene.hold_card("00AABBCC").wait(10)
    assert scene.drawing
