"""The session object: what a capture says of a plug-in, and null where it says nothing."""

import pytest

from seccstack.capture.sessions import MAX_ERRORS, sessions_of
from seccstack.capture.trace import read_trace
from seccstack.messages import din, iso20_common, iso20_types
from seccstack.messages.codec import Schema, encode
from seccstack.v2gtp import MAINSTREAM
from tests.capture.scene import (
    EV,
    SESSION,
    STOP,
    STOPPED,
    Scene,
    address,
    choice,
    exi,
    offer,
)

MAC = "02AA00000001"


@pytest.fixture
def scene():
    return Scene()


def session(scene):
    [found] = sessions_of(scene.trace())
    return found.to_json()


def whole(scene):
    scene.match()
    scene.discover()
    scene.connect().set_up().exchange(STOP, STOPPED)
    return session(scene)


def test_a_session_has_all_that_the_contract_names(scene):
    assert list(whole(scene)) == [
        "source",
        "started",
        "protocol",
        "tls",
        "identity",
        "slac",
        "sdp",
        "offered_protocols",
        "messages",
        "ended",
        "failure",
        "pilot",
        "errors",
    ]


def test_a_whole_session_is_told(scene):
    told = whole(scene)
    assert (told["source"], told["started"], told["protocol"]) == ("scene", 1000.1, "iso2")
    assert (told["tls"], told["errors"]) == (False, [])
    assert told["slac"]["matched"] is True
    assert told["ended"] == "the vehicle stopped the session"


def test_all_that_the_vehicle_says_of_itself_is_its_identity(scene):
    identity = whole(scene)["identity"]
    claims = ["slac_mac", "match_mac", "ethernet_mac", "ipv6_mac", "evccid"]
    assert [identity[claim] for claim in claims] == [MAC] * 5
    assert identity["consistent"] is True
    assert [e["source"] for e in identity["evidence"]] == [
        "CM_SLAC_PARM.REQ",
        "CM_SLAC_MATCH.REQ",
        "SDP",
        "SDP",
        "SessionSetupReq",
    ]


def test_messages_are_told_with_time_sender_schema_octets_and_body(scene):
    first, *_, last = whole(scene)["messages"]
    assert (first["from"], first["schema"]) == ("ev", "app-protocol")
    assert first["name"] == "supportedAppProtocolReq"
    assert bytes.fromhex(first["exi"]) == exi(offer())
    assert last == {
        "t": 1002.4,
        "from": "evse",
        "schema": "iso2",
        "name": "SessionStopRes",
        "exi": exi(STOPPED).hex().upper(),
        "body": {
            "V2G_Message": {
                "Header": {"SessionID": "1122334455667788"},
                "Body": {"SessionStopRes": {"ResponseCode": "OK"}},
            }
        },
    }


def test_offers_are_told_as_the_handshake_has_them(scene):
    assert whole(scene)["offered_protocols"] == [
        {
            "ProtocolNamespace": "urn:iso:15118:2:2013:MsgDef",
            "VersionNumberMajor": 2,
            "VersionNumberMinor": 0,
            "SchemaID": 1,
            "Priority": 1,
        }
    ]


def test_what_the_capture_does_not_hold_is_null(scene):
    scene.ask()
    told = session(scene)
    assert [told[key] for key in ("protocol", "tls", "offered_protocols")] == [None] * 3
    assert told["messages"] == []
    assert told["identity"]["slac_mac"] == MAC
    assert told["identity"]["evccid"] is None
    assert told["identity"]["consistent"] is None


def test_a_session_without_matching_has_no_slac(scene):
    scene.connect().set_up()
    assert session(scene)["slac"] is None


def test_a_negotiated_protocol_is_told_though_no_message_followed(scene):
    scene.connect().exchange(offer(), choice())
    assert session(scene)["protocol"] == "iso2"


@pytest.mark.parametrize("schema_id", [9, None])
def test_a_choice_that_was_not_offered_is_no_protocol(scene, schema_id):
    scene.connect().exchange(offer(), choice(schema_id))
    assert session(scene)["protocol"] is None


def test_an_answer_without_an_offer_is_no_protocol(scene):
    scene.connect(opened=False).say("evse", choice())
    told = session(scene)
    assert (told["protocol"], told["offered_protocols"]) == (None, None)


def test_din_70121_is_told_by_its_messages(scene):
    body = din.SessionSetupReq(evccid=EV)
    header = din.MessageHeader(session_id=SESSION)
    octets = encode(Schema.DIN, din.V2G_Message(header=header, body=body))
    scene.connect(opened=False).say("ev", octets)
    told = session(scene)
    assert (told["protocol"], told["identity"]["evccid"]) == ("din", MAC)


