"""How a plug-in ended, in words: what the last one to act did, and after what."""

import pytest

from seccstack.capture.ending import ending_of
from seccstack.capture.plugins import plug_ins_of
from seccstack.messages import din, iso2, iso20_common, iso20_types
from seccstack.messages.app_protocol import ResponseCode
from seccstack.messages.codec import Schema, encode
from seccstack.v2gtp import MAINSTREAM
from tests.capture.scene import (
    PAUSE,
    REFUSED,
    SESSION,
    SETUP,
    STOP,
    STOPPED,
    Scene,
    choice,
    offer,
)
from tests.tls.hello import record

DENIED = iso2.SessionSetupRes(
    response_code=iso2.ResponseCode.FAILED_SEQUENCE_ERROR, evseid="ZZ00000"
)


@pytest.fixture
def scene():
    return Scene()


def ending(scene):
    [plug_in] = plug_ins_of(scene.trace())
    return ending_of(plug_in)


@pytest.mark.parametrize(
    ("request_", "words"),
    [(STOP, "the vehicle stopped the session"), (PAUSE, "the vehicle paused the session")],
)
def test_a_session_stop_says_whether_it_was_a_pause(scene, request_, words):
    scene.connect().set_up().exchange(request_, STOPPED)
    assert ending(scene) == words


def test_din_70121_knows_no_pause(scene):
    header = din.MessageHeader(session_id=SESSION)
    talk = scene.connect(opened=False)
    for sender, body in (
        ("ev", din.SessionStopReq()),
        ("evse", din.SessionStopRes(response_code=din.ResponseCode.OK)),
    ):
        talk.say(sender, encode(Schema.DIN, din.V2G_Message(header=header, body=body)))
    assert ending(scene) == "the vehicle stopped the session"


def test_iso_15118_20_may_stop_to_renegotiate(scene):
    header = iso20_types.MessageHeader(session_id=SESSION, time_stamp=1)
    code = iso20_types.ResponseCode.OK
    wish = iso20_common.ChargingSession.SERVICE_RENEGOTIATION
    talk = scene.connect()
    for sender, body in (
        ("ev", iso20_common.SessionStopReq(header=header, charging_session=wish)),
        ("evse", iso20_common.SessionStopRes(header=header, response_code=code)),
    ):
        talk.say(sender, encode(Schema.ISO20_COMMON, body), payload_type=MAINSTREAM)
    assert ending(scene) == "the vehicle stopped to renegotiate the service"


def test_a_session_stop_without_its_request_says_so(scene):
    scene.connect(opened=False).say("evse", STOPPED)
    assert ending(scene) == "SessionStopRes, and nothing before it is in the capture"


def test_a_session_stop_that_was_refused_says_so(scene):
    scene.connect().set_up().exchange(STOP, REFUSED)
    assert ending(scene) == "the vehicle's SessionStop was answered with FAILED_SequenceError"


def test_a_handshake_without_success_says_so(scene):
    none = choice(None, ResponseCode.FAILED_NO_NEGOTIATION)
    scene.connect().exchange(offer(), none)
    assert ending(scene) == "no protocol in common (Failed_NoNegotiation)"


@pytest.mark.parametrize(
    ("sender", "flags", "words"),
    [
        ("ev", "FA", "the vehicle closed the connection after SessionSetupRes"),
        ("evse", "FA", "the charger closed the connection after SessionSetupRes"),
        ("ev", "R", "the vehicle reset the connection after SessionSetupRes"),
    ],
)
def test_who_closed_first_is_told_with_what_was_said_last(scene, sender, flags, words):
    talk = scene.connect().set_up()
    talk.close(sender, flags)
    talk.close("evse")
    assert ending(scene) == words


def test_a_vehicle_that_closed_before_it_was_answered_is_told_so(scene):
    talk = scene.connect()
    talk.exchange(offer(), choice(), SETUP)
    talk.close("ev")
    talk.say("evse", DENIED)
    assert ending(scene) == (
        "the vehicle closed the connection before SessionSetupRes (FAILED_SequenceError)"
    )


def test_a_reset_before_the_last_request_was_not_the_end(scene):
    talk = scene.connect(opened=False)
    talk.send("ev", flags="R")
    talk.exchange(offer(), choice())
    assert ending(scene) == "the capture ends after supportedAppProtocolRes"


def test_the_end_of_an_unreadable_session_is_told_too(scene):
    scene.connect(opened=False).say("ev", b"\x80\xff\xff")
    assert ending(scene) == "the capture ends after a message that can't be decoded"


def test_tls_can_only_be_seen_from_outside(scene):
    talk = scene.connect()
    talk.send("ev", b"\x16\x03\x01")
    talk.close("evse")
    assert ending(scene) == (
        "a TLS connection, which can't be read; the charger closed the connection"
    )


def test_tls_that_failed_is_told_with_its_alert(scene):
    talk = scene.connect()
    talk.send("evse", record(21, b"\x02\x30"))
    talk.close("ev")
    assert ending(scene) == (
        "a TLS connection that failed (unknown_ca); the vehicle closed the connection"
    )


def test_a_connection_without_a_word_is_told(scene):
    scene.discover()
    scene.connect()
    assert ending(scene) == "an empty connection; the capture ends"


def test_a_vehicle_that_asked_and_never_connected_is_told(scene):
    scene.discover()
    assert ending(scene) == (
        "the vehicle asked for the charger's address (SDP) and never connected"
    )


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (["match"], "matched, and then nothing came from the vehicle"),
        (
            ["match", "ask"],
            "matched, and then the vehicle asked for a match again, 1 time in 1 run: "
            "nobody answered",
        ),
        (["ask"], "no match: nobody answered"),
        (["ask", "answer"], "no match: the charger answered, and was told no more"),
        (
            ["ask", "answer", "sound", "report"],
            "no match: the vehicle did not choose, though it was told its attenuation",
        ),
        (
            ["ask", "answer", "choose"],
            "no match: the vehicle's choice (CM_SLAC_MATCH.REQ) was not answered",
        ),
    ],
)
def test_without_a_connection_it_is_told_how_far_the_matching_came(scene, steps, words):
    for step in steps:
        getattr(scene, step)()
    assert ending(scene) == words
