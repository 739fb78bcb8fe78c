"""Every link type that captures of this field have, as scapy writes it."""

import pytest
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import (
    ICMPv6ND_NS,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
)
from scapy.layers.l2 import ARP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Ether
from scapy.packet import Raw

from seccstack.capture.frames import (
    ACK,
    MAX_EXTENSIONS,
    SYN,
    Datagram,
    PowerlineFrame,
    Segment,
    Unreadable,
    read_frame,
)
from seccstack.capture.packets import Packet
from tests.capture.scene import EV, EVSE, address, colons

ETHER = Ether(src=colons(EV), dst=colons(EVSE))
IPV6 = IPv6(src=address(EV), dst=address(EVSE))
DATAGRAM = IPV6 / UDP(sport=49152, dport=15118) / b"hello"
POWERLINE = bytes.fromhex("88E1") + b"\x01\x64\x60" + bytes(40)

LINKS = {
    "ethernet": (1, ETHER),
    "a VLAN tag": (1, ETHER / Dot1Q(vlan=7)),
    "two VLAN tags": (1, ETHER / Dot1AD(vlan=7) / Dot1Q(vlan=8)),
    "cooked": (113, CookedLinux(src=EV, lladdrlen=6)),
    "cooked, version 2": (276, CookedLinuxV2(src=EV, lladdrlen=6)),
    "cooked, with a VLAN tag": (113, CookedLinux(src=EV, lladdrlen=6) / Dot1Q(vlan=7)),
    "cooked 2, two tags": (
        276,
        CookedLinuxV2(src=EV, lladdrlen=6, proto=0x88A8) / Dot1Q(vlan=7) / Dot1Q(vlan=8),
    ),
    "loopback": (0, Raw(b"\x1e\0\0\0")),
    "loopback in network order": (108, Raw(b"\0\0\0\x18")),
    "raw": (101, Raw(b"")),
    "raw IPv6": (229, Raw(b"")),
    "raw, old number": (12, Raw(b"")),
}
WITHOUT_MAC = {0, 12, 101, 108, 229}


def read(packet, link_type=1, note=""):
    return read_frame(Packet(7, 1.5, link_type, bytes(packet), note))


@pytest.mark.parametrize("name", LINKS)
def test_a_datagram_is_read_from_every_link_type(name):
    link_type, link = LINKS[name]
    frame = read(link / DATAGRAM, link_type)
    assert isinstance(frame, Datagram)
    assert (frame.number, frame.time, frame.octets) == (7, 1.5, b"hello")
    assert str(frame.source) == f"[{address(EV)}]:49152"
    assert frame.destination.port == 15118
    assert frame.mac == (None if link_type in WITHOUT_MAC else EV)


@pytest.mark.parametrize(
    ("link_type", "link", "destination"),
    [
        (1, bytes(ETHER)[:12], EVSE),
        (1, bytes(ETHER)[:12] + bytes.fromhex("8100 0007"), EVSE),
        (113, bytes(CookedLinux(src=EV, lladdrlen=6, pkttype=1))[:14], b"\xff" * 6),
        (113, bytes(CookedLinux(src=EV, lladdrlen=6, pkttype=4))[:14], bytes(6)),
    ],
)
def test_a_powerline_frame_becomes_one_without_tags(link_type, link, destination):
    frame = read(link + POWERLINE, link_type)
    assert frame == PowerlineFrame(7, 1.5, destination + EV + POWERLINE)


def test_a_powerline_frame_in_cooked_format_version_2():
    link = CookedLinuxV2(proto=0x88E1, src=EV, lladdrlen=6, pkttype=1)
    frame = read(bytes(link) + POWERLINE[2:], 276)
    assert frame == PowerlineFrame(7, 1.5, b"\xff" * 6 + EV + POWERLINE)


def test_a_segment_is_read_with_its_options_and_a_wrong_checksum():
    tcp = TCP(sport=5, dport=6, seq=9, ack=8, flags="SA", options=[("MSS", 350)], chksum=1)
    segment = read(ETHER / IPV6 / tcp / b"data")
    assert isinstance(segment, Segment)
    assert (segment.sequence, segment.acknowledged, segment.flags) == (9, 8, SYN | ACK)
    assert segment.octets == b"data"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([("MSS", 350)], "MSS=350"),
        ([], "none"),
        (
            [("MSS", 1440), ("NOP", None), ("WScale", 8), ("SAckOK", b"")],
            "MSS=1440 NOP WS=8 SACK",
        ),
        ([("NOP", None), ("NOP", None), ("Timestamp", (1, 0))], "NOP NOP TS"),
    ],
)
def test_of_a_syn_is_told_what_its_sender_chose(options, words):
    ip = IPv6(src=address(EV), dst="fe80::2", hlim=64)
    segment = read(ETHER / ip / TCP(flags="S", window=350, options=options))
    assert segment.opening == f"window 350, hop limit 64, options {words}"
    assert read(ETHER / ip / TCP(flags="A", options=options)).opening == ""


@pytest.mark.parametrize("options", [b"\x02\x00\x00\x00", b"\x01\x01\x01\x02"])
def test_options_that_are_broken_are_told_as_far_as_they_go(options):
    octets = bytes(ETHER / IPV6 / TCP(flags="S", options=[("MSS", 350)]))
    told = read(octets[:-4] + options).opening
    assert told.endswith("options none" if options[0] == 2 else "options NOP NOP NOP")


def test_ethernet_padding_is_no_payload():
    segment = read(bytes(ETHER / IPV6 / TCP()) + bytes(6))
    assert segment.octets == b""


def test_a_length_of_zero_means_all_there_is():
    segment = read(ETHER / IPv6(src="fe80::1", dst="fe80::2", plen=0, nh=6) / TCP() / b"data")
    assert segment.octets == b"data"


def test_extension_headers_are_passed_over():
    extensions = IPv6ExtHdrHopByHop() / IPv6ExtHdrRouting() / IPv6ExtHdrDestOpt()
    assert read(ETHER / IPV6 / extensions / UDP() / b"x").octets == b"x"


def test_endless_extension_headers_are_not_followed():
    extensions = IPv6ExtHdrDestOpt()
    for _ in range(MAX_EXTENSIONS):
        extensions /= IPv6ExtHdrDestOpt()
    assert read(ETHER / IPV6 / extensions / UDP() / b"x") is None


def test_a_fragment_is_said_to_be_one():
    frame = read(ETHER / IPV6 / IPv6ExtHdrFragment(m=1) / UDP())
    assert frame == Unreadable(7, 1.5, "an IPv6 fragment")


@pytest.mark.parametrize(
    "packet", [ETHER / ARP(), ETHER / IP() / UDP(), ETHER / IPV6 / ICMPv6ND_NS()]
)
def test_what_is_not_of_this_field_is_nothing(packet):
    assert read(packet) is None


def test_raw_ipv4_is_nothing():
    assert read(IP(src="10.0.0.1", dst="10.0.0.2") / UDP(), 101) is None


def test_an_unknown_link_type_is_said():
    assert read(b"whatever", 195) == Unreadable(7, 1.5, "link type 195 is unknown")


@pytest.mark.parametrize("length", [0, 13, 20, 55, 60])
def test_a_packet_cut_within_its_headers_is_said(length):
    frame = read(bytes(ETHER / IPV6 / TCP())[:length])
    assert frame == Unreadable(7, 1.5, f"cut within its headers, after {length} octets")
