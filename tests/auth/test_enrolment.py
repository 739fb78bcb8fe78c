"""The ritual of registration, as a machine."""

from dataclasses import replace

import pytest
from hypothesis import strategies as st

from seccstack.auth.decision import CardRecord, VehicleRecord
from seccstack.auth.enrolling import MAX_SETUP_CARDS, RotatingVehicles, Settings
from seccstack.auth.enrolment import MAX_WRITES, Enrolment
from seccstack.auth.enrolment_events import (
    PATTERNS,
    Arrived,
    Beep,
    BeepPattern,
    BeginWanted,
    EndWanted,
    Enrol,
    EnrolAnswered,
    Followed,
    Hushed,
    Identified,
    Left,
    PassOn,
    Step,
    Told,
)
from seccstack.auth.events import (
    CardFound,
    CardPresented,
    LookUpCard,
    LookUpVehicle,
    RegistrationTurned,
    VehicleEnrolled,
    VehicleFound,
)
from seccstack.auth.fingerprint import NOTHING, Fingerprint
from seccstack.auth.port import Enrolled
from seccstack.auth.suspicion import Relative
from seccstack.auth.vehicle import NAMES, Identity
from seccstack.auth.visiting import SAME_CARD_SECONDS
from seccstack.errors import UsageError

MAC, OTHER = bytes.fromhex("EC65CC4FC201"), bytes.fromhex("DC442711BBAA")
ROTATING = bytes.fromhex("007DFA071234")
SETUP, UID, SECOND = "04FFFFFFFFFFFF", "04A1B2C3D4E5F6", "0011AABB"
SETUP_CARD = CardRecord(uid=SETUP, setup=True)
SPEAKS = Fingerprint(
    run_id="MAC+0000",
    offer=("urn:iso:15118:2:2013:MsgDef 2.0 id 1 priority 1",),
    security="TLS",
)


def claiming(mac=MAC, **others):
    identity = Identity()
    for claim, value in {**dict.fromkeys(NAMES, mac), **others}.items():
        identity = identity if value is None else identity.learn(claim, value, "test", 0.0)
    return identity


HONEST, LIAR = claiming(), claiming(evccid=OTHER)


class Ritual:
    """The machine, the hand that tells it the time, and a registry that answers at once."""

    def __init__(self, known=(), answers=True, **settings):
        self.now = 100.0
        self.settings = Settings(**{"setup_cards": (SETUP,), **settings})
        self.machine = Enrolment(self.settings)
        self.known = list(known)
        self.answers = answers
        self.done = []

    def tell(self, *events):
        """Tell it; the registry's answers come right behind. Return all that is to be done."""
        before = len(self.done)
        for event in events:
            self._do(self.machine.receive(event, self.now))
        return self.done[before:]

    def _do(self, actions):
        for action in actions:
            self.done.append(action)
            if self.answers and (answer := self.answer(action)):
                self._do(self.machine.receive(answer, self.now))

    def answer(self, action):
        match action:
            case LookUpCard(uid):
                return CardFound(uid, self.find("uid", uid))
            case LookUpVehicle(mac):
                return VehicleFound(mac, self.find("mac", mac))
            case Enrol(ticket, record):
                self.known.append(record)
                return EnrolAnswered(ticket, Enrolled.ADDED)

    def find(self, name, key):
        return next((r for r in self.known if getattr(r, name, None) == key), None)

    def wait(self, seconds):
        before, until = len(self.done), self.now + seconds
        while (deadline := self.machine.deadline) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self._do(self.machine.tick(self.now))
            assert self.machine.deadline != deadline
        self.now = until
        return self.done[before:]

    def card(self, uid):
        """Hold a card to the reader, and take it away again."""
        done = self.tell(CardPresented(uid))
        self.wait(SAME_CARD_SECONDS)
        return done


@pytest.fixture
def ritual():
    begun = Ritual()
    begun.card(SETUP)
    return begun


def beeps(actions):
    return [action.pattern for action in actions if isinstance(action, Beep)]


def steps(actions):
    return [action.step for action in actions if isinstance(action, Told)]


def said(actions):
    return [action.says for action in actions if isinstance(action, Told)]


# The wallbox's manual.


