"""What our own recorder tells beside packets: a plug that is pulled is nobody's fault."""

import struct

import pytest

from seccstack.capture.remarks import MAX_READINGS, MAX_UNPLUGGED
from seccstack.capture.sessions import sessions_of
from seccstack.capture.trace import read_trace
from tests.capture.files import TIME, block, enhanced, interface, option, packets, records
from tests.capture.scene import Scene

OURS, OTHERS = b"seccstack 0.1.0", b"Dumpcap 4.0"


def file(*blocks, by=OURS, order="<"):
    header = struct.pack(f"{order}IHHq", 0x1A2B3C4D, 1, 0, -1) + option(4, by, order)
    return block(0x0A0D0D0A, header, order) + interface(order) + b"".join(blocks)


def told(octets, comment, ticks=TIME * 1_000_000, order="<"):
    plain = enhanced(octets.ljust((len(octets) + 3) // 4 * 4, b"\0"), ticks, order)
    body = bytearray(plain[8:-4])
    body[12:20] = struct.pack(f"{order}II", len(octets), len(octets))
    return block(
        6, bytes(body) + option(2, b"\0\0\0\0", order) + option(1, comment, order), order
    )


def trace_of(*blocks, by=OURS):
    return read_trace("own.pcapng", records(file(*blocks, by=by)))


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("octets", [b"1234", b"12345"])
def test_what_our_recorder_writes_beside_a_packet_is_read(order, octets):
    [packet] = packets(file(told(octets, b"pilot state B", order=order), order=order))
    assert (packet.octets, packet.remarks) == (octets, "pilot state B")


def test_a_packet_with_nothing_beside_it_has_no_remark():
    assert packets(file(enhanced(b"1234")))[0].remarks == ""


def test_what_others_write_beside_their_packets_is_theirs():
    assert packets(file(told(b"1234", b"pilot state B"), by=OTHERS))[0].remarks == ""


def test_each_line_tells_something_or_nothing():
    trace = trace_of(told(b"1234", b"pilot state A\ncontactor: open!\nunplugged (no. 1)\n\xff"))
    [reading], [unplugged] = trace.pilot, trace.unplugged
    assert (reading.state, reading.number, reading.time) == ("A", 1, TIME)
    assert (unplugged.number, unplugged.time) == (1, TIME)


@pytest.mark.parametrize(
    "line", ["pilot state G", "was unplugged (no. 1)", "unplugged (no. 1) "]
)
def test_words_that_are_not_quite_ours_tell_nothing(line):
    trace = trace_of(told(b"1234", line.encode()))
    assert (trace.pilot, trace.unplugged) == ((), ())


def test_no_more_is_kept_than_its_bound():
    lines = b"\n".join([b"pilot state B", b"unplugged (no. 1)"] * 100)
    trace = trace_of(*[told(b"1234", lines)] * (MAX_READINGS // 100 + 1))
    assert (len(trace.pilot), len(trace.unplugged)) == (MAX_READINGS, MAX_UNPLUGGED)


def broken_off(told_beside=b""):
    """A charge that ends with the charger closing the connection; with a remark at that."""
    scene = Scene()
    scene.match()
    scene.discover()
    scene.connect().set_up().close("evse")
    ticks = [round(packet.time * 1_000_000) for packet in scene.packets]
    *before, last = zip(scene.packets, ticks, strict=True)
    blocks = [told(packet.octets, b"", at) for packet, at in before]
    return trace_of(*blocks, told(last[0].octets, told_beside, last[1]))


def test_who_closes_because_the_plug_is_pulled_has_not_failed():
    [session] = sessions_of(broken_off(b"pilot state A\nunplugged (no. 1)"))
    assert session.failure is None
    assert session.ended.endswith("; unplugged")
    assert [reading.state for reading in session.plug_in.pilot] == ["A"]


def test_who_closes_out_of_the_blue_has():
    [session] = sessions_of(broken_off(b"pilot state C"))
    assert session.failure.whose == "evse"
    assert "unplugged" not in session.ended
