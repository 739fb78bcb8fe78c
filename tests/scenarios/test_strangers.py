"""Others on the wires: second connections, neighbours, noise. The charge goes on."""

import gc
from types import FunctionType, ModuleType

from hypothesis import given, settings
from hypothesis import strategies as st

from seccstack import sdp
from seccstack.events import (
    BytesReceived,
    CloseStream,
    DatagramReceived,
    Ignored,
    SendDatagram,
    StreamClosed,
    StreamOpened,
)
from seccstack.homeplug.frame import BROADCAST, Frame, encode_frame
from seccstack.homeplug.messages import SlacParmReq
from seccstack.sim.world import EVSE_MAC
from seccstack.slac import station
from tests.homeplug.strategies import any_message
from tests.scenarios.scene import MAC, Scene, character
from tests.session.vehicle import AUTHORIZATION, STATUS, STOP, framed, power, sap

NEIGHBOUR = "fe80::1234"
NEIGHBOUR_MAC = bytes.fromhex("02AABBCCDD02")
REQUEST = sdp.SdpRequest(sdp.SECURITY_NONE).encode()
SECOND = 77


def opened(stream=SECOND, address=NEIGHBOUR, mac=NEIGHBOUR_MAC):
    return StreamOpened(stream, address, bytes(range(1, 9)), 0, mac)


def closed(scene, stream=SECOND):
    return [a.reason for _, a in scene.done(CloseStream) if a.stream == stream]


def charging():
    return Scene("autocharge", car=character(wishes={"loops": 100_000}), known=[MAC]).charge()


def test_a_second_connection_is_refused_and_disturbs_nothing():
    scene = charging()
    scene.tell(opened()).wait(5)
    assert closed(scene) == ["another session is active"]
    scene.tell(BytesReceived(SECOND, sap())).tell(StreamClosed(SECOND)).wait(5)
    assert scene.drawing
    assert scene.ended() == []
    assert "ethernet_mac" in scene.noted("identity")[-1]
    assert scene.noted("identity")[-1]["consistent"] is True


def test_a_stranger_who_connects_where_another_was_matched_is_refused_at_once():
    scene = Scene("card", known=[MAC]).plug_in()
    scene.wait_until(lambda: scene.noted("matched")).tell(opened())
    assert closed(scene) == ["another station was matched"]
    assert scene.noted("stream opened") == []
    assert scene.wait(5).hold_card().wait(5).drawing


def test_a_stranger_who_connects_before_the_match_is_hung_up_on_with_it():
    scene = Scene(car=character(sdp_seconds=30.0)).plug_in().tell(opened())
    assert closed(scene) == []
    scene.wait_until(lambda: scene.noted("matched"))
    assert closed(scene) == ["another station was matched"]
    assert scene.wait_until(lambda: scene.drawing, within=60)


def test_one_whose_ethernet_address_is_not_known_is_served_as_ever():
    scene = Scene(car=character(sdp_seconds=30.0)).plug_in().tell(opened(mac=None))
    scene.wait_until(lambda: scene.noted("matched"))
    assert closed(scene) == []


def test_without_slac_whoever_connects_first_is_served():
    scene = Scene(car=character(sdp_seconds=30.0)).plug_in().tell(opened()).wait(0.1)
    scene.tell(opened(78, "fe80::5", MAC))
    assert (closed(scene), closed(scene, 78)) == ([], ["another session is active"])


def test_a_stranger_does_not_displace_another_nor_the_vehicle_one_that_is_unknown():
    scene = Scene(car=character(sdp_seconds=30.0)).plug_in()
    scene.wait_until(lambda: scene.noted("matched"))
    scene.tell(opened(SECOND, mac=None)).tell(opened(78)).tell(opened(79, "fe80::5", MAC))
    assert (closed(scene), closed(scene, 78)) == ([], ["another session is active"])
    assert closed(scene, 79) == ["another session is active"]


