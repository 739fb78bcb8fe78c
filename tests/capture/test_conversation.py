"""A TCP connection, as what it means: messages, TLS, or nothing of ours."""

import pytest

from seccstack import v2gtp
from seccstack.capture.conversation import MAX_BEFORE
from seccstack.capture.items import (
    Connected,
    Disconnected,
    Trouble,
    V2gMessage,
)
from tests.capture.scene import EV, SET_UP, SETUP, STOP, STOPPED, Scene, choice, exi, offer

CLIENT_HELLO = bytes.fromhex("16 03 01 00 04 01 00 00 00")


@pytest.fixture
def scene():
    return Scene()


def items(scene, kind=object):
    return [item for item in scene.trace().items if isinstance(item, kind)]


def said(scene):
    return [(m.sender, m.name) for m in items(scene, V2gMessage)]


def test_messages_come_with_their_sender_and_in_order(scene):
    scene.connect().set_up()
    assert said(scene) == [
        ("ev", "supportedAppProtocolReq"),
        ("evse", "supportedAppProtocolRes"),
        ("ev", "SessionSetupReq"),
        ("evse", "SessionSetupRes"),
    ]


def test_a_message_has_the_number_and_time_of_the_packet_that_completed_it(scene):
    talk = scene.connect()
    octets = v2gtp.encode(v2gtp.EXI, exi(offer()))
    talk.send("ev", octets[:10])
    talk.send("ev", octets[10:])
    [found] = items(scene, V2gMessage)
    assert (found.number, found.time) == (5, 1000.5)


def test_who_is_the_vehicle_the_opening_tells(scene):
    scene.connect().set_up()
    [connected] = items(scene, Connected)
    assert connected.number == 1
    assert connected.link.beginning_seen
    assert (connected.link.ev.port, connected.link.evse.port) == (50000, 61341)
    assert connected.link.ev_mac == EV


def test_without_the_opening_the_discovery_tells(scene):
    scene.discover()
    scene.connect(opened=False).say("evse", b"\x80\xff\xff")
    [found] = items(scene, V2gMessage)
    assert found.sender == "evse"
    assert found.link.ev.port == 50000
    assert not found.link.beginning_seen


@pytest.mark.parametrize(("sender", "content"), [("evse", SET_UP), ("ev", SETUP)])
def test_without_the_opening_and_discovery_the_first_message_tells(scene, sender, content):
    scene.connect(opened=False).say(sender, content)
    [found] = items(scene, V2gMessage)
    assert found.sender == sender
    assert found.link.ev.port == 50000


def test_if_nothing_tells_the_sender_is_unknown(scene):
    talk = scene.connect(opened=False)
    talk.say("ev", b"\x80\xff\xff")
    talk.close("ev")
    assert [item.sender for item in items(scene, V2gMessage | Disconnected)] == [None, None]


def test_a_probe_of_a_port_is_nothing_of_ours(scene):
    for _ in range(3):
        probe = scene.connect(opened=False, to=60918)
        probe.send("ev", flags="S")
        probe.send("evse", flags="RA")
    assert items(scene) == []


def test_another_protocol_is_nothing_of_ours(scene):
    talk = scene.connect(to=80)
    talk.send("ev", b"GET / HTTP/1.1\r\n\r\n")
    for _ in range(MAX_BEFORE):
        talk.send("evse", b"lost", lost=True)
        talk.send("evse", CLIENT_HELLO)  # not the first octets: no TLS
        talk.send("ev")
    talk.close("ev")
    assert items(scene) == []


def test_a_connection_to_where_discovery_pointed_is_ours_though_nothing_is_said(scene):
    scene.discover()
    talk = scene.connect()
    talk.close("ev", flags="RA")
    kinds = [type(item).__name__ for item in items(scene)]
    assert kinds == ["Discovery", "Discovery", "Connected", "Disconnected"]


def test_a_reset_and_a_second_try_with_the_same_numbers_are_one_connection(scene):
    talk = scene.connect(opened=False)
    talk.send("ev", flags="S", at=1000)
    talk.send("evse", ack=77_000)  # from an older connection
    talk.send("ev", flags="R", at=77_000)
    talk.sequence["ev"] = 1000
    talk.send("ev", flags="S")
    talk.send("evse", flags="SA")
    talk.set_up()
    kinds = [type(item).__name__ for item in items(scene)]
    assert kinds == ["Connected", "Disconnected", *["V2gMessage"] * 4]


def test_both_ways_of_closing_are_told_with_their_side(scene):
    talk = scene.connect().set_up()
    talk.close("evse")
    talk.close("ev", flags="R")
    assert [(d.sender, d.how) for d in items(scene, Disconnected)] == [
        ("evse", "FIN"),
        ("ev", "RST"),
    ]


def test_tls_is_recognised_and_has_no_messages(scene):
    talk = scene.connect()
    talk.send("ev", CLIENT_HELLO[:6])
    talk.send("evse", b"lost", lost=True)
    talk.send("evse", CLIENT_HELLO[:6])
    [connected, trouble] = items(scene)
    assert connected.link.tls
    assert trouble.what == "the capture lacks 4 octets from evse"


