"""SDP as a bystander hears it."""

from ipaddress import IPv6Address

import pytest

from seccstack.capture.inquiries import inquiries_of
from seccstack.capture.sessions import sessions_of
from seccstack.sdp import SdpResponse
from tests.capture.scene import EV, EVSE, PORT, Scene, address

TLS, NONE = 0x00, 0x10


@pytest.fixture
def scene():
    return Scene()


def told(scene):
    [session] = sessions_of(scene.trace())
    return session.to_json()["sdp"]


def answer(scene, security=NONE, port=PORT):
    octets = SdpResponse(IPv6Address(address(EVSE)).packed, port, security).encode()
    scene.udp(address(EVSE), address(EV), (15118, 49152), octets, mac=EVSE)


def test_a_question_is_told_with_its_answer(scene):
    scene.discover(security=TLS)
    assert told(scene) == [
        {
            "t": 1000.1,
            "asked": "tls",
            "times": 1,
            "answered": "none",
            "answers": 1,
            "seconds": 0.1,
            "address": address(EVSE),
            "port": PORT,
        }
    ]


def test_what_was_never_answered_is_told_with_how_often_it_was_asked(scene):
    for _ in range(3):
        scene.discover(answered=False)
    [inquiry] = told(scene)
    assert (inquiry["times"], inquiry["answers"], inquiry["answered"]) == (3, 0, None)
    assert [inquiry[key] for key in ("seconds", "address", "port")] == [None] * 3


def test_another_security_is_another_question(scene):
    scene.discover(security=TLS, answered=False)
    scene.discover(security=TLS, answered=False)
    scene.discover(security=NONE)
    assert [(one["asked"], one["times"]) for one in told(scene)] == [("tls", 2), ("none", 1)]


def test_a_question_after_an_answer_is_another_one(scene):
    scene.discover()
    scene.discover()
    assert [one["times"] for one in told(scene)] == [1, 1]


def test_an_answer_twice_is_counted_and_one_that_differs_is_another(scene):
    scene.discover()
    answer(scene)
    answer(scene, port=60000)
    answers = [(one["asked"], one["answers"], one["port"]) for one in told(scene)]
    assert answers == [("none", 2, PORT), (None, 1, 60000)]


def test_an_answer_without_a_question_is_told_alone(scene):
    answer(scene)
    [inquiry] = told(scene)
    assert (inquiry["asked"], inquiry["times"], inquiry["seconds"]) == (None, 0, None)


def test_a_security_that_nobody_knows_is_told_as_it_is(scene):
    answer(scene, security=0x42)
    assert told(scene)[0]["answered"] == "42"


def test_what_can_not_be_read_is_no_question(scene):
    scene.udp(address(EV), "ff02::1", (49152, 15118), b"\x01\xfe")
    assert inquiries_of(scene.trace().items) == []
