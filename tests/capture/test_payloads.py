"""V2GTP out of recorded streams, with gaps and damage."""

import pytest

from seccstack import v2gtp
from seccstack.capture.payloads import LenientReader
from seccstack.v2gtp import EXI, HEADER, MAX_PROBLEMS, MESSAGE_LIMIT, Payload, Problem

ONE, TWO = v2gtp.encode(EXI, b"one"), v2gtp.encode(EXI, b"two")


@pytest.fixture
def reader():
    return LenientReader(synchronised=True)


def payloads(found):
    return [item.octets for item in found if isinstance(item, Payload)]


def test_messages_are_cut_out_of_any_pieces(reader):
    found = [p for octet in ONE + TWO for p in reader.feed(bytes([octet]))]
    assert payloads(found) == [b"one", b"two"]


def test_a_stream_that_is_entered_in_the_middle_begins_with_the_next_header():
    reader = LenientReader(synchronised=False)
    assert reader.feed(b"the rest of a message") == []
    assert payloads(reader.feed(b"and more" + ONE)) == [b"one"]


@pytest.mark.parametrize("cut", [1, 3, 4, 7])
def test_a_header_may_be_cut_in_two_where_one_is_looked_for(cut):
    reader = LenientReader(synchronised=False)
    assert reader.feed(b"noise" + ONE[:cut]) == []
    assert payloads(reader.feed(ONE[cut:])) == [b"one"]


@pytest.mark.parametrize("length", [0, MESSAGE_LIMIT + 1])
def test_a_header_with_an_impossible_length_is_none(length):
    reader = LenientReader(synchronised=False)
    lure = bytes.fromhex("01FE8001") + length.to_bytes(4)
    assert payloads(reader.feed(lure + ONE)) == [b"one"]


def test_after_a_gap_half_a_message_is_of_no_use(reader):
    assert reader.feed(ONE[:-1]) == []
    assert reader.lose() == len(ONE) - 1
    assert payloads(reader.feed(b"e" + TWO)) == [b"two"]


def test_after_damage_reading_goes_on_with_the_next_header(reader):
    found = reader.feed(ONE + b"\xff\xff damage \xff\xff" + TWO)
    assert payloads(found) == [b"one", b"two"]
    assert [item.why for item in found if isinstance(item, Problem)] == ["FF FF"]


def test_damage_may_come_first(reader):
    assert payloads(reader.feed(b"\xff" * 9 + ONE)) == [b"one"]


def test_a_message_that_began_in_an_earlier_piece_is_not_read_twice(reader):
    assert reader.feed(ONE[:6]) == []
    found = reader.feed(ONE[6:] + b"\xff" * 9 + TWO)
    assert payloads(found) == [b"one", b"two"]


def test_a_message_that_ended_with_the_first_octet_of_a_piece_is_not_looked_for_again(reader):
    long = v2gtp.encode(EXI, b"a long one" * 5)
    assert reader.feed(long[:-1]) == []
    assert payloads(reader.feed(long[-1:] + b"\xff" * 9 + TWO)) == [b"a long one" * 5, b"two"]


def test_a_payload_of_an_unknown_type_is_told_and_passed_over(reader):
    found = reader.feed(v2gtp.encode(0x4C41, b"whatever") + ONE)
    assert found == [
        Problem("payload type", "4C41, 8 octets", fatal=False),
        Payload(EXI, b"one"),
    ]


def test_many_unknown_payloads_before_damage_do_not_make_a_message_come_twice(reader):
    unknown = v2gtp.encode(0x4C41, bytes(26))
    found = reader.feed(unknown + ONE + unknown + b"\xff" * 9 + TWO)
    assert payloads(found) == [b"one", b"two"]


def test_a_message_that_comes_again_behind_damage_is_another_one(reader):
    assert payloads(reader.feed(ONE + b"\xff" * 9 + ONE + TWO)) == [b"one", b"one", b"two"]


def test_a_piece_that_is_full_of_damage_is_read_to_its_end(reader):
    found = reader.feed((ONE + b"\xff") * 5000)
    assert len(payloads(found)) == 5000
    assert len(found) == 5000 + MAX_PROBLEMS


def test_an_unwanted_payload_may_go_on_in_later_pieces(reader):
    unwanted = v2gtp.encode(0x4C41, bytes(100))
    assert len(reader.feed(ONE + unwanted[:50])) == 2
    assert reader.feed(unwanted[50:90]) == []
    assert payloads(reader.feed(unwanted[90:] + TWO)) == [b"two"]


@pytest.mark.parametrize(
    ("number", "meant"),
    [(0x8101, "schedule renegotiation"), (0x8104, "parking status")],
)
def test_what_a_side_channel_of_iso_15118_20_is_for_is_told(reader, number, meant):
    [problem] = reader.feed(v2gtp.encode(number, b"12345"))
    assert problem.why == f"{number:04X} ({meant}), 5 octets"


def test_nothing_is_kept_of_what_can_not_be_part_of_a_message():
    reader = LenientReader(synchronised=False)
    for _ in range(100):
        reader.feed(bytes(10_000))
    assert len(reader._octets) < HEADER.size


def test_a_length_beyond_the_limit_is_told_and_the_next_header_looked_for(reader):
    found = reader.feed(b"\x01\xfe\x80\x01" + (MESSAGE_LIMIT + 1).to_bytes(4) + TWO)
    assert found == [
        Problem("payload length", "16385 octets, 16384 at most", fatal=True),
        Payload(EXI, b"two"),
    ]