def test_tls_between_other_addresses_is_somebody_elses(scene):
    hosts = {"ev": "2001:db8::1", "evse": "2001:db8::2"}
    scene.connect(hosts=hosts).send("ev", CLIENT_HELLO)
    assert items(scene) == []


def test_tls_after_messages_is_no_tls(scene):
    talk = scene.connect().set_up()
    talk.send("ev", CLIENT_HELLO)
    talk.exchange(STOP, STOPPED)
    assert not items(scene, Connected)[0].link.tls
    assert len(said(scene)) == 6


def test_a_gap_costs_only_the_messages_in_it(scene):
    talk = scene.connect()
    talk.say("ev", offer())
    talk.say("evse", choice(), lost=True)
    talk.exchange(SETUP, SET_UP)
    assert [name for _, name in said(scene)] == [
        "supportedAppProtocolReq",
        "SessionSetupReq",
        "SessionSetupRes",
    ]
    [trouble] = items(scene, Trouble)
    assert trouble.what == "the capture lacks 12 octets from evse"


def test_a_gap_within_a_message_says_what_it_cost(scene):
    talk = scene.connect()
    octets = v2gtp.encode(v2gtp.EXI, exi(offer()))
    talk.send("ev", octets[:10])
    talk.send("ev", octets[10:], lost=True)
    talk.say("ev", SETUP)
    [trouble] = items(scene, Trouble)
    assert trouble.what.endswith("octets from ev, and so 10 before them are of no use")


def test_a_gap_of_unknown_size_and_owner_is_told_too(scene):
    talk = scene.connect(opened=False)
    talk.say("ev", b"\x80\xff\xff")
    talk.sequence["ev"] += 1 << 21
    talk.say("ev", b"\x80\xff\xff")
    [trouble] = items(scene, Trouble)
    assert trouble.what == "the capture lacks octets from [fe80::aa:ff:fe00:1]:50000"


def test_a_gap_before_the_first_message_is_told_with_it(scene):
    talk = scene.connect()
    talk.say("ev", offer(), lost=True)
    talk.send("evse")
    talk.say("ev", SETUP)
    assert [type(item) for item in items(scene)] == [Connected, Trouble, V2gMessage]


def test_a_connection_that_is_entered_within_a_message_begins_with_the_next(scene):
    scene.discover()
    talk = scene.connect(opened=False)
    talk.send("ev", b"the rest of a message" + v2gtp.encode(v2gtp.EXI, exi(SETUP)))
    assert [type(item) for item in items(scene)][2:] == [Connected, V2gMessage]


def test_unknown_payloads_are_told_and_do_not_end_the_connection(scene):
    talk = scene.connect().set_up()
    talk.say("evse", bytes(26), payload_type=0x4C41)
    talk.exchange(STOP, STOPPED)
    [trouble] = items(scene, Trouble)
    assert trouble.what == "payload type 4C41, 26 octets"
    assert said(scene)[-1] == ("evse", "SessionStopRes")


def test_a_first_octet_that_comes_alone_is_not_lost(scene):
    talk = scene.connect()
    octets = v2gtp.encode(v2gtp.EXI, exi(offer()))
    talk.send("ev", octets[:1])
    talk.send("ev", octets[1:])
    talk.say("evse", choice())
    assert said(scene) == [
        ("ev", "supportedAppProtocolReq"),
        ("evse", "supportedAppProtocolRes"),
    ]


def test_a_first_octet_alone_may_begin_tls(scene):
    talk = scene.connect()
    talk.send("ev", CLIENT_HELLO[:1])
    talk.send("ev", CLIENT_HELLO[1:])
    assert items(scene, Connected)


def test_what_began_otherwise_is_no_part_of_the_messages_behind_it(scene):
    talk = scene.connect()
    talk.send("ev", b"G")
    talk.send("ev", b"ET /")
    talk.say("ev", offer())
    assert [said(scene), items(scene, Trouble)] == [[("ev", "supportedAppProtocolReq")], []]


def test_octets_that_are_sent_again_and_are_others_are_told_once(scene):
    talk = scene.connect().set_up()
    begin = talk.sequence["ev"]
    talk.send("ev", b"\x01\xfe\x80\x01")
    talk.send("ev", b"\x01\xfe\x80\x01", at=begin)
    assert not items(scene, Trouble)
    for _ in range(2):
        talk.send("ev", b"\x01\xfe\x80\x02", at=begin)
    [trouble] = items(scene, Trouble)
    assert trouble.what == "octets from ev were sent again, and others; the first ones count"


def test_octets_that_wait_may_be_contradicted_too(scene):
    talk = scene.connect().set_up()
    for octets in (b"ab", b"ac"):
        talk.send("ev", octets, at=talk.sequence["ev"] + 8)
    assert any("sent again" in trouble.what for trouble in items(scene, Trouble))


def test_what_only_keeps_a_connection_alive_contradicts_nothing(scene):
    talk = scene.connect().set_up()
    talk.send("ev", b"\xaa", at=talk.sequence["ev"] - 1)
    assert not items(scene, Trouble)
