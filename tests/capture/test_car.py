"""The vehicle's part of a plug-in, with what it got for each thing it did."""

import pytest

from seccstack.capture.car import car_events
from seccstack.capture.items import Connected, Disconnected, Discovery, Powerline, V2gMessage
from seccstack.capture.plugins import plug_ins_of
from tests.capture.scene import Scene, choice, offer


@pytest.fixture
def scene():
    return Scene()


def events(scene):
    [plug_in] = plug_ins_of(scene.trace())
    return car_events(plug_in)


def name(item):
    match item:
        case Powerline():
            return item.frame.message.name
        case V2gMessage():
            return item.name
        case _:
            return type(item).__name__


def told(scene):
    return [
        (name(event.what), [name(answer) for answer in event.answers])
        for event in events(scene)
    ]


def test_each_frame_of_a_matching_has_its_answers(scene):
    scene.match()
    assert told(scene) == [
        ("CM_SLAC_PARM.REQ", ["CM_SLAC_PARM.CNF"]),
        ("CM_START_ATTEN_CHAR.IND", []),
        ("CM_MNBC_SOUND.IND", ["CM_ATTEN_PROFILE.IND"]),
        ("CM_MNBC_SOUND.IND", ["CM_ATTEN_PROFILE.IND"]),
        ("CM_MNBC_SOUND.IND", ["CM_ATTEN_PROFILE.IND", "CM_ATTEN_CHAR.IND"]),
        ("CM_ATTEN_CHAR.RSP", []),
        ("CM_SLAC_MATCH.REQ", ["CM_SLAC_MATCH.CNF"]),
    ]


def test_discovery_and_each_request_have_their_answers(scene):
    scene.discover()
    talk = scene.connect().set_up()
    talk.close("evse")
    talk.close("ev")
    assert told(scene) == [
        ("Discovery", ["Discovery"]),
        ("Connected", []),
        ("supportedAppProtocolReq", ["supportedAppProtocolRes"]),
        ("SessionSetupReq", ["SessionSetupRes", "Disconnected"]),
        ("Disconnected", []),
    ]


def test_an_answer_after_the_vehicle_closed_still_answers_the_request(scene):
    talk = scene.connect()
    talk.say("ev", offer())
    talk.close("ev")
    talk.say("evse", choice())
    assert told(scene)[1:] == [
        ("supportedAppProtocolReq", ["supportedAppProtocolRes"]),
        ("Disconnected", []),
    ]


def test_connections_beside_each_other_keep_their_answers_apart(scene):
    one, two = scene.connect(), scene.connect()
    for talk in (one, two):
        talk.say("ev", b"\x80\xff\xff")
    one.say("evse", b"\x80\xff\xff")
    [_, _, first, second] = events(scene)
    assert (len(first.answers), len(second.answers)) == (1, 0)


def test_an_event_has_the_number_and_time_of_its_packet(scene):
    scene.discover()
    [event] = events(scene)
    assert (event.number, event.time) == (1, 1000.1)


def test_what_came_before_the_vehicle_did_anything_answers_nothing(scene):
    scene.answer()
    scene.ask()
    assert told(scene) == [("CM_SLAC_PARM.REQ", [])]


def test_gaps_and_unknown_senders_are_left_out(scene):
    talk = scene.connect(opened=False)
    talk.say("ev", b"\x80\xff\xff")
    talk.sequence["ev"] += 1 << 21
    talk.say("ev", b"\x80\xff\xff")
    assert [type(event.what) for event in events(scene)] == [Connected]


def test_the_octets_of_frames_and_messages_are_at_hand_for_driving(scene):
    scene.match()
    scene.discover()
    scene.connect().set_up()
    for event in events(scene):
        assert isinstance(
            event.what, Powerline | Discovery | Connected | V2gMessage | Disconnected
        )
    assert events(scene)[0].what.octets == scene.packets[0].octets
