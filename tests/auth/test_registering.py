"""Who is let in while vehicles and cards are being registered, and when that is over."""

import pytest

from seccstack.auth.decision import CardRecord, Denied, Granted, Pending, VehicleRecord
from seccstack.auth.events import (
    AuthorisationWanted,
    CardFound,
    CardPresented,
    Decided,
    FingerprintSeen,
    IdentityLearned,
    LookUpVehicle,
    PluggedIn,
    RegistrationTurned,
    Unplugged,
    VehicleEnrolled,
    VehicleFound,
)
from seccstack.auth.fingerprint import Fingerprint
from seccstack.auth.judgement import REGISTERING
from seccstack.auth.limiter import MAX_STRANGERS
from tests.auth.test_authorisation import CARD, CARD_WAIT, HONEST, MAC, UID, Desk, claiming

ON, OFF = RegistrationTurned(True), RegistrationTurned(False)


@pytest.fixture
def desk():
    """Registration is on, and a vehicle wants to charge."""
    desk = Desk()
    desk.told(ON, PluggedIn(1), AuthorisationWanted(HONEST))
    return desk


def test_nobody_is_let_in_and_the_vehicle_is_told_to_wait(desk):
    assert desk.decision == Pending((REGISTERING,))
    desk.told(CardPresented(UID), CardFound(UID, CARD))
    assert desk.decision == Pending((REGISTERING,))
    assert not desk.machine.card_grants(desk.now)


def test_who_waits_for_as_long_as_for_a_card_is_refused(desk):
    assert desk.wait(CARD_WAIT) == [Decided(1, Denied((REGISTERING,)))]


def test_the_registry_is_asked_when_it_is_over_and_what_is_registered_by_then_counts(desk):
    assert LookUpVehicle(MAC) in desk.told(OFF)
    desk.told(VehicleFound(MAC, VehicleRecord(mac=MAC)))
    assert isinstance(desk.decision, Granted)


def test_who_was_refused_meanwhile_is_decided_upon_anew(desk):
    desk.wait(CARD_WAIT)
    assert LookUpVehicle(MAC) in desk.told(OFF)
    desk.told(VehicleFound(MAC, VehicleRecord(mac=MAC)))
    assert isinstance(desk.decision, Granted)


def test_who_has_not_asked_yet_is_looked_up_when_it_is_over():
    desk = Desk()
    desk.told(ON, PluggedIn(1), IdentityLearned(HONEST))
    assert desk.told(OFF) == [LookUpVehicle(MAC)]


def test_a_card_that_was_held_up_before_lets_nobody_in_afterwards():
    desk = Desk()
    desk.told(CardPresented(UID), CardFound(UID, CARD), ON, OFF)
    assert not desk.machine.card_grants(desk.now)


def test_who_charges_already_goes_on():
    desk = Desk()
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), CardPresented(UID))
    desk.told(CardFound(UID, CARD))
    assert desk.told(ON, OFF) == []
    assert isinstance(desk.decision, Granted)


def test_those_who_come_to_be_registered_are_not_counted_as_strangers():
    desk = Desk()
    desk.told(ON)
    for number in range(MAX_STRANGERS + 1):
        identity = claiming(bytes([0, 1, 2, 3, 4, number]))
        desk.told(PluggedIn(number), AuthorisationWanted(identity))
        assert desk.told(Unplugged()) == []


def test_the_visit_in_which_it_was_registered_is_not_learned_from_again(desk):
    shown = Fingerprint(sdp=1.0)
    desk.told(FingerprintSeen(shown), VehicleEnrolled(1), OFF)
    desk.told(VehicleFound(MAC, VehicleRecord(mac=MAC), prints=(shown,)))
    assert isinstance(desk.decision, Granted)
    assert desk.machine.certain_for is None


def test_another_visit_than_that_is_not_meant(desk):
    assert desk.told(VehicleEnrolled(7), Unplugged(), VehicleEnrolled(1)) == []


def test_a_setup_card_charges_nothing():
    desk = Desk()
    setup = CardRecord(uid=UID, setup=True)
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), CardPresented(UID))
    desk.told(CardFound(UID, setup), VehicleFound(MAC, None))
    assert f"card {UID} is a setup card, which charges nothing" in desk.decision.reasons