def test_the_setup_card_begins_it_with_one_short_beep():
    ritual = Ritual()
    done = ritual.card(SETUP)
    assert done[0] == RegistrationTurned(True)
    assert beeps(done) == [BeepPattern.SHORT]
    assert ritual.machine.on


def test_a_new_card_is_registered_with_two_short_beeps(ritual):
    assert beeps(ritual.card(UID)) == [BeepPattern.TWO_SHORT]
    assert ritual.known == [CardRecord(uid=UID)]


def test_a_vehicle_is_registered_with_two_short_beeps_once_it_has_said_who_it_is(ritual):
    assert beeps(ritual.tell(Arrived(1))) == []
    done = ritual.tell(Identified(HONEST, SPEAKS))
    assert beeps(done) == [BeepPattern.TWO_SHORT]
    assert VehicleEnrolled(1) in done
    assert Enrol(1, VehicleRecord(mac=MAC), 32, (SPEAKS,)) in done


def test_the_setup_card_ends_it_with_one_long_beep(ritual):
    done = ritual.card(SETUP)
    assert beeps(done) == [BeepPattern.LONG]
    assert done[-1] == RegistrationTurned(False)
    assert not ritual.machine.on


def test_any_number_of_vehicles_and_cards_are_registered_in_one_ritual(ritual):
    for number in range(10):
        ritual.card(f"04A1B2{number:02X}")
        ritual.tell(Arrived(number), Identified(claiming(bytes([0, 1, 2, 3, 4, number]))))
        ritual.tell(Left())
    ended = ritual.card(SETUP)
    assert len(ritual.known) == 20
    assert said(ended)[0].startswith("registration mode ends, 20 registered")


def test_a_setup_card_of_the_registry_does_the_same():
    ritual = Ritual(known=[SETUP_CARD], setup_cards=())
    assert ritual.card(SETUP)[0] == PassOn(CardPresented(SETUP), ask=True)
    assert ritual.tell(CardFound(SETUP, SETUP_CARD))[-1].step is Step.STARTED
    assert beeps(ritual.card(SETUP)) == [BeepPattern.LONG]


def test_each_signal_is_a_pattern_of_its_own():
    patterns = [pattern for pattern in PATTERNS.values() if pattern is not None]
    assert sorted(patterns, key=list(BeepPattern).index) == list(BeepPattern)
    assert set(PATTERNS) == set(Step)
    assert len({pattern.value for pattern in BeepPattern}) == len(BeepPattern)


# Beginning, and not.


def test_it_does_not_begin_with_a_vehicle_connected():
    ritual = Ritual()
    ritual.tell(Arrived(1))
    assert beeps(ritual.card(SETUP)) == [BeepPattern.REFUSED]
    assert not ritual.machine.on
    ritual.tell(Left())
    assert beeps(ritual.card(SETUP)) == [BeepPattern.SHORT]


def test_a_vehicle_that_comes_before_the_registry_knows_the_card_keeps_it_from_beginning():
    ritual = Ritual(setup_cards=())
    ritual.tell(CardPresented(SETUP), Arrived(1))
    assert beeps(ritual.tell(CardFound(SETUP, SETUP_CARD))) == [BeepPattern.REFUSED]


def test_an_operator_who_is_not_heard_of_any_more_registers_nobody():
    ritual = Ritual()
    ritual.tell(BeginWanted(wait_seconds=3600.0, followed=True))
    for _ in range(5):
        assert ritual.wait(9) == ritual.tell(Followed()) == []
    assert said(ritual.wait(10)) == [
        "registration mode ends, 0 registered: who began it has not been heard of for 10 s"
    ]


def test_nor_is_the_vehicle_registered_that_was_just_being_identified():
    ritual = Ritual()
    ritual.tell(BeginWanted(wait_seconds=3600.0, followed=True), Arrived(1))
    ritual.wait(10)
    ritual.tell(Identified(HONEST))
    assert (ritual.known, ritual.machine.on) == ([], False)


def test_who_began_it_by_a_card_need_not_be_heard_of():
    ritual = Ritual()
    ritual.card(SETUP)
    assert ritual.tell(Followed()) == []
    ritual.wait(30)
    assert ritual.machine.on


