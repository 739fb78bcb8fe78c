"""Whether the vehicle at the outlet may charge."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.auth.authorisation import RECHECK_SECONDS, Authorisation
from seccstack.auth.decision import CardRecord, Denied, Granted, Pending, Policy, VehicleRecord
from seccstack.auth.events import (
    AuthorisationWanted,
    CardFound,
    CardPresented,
    ContractVouched,
    Decided,
    FingerprintSeen,
    IdentityLearned,
    KeepLockOut,
    LockedOut,
    LockOutFound,
    LockOutLifted,
    LookUpCard,
    LookUpVehicle,
    PluggedIn,
    Revoked,
    Stop,
    StreamSeen,
    Unplugged,
    VehicleFound,
)
from seccstack.auth.fingerprint import FRESH, Fingerprint
from seccstack.auth.judgement import Settings
from seccstack.auth.limiter import CALM, LOCK_SECONDS, MAX_STRANGERS
from seccstack.auth.recognition import Confidence
from seccstack.auth.suspicion import FingerprintUse, Relative, RotatingUse
from seccstack.auth.vehicle import NAMES, Identity
from seccstack.auth.visiting import MAX_CARDS
from seccstack.errors import UsageError

MAC = bytes.fromhex("EC65CC4FC201")
OTHER = bytes.fromhex("DC442711BBAA")
VIN = b"WMIV1234567890ABCDEX"
I4 = VehicleRecord(mac=MAC, label="i4")
UID, SECOND = "04A1B2C3D4E5F6", "0011AABB"
CARD = CardRecord(uid=UID, label="Ada")
CARD_WAIT, REGISTRY_WAIT, AHEAD = 60.0, 5.0, 30.0


def claiming(mac=MAC, **others):
    identity = Identity()
    for claim, value in {**dict.fromkeys(NAMES, mac), **others}.items():
        identity = identity if value is None else identity.learn(claim, value, "test", 0.0)
    return identity


HONEST = claiming()
LIAR = claiming(evccid=OTHER)
SLAC_ONLY = Identity().learn("slac_mac", MAC, "CM_SLAC_PARM.REQ", 0.0)


class Desk:
    """A machine, and the hand that tells it the time."""

    def __init__(self, **settings):
        self.now = 100.0
        waits = {
            "card_wait_seconds": CARD_WAIT,
            "card_ahead_seconds": AHEAD,
            "registry_wait_seconds": REGISTRY_WAIT,
        }
        self.machine = Authorisation(Settings(**{**waits, **settings}))
        self.kept = []  # of strangers, over a restart

    def told(self, *events):
        return [action for event in events for action in self.machine.receive(event, self.now)]

    def wait(self, seconds):
        """Let time pass; return what is said at the deadlines on the way."""
        said, until = [], self.now + seconds
        while (deadline := self.machine.deadline) is not None and deadline <= until:
            self.now = deadline
            said += self.machine.tick(deadline)
        self.now = until
        return said

    @property
    def decision(self):
        return self.machine.decision


@pytest.fixture
def desk():
    return Desk()


def grounds(actions):
    """By what the last of the actions grants, and to which plug-in."""
    return actions[-1].plug_in, actions[-1].decision.by


def plug_in_unknown(desk, identity=HONEST):
    desk.told(PluggedIn(1), AuthorisationWanted(identity), VehicleFound(MAC, None))


# The policies.


def test_an_open_charger_grants_everybody_at_once():
    said = Desk(policy=Policy.OPEN).told(PluggedIn(1), AuthorisationWanted(Identity()))
    assert said == [Decided(1, Granted("open", ("everybody may charge here",)))]


def test_an_open_charger_grants_a_vehicle_whose_claims_disagree_and_says_so():
    desk = Desk(policy=Policy.OPEN)
    desk.told(PluggedIn(1), AuthorisationWanted(LIAR))
    assert desk.decision == Granted("open", ("everybody may charge here", *LIAR.disagreements))


def test_a_registered_vehicle_whose_claims_agree_is_granted_by_itself(desk):
    assert desk.told(PluggedIn(1), AuthorisationWanted(HONEST)) == [
        LookUpVehicle(MAC),
        Decided(
            1,
            Pending(
                (
                    "the registry is being asked about vehicle EC65CC4FC201",
                    "a card is awaited",
                )
            ),
        ),
    ]
    reason = "vehicle EC65CC4FC201 (i4) is registered"
    assert desk.told(VehicleFound(MAC, I4)) == [Decided(1, Granted("autocharge", (reason,)))]


@pytest.mark.parametrize(
    ("refused", "used_tls", "stream", "granted"),
    [
        (True, True, [StreamSeen(False)], False),
        (True, True, [StreamSeen(True)], True),
        (True, True, [StreamSeen(False), StreamSeen(True)], True),
        (True, True, [], True),
        (True, False, [StreamSeen(False)], True),
        (False, True, [StreamSeen(False)], True),
    ],
)
def test_a_vehicle_that_has_used_tls_and_does_without_is_refused_where_that_is_wanted(
    refused, used_tls, stream, granted
):
    desk = Desk(downgrade_refused=refused)
    found = VehicleFound(MAC, I4, used_tls)
    desk.told(PluggedIn(1), *stream, AuthorisationWanted(HONEST), found)
    why = "vehicle EC65CC4FC201 has used TLS here before, and does without it now"
    assert isinstance(desk.decision, Granted) is granted
    assert (why in desk.decision.reasons) is not granted


def test_a_vehicle_is_looked_up_as_soon_as_it_has_a_name_so_that_nobody_waits_later(desk):
    assert desk.told(PluggedIn(1), IdentityLearned(SLAC_ONLY)) == [LookUpVehicle(MAC)]
    assert desk.told(VehicleFound(MAC, I4), IdentityLearned(HONEST)) == []
    assert grounds(desk.told(AuthorisationWanted(HONEST))) == (1, "autocharge")


def test_an_unknown_vehicle_waits_for_a_card_and_is_then_refused(desk):
    plug_in_unknown(desk)
    unknown = "vehicle EC65CC4FC201 is not registered"
    assert desk.decision == Pending((unknown, "a card is awaited"))
    assert desk.wait(CARD_WAIT - 0.1) == []
    assert desk.wait(0.1) == [
        Decided(1, Denied((unknown, "no card was held to the reader in 60 s")))
    ]
    assert desk.machine.deadline is None


def test_where_nobody_waits_for_cards_an_unknown_vehicle_is_refused_at_once():
    desk = Desk(card_wait_seconds=0)
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST))
    assert isinstance(desk.decision, Pending)
    desk.told(VehicleFound(MAC, None))
    assert isinstance(desk.decision, Denied)


def test_an_unknown_vehicle_of_a_rotating_address_is_told_why_it_is_unknown(desk):
    rotating = bytes.fromhex("007DFA087C85")
    desk.told(
        PluggedIn(1), AuthorisationWanted(claiming(rotating)), VehicleFound(rotating, None)
    )
    assert "draw a new address for every plug-in" in " ".join(desk.decision.reasons)


ROTATING = bytes.fromhex("007DFA087C85")
PRINT = Fingerprint(
    run_id=FRESH, offer=("DIN", "ISO"), security="TLS", sdp=6.1, session_id="1 zeros"
)


@pytest.mark.parametrize(("visits", "granted"), [(0, False), (1, False), (2, True)])
def test_an_address_that_may_rotate_is_a_name_once_it_was_the_same_twice(desk, visits, granted):
    desk.told(PluggedIn(1), AuthorisationWanted(claiming(ROTATING)))
    prints = (PRINT,) * visits
    desk.told(VehicleFound(ROTATING, VehicleRecord(mac=ROTATING), prints=prints))
    assert isinstance(desk.decision, Granted) == granted
    assert "new address for every plug-in" in " ".join(desk.decision.reasons)


def test_an_address_that_somebody_made_up_needs_a_card(desk):
    mac = bytes.fromhex("02FEED000001")
    desk.told(PluggedIn(1), AuthorisationWanted(claiming(mac)))
    desk.told(VehicleFound(mac, VehicleRecord(mac=mac)))
    assert "anybody may make it up" in desk.decision.reasons[0]


@pytest.mark.parametrize("mac", [bytes(6), b"\xff" * 6, bytes.fromhex("03FEED000001")])
def test_an_address_that_no_station_has_is_never_granted(desk, mac):
    desk.told(PluggedIn(1), AuthorisationWanted(claiming(mac)), VehicleFound(mac, None))
    assert isinstance(desk.decision, Pending)
    assert "which is no station's" in " ".join(desk.decision.reasons)


# The family whose addresses rotate.

ID4 = VehicleRecord(mac=bytes.fromhex("007DFA06AB91"), label="id.4")
ID3 = VehicleRecord(mac=bytes.fromhex("007DFA090000"), label="id.3")
FAMILY = (Relative(ID4, (PRINT,)),)


def met(desk, family=FAMILY, shown=PRINT, identity=None):
    desk.told(PluggedIn(1), FingerprintSeen(shown))
    desk.told(AuthorisationWanted(identity or claiming(ROTATING)))
    desk.told(VehicleFound(ROTATING, None, family=family))
    return desk


def test_a_vehicle_like_one_of_the_family_is_probably_that_one_and_needs_a_card(desk):
    met(desk)
    said = " ".join(desk.decision.reasons)
    assert "probably vehicle 007DFA06AB91 (id.4)" in said
    assert isinstance(desk.decision, Pending)
    desk.told(CardPresented(UID), CardFound(UID, CARD))
    assert desk.machine.certain_for == ID4.mac


def test_where_the_owner_wants_it_that_is_enough():
    desk = met(Desk(rotating=RotatingUse.FINGERPRINT))
    assert isinstance(desk.decision, Granted)
    assert desk.machine.certain_for is None  # what a likeness grants teaches nothing


@pytest.mark.parametrize(
    "family",
    [
        (Relative(ID4, (PRINT,)), Relative(ID3, (PRINT,))),  # which of the two?
        (Relative(ID4),),
        (Relative(replace(ID4, enabled=False), (PRINT,)),),
        (Relative(replace(ID4, evccid=VIN), (PRINT,)),),
    ],
)
def test_but_only_if_it_can_be_exactly_one_that_is_valid_and_nothing_else_differs(family):
    assert isinstance(met(Desk(rotating=RotatingUse.FINGERPRINT), family).decision, Pending)


def test_nor_if_it_speaks_otherwise():
    desk = met(Desk(rotating=RotatingUse.FINGERPRINT), shown=replace(PRINT, offer=("ISO",)))
    assert desk.decision.reasons[0] == "vehicle 007DFA087C85 is not registered"


def test_of_two_alike_both_are_named(desk):
    met(desk, (Relative(ID4, (PRINT,)), Relative(ID3, (PRINT,))))
    assert "any of 2 registered vehicles" in desk.decision.reasons[1]


@pytest.mark.parametrize(
    ("family", "learner"),
    [
        ((Relative(ID4),), ID4.mac),  # nothing to compare it with yet, and no other
        ((Relative(ID4), Relative(ID3)), None),
        ((Relative(ID4, (PRINT,)), Relative(ID3, (PRINT,))), None),
        ((), None),
    ],
)
def test_a_card_teaches_the_fingerprint_of_the_only_one_it_can_be(desk, family, learner):
    met(desk, family).told(CardPresented(UID), CardFound(UID, CARD))
    assert desk.machine.certain_for == learner


# Fingerprints.

OF_I4 = Fingerprint(run_id="MAC+0000", offer=("ISO",), security="none", sdp=0.7, sounds=0.02)
LAPTOP = Fingerprint(run_id=FRESH, offer=("DIN",), security="none", sdp=9.0, sounds=0.02)


def shown(desk, prints, seen):
    desk.told(PluggedIn(1), FingerprintSeen(seen), AuthorisationWanted(HONEST))
    desk.told(VehicleFound(MAC, I4, prints=prints))
    return desk


def test_a_fingerprint_like_before_is_among_the_reasons(desk):
    shown(desk, (OF_I4,), OF_I4)
    assert desk.decision.reasons[-1].startswith("its fingerprint is 100% like before")


def test_one_that_differs_is_told_and_decides_nothing_by_itself(desk):
    shown(desk, (OF_I4,), LAPTOP)
    assert isinstance(desk.decision, Granted)
    assert "RunID differs" in desk.decision.reasons[-1]
    assert desk.machine.certain_for is None


def test_or_nothing_of_it_is_told():
    desk = shown(Desk(fingerprint=FingerprintUse.OFF), (OF_I4,), LAPTOP)
    assert desk.decision.reasons == ("vehicle EC65CC4FC201 (i4) is registered",)


@pytest.mark.parametrize(
    ("prints", "seen", "granted"),
    [((OF_I4,), OF_I4, True), ((OF_I4,), LAPTOP, False), ((), OF_I4, False)],
)
def test_where_it_is_required_who_is_not_like_before_needs_a_card(prints, seen, granted):
    desk = shown(Desk(fingerprint=FingerprintUse.REQUIRE), prints, seen)
    assert isinstance(desk.decision, Granted) == granted
    desk.told(CardPresented(UID), CardFound(UID, CARD))
    assert desk.machine.certain_for == MAC


def test_what_was_granted_for_a_likeness_is_not_taken_back_for_another():
    desk = shown(Desk(fingerprint=FingerprintUse.REQUIRE), (OF_I4,), OF_I4)
    assert desk.told(FingerprintSeen(LAPTOP)) == []
    assert isinstance(desk.decision, Granted)
    assert desk.machine.certain_for is None


def test_nobody_is_certain_without_a_grant(desk):
    assert desk.machine.certain_for is desk.machine.recognition is None
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST))
    assert desk.machine.certain_for is None
    assert desk.machine.recognition.confidence is Confidence.MEDIUM


# The owner's word, while it charges.

BARRED = (
    "vehicle EC65CC4FC201 is registered, but disabled: neither a card nor a contract lets it "
    "charge here"
)


def test_the_registry_is_asked_again_about_who_charges(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    assert desk.wait(2 * RECHECK_SECONDS) == [LookUpVehicle(MAC)] * 2


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (None, "vehicle EC65CC4FC201 is not registered"),
        (replace(I4, enabled=False), BARRED),
        (replace(I4, expired=True), "vehicle EC65CC4FC201 is registered, but has expired"),
    ],
)
def test_a_vehicle_that_is_no_longer_registered_is_to_stop(desk, record, why):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    desk.wait(RECHECK_SECONDS)
    assert desk.told(VehicleFound(MAC, record)) == [Stop(1, why)]
    assert desk.decision == Denied((why,))


def test_a_registry_that_fails_meanwhile_stops_nobody(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    desk.wait(RECHECK_SECONDS)
    assert desk.told(VehicleFound(MAC, None, failed=True)) == []
    assert desk.wait(RECHECK_SECONDS) == [LookUpVehicle(MAC)]


def by_card(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(SLAC_ONLY), CardPresented(UID))
    desk.told(CardFound(UID, CARD))
    return desk


def test_a_card_that_is_no_longer_registered_stops_its_charge(desk):
    assert by_card(desk).wait(RECHECK_SECONDS) == [LookUpCard(UID), LookUpVehicle(MAC)]
    assert desk.told(CardFound(UID, None, failed=True)) == []
    desk.wait(RECHECK_SECONDS)
    [stop] = desk.told(CardFound(UID, None))
    assert f"card {UID} is not registered" in stop.why


def test_at_an_open_charger_it_is_asked_who_has_been_blocked_and_nobody_else_is_asked_about():
    desk = Desk(policy=Policy.OPEN)
    desk.told(PluggedIn(1), AuthorisationWanted(Identity()))
    assert desk.machine.deadline is None
    desk.told(IdentityLearned(HONEST), VehicleFound(MAC, None))
    assert desk.wait(RECHECK_SECONDS) == [LookUpVehicle(MAC)]
    blocked = VehicleFound(MAC, replace(I4, enabled=False))
    assert desk.told(blocked) == [Stop(1, BARRED)]


def test_a_blocked_vehicle_that_asks_again_is_not_let_in_by_its_card_meanwhile(desk):
    blocked = VehicleFound(MAC, replace(I4, enabled=False))
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), blocked)
    desk.told(CardPresented(UID), CardFound(UID, CARD))
    said = desk.told(AuthorisationWanted(HONEST))
    assert said == [LookUpVehicle(MAC), Decided(1, Denied((BARRED,)))]
    assert grounds(desk.told(VehicleFound(MAC, I4))) == (1, "card")  # its owner thinks better


def test_an_open_charger_learns_nothing_of_a_vehicle_from_who_only_says_to_be_it():
    desk = Desk(policy=Policy.OPEN)
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    assert isinstance(desk.decision, Granted)
    assert desk.machine.certain_for is None


@pytest.mark.parametrize("policy", Policy)
def test_a_vehicle_s_own_limit_holds_under_every_policy(policy):
    desk = Desk(policy=policy)
    desk.told(PluggedIn(1), CardPresented(UID), CardFound(UID, CARD))
    desk.told(AuthorisationWanted(HONEST), VehicleFound(MAC, replace(I4, max_amps=10.0)))
    assert desk.decision.max_amps == 10.0


# Start and stop by card.


def test_the_card_that_started_it_stops_it_and_starts_it_again(desk):
    by_card(desk).wait(5)
    why = f"card {UID}, which started it, was held to the reader again"
    assert desk.told(CardPresented(UID)) == [Stop(1, why)]
    assert desk.decision == Denied((why,))
    desk.told(CardPresented(UID))
    assert grounds(desk.told(CardFound(UID, CARD))) == (1, "card")


def test_a_card_that_stays_at_the_reader_is_one_gesture(desk):
    by_card(desk)
    for _ in range(10):
        desk.wait(1)
        assert desk.told(CardPresented(UID)) == []
    assert isinstance(desk.decision, Granted)


BOB, SETUP = replace(CARD, uid=SECOND, label="Bob"), replace(CARD, uid=SECOND, setup=True)


@pytest.mark.parametrize("other", [None, BOB, SETUP, replace(CARD, uid=SECOND, enabled=False)])
def test_another_card_does_not_stop_it(desk, other):
    by_card(desk).wait(5)
    assert desk.told(CardPresented(SECOND)) == [LookUpCard(SECOND)]
    assert desk.told(CardFound(SECOND, other)) == []
    assert isinstance(desk.decision, Granted)


def test_another_card_of_the_same_holder_does(desk):
    by_card(desk).wait(5)
    desk.told(CardPresented(SECOND))
    why = f"card {SECOND}, of who started it, was held up"
    assert desk.told(CardFound(SECOND, replace(CARD, uid=SECOND))) == [Stop(1, why)]
    assert grounds(desk.told(CardPresented(UID), CardFound(UID, CARD))) == (1, "card")


def test_but_not_if_both_are_in_the_purse_that_starts_it(desk):
    by_card(desk)
    assert desk.told(CardPresented(SECOND)) == []


def test_nor_if_cards_have_no_holder(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(SLAC_ONLY), CardPresented(UID))
    desk.told(CardFound(UID, replace(CARD, label="")))
    desk.wait(5)
    assert desk.told(CardPresented(SECOND)) == []


def test_a_second_card_that_is_being_looked_up_is_not_asked_about_twice(desk):
    by_card(desk).wait(5)
    assert desk.told(CardPresented(SECOND), CardPresented(SECOND)) == [LookUpCard(SECOND)]


def test_nor_does_a_card_stop_what_no_card_started(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    assert desk.told(CardPresented(UID)) == []


def test_a_registered_vehicle_that_a_card_has_stopped_is_not_let_in_again_for_its_claims(desk):
    desk.told(PluggedIn(1), CardPresented(UID), CardFound(UID, CARD))
    desk.told(AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    desk.wait(5)
    desk.told(CardPresented(UID), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    assert isinstance(desk.decision, Pending)
    assert "which started it" in desk.decision.reasons[0]
    assert grounds(desk.told(CardPresented(UID), CardFound(UID, CARD))) == (1, "card")


def test_nor_is_one_that_is_stopped_where_everybody_may_charge():
    desk = Desk(policy=Policy.OPEN)
    desk.told(PluggedIn(1), CardPresented(UID), CardFound(UID, CARD))
    desk.told(AuthorisationWanted(SLAC_ONLY))
    desk.wait(5)
    desk.told(CardPresented(UID), AuthorisationWanted(SLAC_ONLY))
    assert isinstance(desk.decision, Pending)
    assert grounds(desk.told(CardPresented(UID), CardFound(UID, CARD))) == (1, "card")


# Strangers.


def strangers(desk, count, first=0, identity=None):
    said = []
    for number in range(first, first + count):
        mac = bytes.fromhex("90122000") + number.to_bytes(2)
        desk.told(PluggedIn(number + 2), AuthorisationWanted(identity or claiming(mac)))
        desk.told(VehicleFound(mac, None))
        said += desk.told(Unplugged())
    desk.kept += [action.limiter for action in said if isinstance(action, KeepLockOut)]
    return [action for action in said if not isinstance(action, KeepLockOut)]


def test_who_goes_through_addresses_is_locked_out_longer_each_time(desk):
    assert strangers(desk, MAX_STRANGERS) == []
    assert strangers(desk, 1, first=100) == [LockedOut(LOCK_SECONDS)]
    assert strangers(desk, MAX_STRANGERS + 1, first=200) == [LockedOut(2 * LOCK_SECONDS)]


def test_meanwhile_a_registered_vehicle_needs_a_card(desk):
    strangers(desk, MAX_STRANGERS + 1)
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    assert "strangers were here within an hour" in desk.decision.reasons[0]
    assert grounds(desk.told(CardPresented(UID), CardFound(UID, CARD))) == (1, "card")


def test_meanwhile_one_that_is_like_a_registered_vehicle_needs_a_card_too():
    waits = {"card_wait_seconds": 2 * LOCK_SECONDS}
    desk = Desk(rotating=RotatingUse.FINGERPRINT, **waits)
    strangers(desk, MAX_STRANGERS + 1)
    assert "strangers were here within an hour" in met(desk).decision.reasons[0]
    assert grounds(desk.wait(LOCK_SECONDS)) == (1, "autocharge")


def test_a_vehicle_that_waits_is_let_in_when_the_time_is_over():
    desk = Desk(card_wait_seconds=2 * LOCK_SECONDS)
    strangers(desk, MAX_STRANGERS + 1)
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    assert grounds(desk.wait(LOCK_SECONDS)) == (1, "autocharge")


def test_a_card_makes_up_for_the_strangers_before_it(desk):
    strangers(desk, MAX_STRANGERS)
    by_card(desk).told(Unplugged())
    assert strangers(desk, MAX_STRANGERS, first=100) == []


def test_who_contradicts_itself_or_never_says_who_it_is_is_counted_by_what_it_said_first(desk):
    assert strangers(desk, 50, identity=LIAR) == []  # one and the same each time
    assert strangers(desk, 50, identity=Identity()) == []


def test_each_stranger_is_kept_over_a_restart_as_seen_from_then(desk):
    strangers(desk, 1)
    desk.wait(60)
    strangers(desk, 1, first=1)
    assert desk.kept[-1].strangers == (("901220000000", -60.0), ("901220000001", 0.0))
    strangers(desk, 1)
    assert len(desk.kept) == 2  # the same one is nothing new


def test_what_was_kept_locks_whoever_is_there_already(desk):
    strangers(desk, MAX_STRANGERS + 1)
    restarted = Desk()
    restarted.told(PluggedIn(1), AuthorisationWanted(HONEST))
    assert LockedOut(LOCK_SECONDS) in restarted.told(LockOutFound(desk.kept[-1]))
    restarted.told(VehicleFound(MAC, I4))
    assert "strangers were here within an hour" in restarted.decision.reasons[0]
    assert grounds(restarted.told(CardPresented(UID), CardFound(UID, CARD))) == (1, "card")


def test_strangers_that_were_kept_count_on_after_a_restart(desk):
    strangers(desk, MAX_STRANGERS)
    restarted = Desk()
    assert restarted.told(LockOutFound(desk.kept[-1])) == []
    assert strangers(restarted, 1, first=100) == [LockedOut(LOCK_SECONDS)]


def test_what_was_kept_takes_nothing_from_who_charges_already(desk):
    strangers(desk, MAX_STRANGERS + 1)
    charging = Desk()
    charging.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    assert charging.told(LockOutFound(desk.kept[-1])) == [LockedOut(LOCK_SECONDS)]
    assert charging.decision.by == "autocharge"


def test_the_owner_lifts_it_and_who_waits_is_let_in(desk):
    strangers(desk, MAX_STRANGERS + 1)
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    kept, decided = desk.told(LockOutLifted())
    assert kept == KeepLockOut(CALM)
    assert grounds([decided]) == (1, "autocharge")


def test_a_card_that_ends_it_is_kept_too_and_only_then(desk):
    by_card(desk)
    assert desk.told(Unplugged()) == []
    strangers(desk, 1)
    by_card(desk)
    assert desk.told(Unplugged()) == [KeepLockOut(CALM)]


def test_nor_is_one_that_a_card_has_stopped(desk):
    by_card(desk).wait(5)
    desk.told(CardPresented(UID), VehicleFound(MAC, None))
    assert isinstance(desk.decision, Denied)
    assert desk.told(Unplugged()) == []


@pytest.mark.parametrize("answers", [[], [VehicleFound(MAC, None, failed=True)]])
def test_while_the_registry_says_nothing_nobody_is_a_stranger(desk, answers):
    for number in range(MAX_STRANGERS + 1):
        desk.told(PluggedIn(number + 1), AuthorisationWanted(HONEST), *answers)
        assert desk.told(Unplugged()) == []


def test_of_whom_the_registry_cannot_be_asked_it_is_not_said_that_they_are_unknown(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, None, failed=True))
    desk.told(CardPresented(UID), CardFound(UID, None, failed=True))
    unread = "the registry cannot be read, so nothing is known of"
    said = (f"{unread} vehicle {MAC.hex().upper()}", f"{unread} card {UID}")
    assert desk.decision.reasons[:2] == said
    assert grounds(desk.told(CardPresented(UID), CardFound(UID, CARD))) == (1, "card")


def test_who_was_let_in_is_no_stranger(desk):
    for number in range(20):
        desk.told(PluggedIn(number + 2), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
        assert desk.told(Unplugged()) == []


@pytest.mark.parametrize(
    ("state", "why"),
    [({"enabled": False}, "but disabled"), ({"expired": True}, "but has expired")],
)
def test_a_vehicle_whose_record_does_not_count_is_not_granted(desk, state, why):
    desk.told(
        PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, replace(I4, **state))
    )
    assert not isinstance(desk.decision, Granted)
    assert why in desk.decision.reasons[0]


def test_a_charger_for_cards_asks_for_one_whatever_the_vehicle_says():
    desk = Desk(policy=Policy.CARD)
    said = desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    assert said == [LookUpVehicle(MAC), Decided(1, Pending(("a card is awaited",)))]
    assert grounds(desk.told(CardPresented(UID), CardFound(UID, CARD))) == (1, "card")


# Claims.


def test_a_registered_vehicle_whose_claims_disagree_is_not_granted_for_them(desk):
    desk.told(PluggedIn(1), IdentityLearned(SLAC_ONLY), VehicleFound(MAC, I4))
    desk.told(AuthorisationWanted(LIAR))
    assert desk.decision == Pending((*LIAR.disagreements, "a card is awaited"))
    assert desk.wait(CARD_WAIT) == [
        Decided(1, Denied((*LIAR.disagreements, "no card was held to the reader in 60 s")))
    ]


def test_a_card_grants_a_vehicle_whose_claims_disagree_and_the_reasons_say_which(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(LIAR))
    said = desk.told(CardPresented(UID), CardFound(UID, CARD))
    reasons = ("card 04A1B2C3D4E5F6 (Ada) is registered", *LIAR.disagreements)
    assert said[-1] == Decided(1, Granted("card", reasons))


def test_what_was_said_once_cannot_be_taken_back_by_saying_less(desk):
    desk.told(PluggedIn(1), IdentityLearned(LIAR), VehicleFound(MAC, I4))
    desk.told(AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    assert isinstance(desk.decision, Pending)


@pytest.mark.parametrize("needed", [2, 3])
def test_slac_alone_is_too_little(needed):
    desk = Desk(autocharge_sources=needed)
    desk.told(PluggedIn(1), AuthorisationWanted(SLAC_ONLY), VehicleFound(MAC, I4))
    assert desk.decision.reasons[0] == (
        f"the vehicle is named by SLAC only; autocharge needs {needed} sources, SLAC and the "
        "EVCCID among them"
    )


def test_slac_and_ethernet_without_an_evccid_are_too_little(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(claiming(evccid=None)), VehicleFound(MAC, I4))
    assert "named by SLAC and Ethernet only" in desk.decision.reasons[0]


def test_slac_and_an_evccid_are_enough(desk):
    identity = claiming(ethernet_mac=None, ipv6_mac=None)
    desk.told(PluggedIn(1), AuthorisationWanted(identity), VehicleFound(MAC, I4))
    assert isinstance(desk.decision, Granted)


def test_without_slac_a_session_may_be_of_a_car_that_is_not_at_this_plug(desk):
    identity = claiming(slac_mac=None, match_mac=None)
    desk.told(PluggedIn(1), AuthorisationWanted(identity), VehicleFound(MAC, I4))
    assert "named by Ethernet and EVCCID only" in desk.decision.reasons[0]


def test_an_owner_may_let_one_source_do():
    desk = Desk(autocharge_sources=1, confidence=0.3)
    desk.told(PluggedIn(1), AuthorisationWanted(SLAC_ONLY), VehicleFound(MAC, I4))
    assert isinstance(desk.decision, Granted)


def test_a_vehicle_that_has_said_nothing_waits_for_a_card(desk):
    said = desk.told(PluggedIn(1), AuthorisationWanted(Identity()))
    waiting = Pending(("the vehicle has not said who it is", "a card is awaited"))
    assert said == [Decided(1, waiting)]


def test_an_evccid_that_is_no_mac_address_is_not_enough_by_itself(desk):
    identity = claiming(evccid=VIN)
    desk.told(PluggedIn(1), AuthorisationWanted(identity), VehicleFound(MAC, I4))
    assert desk.decision.reasons[0] == (
        "EVCCID WMIV1234567890ABCDEX is not a MAC address (20 octets), and none is registered "
        "with this vehicle"
    )


def test_an_evccid_that_is_no_mac_address_counts_if_it_is_the_registered_one(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(claiming(evccid=VIN)))
    assert grounds(desk.told(VehicleFound(MAC, replace(I4, evccid=VIN)))) == (1, "autocharge")


@pytest.mark.parametrize("evccid", [MAC + b"\0", VIN, MAC])
def test_an_evccid_other_than_the_registered_one_does_not_count(desk, evccid):
    desk.told(PluggedIn(1), AuthorisationWanted(claiming(evccid=evccid)))
    desk.told(VehicleFound(MAC, replace(I4, evccid=MAC + b"\0\0")))
    assert isinstance(desk.decision, Pending)
    assert desk.decision.reasons[0].endswith(", registered is EC65CC4FC2010000")


@pytest.mark.parametrize("evccid", [None, b""])
def test_an_evccid_that_is_not_sent_does_not_count_as_the_registered_one(desk, evccid):
    desk.told(PluggedIn(1), AuthorisationWanted(claiming(evccid=evccid)))
    desk.told(VehicleFound(MAC, replace(I4, evccid=VIN)))
    assert "named by SLAC and Ethernet only" in desk.decision.reasons[0]


# Revocation.


def test_claims_that_come_to_disagree_after_a_grant_revoke_it(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    later = HONEST.learn("evccid", OTHER, "SessionSetupReq", 9.0)
    assert desk.told(IdentityLearned(later)) == [Revoked(1, later.disagreements)]
    assert desk.decision == Denied(later.disagreements)


def test_what_was_revoked_is_not_refused_once_more_by_the_passing_of_time(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    desk.told(IdentityLearned(LIAR))
    assert desk.machine.deadline is None
    assert desk.machine.tick(desk.now + 1000) == []


def test_what_was_revoked_is_not_granted_again_for_claims_but_for_a_card(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    desk.told(IdentityLearned(LIAR), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    assert isinstance(desk.decision, Pending)
    assert grounds(desk.told(CardPresented(UID), CardFound(UID, CARD))) == (1, "card")


def test_a_vehicle_that_asks_again_with_other_claims_is_revoked_and_answered(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    [revoked, answer] = desk.told(AuthorisationWanted(LIAR))
    assert isinstance(revoked, Revoked)
    assert isinstance(answer.decision, Pending)


def test_what_a_card_granted_is_not_revoked_by_claims(desk):
    desk.told(
        PluggedIn(1), AuthorisationWanted(HONEST), CardPresented(UID), CardFound(UID, CARD)
    )
    assert desk.told(IdentityLearned(LIAR)) == []
    assert desk.decision.by == "card"


def test_what_everybody_is_granted_is_not_revoked_by_claims():
    desk = Desk(policy=Policy.OPEN)
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST))
    assert desk.told(IdentityLearned(LIAR)) == []


def test_a_card_that_is_found_after_an_autocharge_takes_over_from_it(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), CardPresented(UID))
    assert grounds(desk.told(VehicleFound(MAC, I4))) == (1, "autocharge")
    assert grounds(desk.told(CardFound(UID, CARD))) == (1, "card")
    assert desk.told(IdentityLearned(LIAR)) == []


# Cards.


def test_an_unknown_card_leaves_the_vehicle_waiting_and_is_noted(desk):
    plug_in_unknown(desk)
    desk.told(CardPresented(UID), CardFound(UID, None))
    assert isinstance(desk.decision, Pending)
    assert "card 04A1B2C3D4E5F6 is not registered" in desk.decision.reasons


@pytest.mark.parametrize(
    ("state", "why"),
    [({"enabled": False}, "but disabled"), ({"expired": True}, "but has expired")],
)
def test_a_card_whose_record_does_not_count_leaves_the_vehicle_waiting(desk, state, why):
    plug_in_unknown(desk)
    desk.told(CardPresented(UID), CardFound(UID, replace(CARD, **state)))
    assert isinstance(desk.decision, Pending)
    assert f"card {UID} is registered, {why}" in desk.decision.reasons


def test_a_card_that_is_refused_is_said_to_be_so_even_after_the_vehicle_was(desk):
    plug_in_unknown(desk)
    desk.wait(CARD_WAIT)
    [_, refused] = desk.told(CardPresented(UID), CardFound(UID, None))
    assert "card 04A1B2C3D4E5F6 is not registered" in refused.decision.reasons
    assert isinstance(refused.decision, Denied)


def test_a_card_may_come_too_late_for_the_vehicle_and_still_grant(desk):
    plug_in_unknown(desk)
    desk.wait(CARD_WAIT + 1000)
    assert grounds(desk.told(CardPresented(UID), CardFound(UID, CARD))) == (1, "card")


def test_a_card_held_up_before_the_vehicle_asks_counts(desk):
    desk.told(PluggedIn(1), CardPresented(UID), CardFound(UID, CARD))
    assert desk.decision is None
    said = desk.told(AuthorisationWanted(Identity()))
    assert grounds(said) == (1, "card")


@pytest.mark.parametrize("answer_first", [True, False])
def test_a_card_held_up_before_plugging_in_counts(desk, answer_first):
    events = [CardFound(UID, CARD), PluggedIn(1)]
    assert desk.told(CardPresented(UID)) == [LookUpCard(UID)]
    desk.told(*(events if answer_first else reversed(events)))
    assert grounds(desk.told(AuthorisationWanted(Identity()))) == (1, "card")


@pytest.mark.parametrize(("seconds", "counts"), [(AHEAD - 0.1, True), (AHEAD, False)])
def test_a_card_held_up_too_long_before_plugging_in_does_not_count(desk, seconds, counts):
    desk.told(CardPresented(UID), CardFound(UID, CARD))
    desk.wait(seconds)
    desk.told(PluggedIn(1), AuthorisationWanted(Identity()))
    assert isinstance(desk.decision, Granted) is counts


def test_a_card_held_up_too_long_ago_does_not_count_even_if_nobody_kept_the_time(desk):
    desk.told(CardPresented(UID), CardFound(UID, CARD))
    desk.now += AHEAD
    desk.told(PluggedIn(1), AuthorisationWanted(Identity()))
    assert isinstance(desk.decision, Pending)


def test_a_card_held_up_before_plugging_in_survives_being_told_that_nothing_is_plugged_in(desk):
    desk.told(CardPresented(UID), CardFound(UID, CARD), Unplugged())
    said = desk.told(PluggedIn(1), AuthorisationWanted(Identity()))
    assert grounds(said) == (1, "card")


def test_a_card_counts_for_one_plug_in_only(desk):
    desk.told(CardPresented(UID), CardFound(UID, CARD))
    desk.told(PluggedIn(1), AuthorisationWanted(Identity()), Unplugged())
    desk.told(PluggedIn(2), AuthorisationWanted(Identity()))
    assert isinstance(desk.decision, Pending)


def test_an_answer_about_a_card_of_the_vehicle_before_does_not_count(desk):
    desk.told(PluggedIn(1), CardPresented(UID), Unplugged(), PluggedIn(2))
    desk.told(AuthorisationWanted(Identity()), CardFound(UID, CARD))
    assert isinstance(desk.decision, Pending)


def test_a_card_that_stays_at_the_reader_is_asked_about_once_until_the_answer(desk):
    plug_in_unknown(desk)
    said = desk.told(CardPresented(UID), CardPresented(UID), CardPresented(UID))
    assert [action for action in said if action == LookUpCard(UID)] == [LookUpCard(UID)]
    desk.told(CardFound(UID, None))
    assert desk.told(CardPresented(UID))[0] == LookUpCard(UID)


def test_a_second_answer_about_a_card_changes_nothing(desk):
    desk.told(
        PluggedIn(1), AuthorisationWanted(HONEST), CardPresented(UID), CardFound(UID, CARD)
    )
    assert desk.told(CardFound(UID, None), CardFound(SECOND, None)) == []
    assert isinstance(desk.decision, Granted)


def test_of_several_cards_the_registered_one_grants(desk):
    plug_in_unknown(desk)
    desk.told(CardPresented(SECOND), CardPresented(UID))
    desk.told(CardFound(SECOND, None), CardFound(UID, CARD))
    assert isinstance(desk.decision, Granted)


def test_a_card_is_not_asked_about_once_the_vehicle_is_granted(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    assert desk.told(CardPresented(UID)) == []


def test_somebody_who_holds_up_cards_for_ever_fills_no_memory(desk):
    for plugged in (False, True):
        for number in range(100):
            desk.told(CardPresented(f"{number:08X}"))
        assert len(desk.machine._ahead) == (0 if plugged else MAX_CARDS)
        desk.told(PluggedIn(1))
    assert len(desk.machine._visit.cards) == MAX_CARDS


# The registry.


def test_a_registry_that_is_silent_is_noted_and_a_card_still_grants(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST))
    silent = "the registry did not answer about vehicle EC65CC4FC201 in 5 s"
    assert desk.wait(REGISTRY_WAIT) == [Decided(1, Pending((silent, "a card is awaited")))]
    assert grounds(desk.told(CardPresented(UID), CardFound(UID, CARD))) == (1, "card")


def test_a_registry_that_stays_silent_gets_the_vehicle_refused_with_that_reason(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST))
    refused = desk.wait(CARD_WAIT)[-1].decision
    assert isinstance(refused, Denied)
    assert refused.reasons[0] == "the registry did not answer about vehicle EC65CC4FC201 in 5 s"


def test_an_answer_that_comes_late_still_counts(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST))
    desk.wait(CARD_WAIT)
    assert grounds(desk.told(VehicleFound(MAC, I4))) == (1, "autocharge")


def test_a_card_in_the_last_second_is_given_the_time_to_be_looked_up(desk):
    plug_in_unknown(desk)
    desk.wait(CARD_WAIT - 1)
    desk.told(CardPresented(UID))
    desk.wait(REGISTRY_WAIT - 0.1)
    assert isinstance(desk.decision, Pending)
    [refused] = desk.wait(0.1)
    assert (
        refused.decision.reasons[-1] == f"the registry did not answer about card {UID} in 5 s"
    )


def test_a_silent_registry_is_asked_again_about_a_card_held_up_again(desk):
    plug_in_unknown(desk)
    desk.told(CardPresented(UID))
    desk.wait(REGISTRY_WAIT)
    assert LookUpCard(UID) in desk.told(CardPresented(UID))


def test_an_answer_about_another_vehicle_does_not_count(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST))
    assert desk.told(VehicleFound(OTHER, replace(I4, mac=OTHER))) == []


def test_a_second_answer_about_the_vehicle_changes_nothing(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    assert desk.told(VehicleFound(MAC, None)) == []
    assert isinstance(desk.decision, Granted)


def test_an_answer_that_nobody_asked_for_grants_nothing():
    desk = Desk(policy=Policy.CARD)
    desk.told(PluggedIn(1), VehicleFound(MAC, I4), CardFound(UID, CARD))
    desk.told(AuthorisationWanted(HONEST))
    assert isinstance(desk.decision, Pending)


# Plug-ins.


def test_an_authorisation_dies_with_the_plug_in(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4), Unplugged())
    assert desk.decision is None
    said = desk.told(PluggedIn(2), AuthorisationWanted(HONEST))
    assert isinstance(said[-1].decision, Pending)
    assert said[-1].plug_in == 2


def test_a_new_plug_in_without_an_unplug_in_between_begins_anew(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4), PluggedIn(2))
    assert desk.decision is None


def test_a_plug_in_that_is_told_twice_is_one(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    assert desk.told(PluggedIn(1)) == []
    assert isinstance(desk.decision, Granted)


def test_nothing_is_decided_while_nothing_is_plugged_in(desk):
    assert desk.told(AuthorisationWanted(HONEST), IdentityLearned(HONEST)) == []
    assert desk.told(VehicleFound(MAC, I4), Unplugged()) == []
    assert desk.decision is None


def test_a_vehicle_that_asks_again_after_a_grant_is_told_again(desk):
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VehicleFound(MAC, I4))
    assert grounds(desk.told(AuthorisationWanted(HONEST))) == (1, "autocharge")


def test_a_vehicle_that_asks_again_while_a_card_is_awaited_gains_no_time(desk):
    plug_in_unknown(desk)
    desk.wait(CARD_WAIT - 1)
    [again] = desk.told(AuthorisationWanted(HONEST))
    assert again == Decided(1, desk.decision)
    assert isinstance(desk.wait(1)[-1].decision, Denied)


def test_a_vehicle_that_asks_again_after_a_refusal_is_looked_up_and_waited_for_anew(desk):
    plug_in_unknown(desk)
    desk.wait(CARD_WAIT)
    said = desk.told(AuthorisationWanted(HONEST))
    assert said[0] == LookUpVehicle(MAC)
    assert isinstance(said[1].decision, Pending)
    assert grounds(desk.told(VehicleFound(MAC, I4))) == (1, "autocharge")


@pytest.mark.parametrize(
    "wrong",
    [
        {"card_wait_seconds": -1},
        {"card_ahead_seconds": float("inf")},
        {"registry_wait_seconds": float("nan")},
        {"autocharge_sources": 0},
        {"autocharge_sources": 4},
    ],
)
def test_settings_that_cannot_be_are_refused(wrong):
    with pytest.raises(UsageError):
        Settings(**wrong)


# The laws.

IDENTITIES = st.sampled_from([Identity(), SLAC_ONLY, HONEST, LIAR, claiming(evccid=VIN)])
UIDS = st.sampled_from([UID, SECOND])
EVENTS = st.one_of(
    st.builds(PluggedIn, st.integers(1, 3)),
    st.just(Unplugged()),
    st.builds(IdentityLearned, IDENTITIES),
    st.builds(AuthorisationWanted, IDENTITIES),
    st.builds(VehicleFound, st.sampled_from([MAC, OTHER]), st.sampled_from([None, I4])),
    st.builds(StreamSeen, st.booleans()),
    st.builds(CardPresented, UIDS),
    st.builds(CardFound, UIDS, st.sampled_from([None, CARD, replace(CARD, enabled=False)])),
)
STEPS = st.lists(st.tuples(st.floats(0, 40), EVENTS), max_size=40)


VOUCHED = ContractVouched(("contract DE8AA1A2B3C4D5V is proven",))


@pytest.mark.parametrize("policy", Policy)
def test_a_proven_contract_grants_under_every_policy_whatever_is_claimed(policy):
    desk = Desk(policy=policy)
    desk.told(PluggedIn(1), AuthorisationWanted(LIAR))
    assert desk.told(VOUCHED) == [Decided(1, Granted("contract", VOUCHED.reasons))]


def test_what_a_contract_grants_stays_though_claims_come_to_disagree():
    desk = Desk()
    desk.told(PluggedIn(1), AuthorisationWanted(HONEST), VOUCHED)
    assert desk.told(IdentityLearned(LIAR)) == []
    assert desk.decision == Granted("contract", VOUCHED.reasons)
    assert (
        desk.told(Unplugged(), PluggedIn(2), AuthorisationWanted(HONEST))[-1] != desk.decision
    )
    assert not isinstance(desk.decision, Granted)


@given(STEPS, st.builds(Desk, policy=st.sampled_from(Policy)))
def test_whatever_comes_the_machine_keeps_the_laws_of_machines(steps, desk):
    for wait, event in steps:
        desk.now += wait
        desk.told(event)
        desk.machine.tick(desk.now)
        assert desk.machine.deadline is None or desk.machine.deadline > desk.now
        before = desk.machine.deadline, desk.machine._visit, desk.machine._ahead
        assert desk.machine.tick(desk.now) == []
        assert (desk.machine.deadline, desk.machine._visit, desk.machine._ahead) == before


@given(STEPS)
def test_whatever_comes_nothing_is_granted_but_to_the_vehicle_that_is_plugged_in_and_asked(
    steps,
):
    desk, plug_in, asked, claims, lied = Desk(), None, False, set(), False
    for wait, event in steps:
        said = desk.wait(wait) + desk.told(event)
        match event:
            case PluggedIn(number) if number != plug_in:
                plug_in, asked, claims, lied = number, False, set(), False
            case Unplugged():
                plug_in = None
            case AuthorisationWanted(identity) | IdentityLearned(identity) if plug_in:
                asked |= isinstance(event, AuthorisationWanted)
                claims |= {identity}
                lied |= identity is LIAR
        for action in said:
            if isinstance(action, Decided) and isinstance(action.decision, Granted):
                assert asked
                assert action.plug_in == plug_in
                assert action.decision.by == "card" or (HONEST in claims and not lied)


def test_a_likeness_draws_no_more_than_its_owner_lets_the_vehicle_that_it_is_like():
    family = (Relative(replace(ID4, max_amps=10.0), (PRINT,)),)
    assert met(Desk(rotating=RotatingUse.FINGERPRINT), family).decision.max_amps == 10.0
