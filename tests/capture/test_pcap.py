"""The classic format: what is whole is read, what is not is said."""

import struct

import pytest

from seccstack.capture.packets import MOST_DAMAGED, Lost, Packet
from seccstack.capture.pcap import MOST_EMPTY, REACH
from tests.capture.files import TIME, losses, packets, pcap, records

THREE = [b"first packet", b"the second one", b"and the third"]
RECORD = 16


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("nano", [False, True])
def test_both_byte_orders_and_both_resolutions_are_read(order, nano):
    fraction = 500e-6 if nano else 0.5
    assert records(pcap(THREE, order=order, nano=nano)) == [
        Packet(1, TIME + fraction, 1, THREE[0]),
        Packet(2, TIME + 1 + fraction, 1, THREE[1]),
        Packet(3, TIME + 2 + fraction, 1, THREE[2]),
    ]


def test_the_link_type_is_the_lower_half_of_its_field():
    octets = bytearray(pcap(THREE, link_type=113))
    octets[23] = 0x24  # each packet ends with a check sequence of 4 octets
    assert {packet.link_type for packet in packets(octets)} == {113}


@pytest.mark.parametrize("step", [1, 5, 16, 1000])
def test_the_file_may_come_in_pieces_of_any_size(step):
    assert [packet.octets for packet in packets(pcap(THREE), step)] == THREE


def test_a_packet_that_was_not_captured_whole_says_so():
    [packet] = packets(pcap([b"only this much"], length=100))
    assert packet.note == "14 of 100 octets captured"


def test_a_file_that_ends_within_a_packet_still_gives_what_there_is_of_it():
    *_, last = records(pcap(THREE)[:-5])
    assert (last.octets, last.note) == (b"and the ", "the file ends after 8 of 13 octets")


def test_a_file_that_ends_within_a_record_header_says_so():
    *whole, last = records(pcap(THREE) + bytes(9))
    assert len(whole) == 3
    assert last == Lost(3, "the file ends within a record's header, after 9 octets")


def test_a_file_that_ends_within_its_own_header_has_no_packets():
    assert records(pcap([])[:20]) == [Lost(0, "the file ends within its own header")]


def damaged(octets, at, by):
    return octets[:at] + by + octets[at + len(by) :]


@pytest.mark.parametrize("order", "<>")
def test_after_damage_reading_goes_on_with_the_next_packet(order):
    octets = pcap([*THREE, b"a fourth"], order=order)
    second = 24 + RECORD + len(THREE[0])
    found = records(damaged(octets, second, b"\xff" * 20))
    assert [r.octets for r in found if isinstance(r, Packet)] == [
        THREE[0],
        THREE[2],
        b"a fourth",
    ]
    assert found[1] == Lost(1, f"30 damaged octets at {second}")


def test_the_packet_after_the_damage_may_be_the_last():
    second = 24 + RECORD + len(THREE[0])
    octets = damaged(pcap(THREE), second, b"\xff" * 20)
    assert [p.octets for p in packets(octets)] == [THREE[0], THREE[2]]
    assert [p.octets for p in packets(octets[:-1])] == [THREE[0]]  # cut too: not to be trusted


def test_the_very_first_record_may_be_the_damaged_one():
    octets = pcap(THREE)
    assert [p.octets for p in packets(damaged(octets, 24, b"\xff" * 16))] == THREE[1:]


def test_a_length_beyond_the_end_of_the_file_is_damage_if_records_follow():
    octets = pcap(THREE)
    broken = damaged(octets, 24 + 8, struct.pack("<II", 5000, 5000))
    assert [p.octets for p in packets(broken)] == THREE[1:]
    assert losses(broken) == [Lost(0, "28 damaged octets at 24")]


def test_more_octets_captured_than_there_were_is_damage():
    broken = damaged(
        pcap(THREE), 24 + 8, struct.pack("<I", 28)
    )  # would swallow the next header
    assert [p.octets for p in packets(broken)] == THREE[1:]


def test_damage_up_to_the_end_is_said_with_its_length():
    octets = pcap(THREE) + b"\xff" * 100
    what = f"100 octets at {len(octets) - 100} to the end are damaged"
    assert losses(octets) == [Lost(3, what)]


def test_damage_longer_than_any_packet_is_passed_over_too():
    one, rest = pcap(THREE[:1]), pcap(THREE)
    octets = one + b"\xff" * (3 * REACH) + rest[len(one) :]
    assert [p.octets for p in packets(octets, step=70_000)] == THREE


def test_one_header_that_looks_right_is_not_enough_to_go_on_with():
    lure = struct.pack("<IIII", TIME, 0, 4, 4) + b"lure"
    octets = pcap(THREE[:1]) + b"\xff" * 16 + lure + b"\xff" * 16 + pcap(THREE)[24:]
    assert [p.octets for p in packets(octets)] == [THREE[0], *THREE]


def test_an_empty_record_is_not_what_reading_goes_on_with():
    empty = struct.pack("<IIII", TIME, 0, 0, 0)
    octets = pcap(THREE[:1]) + b"\xff" * 16 + empty + pcap(THREE)[24:]
    assert losses(octets) == [Lost(1, f"32 damaged octets at {24 + RECORD + len(THREE[0])}")]


def test_a_file_behind_another_is_read_in_its_own_way():
    octets = pcap([b"one"]) + pcap([b"two"], order=">", nano=True, link_type=113)
    found = [(p.number, p.link_type, p.octets) for p in records(octets)]
    assert found == [(1, 1, b"one"), (2, 113, b"two")]


def test_what_only_begins_like_a_file_is_none():
    *_, loss = records(pcap([b"one"]) + b"\xd4\xc3\xb2\xa1" + bytes(20))
    assert loss.what == "the file ends within a record's header, after 8 octets"


def test_zeros_without_end_are_not_searched_without_end():
    told = losses(pcap(THREE) + bytes(MOST_DAMAGED + 4 * REACH))
    assert told[0].after == 3 + MOST_EMPTY
    assert told[0].what.endswith(": the rest is not read")


def test_a_place_of_zeros_is_passed_over():
    found = packets(pcap(THREE) + bytes(100_000) + pcap(THREE)[24:])
    assert [packet.octets for packet in found if packet.octets] == THREE * 2
