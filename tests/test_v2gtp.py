"""The transport header, and how a stream is cut into messages."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack import v2gtp
from seccstack.errors import MalformedError
from seccstack.v2gtp import EXI, Payload, Problem, Reader

# What nearly every charger sends first: OK_SuccessfulNegotiation, SchemaID 0.
SAP_RES = bytes.fromhex("01fe80010000000480400000")


def header(payload_type=EXI, length=0, version=1, inverse=0xFE):
    return struct.pack(">BBHI", version, inverse, payload_type, length)


def test_a_recorded_message_is_read_and_written_alike():
    assert v2gtp.decode(SAP_RES) == Payload(EXI, bytes.fromhex("80400000"))
    assert v2gtp.encode(EXI, bytes.fromhex("80400000")) == SAP_RES


@pytest.mark.parametrize(
    ("datagram", "octet"),
    [
        (b"", 0),
        (SAP_RES[:7], 7),
        (header(version=0xFF), 0),
        (header(inverse=0xFF), 0),
        (SAP_RES + b"\0", 4),
        (SAP_RES[:-1], 4),
        (header(length=2**32 - 1), 4),
    ],
)
def test_a_datagram_that_is_not_what_its_header_says_is_malformed(datagram, octet):
    with pytest.raises(MalformedError) as caught:
        v2gtp.decode(datagram)
    assert caught.value.octet == octet


@given(st.integers(0, 0xFFFF), st.binary(max_size=300))
def test_a_datagram_survives_a_round_trip(payload_type, octets):
    assert v2gtp.decode(v2gtp.encode(payload_type, octets)) == Payload(payload_type, octets)


@given(st.binary(max_size=40), st.data())
def test_a_datagram_cut_short_is_malformed(octets, data):
    datagram = v2gtp.encode(EXI, octets)
    cut = data.draw(st.integers(0, len(datagram) - 1))
    with pytest.raises(MalformedError):
        v2gtp.decode(datagram[:cut])


def test_two_messages_in_one_segment_are_two_messages():
    found = Reader().feed(SAP_RES + v2gtp.encode(v2gtp.AC_MAINSTREAM, b"x"))
    assert found == [v2gtp.decode(SAP_RES), Payload(v2gtp.AC_MAINSTREAM, b"x")]


@given(st.lists(st.binary(min_size=1, max_size=30), max_size=5), st.data())
def test_it_does_not_matter_where_a_stream_is_split(messages, data):
    stream = b"".join(v2gtp.encode(EXI, octets) for octets in messages)
    reader, found = Reader(), []
    while stream:
        cut = data.draw(st.integers(1, len(stream)))
        found += reader.feed(stream[:cut])
        stream = stream[cut:]
    assert found == [Payload(EXI, octets) for octets in messages]
    assert reader.pending == 0


def test_an_unknown_payload_is_skipped_and_the_stream_lives_on():
    stream = v2gtp.encode(0x4C41, bytes(26)) + SAP_RES
    for size in (1, 7, 40):
        reader, found = Reader(), []
        for start in range(0, len(stream), size):
            found += reader.feed(stream[start : start + size])
        assert found == [
            Problem("payload type", "4C41, 26 octets", fatal=False),
            v2gtp.decode(SAP_RES),
        ]


def test_an_unknown_payload_is_not_held_while_it_is_skipped():
    reader = Reader()
    reader.feed(header(0x4C41, 10_000) + bytes(9_000))
    assert reader.pending == 0
    assert reader.feed(bytes(1_000) + SAP_RES) == [v2gtp.decode(SAP_RES)]


@pytest.mark.parametrize("payload_type", [EXI, v2gtp.MAINSTREAM])
def test_an_empty_payload_is_skipped(payload_type):
    problem, message = Reader().feed(header(payload_type) + SAP_RES)
    assert problem == Problem("payload type", f"{payload_type:04X}, 0 octets", fatal=False)
    assert message == v2gtp.decode(SAP_RES)


@pytest.mark.parametrize("payload_type", [v2gtp.SDP_REQUEST, v2gtp.SDP_RESPONSE, 0x7000])
def test_what_has_no_place_in_a_stream_is_skipped(payload_type):
    (problem,) = Reader().feed(v2gtp.encode(payload_type, b"\x10\x00"))
    assert not problem.fatal


@pytest.mark.parametrize(
    "bad", [header(version=0xFF, length=4), header(inverse=0xFF, length=4)]
)
def test_after_a_wrong_version_nothing_more_is_read(bad):
    reader = Reader()
    (problem,) = reader.feed(bad + bytes(4) + SAP_RES)
    assert problem.fatal
    assert reader.feed(SAP_RES) == []
    assert reader.pending == 0


@pytest.mark.parametrize("payload_type", [EXI, 0x4C41])
@pytest.mark.parametrize("length", [v2gtp.HANDSHAKE_LIMIT + 1, 2**32 - 1])
def test_an_absurd_length_is_refused_before_anything_is_kept(payload_type, length):
    reader = Reader(limit=v2gtp.HANDSHAKE_LIMIT)
    (problem,) = reader.feed(header(payload_type, length))
    assert problem == Problem("payload length", f"{length} octets, 4096 at most", fatal=True)
    assert reader.pending == 0


def test_a_message_as_long_as_the_limit_is_taken():
    octets = bytes(v2gtp.HANDSHAKE_LIMIT)
    reader = Reader(limit=v2gtp.HANDSHAKE_LIMIT)
    assert reader.feed(v2gtp.encode(EXI, octets)) == [Payload(EXI, octets)]


def test_a_flood_of_empty_headers_breaks_the_stream():
    found = Reader().feed(header() * 8192)
    assert [problem.fatal for problem in found] == [False] * 7 + [True]


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_whatever_comes_a_reader_holds_less_than_a_message(pieces):
    reader = Reader(limit=20)
    for piece in pieces:
        reader.feed(piece)
        assert reader.pending <= 20 + 8
