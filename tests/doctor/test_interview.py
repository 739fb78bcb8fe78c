"""A modem is asked what it is and how it is, and nothing of it is changed."""

import pytest

from seccstack.doctor.interview import PATIENCE, Begun, Interview
from seccstack.homeplug.frame import LOCAL_MODEM, Frame
from seccstack.homeplug.keys import network_id
from seccstack.homeplug.messages import SetKeyReq
from seccstack.homeplug.vendor import PlLinkStatusCnf, SwVerCnf, SwVerReq
from seccstack.sim.modem import Role, SimModem
from seccstack.slac.events import Heard
from seccstack.slac.modem_makers import LUMISSIL, QUALCOMM

HOST = bytes.fromhex("021122334401")
MODEM = bytes.fromhex("c49300564e34")
STRANGER = bytes.fromhex("c49300666666")
KEY = bytes.fromhex("b59319d7e8157ba001b018669ccee30d")


class Room:
    """An interviewer and a modem."""

    def __init__(self, maker=QUALCOMM, others=()):
        self.modem = SimModem(MODEM, Role.EVSE, maker=maker)
        self.talk = Interview()
        self.others = others
        self.now = 0.0
        self.asked = []

    def hold(self):
        """Interview to the end."""
        self.put(self.talk.receive(Begun(), self.now))
        while self.talk.deadline is not None:
            self.now = self.talk.deadline
            self.put(self.talk.tick(self.now))
        return self.talk.found

    def put(self, sends):
        for send in sends:
            self.asked.append(send.message)
            answer = self.modem.answer(Frame(LOCAL_MODEM, HOST, send.message), self.others, 9.0)
            if answer is not None:
                self.put(self.talk.receive(Heard(HOST, MODEM, answer.message), self.now))


@pytest.fixture
def room():
    return Room()


def keyed(modem):
    modem.answer(
        Frame(MODEM, HOST, SetKeyReq(network_id=network_id(KEY), network_key=KEY)), (), 0
    )
    return modem


def test_a_good_modem_tells_all(room):
    keyed(room.modem)
    found = room.hold()
    assert (found.mac, found.survey.role, found.survey.coordinator) == (
        MODEM,
        "charger",
        "always",
    )
    assert (found.link, found.networks, found.others) == (False, (network_id(KEY),), 0)
    assert room.now == 0.0


def test_each_question_that_is_answered_is_put_once(room):
    room.hold()
    names = [message.name for message in room.asked]
    assert len(names) == 2 + 2 + 3
    assert names[0] == "VS_SW_VER.REQ"


def test_nothing_is_asked_that_changes_anything(room):
    room.hold()
    assert not [m for m in room.asked if "SET" in m.name or "RS_DEV" in m.name]


def test_others_in_its_network_are_counted():
    car = keyed(SimModem(STRANGER, Role.EV))
    room = Room(others=[car])
    keyed(room.modem)
    found = room.hold()
    assert (found.link, found.others) == (True, 1)


def test_where_nobody_answers_it_ends_soon(room):
    room.modem.silent = True
    found = room.hold()
    assert (found.mac, found.survey.firmware) == (None, None)
    assert room.now == pytest.approx(3 * PATIENCE)


def test_a_modem_without_firmware_is_asked_no_further(room):
    room.modem.boot_loader = True
    assert room.hold().survey.is_boot_loader
    assert len(room.asked) == 2


def test_a_lumissil_is_asked_in_its_own_way():
    room = Room(LUMISSIL)
    found = room.hold()
    assert (found.survey.maker, found.link, found.others) == (LUMISSIL, False, None)


def test_what_is_not_answered_is_put_twice_and_left(room):
    room.modem.mute_on = frozenset({type(QUALCOMM.link)})
    found = room.hold()
    assert found.link is None
    assert found.networks == ()
    assert [m for m in room.asked if m == QUALCOMM.link] == [QUALCOMM.link] * 2


def test_the_first_that_answers_is_the_modem_and_nobody_else_is_believed(room):
    room.talk.receive(Begun(), 0.0)
    room.talk.receive(Heard(HOST, MODEM, SwVerCnf(version=b"A")), 0.0)
    assert room.talk.receive(Heard(HOST, STRANGER, SwVerCnf(version=b"B")), 0.0) == []
    assert room.talk.found.survey.firmware == "A"


def test_what_is_said_twice_is_no_news(room):
    room.talk.receive(Begun(), 0.0)
    said = Heard(HOST, MODEM, SwVerCnf(version=b"A"))
    assert room.talk.receive(said, 0.0) != []
    assert room.talk.receive(said, 0.0) == []


def test_before_and_after_it_nothing_is_heard_and_no_time_passes(room):
    said = Heard(HOST, MODEM, PlLinkStatusCnf(link=1))
    assert room.talk.receive(said, 0.0) == room.talk.tick(5.0) == []
    room.hold()
    assert room.talk.receive(said, 0.0) == []


def test_a_tick_before_its_time_asks_nothing(room):
    room.talk.receive(Begun(), 0.0)
    assert room.talk.tick(PATIENCE / 2) == []
    assert SwVerReq() in [send.message for send in room.talk.tick(PATIENCE)]
