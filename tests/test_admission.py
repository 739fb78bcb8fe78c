"""Claims in, a decision out."""

import pytest

from seccstack.admission import (
    AddressSeen,
    Admission,
    Arrived,
    Claimed,
    Connected,
    Doubled,
    Left,
    Proved,
    Wanted,
    Watched,
)
from seccstack.auth import judgement
from seccstack.auth.decision import CardRecord, Granted, Policy, VehicleRecord
from seccstack.auth.events import (
    CardFound,
    CardPresented,
    Decided,
    KeepLockOut,
    LockOutLifted,
    LookUpCard,
    LookUpVehicle,
    Revoked,
    VehicleFound,
)
from seccstack.auth.fingerprint import NOTHING, Fingerprint
from seccstack.auth.limiter import LOCK_SECONDS, MAX_STRANGERS
from seccstack.auth.vehicle import MAX_ALARMS, Proven
from seccstack.events import Noted, RecordSighting

MAC = bytes.fromhex("90125E100001")
OTHER = bytes.fromhex("02AABBCCDD02")
ADDRESS = "fe80::9212:5eff:fe10:1"
CARD = "04A2B3C4D5E680"
SLAC = Claimed("slac_mac", MAC, "SLAC")
EVCCID = Claimed("evccid", MAC, "SessionSetupReq")


class Desk:
    """An admission, and all it did."""

    def __init__(self, policy="open", **waits):
        self.machine = Admission(judgement.Settings(policy=Policy(policy), **waits))
        self.done = []

    def tell(self, *happened, now=0.0):
        for event in happened:
            self.done += self.machine.receive(event, now)
        return self

    def of(self, kind):
        return [action for action in self.done if isinstance(action, kind)]

    def notes(self, name):
        return [a.details for a in self.of(Noted) if a.event == name]


def granted(desk):
    return isinstance(desk.machine.decision, Granted)


def test_what_is_claimed_is_noted_as_it_becomes_known():
    desk = Desk().tell(Arrived(1), SLAC, AddressSeen(ADDRESS, "TCP peer"))
    first, second = desk.notes("identity")
    assert (first["slac_mac"], first["ipv6_mac"]) == (MAC.hex().upper(), None)
    assert second["ipv6_mac"] == MAC.hex().upper()


def test_what_is_known_already_is_no_news():
    desk = Desk().tell(
        Arrived(1),
        SLAC,
        SLAC,
        AddressSeen(ADDRESS, "TCP peer"),
        AddressSeen(ADDRESS, "TCP peer"),
    )
    assert len(desk.notes("identity")) == 2


def test_nobody_claims_anything_while_nothing_is_plugged_in():
    desk = Desk().tell(SLAC, AddressSeen(ADDRESS, "TCP peer"), Wanted())
    assert desk.done == []
    desk.tell(Arrived(1), Left())
    assert desk.done == []


def test_a_vehicle_is_kept_when_its_evccid_is_known_and_when_it_leaves():
    desk = Desk().tell(Arrived(1), SLAC)
    assert desk.of(RecordSighting) == []
    desk.tell(EVCCID)
    [sighting] = desk.of(RecordSighting)
    assert (sighting.identity.slac_mac, sighting.identity.evccid) == (MAC, MAC)
    desk.tell(AddressSeen(ADDRESS, "TCP peer"), Left())
    assert desk.of(RecordSighting)[-1].identity.ipv6_mac == MAC


@pytest.mark.parametrize(
    ("before", "tls"), [([], None), ([Connected(True)], True), ([Connected(False)], False)]
)
def test_it_is_kept_with_whether_it_spoke_in_tls(before, tls):
    [sighting] = Desk().tell(Arrived(1), *before, SLAC, EVCCID).of(RecordSighting)
    assert sighting.tls is tls


def test_one_that_changes_over_to_speaking_plainly_is_kept_again_and_only_once():
    desk = Desk().tell(Arrived(1), SLAC, Connected(True), EVCCID)
    desk.tell(Connected(False), Connected(False))
    assert [sighting.tls for sighting in desk.of(RecordSighting)] == [True, False]