def test_it_is_said_once_what_registering_means_here():
    ritual = Ritual(meaning="cards count")
    assert said(ritual.tell(BeginWanted())) == [
        "registration mode is on: hold a card to the reader, or plug a vehicle in; cards count"
    ]


def test_an_operator_begins_and_ends_it_without_a_card():
    ritual = Ritual()
    assert beeps(ritual.tell(BeginWanted())) == [BeepPattern.SHORT]
    assert said(ritual.tell(BeginWanted())) == ["registration mode is on already"]
    assert beeps(ritual.tell(EndWanted())) == [BeepPattern.LONG]
    assert ritual.tell(EndWanted()) == []


def test_what_an_operator_calls_it_goes_into_the_record_and_the_first_is_the_last():
    ritual = Ritual()
    ritual.tell(BeginWanted(label="i4", expires=9.0, note="blue", once=True))
    assert beeps(ritual.card(UID)) == [BeepPattern.TWO_SHORT, BeepPattern.LONG]
    assert ritual.known == [CardRecord(uid=UID, label="i4", expires=9.0, note="blue")]


@pytest.mark.parametrize("record", [replace(SETUP_CARD, enabled=False), None])
def test_a_setup_card_that_does_not_count_begins_nothing(record):
    ritual = Ritual(setup_cards=())
    ritual.tell(CardPresented(SETUP))
    assert ritual.tell(CardFound(SETUP, record)) == []


def test_a_card_that_stays_at_the_reader_is_one_gesture():
    ritual = Ritual()
    ritual.tell(CardPresented(SETUP))
    for _ in range(20):
        ritual.wait(SAME_CARD_SECONDS / 2)
        assert ritual.tell(CardPresented(SETUP)) == []
    assert ritual.machine.on


def test_while_it_is_off_cards_are_passed_on_and_asked_about_once_per_gesture():
    ritual = Ritual()
    card = CardPresented(UID)
    assert ritual.tell(card, card) == [PassOn(card, ask=True), PassOn(card, ask=False)]
    assert ritual.tell(CardFound(UID, CardRecord(uid=UID))) == []


def test_a_card_that_was_held_up_before_it_began_is_not_registered_in_it():
    ritual = Ritual()
    ritual.tell(CardPresented(UID), BeginWanted())
    assert ritual.tell(CardFound(UID, None)) == []


def test_a_card_that_stays_at_the_reader_is_registered_once(ritual):
    ritual.tell(CardPresented(UID))
    assert ritual.tell(CardPresented(UID)) == []


# Ending, and not yet.


def test_it_ends_when_nothing_has_happened_for_a_minute(ritual):
    assert ritual.wait(56) == []
    ended = ritual.wait(1)
    assert beeps(ended) == [BeepPattern.LONG]
    assert said(ended) == [
        "registration mode ends, 0 registered: nothing has happened for 60 s"
    ]


def test_an_operator_may_say_how_long_nothing_may_happen():
    ritual = Ritual()
    ritual.tell(BeginWanted(wait_seconds=200.0))
    assert ritual.wait(199) == []
    assert beeps(ritual.wait(1)) == [BeepPattern.LONG]


def test_whatever_happens_gives_it_another_minute(ritual):
    for _ in range(5):
        ritual.wait(50)
        ritual.card(UID)
    assert ritual.machine.on


def test_it_does_not_end_while_a_vehicle_is_being_identified_but_that_is_bounded(ritual):
    ritual.tell(Arrived(1))
    assert ritual.wait(179) == []
    assert beeps(ritual.wait(1)) == [BeepPattern.SILENT]
    assert beeps(ritual.wait(60)) == [BeepPattern.LONG]


def test_an_end_waits_for_what_is_being_written(ritual):
    ritual.answers = False
    ritual.tell(CardPresented(UID), CardFound(UID, None))
    assert ritual.tell(CardPresented(SETUP)) == []
    assert ritual.tell(CardPresented(SECOND)) == []  # that is too late
    ended = ritual.tell(EnrolAnswered(1, Enrolled.ADDED))
    assert beeps(ended) == [BeepPattern.TWO_SHORT, BeepPattern.LONG]
    assert "1 registered" in said(ended)[-1]


