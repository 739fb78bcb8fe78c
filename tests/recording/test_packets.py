"""Headers and checksums, as scapy understands and computes them."""

import ipaddress

from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether

from seccstack.capture.frames import ACK, SYN, Endpoint
from seccstack.recording.blocks import Interface
from seccstack.recording.packets import MSS_OPTION, Station, datagram, segment

EV_MAC, EVSE_MAC = bytes.fromhex("02AA00000001"), bytes.fromhex("02BB00000001")
EV, EVSE = "fe80::aa:ff:fe00:1", "fe80::bb:ff:fe00:1"


def station(address, port, mac):
    return Station(Endpoint(ipaddress.IPv6Address(address).packed, port), mac)


CAR, BOX = station(EV, 50000, EV_MAC), station(EVSE, 49152, EVSE_MAC)


def as_scapy_would(octets, kind):
    """The same packet, with lengths and checksums computed anew."""
    parsed = kind(octets)
    for layer, fields in ((IPv6, ("plen",)), (UDP, ("len", "chksum")), (TCP, ("chksum",))):
        if layer in parsed:
            for name in fields:
                delattr(parsed[layer], name)
    return bytes(parsed)


@given(st.binary(max_size=60))
def test_a_datagram_is_what_scapy_would_have_made(payload):
    made = datagram(CAR, BOX, payload)
    assert made.interface is Interface.ETHERNET
    assert as_scapy_would(made.octets, Ether) == made.octets
    assert bytes(Ether(made.octets)[UDP].payload) == payload


@given(st.binary(max_size=60), st.integers(0, 2**33), st.sampled_from([b"", MSS_OPTION]))
def test_so_is_a_segment(payload, sequence, options):
    made = segment(BOX, CAR, sequence, sequence + 1, SYN | ACK, payload, options)
    tcp = Ether(made.octets)[TCP]
    assert as_scapy_would(made.octets, Ether) == made.octets
    assert (tcp.sport, tcp.dport, tcp.seq) == (49152, 50000, sequence % 2**32)
    assert bytes(tcp.payload) == payload
    assert tcp.options == ([("MSS", 1440)] if options else [])


def test_a_checksum_that_comes_to_nothing_is_written_as_all_ones():
    sums = {datagram(CAR, BOX, n.to_bytes(2)).octets[60:62] for n in range(1 << 16)}
    assert b"\xff\xff" in sums
    assert b"\x00\x00" not in sums


def test_a_group_has_the_ethernet_address_that_follows_from_it():
    made = Ether(datagram(CAR, station("ff02::1", 15118, None), b"").octets)
    assert (made.dst, made.src) == ("33:33:00:00:00:01", "02:aa:00:00:00:01")


def test_where_an_ethernet_address_is_unknown_none_is_made_up():
    made = segment(CAR, station(EVSE, 49152, None), 0, 0, SYN)
    assert made.interface is Interface.IPV6
    assert as_scapy_would(made.octets, IPv6) == made.octets
