"""TCP as it should not be, and is: overlaps, probes, wraps, no beginning."""

import pytest

from seccstack.capture.streams import Missing, Received
from tests.capture.scene import Scene
from tests.capture.test_streams import events, received


@pytest.fixture
def scene():
    return Scene()


@pytest.fixture
def talk(scene):
    return scene.connect()


def whole(scene):
    """What each direction says, gaps as dots."""
    return tuple(
        b"".join(b"..." if part is ... else part for part in parts) for parts in received(scene)
    )


def test_of_an_overlap_with_other_content_what_was_heard_first_counts(scene, talk):
    at = talk.sequence["ev"]
    talk.send("ev", b"abcd")
    talk.send("ev", b"XXXXef", at=at)
    assert whole(scene) == (b"abcdef", b"")


def test_a_repetition_with_more_brings_what_is_new(scene, talk):
    at = talk.sequence["ev"]
    talk.send("ev", b"ab")
    talk.send("ev", b"abcdef", at=at)
    talk.sequence["ev"] = at + 6
    talk.send("ev", b"gh")
    assert whole(scene) == (b"abcdefgh", b"")


def test_segments_that_wait_and_overlap_are_joined(scene, talk):
    at = talk.sequence["ev"]
    talk.send("ev", b"efgh", at=at + 4)
    talk.send("ev", b"cdef", at=at + 2)
    talk.send("ev", b"gh", at=at + 6)
    talk.send("ev", b"ab", at=at)
    assert whole(scene) == (b"abcdefgh", b"")


def test_a_window_probe_is_the_first_octet_of_what_is_sent_again_whole(scene, talk):
    at = talk.sequence["ev"]
    talk.send("ev", b"m", at=at)
    talk.send("ev", b"message", at=at)
    assert whole(scene) == (b"message", b"")


def test_a_keep_alive_before_anything_else_is_no_beginning_of_a_message(scene):
    talk = scene.connect(opened=False)
    talk.send("ev", b"\0", at=talk.sequence["ev"] - 1)
    talk.send("ev", b"message")
    assert whole(scene) == (b"\0message", b"")


def test_both_directions_may_lack_their_beginning(scene):
    talk = scene.connect(opened=False)
    talk.send("evse", b"old answer")
    talk.send("ev", b"ask")
    talk.send("evse", b"answer")
    assert whole(scene) == (b"ask", b"old answeranswer")
    assert events(scene, Missing) == []


def test_a_gap_is_told_though_both_beginnings_are_missing(scene):
    talk = scene.connect(opened=False)
    talk.send("ev", b"ask")
    talk.send("evse", b"answer")
    talk.send("ev", b"lost", lost=True)
    talk.send("evse", b"other")
    talk.send("ev", b"again")
    assert whole(scene) == (b"ask...again", b"answerother")
    assert [event.count for event in events(scene, Missing)] == [4]


@pytest.mark.parametrize("first", [2**32 - 6, 2**32 - 5, 2**32 - 1])
def test_numbers_wrap_within_a_gap_and_a_repetition_too(scene, first):
    talk = scene.connect(first=first)
    at = talk.sequence["ev"]
    talk.send("ev", b"cd", at=at + 2)
    talk.send("ev", b"ef", at=at + 4)
    talk.send("ev", b"abcd", at=at)
    talk.send("evse", ack=at + 6)
    talk.send("ev", b"cdefgh", at=at + 2)
    assert whole(scene) == (b"abcdefgh", b"")


def test_the_answers_direction_may_wrap_while_the_other_does_not(scene):
    talk = scene.connect(first=2**32 - 5000 - 4)
    for said in (b"one", b"two", b"three"):
        talk.send("ev", b"?")
        talk.send("evse", said)
    assert whole(scene) == (b"???", b"onetwothree")


def test_a_segment_cut_by_the_capture_leaves_a_gap_where_its_rest_was(scene, talk):
    talk.send("ev", b"whole message")
    talk.send("evse")
    talk.send("ev", b"next")
    cut = scene.packets[3]
    scene.packets[3] = type(cut)(cut.number, cut.time, 1, cut.octets[:-8])
    assert whole(scene) == (b"whole...next", b"")
    assert [event.count for event in events(scene, Missing)] == [8]


def test_what_a_reset_carries_is_no_data_and_does_not_move_the_stream(scene, talk):
    at = talk.sequence["ev"]
    talk.send("ev", b"reason", flags="R", at=at)
    talk.send("ev", b"data", at=at)
    assert [event.octets for event in events(scene, Received)] == [b"data"]
