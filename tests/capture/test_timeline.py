"""A session for people."""

import pytest

from seccstack.capture.packets import Lost
from seccstack.capture.sessions import sessions_of
from seccstack.capture.timeline import plain, timeline_of
from seccstack.capture.trace import read_trace
from seccstack.messages import iso2
from seccstack.messages.app_protocol import AppProtocol
from tests.capture.scene import (
    EV,
    SETUP,
    STOP,
    STOPPED,
    Scene,
    address,
    choice,
    offer,
)
from tests.tls.hello import client_hello, record
from tests.tls.hello import message as message_of_tls

STATUS = iso2.ChargingStatusReq()
CHARGING = iso2.ChargingStatusRes(
    response_code=iso2.ResponseCode.OK,
    evseid="ZZ00000",
    sa_schedule_tuple_id=1,
    ac_evse_status=iso2.AC_EVSEStatus(
        notification_max_delay=0, evse_notification=iso2.EVSENotification.NONE, rcd=False
    ),
)


@pytest.fixture
def scene():
    return Scene()


def lines(scene):
    [session] = sessions_of(scene.trace())
    return [(line.who, str(line)) for line in timeline_of(session)]


def test_a_session_reads_like_a_story(scene):
    scene.match()
    scene.discover(security=0x00)
    talk = scene.connect().set_up()
    talk.exchange(STATUS, CHARGING, STATUS, CHARGING, STOP, STOPPED)
    talk.close("evse")
    talk.close("ev", flags="R")
    assert lines(scene) == [
        (
            "vehicle",
            "asks for a match once, matched with 02BB00000001, 1.20 s after the request that "
            "was answered, 2 sounds, 20.0 dB",
        ),
        ("vehicle", "asks for the charger's address, TLS"),
        ("charger", "is at port 61341, no TLS"),
        ("vehicle", "connects"),
        (
            "vehicle",
            "supportedAppProtocol: urn:iso:15118:2:2013:MsgDef -> OK_SuccessfulNegotiation, "
            "answered in 100 ms",
        ),
        (
            "vehicle",
            "SessionSetup: EVCCID 02AA00000001 -> OK_NewSessionEstablished, answered in 100 ms",
        ),
        ("vehicle", "ChargingStatus 2 times, answered in 100 ms, at most 100 ms"),
        ("vehicle", "SessionStop: Terminate, answered in 100 ms"),
        ("charger", "closes the connection"),
        ("vehicle", "resets the connection"),
    ]


def test_a_request_has_the_time_when_it_was_made(scene):
    scene.connect().set_up()
    [session] = sessions_of(scene.trace())
    assert [line.at for line in timeline_of(session)] == pytest.approx([0, 0.3, 0.5])


def test_a_matching_that_failed_is_told_as_far_as_it_came(scene):
    scene.ask()
    scene.ask()
    assert lines(scene) == [
        ("vehicle", "asks for a match 2 times, not matched"),
        ("vehicle", "run 0102030405060708: CM_SLAC_PARM.REQ 2 times; nobody answered"),
    ]


def test_a_request_without_an_answer_is_told(scene):
    talk = scene.connect()
    talk.say("ev", offer())
    talk.say("ev", SETUP)
    assert [text for _, text in lines(scene)[1:]] == [
        "supportedAppProtocolReq, unanswered",
        "SessionSetupReq, unanswered",
    ]


def test_an_answer_without_a_request_is_told(scene):
    scene.connect(opened=False).say("evse", STOPPED)
    assert lines(scene) == [
        ("vehicle", "is connected; the capture lacks the beginning"),
        ("charger", "SessionStopRes"),
    ]


def test_what_can_not_be_decoded_is_told(scene):
    scene.connect(opened=False).say("ev", b"\x80\xff\xff")
    assert ("", "3 octets that can't be decoded") in lines(scene)


