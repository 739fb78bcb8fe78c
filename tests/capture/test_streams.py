"""TCP, reassembled by a bystander: what was lost on the line, and what only by the capture."""

import pytest

from seccstack.capture.frames import Segment, read_frame
from seccstack.capture.streams import (
    FARTHEST,
    MAX_CONNECTIONS,
    MAX_WAITING,
    Closed,
    Missing,
    Opened,
    Received,
    Streams,
)
from tests.capture.scene import EV, Scene


@pytest.fixture
def scene():
    return Scene()


@pytest.fixture
def talk(scene):
    return scene.connect()


def events(scene, kind=object):
    streams = Streams()
    found = []
    for packet in scene.packets:
        frame = read_frame(packet)
        assert isinstance(frame, Segment)
        found += streams.receive(frame)
    found += streams.finish()
    return [event for event in found if isinstance(event, kind)]


def received(scene):
    """What came of each direction: the octets, ... where some are missing."""
    told = {}
    for event in events(scene, Received | Missing):
        what = event.octets if isinstance(event, Received) else ...
        told.setdefault(event.sender.port == 61341, []).append(what)
    return told.get(False, []), told.get(True, [])


def test_both_directions_come_in_order(scene, talk):
    talk.send("ev", b"ask")
    talk.send("evse", b"answer")
    assert received(scene) == ([b"ask"], [b"answer"])


def test_the_one_that_sends_the_first_syn_is_the_client(scene, talk):
    [opened] = events(scene, Opened)
    assert (opened.number, opened.connection.client.port) == (1, 50000)
    assert opened.connection.halves[opened.connection.client].mac == EV


def test_an_answer_to_a_syn_tells_the_client_too(scene):
    talk = scene.connect(opened=False)
    talk.send("evse", flags="SA")
    [opened] = events(scene, Opened)
    assert opened.connection.client.port == 50000


def test_a_retransmission_is_dropped(scene, talk):
    at = talk.sequence["ev"]
    talk.send("ev", b"once")
    talk.send("ev", b"once", at=at)
    assert received(scene) == ([b"once"], [])


def test_an_overlap_is_taken_once(scene, talk):
    at = talk.sequence["ev"]
    talk.send("ev", b"abcd")
    talk.send("ev", b"cdef", at=at + 2)
    assert received(scene) == ([b"abcd", b"ef"], [])


def test_a_keep_alive_is_no_data(scene, talk):
    talk.send("ev", b"abcd")
    talk.send("ev", b"d", at=talk.sequence["ev"] - 1)
    assert received(scene) == ([b"abcd"], [])


def test_a_late_segment_fills_its_gap_and_what_waited_comes_when_it_does(scene, talk):
    at = talk.sequence["ev"]
    talk.send("ev", b"two", at=at + 3)
    talk.send("ev", b"one", at=at)
    assert [(e.number, e.octets) for e in events(scene, Received)] == [(5, b"one"), (5, b"two")]


def test_of_two_segments_that_wait_in_one_place_the_longer_counts(scene, talk):
    at = talk.sequence["ev"]
    for waiting in (b"tw", b"two", b"t"):
        talk.send("ev", waiting, at=at + 3)
    talk.send("ev", b"one", at=at)
    assert received(scene) == ([b"one", b"two"], [])


def test_a_gap_that_the_receiver_acknowledges_is_the_captures_own(scene, talk):
    talk.send("ev", b"lost", lost=True)
    talk.send("ev", b"seen")
    talk.send("evse")
    missing, seen = events(scene, Missing | Received)
    assert (missing.count, missing.number) == (4, 4)
    assert (seen.number, seen.octets) == (4, b"seen")


def test_an_acknowledgement_before_the_next_octets_closes_the_gap_at_once(scene, talk):
    talk.send("ev", b"lost", lost=True)
    talk.send("evse")
    talk.send("ev", b"seen")
    assert received(scene) == ([..., b"seen"], [])