def test_one_session_per_plug_in_whatever_ipv6_address_a_second_station_has():
    scene = charging()
    for number, address in enumerate((NEIGHBOUR, "fe80::1", "fe80::ee65:ccff:fe01:204"), 200):
        scene.tell(opened(number, address, MAC)).tell(opened(number + 50, address)).wait(1)
        assert closed(scene, number) == closed(scene, number + 50) != []
    assert scene.drawing
    assert len(scene.noted("stream opened")) == 1


def test_nor_does_a_port_that_is_probed_every_second():
    scene = charging()
    for stream in range(100, 160):
        scene.tell(opened(stream)).tell(StreamClosed(stream)).wait(1)
    assert scene.ended() == []
    assert len(scene.ignored()) == 60


def test_a_connection_without_a_vehicle_is_refused(scene):
    scene.tell(opened())
    assert closed(scene) == ["no vehicle is plugged in"]
    assert scene.ignored() == [("TCP connection", "no vehicle is plugged in")]


def test_octets_on_a_stream_that_nobody_knows_are_ignored_and_counted():
    scene = charging()
    scene.tell(BytesReceived(SECOND, framed(STOP, bytes(8)))).wait(1)
    assert scene.drawing
    assert scene.ignored() == [("TCP octets", "they belong to no session")]


def test_an_sdp_request_without_a_vehicle_is_not_answered(scene):
    scene.tell(DatagramReceived(NEIGHBOUR, 50000, REQUEST, NEIGHBOUR_MAC))
    assert scene.done(SendDatagram) == []
    assert scene.ignored() == [("SDP request", "no vehicle is plugged in")]


def test_an_sdp_request_of_another_during_a_session_is_not_answered_nor_taken_for_a_claim():
    scene = charging()
    answered = len(scene.done(SendDatagram))
    scene.tell(DatagramReceived(NEIGHBOUR, 50000, REQUEST, NEIGHBOUR_MAC)).wait(1)
    assert len(scene.done(SendDatagram)) == answered
    assert scene.noted("revoked") == []
    assert scene.drawing


def test_after_a_session_whoever_asks_in_our_network_is_answered_again():
    scene = Scene(car=character(pauses=1, wishes={"loops": 3})).plug_in()
    scene.wait_until(scene.ended)
    answered = len(scene.done(SendDatagram))
    scene.tell(DatagramReceived(NEIGHBOUR, 50000, REQUEST))
    assert len(scene.done(SendDatagram)) == answered + 1


def test_a_datagram_that_is_no_request_is_not_taken_for_a_claim_either(scene):
    scene.plug_in().wait(0.1)
    scene.tell(DatagramReceived(NEIGHBOUR, 50000, b"hello", NEIGHBOUR_MAC))
    assert scene.noted("identity") == []


def test_a_neighbour_that_matches_at_the_same_time_gets_no_key_and_ours_charges():
    scene = Scene("autocharge", known=[MAC]).plug_in()
    ask = Frame(BROADCAST, NEIGHBOUR_MAC, SlacParmReq(run_id=bytes(8)))
    for _ in range(20):
        scene.tell(station.FrameReceived(encode_frame(ask))).wait(0.1)
    scene.wait_until(lambda: scene.drawing)
    assert [note["ev_mac"] for note in scene.noted("matched")] == [MAC.hex().upper()]


def test_a_neighbour_that_asks_while_our_car_sleeps_wakes_nobody():
    scene = Scene(car=character(pauses=1, wishes={"loops": 3})).plug_in()
    scene.wait_until(scene.ended).wait(1)
    signal = scene.signal
    ask = Frame(BROADCAST, NEIGHBOUR_MAC, SlacParmReq(run_id=bytes(8)))
    scene.tell(station.FrameReceived(encode_frame(ask))).wait(5)
    assert scene.signal == signal