def test_a_tls_connection_is_told(scene):
    talk = scene.connect()
    talk.send("ev", record(22, message_of_tls(1, client_hello())))
    talk.send("ev", record(21, b"\x02\x50"))
    talk.send("ev", bytes.fromhex("17 03 03 00 01 00"))
    assert lines(scene) == [
        ("vehicle", "connects with TLS"),
        ("", "packet 1: TLS: its messages can't be read: the capture lacks its ServerHello"),
        (
            "vehicle",
            "ClientHello: offers TLS 1.2 with TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, "
            "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256",
        ),
        ("vehicle", "Alert: internal_error: breaks off, for it failed for a reason of its own"),
    ]


def test_trouble_is_told_in_its_place_and_each_time(scene):
    talk = scene.connect()
    for _ in range(2):
        talk.say("evse", b"x", payload_type=0x4C41)
    talk.say("ev", offer())
    assert [text for _, text in lines(scene)] == [
        "connects",
        "packet 4: payload type 4C41, 1 octets",
        "packet 5: payload type 4C41, 1 octets",
        "supportedAppProtocolReq, unanswered",
    ]


def test_trouble_before_any_time_is_told_at_the_beginning(scene):
    scene.connect().set_up()
    [session] = sessions_of(read_trace("x", [Lost(0, "something"), *scene.packets]))
    assert [(line.at, line.what) for line in timeline_of(session) if line.trouble] == [
        (0.0, "packet 0: something")
    ]


def test_an_unreadable_discovery_is_trouble_only(scene):
    scene.udp(address(EV), "ff02::1", (49152, 15118), b"\x01\xfe\x90")
    assert lines(scene) == [("", "packet 1: V2GTP: shorter than a header (octet 3)")]


def test_an_unknown_security_is_told_as_it_is(scene):
    scene.discover(security=0x42, answered=False)
    assert lines(scene) == [("vehicle", "asks for the charger's address, security 42")]


def test_a_peers_text_is_made_plain_wherever_it_is_told(scene):
    evil = AppProtocol(
        protocol_namespace="urn:\x9b2Jx",
        version_number_major=1,
        version_number_minor=0,
        schema_id=1,
        priority=1,
    )
    scene.connect().exchange(offer(evil), choice(), SETUP)
    told = "".join(text for _, text in lines(scene))
    assert told.count("urn:\\x9b2Jx") == 2
    assert "\x9b" not in told


def test_nothing_a_peer_says_can_command_the_terminal():
    assert plain("a\x1b[31mred\n") == "a\\x1b[31mred\\x0a"


def test_attempts_are_told_one_by_one_where_there_is_more_than_one_answer(scene):
    scene.ask()
    scene.answer(evse=bytes.fromhex("02BB00000002"))
    scene.answer()
    scene.report(db=20)
    scene.choose()
    scene.confirm()
    assert lines(scene)[1] == (
        "vehicle",
        "run 0102030405060708: CM_SLAC_PARM.REQ once, answered by 02BB00000002, "
        "answered by 02BB00000001 with 20.0 dB; matched",
    )


def test_an_attempt_whose_beginning_is_not_captured_is_told_as_far_as_it_is(scene):
    scene.sound()
    scene.packets = [p for p in scene.packets if p.octets[15:17] == b"\x86\x60"]
    assert lines(scene)[1][1].startswith("run unknown: CM_SLAC_PARM.REQ 0 times; ")


def test_the_pilot_is_told_where_it_changes(scene):
    text = b'dSPACE|{"CP State" : "State_%b","CP/CE Voltage [V]" : 8.9}'
    header = b"\xff" * 6 + EV + bytes.fromhex("88E1 01 0280 0000 644D70")
    for state in (b"B1", b"B1", b"B2"):
        scene.packet(header + text % state)
    scene.connect().set_up()
    scene.packet(header + b'dSPACE|{"CP State" : "State_A1"}')
    told = [line for line in lines(scene) if line[0] == "pilot"]
    assert told == [
        ("pilot", "state B1, 8.9 V"),
        ("pilot", "state B2, 8.9 V"),
        ("pilot", "state A1"),
    ]
