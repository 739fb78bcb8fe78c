"""How sure it is who is at the outlet, and why."""

import pytest

from seccstack.auth.decision import VehicleRecord
from seccstack.auth.fingerprint import FRESH, Fingerprint
from seccstack.auth.judgement import VehicleLookup, Visit
from seccstack.auth.recognition import Confidence, Stage, recognised
from seccstack.auth.suspicion import Relative
from seccstack.auth.vehicle import NAMES, Identity, Proven

MAC = bytes.fromhex("EC65CC4FC201")
OTHER = bytes.fromhex("DC442711BBAA")
ROTATING = bytes.fromhex("007DFA087C85")
VIN = b"WMIV1234567890ABCDEX"
SHOWN = Fingerprint(run_id="MAC+0000", offer=("ISO",), security="none")
UNLIKE = Fingerprint(run_id=FRESH, offer=("DIN",), security="none")


def claiming(mac=MAC, **others):
    identity = Identity()
    for claim, value in {**dict.fromkeys(NAMES, mac), **others}.items():
        identity = identity if value is None else identity.learn(claim, value, "test", 0.0)
    return identity


def visit(identity=None, record=None, prints=(), family=(), shown=SHOWN):
    lookup = None
    if record or family:
        key = (identity or claiming()).common_mac
        lookup = VehicleLookup(key, 0.0, True, record, prints=prints, family=family)
    return Visit(1, identity=identity or claiming(), vehicle=lookup, fingerprint=shown)


I4 = VehicleRecord(mac=MAC, label="i4")


def of(known):
    return known.stage, known.confidence


def test_nobody_has_said_anything():
    known = recognised(visit(Identity()))
    assert of(known) == (Stage.UNNAMED, Confidence.NONE)
    assert known.reasons == ("it has not said who it is",)


def test_slac_names_it_provisionally():
    known = recognised(visit(Identity().learn("slac_mac", MAC, "SLAC", 0.0), I4))
    assert of(known) == (Stage.PROVISIONAL, Confidence.LOW)
    assert (known.mac, known.label) == (MAC, "i4")
    assert known.reasons[-1] == "EVCCID is still to come"


def test_all_that_is_claimed_is_one_address():
    known = recognised(visit())
    assert of(known) == (Stage.CONFIRMED, Confidence.MEDIUM)
    assert known.reasons == ("EC65CC4FC201 by SLAC, Ethernet, EVCCID",)


@pytest.mark.parametrize(
    ("shown", "confidence"),
    [(SHOWN, Confidence.HIGH), (UNLIKE, Confidence.LOW), (Fingerprint(), Confidence.MEDIUM)],
)
def test_how_it_speaks_makes_it_surer_or_less_sure(shown, confidence):
    known = recognised(visit(record=I4, prints=(SHOWN,), shown=shown))
    assert known.confidence is confidence
    assert known.reasons[1] == "that is vehicle EC65CC4FC201 (i4)"
    assert "fingerprint" in known.reasons[2]


@pytest.mark.parametrize(
    ("identity", "why"),
    [
        (claiming(evccid=OTHER), "different MAC addresses"),
        (claiming(bytes(6)), "is all zeros"),
        (claiming(b"\xff" * 6), "is the broadcast address"),
        (
            Identity().learn("evccid", VIN, "SessionSetupReq", 0.0),
            "it only says WMIV1234567890",
        ),
        (claiming().alarm("it asks twice"), "another station uses this vehicle's address"),
    ],
)
def test_who_contradicts_itself_or_is_no_station_is_nobody(identity, why):
    known = recognised(visit(identity))
    assert known.confidence is Confidence.NONE
    assert why in " ".join(known.reasons)


@pytest.mark.parametrize(
    ("identity", "why"),
    [
        (claiming(bytes.fromhex("02FEED000001")), "its station made it up"),
        (claiming(ROTATING), "draw a new address"),
        (claiming(evccid=VIN), "is not a MAC address"),
    ],
)
def test_an_address_that_says_little_makes_nobody_sure(identity, why):
    known = recognised(visit(identity))
    assert known.confidence is Confidence.LOW
    assert why in " ".join(known.reasons)


def test_an_evccid_that_the_owner_has_registered_is_as_good_as_an_address():
    record = VehicleRecord(mac=MAC, evccid=VIN)
    assert recognised(visit(claiming(evccid=VIN), record)).confidence is Confidence.MEDIUM


def test_an_address_that_might_have_rotated_and_did_not_is_one():
    record = VehicleRecord(mac=ROTATING)
    known = recognised(visit(claiming(ROTATING), record, prints=(SHOWN, SHOWN)))
    assert known.confidence is Confidence.HIGH


def test_one_of_the_family_is_called_by_whom_it_is_like():
    family = (Relative(VehicleRecord(mac=ROTATING, label="id.4"), (SHOWN,)),)
    identity = claiming(bytes.fromhex("007DFA090001"))
    known = recognised(visit(identity, family=family))
    assert known.confidence is Confidence.LOW
    assert "it is probably vehicle 007DFA087C85 (id.4)" in " ".join(known.reasons)
    unlike = recognised(visit(identity, family=family, shown=UNLIKE))
    assert "probably" not in " ".join(unlike.reasons)


def test_a_proof_is_worth_more_than_all_claims_but_not_than_a_contradiction():
    proven = claiming(bytes.fromhex("02FEED000001")).prove(
        Proven.CONTRACT, "DE8AA1A2B3C4D5V", "AuthorizationReq", 4.0
    )
    known = recognised(visit(proven))
    assert known.confidence is Confidence.HIGH
    assert known.reasons[0] == "it has proven contract DE8AA1A2B3C4D5V (AuthorizationReq)"
    assert recognised(visit(proven.alarm("twice"))).confidence is Confidence.NONE


def test_it_is_told_as_json():
    assert recognised(visit(Identity())).to_json() == {
        "stage": "unnamed",
        "confidence": "none",
        "score": 0.0,
        "mac": None,
        "label": None,
        "reasons": ["it has not said who it is"],
    }
    assert recognised(visit(record=I4)).to_json()["label"] == "i4"
