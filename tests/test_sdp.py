"""Whom the charger tells its address."""

import ipaddress
import json
import lzma

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack import sdp, v2gtp
from seccstack.errors import MalformedError, UsageError
from seccstack.sdp import (
    ALL_NODES,
    CertificateAtHand,
    DatagramReceived,
    Ignored,
    PluggedIn,
    SdpRequest,
    SdpResponse,
    SdpServer,
    SendDatagram,
    SessionActive,
    Tls,
    Unplugged,
)

OURS = ipaddress.ip_address("fe80::5:3cff:fe00:1").packed
EV = ipaddress.ip_address("fe80::5:3cff:fe00:2").packed
OTHER_EV = ipaddress.ip_address("fe80::1").packed
PORT = 61341


@pytest.fixture
def server():
    server = SdpServer(OURS, PORT)
    server.receive(PluggedIn(), 0.0)
    return server


def asked(octets=None, source=EV, destination=ALL_NODES, security=0x10, transport=0):
    octets = SdpRequest(security, transport).encode() if octets is None else octets
    return DatagramReceived(source, 49152, destination, octets)


def why(actions):
    (ignored,) = actions
    assert isinstance(ignored, Ignored)
    return ignored.why


def test_a_vehicle_that_asks_for_tls_is_told_that_there_is_none(server):
    request = bytes.fromhex("01fe9000000000020000")
    response = bytes.fromhex("01fe900100000014fe8000000000000000053cfffe000001ef9d1000")
    assert server.receive(asked(request), 1.0) == [SendDatagram(EV, 49152, response)]


def with_tls(tls, certificate=True):
    server = SdpServer(OURS, PORT, tls)
    server.receive(PluggedIn(), 0.0)
    server.receive(CertificateAtHand(certificate), 0.0)
    return server


@pytest.mark.parametrize("asks", [0x00, 0x10])
def test_where_tls_is_offered_the_vehicle_chooses(asks):
    (sent,) = with_tls(Tls.OFFERED).receive(asked(security=asks), 0.0)
    assert SdpResponse.decode(sent.octets) == SdpResponse(OURS, PORT, asks)


@pytest.mark.parametrize("asks", [0x00, 0x10])
def test_without_a_certificate_to_show_tls_is_not_offered(asks):
    (sent,) = with_tls(Tls.OFFERED, certificate=False).receive(asked(security=asks), 0.0)
    assert SdpResponse.decode(sent.octets).security == 0x10


def test_a_certificate_alone_does_not_make_us_offer_what_is_forbidden():
    (sent,) = with_tls(Tls.FORBIDDEN).receive(asked(security=0x00), 0.0)
    assert SdpResponse.decode(sent.octets).security == 0x10


def test_where_tls_is_required_nobody_is_answered_who_asks_for_none():
    server = with_tls(Tls.REQUIRED)
    (sent,) = server.receive(asked(security=0x00), 0.0)
    assert SdpResponse.decode(sent.octets).security == 0x00
    assert why(server.receive(asked(), 0.0)) == "it asks for no TLS, and TLS is required"


def test_a_certificate_that_is_gone_is_not_promised_any_more():
    server = with_tls(Tls.REQUIRED)
    server.receive(CertificateAtHand(False), 1.0)
    expected = "TLS is required, and there is no certificate to show"
    assert why(server.receive(asked(security=0x00), 1.0)) == expected


@pytest.mark.parametrize("tls", Tls)
@pytest.mark.parametrize("certificate", [True, False])
def test_tls_is_never_the_answer_to_a_vehicle_that_asked_for_none(tls, certificate):
    (action,) = with_tls(tls, certificate).receive(asked(security=0x10), 0.0)
    if isinstance(action, SendDatagram):
        assert SdpResponse.decode(action.octets).security == 0x10


def test_recorded_datagrams_are_read_and_written_alike(shared):
    with lzma.open(shared / "corpus" / "sdp.jsonl.xz", "rt") as lines:
        seen = [json.loads(line) for line in lines]
    for datagram in seen:
        octets = bytes.fromhex(datagram["payload_hex"])
        kind = SdpRequest if datagram["payload_type"] == "0x9000" else SdpResponse
        message = kind.decode(octets)
        assert message.encode() == octets
        assert message.security == datagram["security"]
        if kind is SdpResponse:
            assert str(ipaddress.ip_address(message.address)) == datagram["secc_ip"]
            assert message.port == datagram["secc_port"]
    assert len(seen) > 100


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        bytes.fromhex("01fe900000000000"),
        bytes.fromhex("01fe7000000000021000"),
        bytes.fromhex("fffe9000000000021000"),
        bytes.fromhex("01ff9000000000021000"),
        bytes.fromhex("01fe90000000000110"),
        bytes.fromhex("01fe900000000003100000"),
    ],
)
def test_a_malformed_request_is_not_answered_and_the_next_one_is(server, octets):
    assert why(server.receive(asked(octets), 0.0))
    assert isinstance(server.receive(asked(), 0.0)[0], SendDatagram)


