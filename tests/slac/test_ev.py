"""The simulated car, to the letter: when it says what, and whom it chooses."""

import pytest

from seccstack.homeplug.keys import network_id
from seccstack.homeplug.messages import (
    BROADCAST,
    AttenCharInd,
    AttenCharRsp,
    MnbcSoundInd,
    SlacMatchCnf,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
    StartAttenCharInd,
)
from seccstack.slac.ev import Character, Joined, MatchFailed, PluggedIn, SlacEv, Unplugged
from seccstack.slac.events import Heard, Send

EV = bytes.fromhex("02aabbccdd01")
NEAR = bytes.fromhex("021122334401")
FAR = bytes.fromhex("021122334402")
KEY = bytes.fromhex("b59319d7e8157ba001b018669ccee30d")


class Drive:
    """A car in virtual time; what it does is kept in ``done`` as (time, action)."""

    def __init__(self, **character):
        self.drawn = 0
        self.car = SlacEv(EV, self.octets, Character(**character))
        self.now = 0.0
        self.done = []

    def octets(self, count):
        self.drawn += 1
        return bytes([self.drawn]) * count

    def tell(self, event):
        actions = list(self.car.receive(event, self.now))
        self.done += [(self.now, action) for action in actions]
        return actions

    def say(self, message, source=NEAR, to=EV):
        return self.tell(Heard(to, source, message))

    def wait(self, seconds):
        end = self.now + seconds
        while self.car.deadline is not None and self.car.deadline <= end:
            self.now = self.car.deadline
            self.done += [(self.now, action) for action in self.car.tick(self.now)]
        self.now = end

    def sent(self, kind):
        return [
            (at, action.message)
            for at, action in self.done
            if isinstance(action, Send) and isinstance(action.message, kind)
        ]

    def times(self, kind):
        return [at for at, _ in self.sent(kind)]

    @property
    def run_id(self):
        return self.sent(SlacParmReq)[-1][1].run_id

    def confirm(self, source=NEAR, **changes):
        fields = {"forwarding_station": EV, "run_id": self.run_id} | changes
        self.say(SlacParmCnf(**fields), source)

    def report(self, source=NEAR, db=20, **changes):
        fields = {"source_address": EV, "run_id": self.run_id, "num_sounds": 10}
        self.say(AttenCharInd(**fields | changes, attenuations=bytes([db]) * 58), source)

    def give_key(self, source=NEAR, **changes):
        fields = {"ev_mac": EV, "evse_mac": source, "run_id": self.run_id} | changes
        message = SlacMatchCnf(**fields, network_id=network_id(KEY), network_key=KEY)
        return self.say(message, source)

    def get_reported(self):
        self.tell(PluggedIn())
        self.wait(0.1)
        self.confirm()
        self.wait(0.7)
        self.report()


@pytest.fixture
def drive():
    return Drive()


def test_it_asks_all_three_times_200_ms_apart_under_one_run(drive):
    drive.tell(PluggedIn())
    drive.wait(0.7)
    requests = drive.sent(SlacParmReq)
    assert [at for at, _ in requests] == pytest.approx([0, 0.2, 0.4])
    assert {request.run_id for _, request in requests} == {b"\x01" * 8}


def test_unanswered_it_tries_anew_under_new_runs_and_gives_up_after_ten_seconds(drive):
    drive.tell(PluggedIn())
    drive.wait(20)
    assert len({request.run_id for _, request in drive.sent(SlacParmReq)}) == 11
    [(at, failed)] = [(at, a) for at, a in drive.done if isinstance(a, MatchFailed)]
    assert at == pytest.approx(10.6)
    assert failed.why == "no charger answered CM_SLAC_PARM.REQ"
    assert drive.car.deadline is None


def test_it_starts_three_times_and_sounds_ten_times_40_ms_apart(drive):
    drive.tell(PluggedIn())
    drive.wait(0.1)
    drive.confirm()
    drive.wait(1)
    starts, sounds = drive.times(StartAttenCharInd), drive.sent(MnbcSoundInd)
    assert starts == pytest.approx([0.2, 0.24, 0.28])
    assert [at for at, _ in sounds] == pytest.approx([0.32 + n * 0.04 for n in range(10)])
    assert [sound.remaining for _, sound in sounds] == list(range(9, -1, -1))
    assert len({sound.random for _, sound in sounds}) == 10


def test_alone_with_one_charger_it_chooses_at_once(drive):
    drive.get_reported()
    drive.wait(0.1)
    [(at, response)] = drive.sent(AttenCharRsp)
    assert at == pytest.approx(0.81)
    assert response == AttenCharRsp(source_address=EV, run_id=drive.run_id)
    assert drive.times(SlacMatchReq) == [pytest.approx(0.82)]
    assert drive.give_key() == [Joined(KEY, network_id(KEY), NEAR)]
    assert drive.car.deadline is None


@pytest.mark.parametrize("first", [NEAR, FAR])
def test_among_chargers_it_takes_the_one_that_heard_it_best(drive, first):
    drive.tell(PluggedIn())
    drive.wait(0.1)
    for charger in (NEAR, FAR):
        drive.confirm(charger)
    drive.wait(0.7)
    second = FAR if first == NEAR else NEAR
    for charger in (first, first, second):
        drive.report(charger, db=20 if charger == NEAR else 35)
    drive.wait(0.1)
    assert [m.evse_mac for _, m in drive.sent(SlacMatchReq)] == [NEAR]
    assert len(drive.times(AttenCharRsp)) == 3


