"""What belongs to one plug-in, and what was only heard meanwhile."""

import pytest

from seccstack.capture.items import Powerline, V2gMessage
from seccstack.capture.packets import Lost
from seccstack.capture.plugins import PlugIn, plug_ins_of
from seccstack.capture.trace import Trace, read_trace
from seccstack.homeplug.frame import Frame
from seccstack.homeplug.messages import SetKeyCnf
from seccstack.homeplug.vendor import SwVerReq
from tests.capture.scene import EV, EVSE, MODEM, PAUSE, SET_UP, SETUP, STOPPED, Scene, address

OTHER_EV = bytes.fromhex("02AA00000002")
OTHER_EVSE = bytes.fromhex("02BB00000002")
HOST = bytes.fromhex("02DD00000001")
SECOND = bytes.fromhex("1111111111111111")


@pytest.fixture
def scene():
    return Scene()


def plug_ins(scene):
    return plug_ins_of(scene.trace())


def messages(plug_in):
    return sum(isinstance(item, V2gMessage) for item in plug_in.items)


def notes(scene):
    return [note.what for plug_in in plug_ins(scene) for note in plug_in.notes]


def session(scene, ev=EV):
    scene.match(ev=ev)
    scene.discover(ev=ev)
    return scene.connect(ev=ev).set_up()


def test_matching_discovery_and_connection_are_one_plug_in(scene):
    session(scene)
    [plug_in] = plug_ins(scene)
    assert (plug_in.vehicle, plug_in.began, plug_in.ended) == (EV, 1, len(scene.packets))
    assert messages(plug_in) == 4
    assert plug_in.notes == []


def test_a_vehicle_that_pauses_and_comes_back_is_still_plugged_in(scene):
    session(scene).exchange(PAUSE, STOPPED)
    scene.discover()
    scene.connect().set_up()
    [plug_in] = plug_ins(scene)
    assert messages(plug_in) == 10


def test_a_matching_after_messages_is_another_plug_in(scene):
    session(scene)
    session(scene)
    assert [messages(plug_in) for plug_in in plug_ins(scene)] == [4, 4]


def test_a_matching_without_messages_before_it_is_a_repetition(scene):
    scene.match()
    scene.discover()
    session(scene)
    [plug_in] = plug_ins(scene)
    assert len(plug_in.attempts) == 2


def test_an_old_connection_stays_with_its_plug_in(scene):
    talk = session(scene)
    session(scene)
    talk.exchange(PAUSE, STOPPED)
    assert [messages(plug_in) for plug_in in plug_ins(scene)] == [6, 4]


def test_two_vehicles_are_two_plug_ins(scene):
    session(scene)
    session(scene, ev=OTHER_EV)
    assert [plug_in.vehicle for plug_in in plug_ins(scene)] == [EV, OTHER_EV]


def test_a_connection_without_matching_is_a_plug_in_of_its_own(scene):
    scene.connect().set_up()
    [plug_in] = plug_ins(scene)
    assert (plug_in.vehicle, plug_in.attempts, messages(plug_in)) == (EV, [], 4)


def test_a_connection_from_nobody_knows_where_is_a_plug_in_of_its_own(scene):
    scene.connect(opened=False).say("ev", b"\x80\xff\xff")
    [plug_in] = plug_ins(scene)
    assert plug_in.vehicle is None


def test_a_host_with_another_address_belongs_to_the_vehicle_that_was_matched_last(scene):
    scene.match(ev=OTHER_EV)
    scene.match()
    scene.discover(ev=HOST)
    scene.connect(ev=HOST).set_up()
    silent, plug_in = plug_ins(scene)
    assert (plug_in.vehicle, messages(plug_in)) == (EV, 4)
    assert messages(silent) == 0


def test_a_host_with_another_address_is_nobody_of_those_who_have_spoken(scene):
    session(scene)
    scene.connect(ev=HOST).set_up()
    assert [plug_in.vehicle for plug_in in plug_ins(scene)] == [EV, HOST]


def test_such_a_host_goes_to_the_next_plug_in_with_its_vehicle(scene):
    for _ in range(2):
        scene.match()
        scene.connect(ev=HOST).set_up()
    assert [messages(plug_in) for plug_in in plug_ins(scene)] == [4, 4]


def test_a_host_without_a_mac_in_its_address_is_known_by_where_it_was_seen(scene):
    hosts = {"ev": "fe80::1234", "evse": address(EVSE)}
    scene.match()
    scene.udp("fe80::1234", "ff02::1", (49152, 15118), b"", mac=EV)
    scene.udp(address(EVSE), "fe80::1234", (15118, 49152), b"", mac=EVSE)
    scene.connect(hosts=hosts).set_up()
    [plug_in] = plug_ins(scene)
    assert (plug_in.vehicle, messages(plug_in)) == (EV, 4)


def test_an_answer_to_a_host_never_seen_is_of_a_vehicle_that_has_no_name(scene):
    scene.udp(address(EVSE), "fe80::1234", (15118, 49152), b"", mac=EVSE)
    [plug_in] = plug_ins(scene)
    assert plug_in.vehicle is None


