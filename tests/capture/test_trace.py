"""A whole capture, in order: frames, datagrams, messages, and what could not be read."""

import struct
import tracemalloc

import pytest
from scapy.layers.inet import TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether

from seccstack.capture.items import Discovery, Powerline
from seccstack.capture.packets import Lost, Packet, Secrets
from seccstack.capture.trace import (
    CLOCK_STEP,
    KEY_LOG_PORT,
    MAX_LOSSES,
    Loss,
    TraceReader,
    read_trace,
)
from seccstack.homeplug.frame import LOCAL_MODEM
from seccstack.homeplug.messages import SlacParmReq
from seccstack.homeplug.vendor import SwVerReq
from seccstack.sdp import SdpRequest, SdpResponse
from tests.capture.scene import (
    EV,
    EVSE,
    KEY,
    NID,
    PORT,
    RUN,
    STOP,
    STOPPED,
    Scene,
    address,
)

STOPS = "SessionStopReq"


@pytest.fixture
def scene():
    return Scene()


def test_a_powerline_frame_is_kept_with_what_it_says(scene):
    scene.ask()
    [item] = scene.trace().items
    assert isinstance(item, Powerline)
    assert (item.number, item.time) == (1, 1000.1)
    assert item.frame.message == SlacParmReq(run_id=RUN)


def test_a_powerline_frame_that_can_not_be_read_says_why(scene):
    scene.packet(EVSE + EV + bytes.fromhex("88E1 01 6460 0000 00 00") + RUN[:4])
    trace = scene.trace()
    [loss] = trace.losses
    assert (trace.items, loss.number, loss.time) == ((), 1, 1000.1)
    assert loss.what.startswith("a powerline frame that can't be read: SlacParmReq.run_id")


def nobodys(scene):
    """What passes on any line, and is no vehicle's."""
    scene.slac(EV, LOCAL_MODEM, SwVerReq())
    scene.packet(bytes(Ether(dst="33:33:00:00:00:fb") / IPv6() / UDP(dport=5353) / b"mdns"))
    scene.packet(bytes(Ether() / IPv6() / TCP(sport=60918, dport=7, flags="PA") / b"probe"))


def held_after(scene):
    """Octets that a trace of it holds; the packets themselves are made as they come."""
    packets = [(p.time, p.octets) for p in scene.packets]
    tracemalloc.start()
    try:
        records = (Packet(n, at, 1, octets) for n, (at, octets) in enumerate(packets, start=1))
        trace = read_trace("long", records)
        return tracemalloc.get_traced_memory()[0], trace
    finally:
        tracemalloc.stop()


def test_what_is_nobodys_is_held_by_nobody_however_long_it_goes_on(scene):
    held = []
    for _ in range(2):
        for _ in range(2000):
            nobodys(scene)
        octets, trace = held_after(scene)
        held.append(octets)
        assert (trace.items, trace.packets) == ((), len(scene.packets))
    assert held[1] < held[0] + 4096


def test_what_is_said_again_to_the_bit_is_held_once(scene):
    talk = scene.connect().set_up()
    for _ in range(3):
        talk.exchange(STOP, STOPPED)
    said = [(m.message, m.exi) for m in scene.trace().items if getattr(m, "name", "") == STOPS]
    assert len(said) == 3
    assert all(m is said[0][0] and exi is said[0][1] for m, exi in said)


def test_the_network_key_is_in_no_repr(scene):
    scene.confirm()
    shown = repr(scene.trace())
    assert repr(NID) in shown
    for secret in (repr(KEY)[2:-1], KEY.hex(), KEY.hex().upper()):
        assert secret not in shown


def test_a_discovery_is_kept_with_who_asked(scene):
    scene.discover()
    request, response = scene.trace().items
    assert (request.sender, request.message, request.ev_mac) == ("ev", SdpRequest(0x10), EV)
    assert isinstance(response, Discovery)
    assert isinstance(response.message, SdpResponse)
    assert (response.sender, response.ev.port, response.ev_mac) == ("evse", 49152, None)
    assert response.message.port == PORT


def test_a_discovery_that_can_not_be_read_says_why(scene):
    scene.udp(address(EV), "ff02::1", (49152, 15118), b"\x01\xfe\x90")
    [item] = scene.trace().items
    assert (item.message, item.problem) == (None, "V2GTP: shorter than a header (octet 3)")


def test_other_datagrams_are_nothing(scene):
    scene.udp(address(EV), "ff02::fb", (5353, 5353), b"mdns")
    assert scene.trace().items == ()


