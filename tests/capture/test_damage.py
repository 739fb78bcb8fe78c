"""Damaged captures of every kind: read to their end, with no error but the declared one."""

import json
from functools import cache
from io import BytesIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seccstack.capture.packets import MAX_CAPTURED, Packet
from seccstack.capture.reader import read_packets
from seccstack.capture.sessions import sessions_of
from seccstack.capture.timeline import timeline_of
from seccstack.capture.trace import read_trace
from seccstack.errors import UsageError
from tests.capture.files import enhanced, interface, option, pcap, section
from tests.capture.scene import PAUSE, STOP, STOPPED, Scene

WHOSE = {"ev", "evse", "line", "capture", "unclear"}
BOUNDED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@cache
def scene():
    """A capture with all that can be in one, TLS and a pilot too."""
    staged = Scene()
    staged.packet(
        b"\xff" * 6
        + bytes(6)
        + bytes.fromhex("88E1 01 0280 0000 644D70")
        + b'dSPACE|{"CP State" : "State_B2","CP/CE Voltage [V]" : 8.9}'
    )
    staged.match()
    staged.discover(security=0x00)
    staged.connect().send("ev", b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00")
    staged.discover()
    staged.connect().set_up().exchange(PAUSE, STOPPED)
    staged.connect().set_up().exchange(STOP, STOPPED)
    return staged


@cache
def octets_of():
    return tuple(packet.octets for packet in scene().packets)


@cache
def files():
    clock = option(9, b"\x09") + option(14, (5).to_bytes(8, "little"))
    packets = octets_of()
    blocks = b"".join(map(enhanced, packets))
    swapped = b"".join(enhanced(one, order=">", which=1) for one in packets)
    return (
        pcap(packets),
        pcap(packets, order=">", nano=True),
        section() + interface() + blocks,
        section(">") + interface(">") + interface(">", options=b"") + swapped,
        section() + interface(options=clock) + blocks + section() + interface() + blocks,
    )


def told(records):
    """Read it all, in every form that there is; return how many things happened."""
    trace = read_trace("damaged", records)
    for session in sessions_of(trace):
        json.dumps(session.to_json(), allow_nan=False)
        assert all(str(line) or True for line in timeline_of(session))
        assert session.failure is None or session.failure.whose in WHOSE
    return len(trace.items)


def told_of(octets):
    file = BytesIO(octets)
    try:
        return told(read_packets(lambda count: file.read(min(count, 4096))))
    except UsageError:
        return 0


changes = st.lists(
    st.tuples(
        st.integers(0, 1 << 20),  # where, around the file's length
        st.sampled_from(["set", "cut", "put", "copy"]),
        st.binary(min_size=1, max_size=24),
    ),
    min_size=1,
    max_size=12,
)


def changed(octets, steps):
    octets = bytearray(octets)
    for where, how, what in steps:
        at = where % (len(octets) + 1)
        if how == "set":
            octets[at : at + len(what)] = what
        elif how == "cut":
            del octets[at : at + 8 * len(what)]
        elif how == "put":
            octets[at:at] = what
        else:
            octets[at:at] = octets[at // 2 : at // 2 + 8 * len(what)]
    return bytes(octets)


@BOUNDED
@given(which=st.integers(0, 4), steps=changes, end=st.integers(0, 400))
def test_a_file_that_is_damaged_anywhere_is_read_to_its_end(which, steps, end):
    octets = changed(files()[which], steps)
    told_of(octets[: len(octets) - end])


@BOUNDED
@given(steps=st.lists(st.tuples(st.integers(0, 999), changes), min_size=1, max_size=6))
def test_packets_that_are_damaged_in_themselves_are_told_or_passed_over(steps):
    packets = list(scene().packets)
    for which, change in steps:
        at = which % len(packets)
        old = packets[at]
        packets[at] = Packet(old.number, old.time, old.link_type, changed(old.octets, change))
    told(packets)


@BOUNDED
@given(
    order=st.permutations(range(len(octets_of()))),
    times=st.lists(st.floats(-1e12, 1e12), min_size=60, max_size=60),
    links=st.lists(st.sampled_from([1, 1, 1, 1, 0, 12, 101, 113, 228, 276]), min_size=60),
)
def test_packets_in_any_order_at_any_time_are_read(order, times, links):
    packets = [
        Packet(number, time, link, octets_of()[which])
        for number, (which, time, link) in enumerate(zip(order, times, links, strict=False), 1)
    ]
    told(packets)


@BOUNDED
@given(noise=st.binary(max_size=3000), which=st.integers(0, 4))
def test_noise_behind_a_header_is_told_and_nothing_else_comes_of_it(noise, which):
    header = files()[which][:48]
    assert told_of(header + noise) <= 1


@pytest.mark.parametrize("which", range(4))
def test_no_file_makes_more_happen_than_it_has_packets_for(which):
    assert told_of(files()[which]) <= 2 * len(octets_of())


@pytest.mark.parametrize("size", [0xFFFFFFFF, MAX_CAPTURED + 1, 0x7FFFFFFF])
def test_a_length_that_a_file_only_claims_costs_no_memory(size):
    """The reader asks for no more octets at once than a packet or a block may have."""
    asked = []
    file = BytesIO(pcap([b"x"]) + bytes(8) + 2 * size.to_bytes(4, "little") + bytes(100))

    def read(count):
        asked.append(count)
        return file.read(count)

    told(read_packets(read))
    assert max(asked) <= 1 << 20