def test_how_one_vehicle_spoke_is_not_held_against_the_next():
    desk = Desk().tell(Arrived(1), Connected(True), Left(), Arrived(2), SLAC, EVCCID)
    assert desk.of(RecordSighting)[-1].tls is None
    assert Desk().tell(Connected(True)).done == []


def test_one_that_said_nothing_is_not():
    assert Desk().tell(Arrived(1), Left()).of(RecordSighting) == []


def test_what_one_vehicle_claimed_is_not_held_against_the_next():
    desk = Desk().tell(Arrived(1), SLAC, Left(), Arrived(2))
    desk.tell(Claimed("slac_mac", OTHER, "SLAC"))
    assert desk.notes("identity")[-1]["evidence"][0]["value"] == OTHER.hex().upper()
    assert len(desk.notes("identity")[-1]["evidence"]) == 1


def test_a_decision_is_noted_and_told_when_it_is_wanted():
    desk = Desk().tell(Arrived(3), Wanted())
    [noted, decided] = desk.done
    assert noted.event == "decision"
    assert noted.details["granted"] is True
    assert decided.plug_in == 3


def test_a_grant_is_told_once():
    assert len(Desk().tell(Arrived(1), Wanted(), Wanted(), SLAC, Wanted()).of(Decided)) == 1


def test_the_registry_is_asked_and_its_answer_decides():
    desk = Desk("autocharge").tell(Arrived(1), SLAC, EVCCID, Wanted())
    assert desk.of(LookUpVehicle) == [LookUpVehicle(MAC)]
    desk.tell(VehicleFound(MAC, VehicleRecord(mac=MAC)))
    assert granted(desk)


def test_a_card_decides_too():
    desk = Desk("card").tell(Arrived(1), Wanted(), CardPresented(CARD))
    assert desk.of(LookUpCard) == [LookUpCard(CARD)]
    desk.tell(CardFound(CARD, CardRecord(uid=CARD)))
    assert desk.notes("decision")[-1]["by"] == "card"


def test_a_refusal_comes_when_the_wait_is_over_and_may_be_asked_about_again():
    desk = Desk("card", card_wait_seconds=5.0).tell(Arrived(1), Wanted())
    assert desk.machine.deadline == 5.0
    desk.done += desk.machine.tick(5.0)
    assert [note["granted"] for note in desk.notes("decision")] == [None, False]
    desk.tell(Wanted(), now=6.0)
    assert desk.machine.deadline == 11.0


def test_a_grant_for_claims_is_revoked_when_they_come_to_disagree():
    desk = Desk("autocharge").tell(Arrived(1), SLAC, EVCCID, Wanted())
    desk.tell(VehicleFound(MAC, VehicleRecord(mac=MAC)))
    desk.tell(Claimed("ethernet_mac", OTHER, "SDP"))
    [revoked] = desk.of(Revoked)
    assert desk.notes("revoked") == [{"reasons": list(revoked.reasons)}]


@pytest.mark.parametrize("policy", ["open", "autocharge", "card"])
def test_a_grant_dies_with_the_plug_in(policy):
    desk = Desk(policy).tell(Arrived(1), Wanted(), CardPresented(CARD))
    desk.tell(CardFound(CARD, CardRecord(uid=CARD)))
    assert granted(desk)
    desk.tell(Left())
    assert desk.machine.decision is None
    desk.tell(Arrived(2))
    assert desk.machine.decision is None


@pytest.mark.parametrize("evccid", [MAC + b"\0", b"\0" + MAC, MAC + bytes(2)])
def test_an_evccid_of_7_or_8_octets_is_no_address_whatever_is_in_it(evccid):
    desk = Desk("autocharge").tell(Arrived(1), SLAC, Claimed("evccid", evccid, "DIN"), Wanted())
    desk.tell(VehicleFound(MAC, VehicleRecord(mac=MAC)))
    assert "octets), and none is registered with" in desk.notes("decision")[-1]["reasons"][0]