def test_an_end_does_not_wait_for_ever_and_a_late_word_of_the_registry_is_still_heard(ritual):
    ritual.answers = False
    ritual.tell(CardPresented(UID), CardFound(UID, None), CardPresented(SETUP))
    assert beeps(ritual.wait(5)) == [BeepPattern.REGISTRY, BeepPattern.LONG]
    assert beeps(ritual.tell(EnrolAnswered(1, Enrolled.ADDED))) == [BeepPattern.TWO_SHORT]
    assert ritual.tell(EnrolAnswered(1, Enrolled.ADDED)) == []


def test_a_vehicle_that_is_not_identified_when_it_ends_is_not_registered(ritual):
    ritual.answers = False
    ritual.tell(Arrived(1), Identified(HONEST), CardPresented(SETUP))
    assert ritual.tell(VehicleFound(MAC, None)) == []
    assert ritual.tell(Identified(HONEST)) == []


def test_what_was_asked_in_one_ritual_is_not_answered_in_the_next(ritual):
    ritual.answers = False
    ritual.tell(CardPresented(UID))
    ritual.tell(EndWanted(), BeginWanted())
    assert ritual.tell(CardFound(UID, None)) == []


def test_a_vehicle_that_comes_when_it_is_ending_is_none_of_its_own(ritual):
    ritual.answers = False
    ritual.tell(CardPresented(UID), CardFound(UID, None), CardPresented(SETUP))
    assert ritual.tell(Arrived(1), Identified(HONEST)) == []


# What is not registered, and why.


def test_what_is_registered_already_is_told_by_a_signal_of_its_own():
    card, i4 = CardRecord(uid=UID, label="Ada"), VehicleRecord(mac=MAC, enabled=False)
    ritual = Ritual(known=[card, i4])
    ritual.card(SETUP)
    known = ritual.card(UID)
    assert beeps(known) == [BeepPattern.KNOWN]
    assert said(known) == [f"card {UID} (Ada) is registered already"]
    found = ritual.tell(Arrived(1), Identified(HONEST))
    assert beeps(found) == [BeepPattern.KNOWN]
    assert said(found)[-1] == "vehicle EC65CC4FC201 is registered, but disabled"


@pytest.mark.parametrize(
    ("outcome", "pattern", "words"),
    [
        (Enrolled.KNOWN, BeepPattern.KNOWN, f"card {UID} is registered already"),
        (Enrolled.FULL, BeepPattern.FULL, "32 vehicles and cards are, and there is no room"),
        (None, BeepPattern.REGISTRY, "the registry cannot be written"),
    ],
)
def test_what_the_registry_does_not_take_is_told(ritual, outcome, pattern, words):
    ritual.answers = False
    ritual.tell(CardPresented(UID), CardFound(UID, None))
    told = ritual.tell(EnrolAnswered(1, outcome))
    assert beeps(told) == [pattern]
    assert words in said(told)[0]
    assert told[-1].card == UID


def test_a_registry_that_cannot_be_read_is_told(ritual):
    ritual.answers = False
    ritual.tell(CardPresented(UID))
    assert beeps(ritual.tell(CardFound(UID, None, failed=True))) == [BeepPattern.REGISTRY]
    ritual.tell(Arrived(1), Identified(HONEST))
    assert beeps(ritual.tell(VehicleFound(MAC, None, failed=True))) == [BeepPattern.REGISTRY]


def test_a_registry_that_does_not_answer_is_told(ritual):
    ritual.answers = False
    ritual.tell(CardPresented(UID), Arrived(1), Identified(HONEST))
    told = ritual.wait(5)
    assert beeps(told) == [BeepPattern.REGISTRY, BeepPattern.REGISTRY]
    assert "did not answer about vehicle EC65CC4FC201 in 5 s" in said(told)[-1]
    assert ritual.tell(VehicleFound(MAC, None), CardFound(UID, None)) == []


def test_a_registry_that_answers_nothing_is_asked_a_bounded_number_of_times(ritual):
    ritual.answers = False
    for number in range(MAX_WRITES + 1):
        uid = f"04A1B2{number:02X}"
        told = ritual.tell(CardPresented(uid), CardFound(uid, None))
    assert beeps(told) == [BeepPattern.REGISTRY]
    assert not any(isinstance(action, Enrol) for action in told)