def test_it_waits_1200_ms_for_those_that_do_not_report(drive):
    drive.tell(PluggedIn())
    drive.wait(0.1)
    drive.confirm(NEAR)
    drive.confirm(FAR)
    drive.wait(0.7)
    drive.report(FAR)
    drive.wait(1)
    assert drive.times(SlacMatchReq)[0] == pytest.approx(0.2 + 1.2 + 0.01)


def test_a_report_before_the_last_sound_is_kept(drive):
    drive.tell(PluggedIn())
    drive.wait(0.1)
    drive.confirm()
    drive.wait(0.3)
    drive.report()
    drive.wait(1)
    assert drive.times(SlacMatchReq)[0] == pytest.approx(0.68 + 0.04 + 0.01)


def test_a_report_of_a_charger_that_never_answered_is_no_choice(drive):
    drive.tell(PluggedIn())
    drive.wait(0.1)
    drive.confirm(FAR)
    drive.wait(0.7)
    drive.report(NEAR, db=1)
    drive.report(FAR, db=35)
    drive.wait(0.1)
    assert [m.evse_mac for _, m in drive.sent(SlacMatchReq)] == [FAR]


def test_without_a_report_the_run_fails(drive):
    drive.tell(PluggedIn())
    drive.wait(0.1)
    drive.confirm()
    drive.wait(2)
    assert drive.times(SlacParmReq)[1] == pytest.approx(0.2 + 1.2 + 0.4)


def test_its_choice_is_asked_for_three_times(drive):
    drive.get_reported()
    drive.wait(0.7)
    assert drive.times(SlacMatchReq) == pytest.approx([0.82, 1.02, 1.22])
    drive.wait(0.5)
    assert drive.run_id != b"\x01" * 8


def test_a_report_repeated_while_the_choice_is_out_is_acknowledged_again(drive):
    drive.get_reported()
    drive.wait(0.1)
    drive.report()
    drive.wait(0.05)
    assert len(drive.times(AttenCharRsp)) == 2


@pytest.mark.parametrize(
    "wrong", [{"run_id": bytes(8)}, {"ev_mac": FAR}, {"evse_mac": FAR}, {"source": FAR}]
)
def test_a_key_that_is_not_for_it_is_not_taken(drive, wrong):
    drive.get_reported()
    drive.wait(0.1)
    assert drive.give_key(**wrong) == []
    assert drive.give_key() != []


def test_a_key_nobody_asked_for_is_not_taken(drive):
    drive.get_reported()
    assert drive.give_key() == []


def test_answers_to_another_run_or_another_car_are_not_its_own(drive):
    drive.tell(PluggedIn())
    drive.wait(0.1)
    drive.confirm(run_id=bytes(8))
    drive.say(SlacParmCnf(forwarding_station=EV, run_id=drive.run_id), to=FAR)
    drive.wait(0.2)
    drive.confirm()
    drive.wait(0.6)
    drive.report(run_id=bytes(8))
    drive.report(source_address=FAR)
    drive.wait(0.3)
    assert drive.times(SlacParmReq) == pytest.approx([0, 0.2])
    assert drive.times(AttenCharRsp) == []


def test_it_hears_no_more_chargers_than_their_bound(drive):
    drive.tell(PluggedIn())
    drive.wait(0.1)
    for n in range(1000):
        drive.confirm(n.to_bytes(6))
    assert len(drive.car._state.chargers) == 16
    drive.wait(0.7)
    for n in range(1000):
        drive.report(n.to_bytes(6))
    drive.wait(0.02)
    assert len(drive.times(AttenCharRsp)) == 16


def test_unplugged_it_falls_silent(drive):
    drive.get_reported()
    drive.tell(Unplugged())
    assert drive.car.deadline is None


def test_a_slow_car_comes_late_and_thinks_long():
    drive = Drive(start_seconds=30, choice_seconds=0.9, run_id=b"TESLA EV")
    drive.tell(PluggedIn())
    drive.wait(30.1)
    drive.confirm()
    drive.wait(0.7)
    drive.report()
    drive.wait(1)
    assert drive.times(SlacParmReq) == [30]
    assert drive.run_id == b"TESLA EV"
    assert drive.times(SlacMatchReq)[0] == pytest.approx(30.8 + 0.01 + 0.9)


def test_a_defective_car_is_silent_where_it_is_told_to_be():
    drive = Drive(withheld=frozenset({AttenCharRsp}), sounds=3)
    drive.get_reported()
    drive.wait(0.1)
    assert len(drive.times(MnbcSoundInd)) == 3
    assert drive.times(AttenCharRsp) == []
    assert drive.times(SlacMatchReq) != []


def test_everything_before_the_report_is_broadcast(drive):
    drive.get_reported()
    assert {a.destination for _, a in drive.done} == {BROADCAST}


def test_the_key_is_in_no_repr():
    assert "network_key" not in repr(Joined(KEY, network_id(KEY), NEAR))


def test_an_idle_car_does_nothing(drive):
    assert drive.car.tick(100) == []
    assert drive.say(SlacParmCnf(forwarding_station=EV, run_id=bytes(8))) == []