# Who it seems to be.


def recognised(desk):
    return [(note["stage"], note["confidence"]) for note in desk.notes("recognition")]


def test_a_vehicle_is_recognised_step_by_step_and_each_step_is_told_once():
    desk = Desk("autocharge").tell(Arrived(1), SLAC, SLAC, EVCCID, Wanted())
    assert recognised(desk) == [("provisional", "low"), ("confirmed", "medium")]
    desk.tell(VehicleFound(MAC, VehicleRecord(mac=MAC, label="i4")))
    assert desk.notes("recognition")[-1]["label"] == "i4"


def test_what_it_has_proven_is_kept_apart_from_its_claims():
    desk = Desk("autocharge").tell(Arrived(1), SLAC)
    desk.tell(Proved(Proven.CERTIFICATE, "AB12", "TLS handshake"))
    assert desk.notes("identity")[-1]["proofs"] == [
        {"kind": "vehicle certificate", "value": "AB12", "source": "TLS handshake", "at": 0.0}
    ]
    assert recognised(desk)[-1] == ("provisional", "high")


def test_a_second_station_is_told_of_once_and_keeps_the_vehicle_from_being_granted():
    desk = Desk("autocharge").tell(Arrived(1), SLAC, EVCCID, Wanted())
    desk.tell(Doubled("it asks twice"), Doubled("it asks twice"))
    desk.tell(VehicleFound(MAC, VehicleRecord(mac=MAC)))
    assert len(desk.notes("second station")) == 1
    assert not granted(desk)
    assert "another station uses this" in desk.notes("decision")[-1]["reasons"][0]


def test_one_that_comes_after_the_grant_is_told_of_and_revokes_nothing():
    desk = Desk("autocharge").tell(Arrived(1), SLAC, EVCCID, Wanted())
    desk.tell(VehicleFound(MAC, VehicleRecord(mac=MAC)), Doubled("it asks twice"))
    assert len(desk.notes("second station")) == 1
    assert granted(desk)


def test_of_alarms_there_are_few_kinds():
    desk = Desk().tell(Arrived(1), *(Doubled(str(number)) for number in range(100)))
    assert len(desk.notes("second station")) == MAX_ALARMS


def test_what_was_seen_of_how_it_speaks_is_kept_with_it():
    shown = Fingerprint(sdp=0.4)
    desk = Desk().tell(Arrived(1), SLAC, Watched(shown), Watched(shown), Left(), Arrived(2))
    assert desk.of(RecordSighting)[-1].fingerprint == shown
    desk.tell(SLAC, Left())
    assert desk.of(RecordSighting)[-1].fingerprint == NOTHING


def test_nothing_is_seen_of_a_vehicle_that_is_not_there():
    assert Desk().tell(Watched(Fingerprint(sdp=0.4)), Doubled("twice")).done == []


def test_a_registered_vehicle_that_leaves_is_told_to_the_registry_to_learn_from():
    desk = Desk("autocharge").tell(Arrived(1), SLAC, EVCCID, Wanted())
    desk.tell(VehicleFound(MAC, VehicleRecord(mac=MAC)), Left())
    assert [s.certain_for for s in desk.of(RecordSighting)] == [None, MAC]


def test_a_lock_out_is_noted():
    desk = Desk("autocharge")
    for number in range(MAX_STRANGERS + 1):
        mac = bytes([0x90, 0x12, 0, 0, 0, number])
        desk.tell(Arrived(number + 1), Claimed("slac_mac", mac, "SLAC"), Wanted())
        desk.tell(VehicleFound(mac, None), Left())
    assert desk.notes("locked out") == [{"seconds": LOCK_SECONDS}]
    assert len(desk.of(KeepLockOut)) == MAX_STRANGERS + 1
    desk.tell(LockOutLifted())
    assert desk.notes("lock-out lifted") == [{}]
    assert desk.of(KeepLockOut)[-1].limiter.locked(0.0) is None