def test_a_gap_that_nobody_acknowledges_ends_when_too_much_waits(scene, talk):
    talk.send("ev", b"lost", lost=True)
    for _ in range(MAX_WAITING + 1):
        talk.send("ev", b"x", ack=0)
    whole = events(scene, Received)
    assert whole[0].number == 4  # it was there when it came
    assert len(whole) == MAX_WAITING + 1


def test_a_gap_at_the_end_of_the_capture_is_passed_over(scene, talk):
    talk.send("ev", b"lost", lost=True)
    talk.send("ev", b"seen")
    assert received(scene) == ([..., b"seen"], [])


def test_octets_that_were_acknowledged_and_never_captured_are_told(scene, talk):
    talk.send("ev", b"lost", lost=True)
    talk.send("evse")
    [missing] = events(scene, Missing)
    assert missing.count == 4


def test_a_fin_is_no_missing_octet(scene, talk):
    talk.close("ev")
    talk.close("evse")
    talk.send("ev")
    assert events(scene, Missing) == []
    assert [(e.sender.port, e.how) for e in events(scene, Closed)] == [
        (50000, "FIN"),
        (61341, "FIN"),
    ]


def test_a_reset_is_told_once_and_has_no_data(scene, talk):
    talk.send("ev", b"sorry", flags="R")
    talk.send("ev", flags="R")
    assert received(scene) == ([], [])
    assert [e.how for e in events(scene, Closed)] == ["RST"]


def test_sequence_numbers_wrap(scene):
    talk = scene.connect(first=2**32 - 3)
    for octets in (b"abcd", b"efgh"):
        talk.send("ev", octets)
        talk.send("evse")
    assert received(scene) == ([b"abcd", b"efgh"], [])


def test_a_stream_whose_beginning_is_not_captured_begins_with_the_first_segment(scene):
    talk = scene.connect(opened=False)
    talk.send("ev", b"in the middle")
    assert received(scene) == ([b"in the middle"], [])
    [opened] = events(scene, Opened)
    assert opened.connection.client is None


def test_a_number_that_is_too_far_off_begins_anew(scene, talk):
    talk.send("ev", b"before")
    talk.send("ev", b"far", at=talk.sequence["ev"] + FARTHEST + 1)
    assert received(scene) == ([b"before", ..., b"far"], [])
    assert events(scene, Missing)[0].count is None


def test_an_acknowledgement_that_is_too_far_off_is_not_believed(scene, talk):
    talk.send("evse", ack=talk.sequence["ev"] + FARTHEST + 1)
    assert events(scene, Missing) == []


def test_a_stale_acknowledgement_is_forgotten_with_the_next(scene, talk):
    talk.send("evse", ack=talk.sequence["ev"] + 700_000)
    talk.send("ev", b"hello")
    talk.send("evse")
    assert received(scene) == ([b"hello"], [])


def test_a_repeated_syn_opens_nothing_new(scene):
    talk = scene.connect(opened=False)
    for _ in range(2):
        talk.send("ev", flags="S", at=1000)
    assert len(events(scene, Opened)) == 1


def test_the_same_ports_may_be_used_again(scene, talk):
    talk.send("ev", b"first")
    talk.sequence["ev"] = 900_000
    talk.send("ev", flags="S")
    talk.send("ev", b"second")
    first, second = events(scene, Opened)
    assert (first.connection.index, second.connection.index) == (0, 1)
    assert received(scene)[0] == [b"first", b"second"]


def test_a_server_that_becomes_a_client_opens_a_new_connection(scene):
    talk = scene.connect(opened=False)
    talk.send("ev", b"data")
    talk.send("evse", flags="S")
    assert len(events(scene, Opened)) == 2


def test_the_connection_that_is_longest_unused_is_forgotten(scene, talk):
    idle = scene.connect()
    idle.send("ev", b"lost", lost=True)
    idle.send("ev", b"waits")
    for _ in range(MAX_CONNECTIONS):
        scene.connect(opened=False).send("ev", flags="S")
        if len(scene.packets) % 100 == 0:
            talk.send("ev", b".")
    talk.send("ev", b".")
    assert b"waits" in received(scene)[0]
    assert len(events(scene, Opened)) == MAX_CONNECTIONS + 2  # the busy one never anew
