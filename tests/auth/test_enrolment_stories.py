"""The ritual of registration against a registry that is slow, full, broken or silent."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from seccstack.auth.decision import CardRecord, VehicleRecord
from seccstack.auth.enrolling import Settings
from seccstack.auth.enrolment import Enrolment
from seccstack.auth.enrolment_events import (
    Arrived,
    Beep,
    BeepPattern,
    BeginWanted,
    EndWanted,
    Enrol,
    EnrolAnswered,
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
    VehicleFound,
)
from seccstack.auth.port import Enrolled
from tests.auth.test_enrolment import HONEST, LIAR, ROTATING, SECOND, SETUP, UID, claiming

STORED_SETUP = "04EEEEEEEEEEEE"
CARDS = st.sampled_from([SETUP, STORED_SETUP, UID, SECOND])
CARS = st.sampled_from([HONEST, HONEST, LIAR, claiming(ROTATING), claiming(bytes(6))])
ROOM = 3
LONGEST = 300.0  # more than any wait of it


class Stories(RuleBasedStateMachine):
    """``kept``: the registry; ``asked``: what it has not answered, in order."""

    def __init__(self):
        super().__init__()
        self.now = 0.0
        self.kept = {STORED_SETUP: CardRecord(uid=STORED_SETUP, setup=True)}
        self.plug_in = 0
        self.there = False
        self.begin_anew()

    def begin_anew(self):
        self.machine = Enrolment(Settings(setup_cards=(SETUP,), most=ROOM))
        self.asked, self.given, self.tickets = [], [], {}
        self.held_back = False
        self.added, self.told, self.heard = [], [], []

    def take(self, actions):
        for action in actions:
            match action:
                case LookUpCard() | LookUpVehicle() | Enrol():
                    self.asked.append(action)
                case PassOn(card, ask=True):  # who decides asks, too
                    self.asked.append(LookUpCard(card.uid))
                case RegistrationTurned(on):
                    assert on != self.held_back
                    assert not (on and self.there)
                    self.held_back = on
                case Beep(pattern):
                    self.heard.append(pattern)
                case Told(_, Step.REGISTERED, _, vehicle, card):
                    self.told.append(vehicle or card)

    def tell(self, event):
        self.take(self.machine.receive(event, self.now))

    # What people do.

    @rule(uid=CARDS)
    def hold(self, uid):
        self.tell(CardPresented(uid))

    @rule(uid=CARDS)
    def hold_and_take_away(self, uid):
        self.tell(CardPresented(uid))
        self.wait(4.0)

    @precondition(lambda self: not self.there)
    @rule()
    def plug(self):
        self.plug_in += 1
        self.there = True
        self.tell(Arrived(self.plug_in))

    @precondition(lambda self: self.there)
    @rule()
    def unplug(self):
        self.there = False
        self.tell(Left())

    @precondition(lambda self: self.there)
    @rule(identity=CARS)
    def identify(self, identity):
        self.tell(Identified(identity))

    @precondition(lambda self: self.there)
    @rule()
    def fall_silent(self):
        self.tell(Hushed("it does not speak"))

    @rule(once=st.booleans())
    def begin_by_order(self, once):
        self.tell(BeginWanted(once=once))

    @rule()
    def end_by_order(self):
        self.tell(EndWanted())

    @rule(seconds=st.sampled_from([0.001, 1.0, 5.0, 61.0, 200.0]))
    def wait(self, seconds):
        until = self.now + seconds
        while (deadline := self.machine.deadline) is not None and deadline <= until:
            self.now = deadline
            self.take(self.machine.tick(self.now))
            assert self.machine.deadline != deadline
        self.now = until

    # What most of it begins with.

    @rule(uid=st.sampled_from([UID, SECOND]))
    def have_a_card_written(self, uid):
        """As far as the registry's last word."""
        self.tell(BeginWanted())
        self.hold_and_take_away(uid)
        self.answer_all(LookUpCard)

    @rule(identity=CARS)
    def have_a_vehicle_written(self, identity):
        self.tell(BeginWanted())
        if not self.there:
            self.plug()
        self.tell(Identified(identity))
        self.answer_all(LookUpVehicle)

    def answer_all(self, kind):
        for action in [action for action in self.asked if isinstance(action, kind)]:
            self.asked.remove(action)
            self.tell(self.result(action, works=True))

    # What the registry does.

    @precondition(lambda self: self.asked)
    @rule(late=st.integers(0, 3), works=st.sampled_from([True, True, True, False]))
    def answer(self, late, works):
        """Do what was asked, now; what comes of it may be told later."""
        action = self.asked.pop(min(late, len(self.asked) - 1))
        self.given.append(self.result(action, works))

    def result(self, action, works):
        match action:
            case LookUpCard(uid):
                return CardFound(uid, self.kept.get(uid) if works else None, not works)
            case LookUpVehicle(mac):
                found = self.kept.get(mac) if works else None
                return VehicleFound(mac, found, failed=not works)
            case Enrol(ticket, record, most):
                key = record.mac if isinstance(record, VehicleRecord) else record.uid
                self.tickets[ticket] = key
                outcome = None if not works else self.enrol(key, record, most)
                return EnrolAnswered(ticket, outcome)

    def enrol(self, key, record, most):
        if key in self.kept:
            return Enrolled.KNOWN
        if len(self.kept) - 1 >= most:
            return Enrolled.FULL
        self.kept[key] = record
        return Enrolled.ADDED

    @precondition(lambda self: self.given)
    @rule()
    def hear_of_it(self):
        answer = self.given.pop(0)
        if isinstance(answer, EnrolAnswered) and answer.outcome is Enrolled.ADDED:
            self.added.append(self.tickets[answer.ticket])
        self.tell(answer)

    @precondition(lambda self: self.asked and not self.given)
    @rule()
    def answer_at_once(self):
        self.answer(0, works=True)
        self.hear_of_it()

    @rule(really=st.integers(0, 7))
    def cut_the_power(self, really):
        """All that is in memory is gone, and what was asked is never answered."""
        if really == 7:
            self.there = False
            self.begin_anew()

    @rule(key=st.sampled_from([UID, SECOND]))
    def forget(self, key):
        self.kept.pop(key, None)

    # What holds, whatever comes.

    @invariant()
    def two_beeps_are_the_registrys_word(self):
        assert self.heard.count(BeepPattern.TWO_SHORT) == len(self.added)
        assert self.told == self.added

    @invariant()
    def one_beep_begins_it_and_a_long_one_ends_it(self):
        begun, ended = map(self.heard.count, (BeepPattern.SHORT, BeepPattern.LONG))
        assert begun - ended == self.machine.on == self.held_back

    @invariant()
    def it_comes_to_an_end(self):
        assert self.machine.on == (self.machine.deadline is not None)
        assert not self.machine.on or self.machine.deadline <= self.now + LONGEST


Stories.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
test_whatever_happens_exactly_that_is_registered_for_which_two_beeps_were_heard = (
    Stories.TestCase
)