def test_the_evccid_of_iso_15118_20_is_a_text(scene):
    header = iso20_types.MessageHeader(session_id=bytes(8), time_stamp=1)
    body = iso20_common.SessionSetupReq(header=header, evccid="WMIV1234567890ABCDEX")
    scene.connect().say("ev", encode(Schema.ISO20_COMMON, body), payload_type=MAINSTREAM)
    told = session(scene)
    assert (told["protocol"], told["identity"]["evccid"]) == ("iso20", "WMIV1234567890ABCDEX")


def test_an_address_without_a_mac_in_it_is_evidence_and_no_claim(scene):
    hosts = {"ev": "fe80::1234", "evse": address(EV)}
    scene.connect(hosts=hosts).set_up()
    identity = session(scene)["identity"]
    assert identity["ipv6_mac"] is None
    assert {"claim": "ipv6_address", "value": "fe80::1234", "source": "TCP", "at": 1000.1} in (
        identity["evidence"]
    )


def test_a_capture_without_ethernet_has_no_ethernet_address(scene):
    scene.connect().set_up()
    frames = [(p.octets[14:], 101) for p in scene.packets]
    scene.packets.clear()
    for octets, link_type in frames:
        scene.packet(octets, link_type)
    identity = session(scene)["identity"]
    assert (identity["ethernet_mac"], identity["ipv6_mac"]) == (None, MAC)


def test_a_session_of_unknown_ends_has_no_identity(scene):
    scene.connect(opened=False).say("ev", b"\x80\xff\xff")
    told = session(scene)
    assert told["identity"]["evidence"] == []
    [message] = told["messages"]
    assert [message[key] for key in ("from", "schema", "name", "body")] == [None] * 4


def test_a_message_that_can_not_be_decoded_is_kept_and_told(scene):
    scene.connect().set_up().say("ev", b"\x80\x98\xff\xff")
    told = session(scene)
    assert told["messages"][-1]["exi"] == "8098FFFF"
    assert told["messages"][-1]["schema"] == "iso2"
    assert told["messages"][-1]["body"] is None
    [error] = told["errors"]
    assert (error["t"], error["packet"]) == (1000.8, 8)
    assert error["message"].startswith("a message: iso2")


def test_tls_is_told_with_why_there_are_no_messages(scene):
    scene.connect().send("ev", bytes.fromhex("17 03 03 00 01 00"))
    told = session(scene)
    assert told["tls"] is True
    assert [e["message"] for e in told["errors"]] == [
        "TLS: its messages can't be read: the capture lacks its ClientHello"
    ]


def test_errors_of_every_kind_are_told_in_the_order_of_packets(scene):
    scene.udp(address(EV), "ff02::1", (49152, 15118), b"\x01\xfe\x90")
    talk = scene.connect()
    talk.say("ev", offer(), lost=True)
    scene.packet(b"")
    talk.say("ev", exi(STOP) + b"\0")
    told = [(e["packet"], e["message"]) for e in session(scene)["errors"]]
    assert told == [
        (1, "V2GTP: shorter than a header (octet 3)"),
        (5, "cut within its headers, after 0 octets"),
        (6, "the capture lacks 44 octets from ev"),
        (6, "SessionStopReq: 1 octets after the document"),
    ]


def test_no_more_errors_are_told_than_are_worth_it(scene):
    scene.connect().set_up()
    for _ in range(MAX_ERRORS + 1):
        scene.packet(b"")
    assert len(session(scene)["errors"]) == MAX_ERRORS


def test_that_reading_stopped_is_not_told_as_the_captures_end():
    scene = Scene()
    scene.connect().set_up()
    [session] = sessions_of(read_trace("x", scene.packets, most_items=4))
    where = "reading stopped at packet 6, after 4 happenings"
    assert session.failure.whose == "capture"
    assert session.failure.why.startswith(where)
    assert session.ended.startswith(where)


def test_octets_of_no_message_are_counted():
    scene = Scene()
    talk = scene.connect().set_up()
    talk.send("ev", b"\x55" * 1000)
    talk.exchange(STOP, STOPPED)
    assert "1000 octets of the connection are of no message" in whats(scene)


@pytest.mark.parametrize("closed", [True, False])
def test_a_connection_with_octets_but_no_message_is_not_told_as_empty(closed):
    scene = Scene()
    talk = scene.connect()
    talk.send("ev", bytes.fromhex("01FE8001 00000064") + bytes(50))
    if closed:
        talk.close("ev")
    [session] = sessions_of(scene.trace())
    assert "58 octets, and no whole message in them" in session.ended
    assert session.failure.whose == ("unclear" if closed else "capture")
    assert "whole message" in session.failure.why
    assert "58 octets" in session.failure.why


def whats(scene):
    [session] = sessions_of(scene.trace())
    return [problem.what for problem in session.errors]