def test_reserved_values_are_not_answered(server):
    assert why(server.receive(asked(security=0x01), 0.0)) == "security 01 is reserved"
    assert why(server.receive(asked(transport=0x10), 0.0)) == "transport 10 is reserved"


@pytest.mark.parametrize("source", ["2001:db8::1", "fec0::1", "ff02::1", "::1"])
def test_only_a_neighbour_is_answered(server, source):
    source = ipaddress.ip_address(source).packed
    assert why(server.receive(asked(source=source), 0.0)) == "its source is not link-local"


def test_a_request_to_us_alone_is_not_answered(server):
    assert why(server.receive(asked(destination=OURS), 0.0)) == "it was not sent to all nodes"


def test_a_listener_that_cannot_tell_the_destination_answers(server):
    assert isinstance(server.receive(asked(destination=None), 0.0)[0], SendDatagram)


def test_nobody_is_answered_before_a_vehicle_is_plugged_in_or_after_it_left():
    server = SdpServer(OURS, PORT)
    assert why(server.receive(asked(), 0.0)) == "no vehicle is plugged in"
    assert server.receive(PluggedIn(), 1.0) == []
    assert isinstance(server.receive(asked(), 1.0)[0], SendDatagram)
    server.receive(Unplugged(), 2.0)
    assert why(server.receive(asked(), 2.0)) == "no vehicle is plugged in"


def test_a_second_vehicle_is_not_answered_while_the_first_is_in_session(server):
    server.receive(SessionActive(EV), 0.0)
    assert why(server.receive(asked(source=OTHER_EV), 0.0)) == "another vehicle is in session"
    assert isinstance(server.receive(asked(), 0.0)[0], SendDatagram)
    server.receive(SessionActive(None), 1.0)
    assert isinstance(server.receive(asked(source=OTHER_EV), 1.0)[0], SendDatagram)


def test_after_an_unplug_the_next_vehicle_is_answered(server):
    server.receive(SessionActive(EV), 0.0)
    server.receive(Unplugged(), 1.0)
    server.receive(PluggedIn(), 2.0)
    assert isinstance(server.receive(asked(source=OTHER_EV), 2.0)[0], SendDatagram)


def test_fifty_requests_in_twelve_seconds_are_all_answered(server):
    answers = [server.receive(asked(), 0.25 * n) for n in range(50)]
    assert {type(action) for (action,) in answers} == {SendDatagram}


def test_a_flood_is_answered_twenty_times_a_second(server):
    answers = [server.receive(asked(), 5 + n / 1000)[0] for n in range(2000)]
    assert sum(isinstance(action, SendDatagram) for action in answers) == 40
    assert why([answers[999]]) == "more than 20 per second"


def test_an_address_or_a_port_that_no_vehicle_may_use_is_our_own_mistake():
    with pytest.raises(UsageError, match="link-local"):
        SdpServer(ipaddress.ip_address("::1").packed, PORT)
    with pytest.raises(UsageError, match="link-local"):
        SdpServer(b"\xfe\x80", PORT)
    with pytest.raises(UsageError, match="49152"):
        SdpServer(OURS, 15118)


def test_a_request_is_no_response():
    with pytest.raises(MalformedError, match="payload type 9000"):
        SdpResponse.decode(SdpRequest(0x10).encode())


@given(st.binary(min_size=16, max_size=16), st.integers(0, 0xFFFF), st.integers(0, 255))
def test_a_response_survives_a_round_trip(address, port, security):
    response = SdpResponse(address, port, security, transport=security)
    assert SdpResponse.decode(response.encode()) == response


@given(st.binary(max_size=20), st.booleans())
def test_whatever_is_received_the_server_lives(tail, framed):
    server = SdpServer(OURS, PORT)
    server.receive(PluggedIn(), 0.0)
    octets = v2gtp.encode(v2gtp.SDP_REQUEST, tail) if framed else tail
    (action,) = server.receive(asked(octets), 0.0)
    assert isinstance(action, SendDatagram | Ignored)
    assert server.tick(1.0) == []
    assert server.deadline is None


def test_the_constants_are_those_of_the_standard():
    assert sdp.PORT == 15118
    assert str(ipaddress.ip_address(ALL_NODES)) == "ff02::1"
