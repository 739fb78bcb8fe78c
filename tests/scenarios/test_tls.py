"""Whole charges in TLS, and of a vehicle that has used it before and comes without."""

from dataclasses import replace

import pytest

from seccstack.auth.certificate import VehicleCertificate
from seccstack.chronicle import Chronicle
from seccstack.events import CertificatesRead, HandshakeFailed, StreamClosed, StreamOpened
from seccstack.plugin import CONNECT_WITHIN, RETURN_WITHIN
from seccstack.sim.car import link_local
from tests.scenarios.scene import CARD, MAC, Scene, character

PATIENT = character(wishes={"loops": 1000})
LATE = character(sdp_seconds=100.0)  # it looks for an SECC when it is too late
DETAILS = {"version": "TLS 1.2", "suite": "ECDHE-ECDSA-AES128-SHA256", "chain": "v2g-a"}
REFUSED = "vehicle EC65CC010203 has used TLS here before, and does without it now"


def encrypt(scene, tls=True):
    """Have the car's connections be encrypted from now on, or no longer."""
    tell = type(scene.world).tell.__get__(scene.world)

    def telling(event):
        if isinstance(event, StreamOpened):
            event = replace(event, tls=tls, details=DETAILS if tls else {})
        return tell(event)

    scene.world.tell = telling
    return scene


def visited_in_tls(policy="open", **how):
    """A scene in which the car has charged in TLS, and left."""
    scene = encrypt(Scene(policy, car=PATIENT, known=[MAC], **how)).charge()
    scene.wait(1).unplug().wait(10)
    return scene


def test_a_charge_in_tls_is_one_like_any_other_and_told_with_what_it_is_in():
    scene = encrypt(Scene(car=PATIENT)).charge().unplug().wait(10)
    chronicle = Chronicle("here")
    for step in scene.steps:
        chronicle.observe(*step)
    [session] = chronicle.sessions
    assert (session["tls"], session["protocol"]) == (True, "iso2")
    [opened] = scene.noted("stream opened")
    assert opened == {"address": link_local(MAC), "tls": DETAILS}
    assert scene.noted("TLS downgrade") == []


def test_a_vehicle_that_has_used_tls_before_and_comes_without_is_reported_and_charges():
    scene = encrypt(visited_in_tls(), tls=False).charge()
    scene.wait(1)
    assert scene.noted("TLS downgrade") == [{"mac": "EC65CC010203"}]
    assert scene.drawing


def test_one_that_never_has_is_not():
    scene = Scene(car=PATIENT).charge().unplug().wait(10).charge()
    assert scene.noted("TLS downgrade") == []


def test_one_that_goes_on_using_it_is_not():
    scene = visited_in_tls().charge().wait(1).unplug().wait(10)
    assert scene.noted("TLS downgrade") == []


@pytest.mark.parametrize("refused", [False, True])
def test_it_is_granted_for_its_claims_alone_only_where_that_is_not_refused(refused):
    scene = visited_in_tls("autocharge", access={"downgrade_refused": refused})
    encrypt(scene, tls=False).plug_in().wait(10)
    assert scene.decision["granted"] is (None if refused else True)
    assert (REFUSED in scene.decision["reasons"]) is refused


def test_a_card_grants_all_the_same():
    scene = visited_in_tls("autocharge", access={"downgrade_refused": True})
    encrypt(scene, tls=False).plug_in().wait(10)
    scene.hold_card(CARD)
    scene.wait_until(lambda: scene.drawing)
    assert scene.decision["by"] == "card"


def test_within_one_plug_in_it_is_noticed_too():
    busy = character(wakes_by_pilot=False, wishes={"loops": 1000})
    scene = encrypt(Scene(car=busy)).charge()
    encrypt(scene, tls=False).lose_stream().wait(0.5).appetite(True)
    scene.wait_until(lambda: scene.drawing).wait(1)
    assert scene.noted("TLS downgrade") == [{"mac": "EC65CC010203"}]


def test_a_vehicle_whose_handshake_fails_late_has_a_moment_to_try_again():
    scene = Scene(car=LATE).plug_in()
    scene.wait_until(lambda: scene.noted("link ready"))
    scene.wait(CONNECT_WITHIN - 1)
    scene.tell(HandshakeFailed(link_local(MAC), "it sent unknown_ca", "unknown_ca"))
    scene.wait(RETURN_WITHIN - 0.1)
    assert scene.reasons() == []
    scene.wait(0.2)
    assert scene.reasons() == ["no session within 20 s of the link"]
    [failed] = scene.noted("handshake failed")
    assert (failed["why"], failed["alert"]) == ("it sent unknown_ca", "unknown_ca")


def test_one_whose_handshake_fails_early_has_no_less_time_for_it():
    scene = Scene(car=LATE).plug_in()
    scene.wait_until(lambda: scene.noted("link ready"))
    scene.tell(HandshakeFailed(link_local(MAC), "it hung up"))
    scene.wait(CONNECT_WITHIN - 0.5)
    assert scene.reasons() == []


def test_a_handshake_that_fails_where_nobody_is_waited_for_is_only_noted():
    scene = Scene().tell(HandshakeFailed("fe80::1", "it hung up")).wait(60)
    assert scene.reasons() == []
    assert len(scene.noted("handshake failed")) == 1


def test_what_certificates_there_are_is_noted_with_what_is_wrong_with_them():
    scene = Scene().tell(CertificatesRead(("v2g-a",), ("v2g-b has expired",)))
    assert scene.noted("certificates") == [
        {"chains": ["v2g-a"], "problems": ["v2g-b has expired"]}
    ]


def test_a_stranger_who_connects_in_tls_where_nothing_is_plugged_in_learns_nothing():
    scene = encrypt(Scene())
    opened = StreamOpened(9, "fe80::1", bytes(8), 0, None, True, DETAILS)
    scene.tell(opened).tell(StreamClosed(9))
    assert scene.noted("stream opened") == []


# A vehicle of ISO 15118-20 that shows its certificate.

OWN = VehicleCertificate(
    name="WMIV1234567890ABCDEX", issuer="CN=sub", digest=bytes(64), ends=0.0, holder="AB" * 32
)


def certify(scene, vehicle):
    """Have the car show this certificate from now on, or none."""
    tell = type(scene.world).tell.__get__(scene.world)

    def telling(event):
        if isinstance(event, StreamOpened):
            event = replace(event, tls=True, tls_version="TLSv1.3", vehicle=vehicle)
        return tell(event)

    scene.world.tell = telling
    return scene


def test_once_it_has_shown_its_certificate_its_address_alone_is_worth_nothing():
    scene = certify(Scene("autocharge", car=PATIENT, known=[MAC]), OWN).charge()
    scene.wait(1).unplug().wait(10)
    certify(scene, None).plug_in().wait(10)
    assert scene.decision["granted"] is None
    assert (
        "vehicle EC65CC010203 has shown its certificate here before, and shows none now: it "
        "can pay by its contract, or a card is needed" in scene.decision["reasons"]
    )
    scene.unplug().wait(10)
    assert certify(scene, OWN).charge().drawing


def test_what_it_has_proven_is_kept_apart_from_what_it_claims():
    scene = certify(Scene("autocharge", car=PATIENT, known=[MAC]), OWN).charge()
    [*_, identity] = scene.noted("identity")
    [proof] = identity["proofs"]
    assert (proof["kind"], proof["value"]) == ("vehicle certificate", "AB" * 32)
