"""Frames that a capture has twice: which are one, and which are two."""

import pytest

from seccstack.capture.doubles import MAX_RECENT, WITHIN, Doubles
from seccstack.capture.frames import ETHERNET
from seccstack.capture.packets import Packet
from seccstack.capture.sessions import sessions_of
from seccstack.capture.trace import read_trace
from tests.capture.scene import STOP, STOPPED, Scene


@pytest.fixture
def scene():
    return Scene()


def twice(scene, later=0.0003, tag=b""):
    """The capture as two network cards have it, each frame a moment later on the second."""
    packets = []
    for packet in scene.packets:
        octets = packet.octets[:12] + tag + packet.octets[12:]
        for time, said in ((packet.time, packet.octets), (packet.time + later, octets)):
            packets.append(Packet(len(packets) + 1, time, packet.link_type, said))
    return read_trace("twice", packets)


def whole(scene):
    scene.match()
    scene.discover()
    scene.connect().set_up().exchange(STOP, STOPPED)


def told(trace):
    [session] = sessions_of(trace)
    return session.to_json()


@pytest.mark.parametrize("tag", [b"", b"\x81\x00\x00\x02", b"\x88\xa8\x00\x07\x81\x00\x00\x01"])
def test_a_capture_of_two_cards_tells_each_frame_once(scene, tag):
    whole(scene)
    once, doubled = told(scene.trace()), told(twice(scene, tag=tag))
    assert doubled["slac"]["parm_req"] == once["slac"]["parm_req"] == 1
    assert [m["exi"] for m in doubled["messages"]] == [m["exi"] for m in once["messages"]]
    assert doubled["sdp"][0]["times"] == 1


def test_how_many_frames_came_twice_is_told_once(scene):
    whole(scene)
    [loss] = twice(scene).losses
    assert loss.number == 2
    assert loss.what == "21 frames are twice in the capture, within 2 ms; counted once"


def test_a_single_double_is_told_in_the_singular(scene):
    scene.ask()
    assert twice(scene).losses[0].what.startswith("1 frame is twice")


def test_what_is_sent_again_later_is_another_frame(scene):
    scene.ask()
    trace = twice(scene, later=2 * WITHIN)
    assert (trace.packets, trace.losses) == (2, ())


def start_thrice(scene):
    scene.ask()
    scene.sound(sounds=0)
    [ask, start] = scene.packets
    scene.packets = [ask, *(Packet(n, 1000.3, 1, start.octets) for n in (2, 3, 4))]


def test_three_announcements_of_sounds_in_no_time_are_three(scene):
    start_thrice(scene)
    assert len(scene.trace().items) == 4
    assert scene.trace().losses == ()


def test_three_announcements_are_three_where_all_else_is_there_twice_too(scene):
    start_thrice(scene)
    trace = twice(scene)
    assert len(trace.items) == 4


def test_acknowledgements_that_are_alike_are_no_doubles(scene):
    scene.connect().send("ev")
    scene.packets[-1] = Packet(4, scene.packets[-2].time, 1, scene.packets[-2].octets)
    assert scene.trace().losses == ()


def test_no_more_frames_are_remembered_than_a_line_can_carry(scene):
    doubles = Doubles()
    for number in range(MAX_RECENT + 10):
        scene.ask(run=number.to_bytes(8))
    from seccstack.capture.frames import read_frame

    for packet in scene.packets:
        doubles.again(read_frame(packet))
    assert len(doubles._recent) == MAX_RECENT


def test_a_modem_that_is_asked_twice_is_no_double():
    """A host asks its own modem as often as it likes, and no line is crossed."""
    question = (
        b"\x00\xb0\x52\x00\x00\x01" + bytes.fromhex("02AA00000001") + b"\x88\xe1\x00\x00\xa0"
    )
    question = question.ljust(60, b"\0")
    packets = [Packet(n, 1 + n / 10_000, ETHERNET, question) for n in (1, 2)]
    trace = read_trace("asked", packets)
    assert (trace.packets, trace.losses) == (2, ())
