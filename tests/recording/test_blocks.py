"""Blocks that our reader reads, and scapy's too."""

import io

import pytest
from scapy.utils import PcapNgReader

from seccstack.capture.packets import Packet, Secrets
from seccstack.capture.reader import read_packets
from seccstack.recording import blocks
from seccstack.recording.blocks import (
    LONGEST_COMMENT,
    Interface,
    packet,
    secrets,
    section,
    whole,
)

HEAD = section("seccstack", "a comment")
AT = 1_700_000_000_123_456_789


def read(octets):
    return list(read_packets(io.BytesIO(octets).read))


def test_packets_keep_their_time_interface_and_octets():
    octets = HEAD + packet(Interface.ETHERNET, AT, b"one") + packet(Interface.IPV6, AT + 1, b"")
    one, two = read(octets)
    assert (one.octets, one.link_type, two.octets, two.link_type) == (b"one", 1, b"", 229)
    assert one.time == pytest.approx(AT / 1e9, abs=1e-6)
    assert one.note == two.note == ""


def test_scapy_reads_the_same_to_the_nanosecond():
    reader = PcapNgReader(io.BytesIO(HEAD + packet(Interface.ETHERNET, AT, bytes(60), "said")))
    [found] = reader.read_all()
    assert bytes(found) == bytes(60)
    assert int(found.time * 10**9) == AT
    assert b"said" in (found.comments or [found.comment])


def test_sections_may_follow_one_another():
    octets = HEAD + packet(Interface.ETHERNET, AT, b"one")
    assert [record.number for record in read(octets + octets)] == [1, 2]


def test_secrets_are_a_block_of_their_own():
    lines = b"CLIENT_RANDOM 00 11\n"
    assert read(HEAD + secrets(lines)) == [Secrets(lines)]


def test_a_time_before_1970_is_1970():
    [record] = read(HEAD + packet(Interface.ETHERNET, -5, b"x"))
    assert record == Packet(1, 0.0, 1, b"x")


def test_a_comment_has_its_bound_and_no_half_character():
    [record] = read(HEAD + packet(Interface.ETHERNET, AT, b"x", "é" * LONGEST_COMMENT))
    assert record.octets == b"x"
    assert blocks._text("aé" * LONGEST_COMMENT).decode().endswith("a")


@pytest.mark.parametrize("left", [1, 4, 11, 12, 30])
def test_where_the_last_whole_block_ends(left):
    last = packet(Interface.ETHERNET, AT, b"torn away")
    assert whole(HEAD + last) == len(HEAD + last)
    assert whole(HEAD + last[:left]) == len(HEAD)
    assert whole(HEAD + bytes(16)) == len(HEAD)
