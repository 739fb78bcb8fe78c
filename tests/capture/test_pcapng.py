"""The block format: what matters is read; other blocks, and damaged ones, are passed over."""

import struct
from io import BytesIO

import pytest
from scapy.packet import Raw
from scapy.utils import PcapNgWriter

from seccstack.capture.packets import MOST_DAMAGED, Lost, Packet, Secrets
from seccstack.capture.pcapng import MAX_BLOCK, MAX_INTERFACES
from tests.capture.files import (
    TIME,
    block,
    enhanced,
    interface,
    losses,
    option,
    packets,
    records,
    section,
)

FILE = section() + interface()


def test_a_file_by_scapy_is_read(tmp_path):
    path = tmp_path / "some.pcapng"
    with PcapNgWriter(str(path)) as writer:
        for number in (1, 2):
            packet = Raw(b"packet %d" % number)
            packet.time = TIME + number
            writer.write(packet)
    found = packets(path.read_bytes())
    assert [(p.number, p.octets) for p in found] == [(1, b"packet 1"), (2, b"packet 2")]
    assert [p.time for p in found] == pytest.approx([TIME + 1, TIME + 2])


@pytest.mark.parametrize("order", "<>")
def test_both_byte_orders_are_read(order):
    octets = section(order) + interface(order) + enhanced(b"hello", order=order)
    assert records(octets) == [Packet(1, TIME, 1, b"hello")]


def test_sections_of_both_byte_orders_may_follow_each_other():
    first = section("<") + interface("<") + enhanced(b"one", order="<")
    second = section(">") + interface(">", link_type=113) + enhanced(b"two", order=">")
    assert [(p.octets, p.link_type) for p in packets(first + second)] == [
        (b"one", 1),
        (b"two", 113),
    ]


@pytest.mark.parametrize(
    ("options", "ticks"),
    [
        (option(9, b"\x09"), TIME * 10**9),  # nanoseconds
        (option(9, b"\x8a"), TIME * 2**10),  # 1/1024 seconds
        (option(14, struct.pack("<q", 1000)), (TIME - 1000) * 10**6),
        (option(2, b"eth0") + option(9, b"\x06") + option(0, b""), TIME * 10**6),
        (option(9, b"") + option(14, b"\x01"), TIME * 10**6),  # neither says anything
    ],
)
def test_an_interface_says_how_its_clock_counts(options, ticks):
    [packet] = packets(section() + interface(options=options) + enhanced(b"x", ticks))
    assert packet.time == TIME


def test_a_packet_belongs_to_its_interface():
    octets = section() + interface() + interface(link_type=276) + enhanced(b"x", which=1)
    assert [packet.link_type for packet in packets(octets)] == [276]


def test_a_packet_of_an_unknown_interface_is_lost():
    what = "a packet of interface 4, which is not described"
    assert records(FILE + enhanced(b"x", which=4)) == [Lost(0, what)]


def test_interfaces_beyond_the_bound_are_not_kept():
    octets = section() + interface() * (MAX_INTERFACES + 1)
    assert losses(octets + enhanced(b"x", which=MAX_INTERFACES))


def test_a_packet_that_was_not_captured_whole_says_so():
    [packet] = packets(FILE + enhanced(b"part", length=60))
    assert packet.note == "4 of 60 octets captured"


def test_a_packet_without_a_time_gets_that_of_the_one_before():
    simple = block(3, struct.pack("<I", 3) + b"abc")
    _, packet = packets(FILE + enhanced(b"x") + simple)
    assert packet == Packet(2, TIME, 1, b"abc", "without a time of its own")


def test_a_packet_without_a_time_is_cut_as_its_interface_says():
    simple = block(3, struct.pack("<I", 300) + b"abcd")
    [packet] = packets(section() + interface(snap_length=4) + simple)
    assert packet.octets == b"abcd"


def test_a_packet_without_a_time_needs_an_interface_too():
    assert losses(section() + block(3, struct.pack("<I", 1) + b"a"))


def test_the_obsolete_packet_block_is_read():
    ticks = TIME * 10**6
    head = struct.pack("<HHIIII", 0, 0, ticks >> 32, ticks & 0xFFFFFFFF, 2, 2)
    assert records(FILE + block(2, head + b"ab")) == [Packet(1, TIME, 1, b"ab")]


def test_a_tls_key_log_is_handed_on_and_never_printed():
    secret = b"CLIENT_RANDOM 00 11\n"
    body = struct.pack("<II", 0x544C534B, len(secret)) + secret
    [found] = records(FILE + block(10, body))
    assert found == Secrets(secret)
    assert "CLIENT" not in repr(found)


def test_other_secrets_and_unknown_blocks_are_passed_over():
    other = block(10, struct.pack("<II", 0x57474B4C, 1) + b"w") + block(0xBAD, b"whatever")
    assert [p.octets for p in packets(FILE + other + enhanced(b"x"))] == [b"x"]


def test_a_block_too_short_for_its_type_is_lost_alone():
    octets = FILE + block(6, b"short") + enhanced(b"x")
    what = "a block of type 6 is too short for what it must hold"
    assert records(octets) == [Lost(0, what), Packet(1, TIME, 1, b"x")]


def test_a_file_that_ends_within_a_block_says_how_much_is_of_no_use():
    octets = FILE + enhanced(b"x")
    last = records(octets + enhanced(b"y")[:-4])[-1]
    assert last == Lost(1, f"32 octets at {len(octets)} to the end are damaged or cut short")


def test_a_file_that_ends_within_a_block_header_says_so():
    what = "the file ends within a block, 4 octets of it"
    assert losses(FILE + b"\x06\0\0\0") == [Lost(0, what)]


@pytest.mark.parametrize("length", [0, 7, 13, 48, 200, 0x7FFFFFF0])
def test_after_a_damaged_block_reading_goes_on_with_the_next(length):
    bad = bytearray(enhanced(b"lost"))
    bad[4:8] = struct.pack("<I", length)
    found = records(FILE + enhanced(b"a") + bad + enhanced(b"b"))
    assert [r.octets for r in found if isinstance(r, Packet)] == [b"a", b"b"]
    assert "36 damaged octets" in found[1].what


def test_a_section_of_no_byte_order_is_damage():
    bad = bytearray(section())
    bad[8:12] = b"\0\0\0\0"
    assert [p.octets for p in packets(FILE + bad + enhanced(b"x"))] == [b"x"]


def test_damage_longer_than_any_block_is_passed_over():
    octets = FILE + enhanced(b"a") + b"\xff" * (3 * MAX_BLOCK) + enhanced(b"b")
    assert [p.octets for p in packets(octets)] == [b"a", b"b"]


def test_the_file_may_come_in_pieces():
    file = BytesIO(FILE + enhanced(b"a") * 3)
    assert len(packets(file.getvalue(), step=3)) == 3


def test_damage_without_end_is_not_searched_without_end():
    [told] = losses(section() + b"\xff" * (MOST_DAMAGED + (1 << 24)))
    assert told.what.endswith("the rest is not read")