def test_an_answer_to_a_host_never_seen_names_it_by_its_address_if_that_can_be(scene):
    scene.udp(address(EVSE), address(EV), (15118, 49152), b"", mac=EVSE)
    [plug_in] = plug_ins(scene)
    assert plug_in.vehicle == EV


def test_a_vehicle_that_is_answered_and_never_matched_is_a_plug_in(scene):
    scene.ask()
    scene.answer()
    session(scene, ev=OTHER_EV)
    assert [plug_in.matched for plug_in in plug_ins(scene)] == [False, True]


def test_a_vehicle_that_nobody_answers_is_one_if_there_is_nothing_else(scene):
    scene.ask()
    assert [plug_in.vehicle for plug_in in plug_ins(scene)] == [EV]


def test_a_vehicle_that_nobody_answers_was_only_heard(scene):
    scene.ask(ev=OTHER_EV)
    session(scene)
    assert [plug_in.vehicle for plug_in in plug_ins(scene)] == [EV]
    assert notes(scene) == [
        "another vehicle, 02AA00000002, asked for a match 1 time in 1 run: nobody answered"
    ]


def test_a_vehicle_that_chooses_another_charger_was_only_heard(scene):
    scene.ask(ev=OTHER_EV)
    scene.answer(ev=OTHER_EV)
    scene.choose(ev=OTHER_EV, evse=OTHER_EVSE)
    session(scene)
    [note] = notes(scene)
    assert note.endswith("it chose 02BB00000002")


def test_a_vehicle_that_is_answered_while_another_is_here_was_only_heard(scene):
    talk = session(scene)
    scene.ask(ev=OTHER_EV)
    scene.answer(ev=OTHER_EV)
    talk.exchange(PAUSE, STOPPED)
    assert len(plug_ins(scene)) == 1
    [note] = notes(scene)
    assert note.endswith("no match came of it")


def test_runs_after_a_session_that_come_to_nothing_are_told_with_it(scene):
    session(scene)
    scene.ask(run=SECOND)
    scene.ask(run=SECOND)
    assert len(plug_ins(scene)) == 1
    assert notes(scene) == [
        "the vehicle, after its session, asked for a match 2 times in 1 run: nobody answered"
    ]


def test_runs_at_another_charger_before_a_match_are_no_part_of_it(scene):
    scene.ask(run=SECOND)
    scene.choose(run=SECOND, evse=OTHER_EVSE)
    session(scene)
    [plug_in] = plug_ins(scene)
    assert (plug_in.began, len(plug_in.attempts)) == (3, 1)
    assert notes(scene) == [
        "the vehicle asked for a match 1 time in 1 run: it chose 02BB00000002"
    ]


def test_what_can_not_be_read_is_told_in_the_plug_in_where_it_was(scene):
    session(scene)
    scene.packet(b"")
    session(scene)
    scene.packet(b"")
    first, second = plug_ins(scene)
    assert [len(first.notes), len(second.notes)] == [1, 1]


def test_what_was_lost_before_the_first_plug_in_is_told_there(scene):
    session(scene)
    trace = read_trace("x", [Lost(0, "something"), *scene.packets])
    [plug_in] = plug_ins_of(trace)
    assert [note.what for note in plug_in.notes] == ["something"]


def test_a_capture_without_vehicles_has_no_plug_in():
    assert plug_ins_of(read_trace("x", [Lost(0, "all")])) == []


def test_what_a_modem_says_to_its_own_host_belongs_to_no_plug_in(scene):
    scene.slac(MODEM, EVSE, SetKeyCnf(result=1, your_nonce=bytes(4)))
    scene.match()
    [plug_in] = plug_ins(scene)
    assert plug_in.began == 2


def test_an_unreadable_powerline_frame_belongs_to_nobody(scene):
    scene.packet(EVSE + EV + bytes.fromhex("88E1 01 6460"))
    scene.connect().exchange(SETUP, SET_UP)
    [plug_in] = plug_ins(scene)
    assert plug_in.began == 2


def test_each_of_many_stations_is_looked_at_once_and_not_for_each_other(scene, monkeypatch):
    looks = []
    monkeypatch.setattr(
        PlugIn, "began", property(lambda p: looks.append(1) or p.items[0].number)
    )
    monkeypatch.setattr(PlugIn, "matched", property(lambda p: looks.append(1) or False))
    for number in range(100):
        mac = number.to_bytes(6)
        scene.discover(mac, answered=False)
    assert len(plug_ins(scene)) == 100
    assert len(looks) < 1000


@pytest.mark.parametrize("frame", [None, Frame(EVSE, EV, SwVerReq())])
def test_a_frame_that_is_about_no_vehicle_or_cannot_be_read_is_no_plug_in(frame):
    assert plug_ins_of(Trace("frames", (Powerline(1, 0.0, b"", frame),))) == []