def test_a_vehicle_that_goes_on_by_pulse_width_is_told_and_listened_to(ritual):
    ritual.tell(Arrived(1))
    told = ritual.tell(Hushed("it never spoke"))
    assert beeps(told) == [BeepPattern.SILENT]
    assert "it never spoke" in said(told)[0]
    assert ritual.tell(Hushed("it never spoke")) == []
    assert beeps(ritual.tell(Identified(HONEST))) == [BeepPattern.TWO_SHORT]


def test_a_vehicle_that_leaves_before_it_is_identified_is_told(ritual):
    ritual.answers = False
    assert beeps(ritual.tell(Arrived(1), Left())) == [BeepPattern.LEFT]
    assert beeps(ritual.tell(Arrived(2), Identified(HONEST), Left())) == [BeepPattern.LEFT]
    assert beeps(ritual.tell(Arrived(3), Hushed("silent"), Left())) == [BeepPattern.SILENT]
    assert ritual.tell(VehicleFound(MAC, None)) == []


def test_what_is_answered_late_about_the_vehicle_before_says_nothing_of_the_next(ritual):
    ritual.answers = False
    ritual.tell(Arrived(1), Identified(HONEST), Left())
    ritual.tell(Arrived(2), Identified(claiming(ROTATING)))
    assert ritual.tell(VehicleFound(MAC, None)) == []
    assert beeps(ritual.tell(VehicleFound(ROTATING, None))) == [BeepPattern.ROTATING]


def test_a_vehicle_that_leaves_while_it_is_written_is_registered_all_the_same(ritual):
    ritual.answers = False
    ritual.tell(Arrived(1), Identified(HONEST), VehicleFound(MAC, None), Left())
    told = ritual.tell(EnrolAnswered(1, Enrolled.ADDED))
    assert beeps(told) == [BeepPattern.TWO_SHORT]
    assert VehicleEnrolled(1) not in told


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        (LIAR, "goes by different MAC addresses"),
        (HONEST.alarm("it is in two matchings at once"), "another station uses"),
        (Identity().learn("evccid", b"VIN12345", "test", 0.0), "has not said who it is"),
        (claiming(slac_mac=None, match_mac=None), "named by Ethernet and EVCCID only"),
        (claiming(evccid=b""), "named by SLAC and Ethernet only"),
        (claiming(evccid=b"x" * 300), "more than 255 octets"),
    ],
)
def test_a_vehicle_that_could_not_be_recognised_later_is_not_registered(
    ritual, identity, words
):
    told = ritual.tell(Arrived(1), Identified(identity))
    assert beeps(told) == [BeepPattern.DISAGREES]
    assert words in said(told)[-1]
    assert ritual.known == []


@pytest.mark.parametrize(
    "mac", ["02005E100001", "000000000000", "FFFFFFFFFFFF", "01005E000001"]
)
def test_an_address_that_is_no_name_is_not_registered(ritual, mac):
    told = ritual.tell(Arrived(1), Identified(claiming(bytes.fromhex(mac))))
    assert beeps(told) == [BeepPattern.ADDRESS]
    assert mac in said(told)[-1]
    assert "needs a card" in said(told)[-1]


def test_a_telephone_that_shows_another_number_each_time_is_refused(ritual):
    told = ritual.tell(CardPresented("08112233"))
    assert beeps(told) == [BeepPattern.ROTATING]
    assert "take a card that keeps its number" in said(told)[0]
    assert beeps(ritual.tell(CardPresented("08112233445566"))) == [BeepPattern.TWO_SHORT]


@pytest.mark.parametrize("uid", ["", "0401020304", "04a1b2c3", "04:A1:B2:C3"])
def test_a_number_that_is_no_cards_is_refused(ritual, uid):
    told = ritual.tell(CardPresented(uid))
    assert beeps(told) == [BeepPattern.ADDRESS]
    assert ritual.known == []


def test_an_evccid_that_is_no_address_is_registered_with_the_vehicle(ritual):
    identity = claiming(evccid=b"WMIV1234567890ABCDEX")
    told = ritual.tell(Arrived(1), Identified(identity))
    assert beeps(told) == [BeepPattern.TWO_SHORT]
    assert ritual.known == [VehicleRecord(mac=MAC, evccid=b"WMIV1234567890ABCDEX")]


