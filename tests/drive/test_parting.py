"""When an answer of ours would have made a recorded car go another way."""

import pytest

from seccstack.drive.parting import Parting, parting, words
from seccstack.messages.app_protocol import ResponseCode as HandshakeCode
from seccstack.messages.app_protocol import SupportedAppProtocolRes
from seccstack.messages.iso2 import (
    AuthorizationRes,
    EVSEProcessing,
    ResponseCode,
    SessionStopRes,
)
from seccstack.sdp import SdpResponse
from tests.capture.scene import message

OK, FAILED = ResponseCode.OK, ResponseCode.FAILED
SEQUENCE_ERROR = ResponseCode.FAILED_SEQUENCE_ERROR
ADDRESS = bytes(16)


def authorization(processing, code=OK):
    return message(AuthorizationRes(response_code=code, evse_processing=processing))


def stop(code):
    return message(SessionStopRes(response_code=code))


def handshake(schema_id, code=HandshakeCode.OK_SUCCESSFUL_NEGOTIATION):
    return SupportedAppProtocolRes(response_code=code, schema_id=schema_id)


ONGOING = authorization(EVSEProcessing.ONGOING)
WAITING = authorization(EVSEProcessing.ONGOING_WAITING_FOR_CUSTOMER_INTERACTION)
FINISHED = authorization(EVSEProcessing.FINISHED)
NO_PROTOCOL = handshake(None, HandshakeCode.FAILED_NO_NEGOTIATION)
WITH_DEVIATION = HandshakeCode.OK_SUCCESSFUL_NEGOTIATION_WITH_MINOR_DEVIATION
TLS, PLAIN = (SdpResponse(ADDRESS, 50000, security) for security in (0x00, 0x10))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (FINISHED, FINISHED),
        (ONGOING, WAITING),
        (stop(SEQUENCE_ERROR), stop(SEQUENCE_ERROR)),
        (handshake(1), handshake(1)),
        (handshake(1), handshake(None)),
        (handshake(None), handshake(1)),
        (PLAIN, SdpResponse(bytes(15) + b"\1", 60000, 0x10)),
    ],
)
def test_answers_that_are_one_to_the_car_are_no_parting(ours, theirs):
    assert parting(1.0, "name", ours, theirs) is None


@pytest.mark.parametrize(
    ("ours", "theirs", "said", "why"),
    [
        (stop(FAILED), stop(OK), ("FAILED", "OK"), "ours refuses what theirs granted"),
        (stop(OK), stop(FAILED), ("OK", "FAILED"), "ours grants what theirs refused"),
        (
            stop(SEQUENCE_ERROR),
            stop(FAILED),
            ("FAILED_SequenceError", "FAILED"),
            "both refuse it",
        ),
        (FINISHED, ONGOING, ("OK, Finished", "OK, Ongoing"), "ours is done sooner"),
        (WAITING, FINISHED, ("OK, Ongoing", "OK, Finished"), "theirs is done sooner"),
        (
            stop(ResponseCode.OK_OLD_SESSION_JOINED),
            stop(ResponseCode.OK_NEW_SESSION_ESTABLISHED),
            ("OK_OldSessionJoined", "OK_NewSessionEstablished"),
            "both grant it, in other words",
        ),
        (
            NO_PROTOCOL,
            handshake(0),
            ("Failed_NoNegotiation", "OK_SuccessfulNegotiation, SchemaID 0"),
            "ours refuses what theirs granted",
        ),
        (
            handshake(1),
            handshake(0),
            ("OK_SuccessfulNegotiation, SchemaID 1", "OK_SuccessfulNegotiation, SchemaID 0"),
            "ours chose another protocol",
        ),
        (
            handshake(1),
            handshake(None, WITH_DEVIATION),
            (
                "OK_SuccessfulNegotiation, SchemaID 1",
                "OK_SuccessfulNegotiationWithMinorDeviation",
            ),
            "both grant it, in other words",
        ),
        (PLAIN, TLS, ("no TLS", "TLS"), "the car would have gone on with this kind of"),
    ],
)
def test_a_parting_says_what_both_said_and_what_it_means(ours, theirs, said, why):
    found = parting(1.0, "name", ours, theirs)
    assert (found.ours, found.theirs) == said
    assert found.why.startswith(why)


def test_a_security_that_nobody_knows_is_told_by_its_octet():
    assert words(SdpResponse(ADDRESS, 50000, 0x77)) == "security 77"


def test_its_json_has_the_time_to_the_microsecond():
    told = Parting(1.23456789, "SessionStopRes", "OK", None, "because").to_json()
    assert told == {
        "t": 1.234568,
        "message": "SessionStopRes",
        "ours": "OK",
        "theirs": None,
        "why": "because",
    }
