"""What a recording's capture has of what happened."""

import io

import pytest
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.utils import PcapNgReader

from seccstack import events
from seccstack.capture.packets import Secrets as SecretsRead
from seccstack.capture.reader import read_packets
from seccstack.recording import wire as wire_module
from seccstack.recording.entries import Closed, Octets, Opened, Secrets, Served, Step
from seccstack.recording.redaction import Redaction
from seccstack.recording.wire import MAX_COMMENTS, MAX_NEIGHBOURS, MAX_STREAMS, Wire
from seccstack.slac import station

EV, EVSE = "fe80::aa:ff:fe00:1", "fe80::bb:ff:fe00:1"
EV_MAC, EVSE_MAC = bytes.fromhex("02AA00000001"), bytes.fromhex("02BB00000001")
ASKED = events.DatagramReceived(EV, 50000, b"who?", EV_MAC)
SERVED = Served(0.0, EVSE, EVSE_MAC)
OPENED = Opened(0.0, 1, (EV, 50001), (EVSE, 49152))


def step(event=None, *actions):
    return Step(0.0, event, actions, None)


def packets(*entries, secrets=False):
    """The packets of entries, as scapy reads them, each with its comment."""
    wire = Wire(Redaction(off=secrets))
    octets = wire.begin("us", "", first=True) + b"".join(wire.write(e, 0) for e in entries)
    reader = PcapNgReader(io.BytesIO(octets))
    return [(packet, packet.comment or b"") for packet in reader.read_all()]


def kinds(*entries):
    return [type(packet) for packet, _ in packets(*entries)]


def test_frames_are_as_they_were():
    frame = bytes(range(60))
    [(packet, _)] = packets(step(station.FrameReceived(frame)))
    assert bytes(packet) == frame
    [(packet, _)] = packets(step(None, station.SendFrame(frame)))
    assert bytes(packet) == frame


def test_a_vehicle_asks_all_nodes_and_we_answer_it():
    answer = events.SendDatagram(EV, 50000, b"me")
    [(asked, _), (answered, _)] = packets(SERVED, step(ASKED, answer))
    assert (asked[Ether].src, asked[IPv6].dst) == ("02:aa:00:00:00:01", "ff02::1")
    assert (answered[Ether].src, answered[Ether].dst) == (
        "02:bb:00:00:00:01", "02:aa:00:00:00:01",
    )  # fmt: skip
    assert (answered[IPv6].src, answered.sport, answered.dport) == (EVSE, 15118, 50000)


def test_our_addresses_are_known_from_the_outlet_where_no_tap_told_them():
    told = [step(station.Opened(EVSE_MAC)), step(events.NetworkOpened(EVSE, 49152))]
    answer = step(ASKED, events.SendDatagram(EV, 50000, b"me"))
    [_, (answered, _)] = packets(*told, step(station.Opened(bytes(6))), answer)
    assert (answered[Ether].src, answered[IPv6].src) == ("02:bb:00:00:00:01", EVSE)


def test_of_a_vehicle_without_a_known_ethernet_address_there_is_ipv6_alone():
    asked = step(events.DatagramReceived(EV, 50000, b"who?"))
    assert kinds(SERVED, asked, OPENED) == [IPv6] * 4


def test_a_stream_is_of_the_vehicle_whose_address_was_met():
    met = step(events.StreamOpened(1, EV, bytes(8), 0, EV_MAC))
    assert kinds(SERVED, OPENED) == [IPv6] * 3
    assert kinds(SERVED, met, OPENED, Octets(0.0, 1, "ev", b"x")) == [Ether] * 4


def test_what_is_no_streams_is_nobodys():
    assert kinds(Octets(0.0, 1, "ev", b"x"), Closed(0.0, 1, "ev", True)) == []


def test_a_stream_that_both_have_ended_is_forgotten():
    ended = [Closed(0.0, 1, "ev", False), Closed(0.0, 1, "evse", False)]
    assert len(kinds(OPENED, *ended, Octets(0.0, 1, "ev", b"x"))) == 3 + 3


def test_what_happened_is_a_comment_of_the_next_packet():
    frame = station.SendFrame(bytes(60))
    noted = events.Noted("pilot", {"state": "C"})
    heard = step(station.FrameReceived(bytes(60)), noted, events.Ignored("x", "y"), frame)
    assert [comment for _, comment in packets(heard)] == [b"", b"pilot state C"]


def test_only_so_many_comments_wait():
    notes = [events.Noted("limit", {"amps": n, "source": "me"}) for n in range(99)]
    [(_, comment)] = packets(step(None, *notes), step(station.FrameReceived(bytes(60))))
    lines = comment.decode().splitlines()
    assert len(lines) == MAX_COMMENTS
    assert lines[-1] == "limit 98 A, set by me"


def test_only_so_many_streams_are_followed():
    many = [Opened(0.0, n, (EV, 50000 + n), (EVSE, 49152)) for n in range(MAX_STREAMS + 1)]
    first, last = Octets(0.0, 0, "ev", b"x"), Octets(0.0, MAX_STREAMS, "ev", b"x")
    assert len(kinds(*many, first, last)) == 3 * len(many) + 1


def test_only_so_many_neighbours_are_known():
    others = [f"fe80::{n + 1:x}" for n in range(MAX_NEIGHBOURS)]
    met = [step(events.DatagramReceived(a, 1, b"", EVSE_MAC)) for a in others]
    asked = step(ASKED)
    answer = step(None, events.SendDatagram(EV, 50000, b""))
    assert kinds(SERVED, asked, *met, answer)[-1] is IPv6
    assert kinds(SERVED, asked, *met[:-1], answer)[-1] is Ether
    assert kinds(SERVED, asked, *met[:-1], asked, met[-1], answer)[-1] is Ether


LINES = b"CLIENT_RANDOM 00 11\n"


def secrets_of(octets):
    found = read_packets(io.BytesIO(octets).read)
    return [record.lines for record in found if isinstance(record, SecretsRead)]


def test_tls_secrets_are_there_where_they_are_wanted_and_in_each_part():
    wire = Wire(Redaction(off=True))
    head = wire.begin("us", "", first=True)
    assert secrets_of(head + wire.write(Secrets(0.0, LINES), 0)) == [LINES]
    assert secrets_of(wire.begin("us", "", first=False)) == [LINES]
    assert secrets_of(wire.begin("us", "", first=True)) == []


def test_else_they_are_nowhere():
    wire = Wire(Redaction())
    assert wire.write(Secrets(0.0, LINES), 0) == b""
    assert secrets_of(wire.begin("us", "", first=False)) == []


def test_only_so_many_secrets_are_kept(monkeypatch):
    monkeypatch.setattr(wire_module, "MAX_SECRETS", 2 * len(LINES))
    wire = Wire(Redaction(off=True))
    assert [bool(wire.write(Secrets(0.0, LINES), 0)) for _ in range(3)] == [True, True, False]


def test_secrets_are_not_shown_by_accident():
    assert "CLIENT_RANDOM" not in repr(Secrets(0.0, LINES))


@pytest.mark.parametrize("offset", [0, 1_700_000_000 * 10**9])
def test_times_are_of_the_wall(offset):
    wire = Wire(Redaction())
    octets = wire.begin("us", "", first=True)
    octets += wire.write(Step(1.5, station.FrameReceived(bytes(60)), [], None), offset)
    [packet] = read_packets(io.BytesIO(octets).read)
    assert packet.time == offset / 1e9 + 1.5