# Vehicles that have another address each time.


def test_a_vehicle_that_changes_its_address_is_refused_and_told_to_use_a_card(ritual):
    told = ritual.tell(Arrived(1), Identified(claiming(ROTATING)))
    assert beeps(told) == [BeepPattern.ROTATING]
    assert "change their address at every plug-in (007DFA071234 this time)" in said(told)[-1]
    assert "register a card" in said(told)[-1]


def test_one_that_has_the_same_address_again_keeps_it_and_is_registered(ritual):
    again = replace(SPEAKS, sdp=1.0)
    ritual.tell(Arrived(1), Identified(claiming(ROTATING), SPEAKS), Left())
    told = ritual.tell(Arrived(2), Identified(claiming(ROTATING), again))
    assert beeps(told) == [BeepPattern.TWO_SHORT]
    assert Enrol(1, VehicleRecord(mac=ROTATING), 32, (SPEAKS, again)) in told


def test_one_that_opens_another_session_has_not_been_plugged_in_again(ritual):
    same = Identified(claiming(ROTATING), SPEAKS)
    assert beeps(ritual.tell(Arrived(1), same, same)) == [BeepPattern.ROTATING]


def test_an_address_of_an_earlier_ritual_is_no_proof_of_keeping_it(ritual):
    same = Identified(claiming(ROTATING), SPEAKS)
    ritual.tell(Arrived(1), same, Left(), EndWanted(), BeginWanted())
    assert beeps(ritual.tell(Arrived(2), same)) == [BeepPattern.ROTATING]


def test_it_is_registered_where_its_family_is_to_be_recognised():
    ritual = Ritual(rotating=RotatingVehicles.FAMILY)
    ritual.card(SETUP)
    told = ritual.tell(Arrived(1), Identified(claiming(ROTATING), SPEAKS))
    assert beeps(told) == [BeepPattern.TWO_SHORT]
    assert Enrol(1, VehicleRecord(mac=ROTATING), 32, (SPEAKS,)) in told


@pytest.mark.parametrize("policy", RotatingVehicles)
def test_one_that_speaks_like_one_of_them_that_is_registered_is_known(policy):
    ritual = Ritual(rotating=policy, answers=False)
    relative = Relative(VehicleRecord(mac=bytes.fromhex("007DFA080001")), (SPEAKS,))
    ritual.tell(BeginWanted(), Arrived(1), Identified(claiming(ROTATING), SPEAKS))
    told = ritual.tell(VehicleFound(ROTATING, None, family=(relative,)))
    assert beeps(told) == [BeepPattern.KNOWN]
    assert "probably vehicle 007DFA080001" in said(told)[-1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"wait_seconds": 0.0},
        {"identify_seconds": float("inf")},
        {"most": 0},
        {"setup_cards": (SETUP,) * (MAX_SETUP_CARDS + 1)},
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(UsageError):
        Settings(**wrong)


# Everything, in any order.

IDENTITIES = st.sampled_from([Identity(), HONEST, LIAR, claiming(OTHER), claiming(ROTATING)])
MACS = st.sampled_from([MAC, OTHER, ROTATING])
UIDS = st.sampled_from([SETUP, UID, SECOND, "08112233", "no number"])
EVENTS = st.one_of(
    st.sampled_from([BeginWanted(), BeginWanted(wait_seconds=5.0, once=True), EndWanted()]),
    st.builds(CardPresented, UIDS),
    st.builds(
        CardFound,
        UIDS,
        st.sampled_from([None, SETUP_CARD, CardRecord(uid=UID)]),
        st.booleans(),
    ),
    st.builds(Arrived, st.integers(1, 3)),
    st.sampled_from([Left(), Hushed("silent")]),
    st.builds(Identified, IDENTITIES, st.sampled_from([NOTHING, SPEAKS])),
    st.builds(
        VehicleFound,
        MACS,
        st.sampled_from([None, VehicleRecord(mac=MAC)]),
        failed=st.booleans(),
    ),
    st.builds(EnrolAnswered, st.integers(1, 4), st.sampled_from([None, *Enrolled])),
)
