"""Connections that a bystander reads as they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.capture import streams
from seccstack.capture.frames import ACK, FIN, RST, SYN, read_frame
from seccstack.capture.packets import Packet
from seccstack.recording.packets import LONGEST_SEGMENT
from seccstack.recording.stream import APART, Stream
from tests.recording.test_packets import BOX, CAR


def seen(packets):
    """What a bystander makes of packets: ``(sender, octets or how it closed)`` in order."""
    follower, told = streams.Streams(), []
    for number, packet in enumerate(packets, 1):
        frame = read_frame(Packet(number, 0.0, 1, packet.octets))
        told += follower.receive(frame)
    told += follower.finish()
    names = {CAR.end: "ev", BOX.end: "evse"}
    assert not [what for what in told if isinstance(what, streams.Missing)]
    assert [what.connection.client for what in told[:1]] == [CAR.end]
    return [
        (names[what.sender], what.how if isinstance(what, streams.Closed) else what.octets)
        for what in told[1:]
    ]


def flags(packets):
    return [read_frame(Packet(1, 0.0, 1, packet.octets)).flags for packet in packets]


def numbers(packets):
    frames = [read_frame(Packet(1, 0.0, 1, packet.octets)) for packet in packets]
    return [(f.sequence, f.acknowledged, len(f.octets)) for f in frames]


@pytest.fixture
def stream():
    return Stream(0, CAR, BOX)


def test_a_question_is_acknowledged_by_its_answer(stream):
    packets = [*stream.open(), *stream.send("ev", b"ask"), *stream.send("evse", b"answer")]
    assert flags(packets) == [SYN, SYN | ACK, ACK, 8 | ACK, 8 | ACK]
    assert numbers(packets) == [(0, 0, 0), (0, 1, 0), (1, 1, 0), (1, 1, 3), (1, 4, 6)]
    assert seen(packets) == [("ev", b"ask"), ("evse", b"answer")]


def test_what_is_sent_again_was_acknowledged_before(stream):
    packets = [*stream.open(), *stream.send("ev", b"one"), *stream.send("ev", b"two")]
    assert numbers(packets)[3:] == [(1, 1, 3), (1, 4, 0), (4, 1, 3)]


def test_what_is_long_comes_in_segments_as_ethernet_carries_them(stream):
    octets = bytes(range(256)) * 20
    packets = [*stream.open(), *stream.send("evse", octets)]
    assert max(len(packet.octets) for packet in packets) == 14 + 1500
    assert -(-len(octets) // LONGEST_SEGMENT) == len(packets) - 3
    assert b"".join(what for _, what in seen(packets)) == octets


def test_an_orderly_end_is_acknowledged_and_nothing_is_sent_after_it(stream):
    packets = [*stream.open(), *stream.send("evse", b"last"), *stream.close("ev", reset=False)]
    assert not stream.over
    packets += [*stream.send("evse", b"still"), *stream.close("evse", reset=False)]
    assert stream.over
    assert list(stream.send("ev", b"late")) == list(stream.close("ev", reset=True)) == []
    assert flags(packets)[-2:] == [FIN | ACK, ACK]
    assert seen(packets) == [
        ("evse", b"last"), ("ev", "FIN"), ("evse", b"still"), ("evse", "FIN"),
    ]  # fmt: skip


def test_a_reset_ends_both_sides(stream):
    packets = [*stream.open(), *stream.close("evse", reset=True)]
    assert stream.over
    assert flags(packets)[-1] == RST | ACK
    assert seen(packets) == [("evse", "RST")]


def test_streams_between_the_same_ports_begin_apart():
    first, second = Stream(1, CAR, BOX), Stream(2, CAR, BOX)
    [one], [two] = (numbers([next(s.open())]) for s in (first, second))
    assert two[0] - one[0] == APART
    packets = [
        *first.open(),
        *first.send("ev", b"old"),
        *second.open(),
        *second.send("ev", b"n"),
    ]
    assert [what for _, what in seen_all(packets)] == [b"old", b"n"]


def seen_all(packets):
    follower, told = streams.Streams(), []
    for number, packet in enumerate(packets, 1):
        told += follower.receive(read_frame(Packet(number, 0.0, 1, packet.octets)))
    return [(w.sender, w.octets) for w in told if isinstance(w, streams.Received)]


SIDES = st.sampled_from(["ev", "evse"])


@given(st.lists(st.tuples(SIDES, st.binary(min_size=1, max_size=3000)), max_size=9))
def test_whatever_is_sent_a_bystander_reads_it(talk):
    stream = Stream(3, CAR, BOX)
    packets = list(stream.open())
    for sender, octets in talk:
        packets += stream.send(sender, octets)
    for side in ("ev", "evse"):
        told = b"".join(what for sender, what in seen(packets) if sender == side)
        assert told == b"".join(octets for sender, octets in talk if sender == side)


def test_sequence_numbers_go_on_beyond_their_greatest():
    stream = Stream((1 << 32) // APART - 1, CAR, BOX)
    octets = bytes(APART)
    packets = [*stream.open(), *stream.send("ev", octets), *stream.send("ev", b"end")]
    assert b"".join(what for _, what in seen(packets)) == octets + b"end"