def test_a_fresh_stream_after_a_broken_one_is_served():
    scene = charging()
    scene.lose_stream().wait(1)
    scene.tell(opened(SECOND, scene.world.car.address, MAC))
    scene.tell(BytesReceived(SECOND, sap())).wait(1)
    assert closed(scene) == []
    assert scene.code("supportedAppProtocolRes") == "OK_SuccessfulNegotiation"


# Anything at all.

MACS = st.sampled_from([EVSE_MAC, MAC, NEIGHBOUR_MAC, BROADCAST, bytes(6)])
FRAMES = st.builds(Frame, MACS, MACS, any_message()).map(encode_frame) | st.binary(max_size=90)
ADDRESSES = st.sampled_from([NEIGHBOUR, "2001:db8::1", "::"])
DATAGRAMS = st.sampled_from([REQUEST, REQUEST[:-1], b""]) | st.binary(max_size=30)
MESSAGES = st.sampled_from([AUTHORIZATION, STATUS, STOP, power("Start")])
OCTETS = MESSAGES.map(lambda m: framed(m, bytes(8))) | st.just(sap()) | st.binary(max_size=60)
STREAMS = st.integers(2, 5)
NOISE = st.one_of(
    st.builds(station.FrameReceived, FRAMES),
    st.builds(DatagramReceived, ADDRESSES, st.integers(1, 65535), DATAGRAMS, st.none() | MACS),
    st.builds(opened, STREAMS, ADDRESSES, st.none() | MACS),
    st.builds(BytesReceived, STREAMS, OCTETS),
    st.builds(StreamClosed, STREAMS),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(NOISE, max_size=40))
def test_no_noise_from_others_stops_a_charge_or_goes_uncounted(noise):
    scene = charging()
    for event in noise:
        scene.tell(event).wait(0.01)
    connections = sum(isinstance(event, StreamOpened) for event in noise)
    assert [what for what, _ in scene.ignored()].count("TCP connection") == connections
    scene.wait(5)
    assert scene.drawing
    assert scene.ended() == []
    assert scene.noted("revoked") == []


@settings(max_examples=60, deadline=None)
@given(st.lists(NOISE, max_size=30), st.integers(0, 40))
def test_no_noise_on_the_way_there_keeps_a_car_from_charging(noise, tenths):
    frames = [event for event in noise if isinstance(event, station.FrameReceived)]
    scene = Scene().plug_in().wait(tenths / 10)
    for event in frames:
        scene.tell(event).wait(0.005)
    scene.wait_until(lambda: scene.drawing, within=120)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(max_size=60), min_size=1, max_size=20))
def test_octets_that_are_no_messages_end_the_session_and_nothing_else(pieces):
    scene = charging()
    for piece in pieces:
        scene.tell(BytesReceived(scene.stream, piece))
    scene.unplug().wait(2)
    scene.charge()


def weight(thing):
    """How many objects hang on to it."""
    seen, waiting = set(), [thing]
    while waiting:
        one = waiting.pop()
        if id(one) not in seen and not isinstance(one, type | ModuleType | FunctionType):
            seen.add(id(one))
            waiting += gc.get_referents(one)
    return len(seen)


def test_a_flood_leaves_nothing_behind():
    scene = charging()
    frame = encode_frame(Frame(BROADCAST, NEIGHBOUR_MAC, SlacParmReq(run_id=bytes(8))))
    charge_point, now = scene.world.charge_point, scene.now
    weights = set()
    for n in range(3000):
        charge_point.receive(station.FrameReceived(frame), now)
        charge_point.receive(opened(1000 + n), now)
        charge_point.receive(BytesReceived(1000 + n, bytes(100)), now)
        charge_point.receive(DatagramReceived(NEIGHBOUR, 1, b"", NEIGHBOUR_MAC), now)
        if n % 1000 == 999:
            weights.add(weight(charge_point))
    assert max(weights) - min(weights) < 50


def test_what_was_ignored_is_said(scene):
    scene.tell(station.FrameReceived(b"\x00"))
    assert isinstance(scene.actions[-1][1], Ignored)