def test_tls_secrets_are_kept_from_blocks_and_from_datagrams_and_never_printed(scene):
    first, second = (f"CLIENT_RANDOM {n * 32} {'5E' * 48}".encode() for n in ("A1", "A2"))
    scene.udp(address(EVSE), "ff02::1", (5000, KEY_LOG_PORT), first)
    trace = read_trace("x", [Secrets(second), *scene.packets])
    assert trace.key_log == second + b"\n" + first
    assert trace.losses == ()
    assert "5E5E" not in repr(trace)


def test_secrets_that_can_not_be_read_are_told_with_their_place(scene):
    scene.udp(address(EVSE), "ff02::1", (5000, KEY_LOG_PORT), b"CLIENT_RANDOM 1")
    trace = read_trace("x", [*scene.packets, Secrets(b"\nwhat")])
    assert [loss.what for loss in trace.losses] == [
        "secrets in packet 1: line 1: CLIENT_RANDOM needs a client random and a secret, "
        "both hexadecimal",
        "secrets after packet 1: line 2: no label of a TLS secret: 'what'",
    ]


def test_what_the_file_lost_is_told_with_the_time_before_it():
    trace = read_trace("x", [Lost(0, "a"), Packet(1, 7.5, 1, bytes(14)), Lost(1, "b")])
    assert trace.losses == (Loss(0, None, "a"), Loss(1, 7.5, "b"))
    assert (trace.packets, trace.ended) == (1, 7.5)


def test_a_packet_that_was_cut_is_told_once():
    trace = read_trace("x", [Packet(1, 7.5, 1, bytes(9), "9 of 60 octets captured")])
    assert trace.losses == (Loss(1, 7.5, "9 of 60 octets captured"),)


def test_a_packet_that_can_not_be_read_is_told():
    trace = read_trace("x", [Packet(1, 7.5, 195, b"")])
    assert trace.losses == (Loss(1, 7.5, "link type 195 is unknown"),)


def test_no_more_losses_are_listed_than_are_worth_it():
    trace = read_trace("x", [Packet(n, 7.5, 195, b"") for n in range(MAX_LOSSES + 5)])
    assert len(trace.losses) == MAX_LOSSES


def test_items_are_in_the_order_of_packets_not_of_their_times(scene):
    scene.ask()
    scene.connect().set_up()
    late = [Packet(p.number, 2000 - p.time, p.link_type, p.octets) for p in scene.packets]
    numbers = [item.number for item in read_trace("x", late).items]
    assert numbers == sorted(numbers)
    assert len(numbers) == 6


def test_no_more_servers_are_remembered_than_are_worth_it(scene):
    for port in range(300):
        answer = struct.pack(">16sHBB", b"\xfe\x80" + bytes(14), port, 0x10, 0)
        octets = bytes.fromhex("01FE9001 00000014") + answer
        scene.udp(address(EVSE), address(EV), (15118, 49152), octets)
    assert len(scene.trace().items) == 300


def test_no_more_is_kept_than_there_is_room_for_and_it_is_told(scene):
    for number in range(5):
        scene.ask(run=number.to_bytes(8))
    reader = TraceReader(most_items=3)
    for packet in scene.packets:
        reader.receive(packet)
    reader.finish()
    assert len(reader.items) == 3
    assert reader.losses[-1].what == "2 happenings are not kept, after 3"


def test_a_clock_that_is_set_back_is_told(scene):
    scene.ask()
    scene.ask(run=NID + b"x")
    first, second = scene.packets
    scene.packets[1] = Packet(2, first.time - 22.1, 1, second.octets)
    assert scene.trace().losses == (Loss(2, 978.0, "the clock steps back by 22.1 s"),)


def test_a_little_disorder_of_time_is_no_step(scene):
    scene.ask()
    scene.ask(run=NID + b"x")
    first, second = scene.packets
    scene.packets[1] = Packet(2, first.time - CLOCK_STEP / 2, 1, second.octets)
    assert scene.trace().losses == ()


def test_a_capture_with_too_much_is_read_until_there_is_no_room_and_says_so(scene):
    for _ in range(3):
        scene.ask()
    trace = read_trace("x", scene.packets, most_items=2)
    assert (len(trace.items), trace.packets) == (2, 2)
    assert trace.unread == "reading stopped at packet 2, after 2 happenings"
    assert read_trace("x", scene.packets, most_items=3).unread == ""


def test_what_had_waited_until_the_end_finds_no_room_either(scene):
    scene.discover()
    talk = scene.connect().set_up()
    talk.say("ev", STOP, lost=True)
    talk.say("ev", STOP)  # behind a gap: it is let go of when nothing more comes
    trace = read_trace("x", scene.packets, most_items=8)
    assert (len(trace.items), trace.packets) == (8, len(scene.packets))
    assert trace.unread == f"reading stopped at packet {trace.packets}, after 8 happenings"
