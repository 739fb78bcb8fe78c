"""How a vehicle opens its TCP connection; scapy makes the SYNs."""

import pytest
from scapy.layers.inet import TCP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrHopByHop

from seccstack.auth.opening import opening, opening_of

WORDS = {"window": 350, "flags": "S"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([("MSS", 1440), ("NOP", None), ("WScale", 8)], "MSS=1440 NOP WS=8"),
        ([("SAckOK", b""), ("Timestamp", (1, 0))], "SACK TS"),
        ([], "none"),
    ],
)
def test_window_hop_limit_and_options_are_told(options, words):
    headers = bytes(IPv6(hlim=10) / TCP(**WORDS, options=options))
    assert opening_of(headers) == f"window 350, hop limit 10, options {words}"


def test_what_follows_the_headers_is_not_told():
    headers = bytes(IPv6(hlim=10) / TCP(**WORDS) / b"\x02\x04\x05\xa0")
    assert opening_of(headers).endswith("options none")


@pytest.mark.parametrize(
    "headers",
    [
        b"",
        bytes(IPv6() / TCP())[:59],
        bytes(IPv6() / UDP() / bytes(20)),
        bytes(IPv6() / IPv6ExtHdrHopByHop() / TCP()),
        bytes([0x45]) + bytes(IPv6() / TCP())[1:],
    ],
)
def test_of_what_is_no_syn_in_ipv6_nothing_is_told(headers):
    assert opening_of(headers) == ""


@pytest.mark.parametrize("options", [b"\x02", b"\x02\x00\x05\xa0", b"\x00\x02\x04"])
def test_options_that_end_or_are_cut_are_told_no_further(options):
    assert opening(1, 2, b"\x01" + options) == "window 1, hop limit 2, options NOP"


def test_a_cut_value_is_told_as_far_as_it_goes():
    assert opening(1, 2, b"\x02\x04\x05").endswith("MSS=5")
