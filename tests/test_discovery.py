"""SDP at one outlet, with and without a network."""

import pytest

from seccstack import sdp
from seccstack.discovery import CertificateAtHand, Discovery, InSession, Present
from seccstack.errors import UsageError
from seccstack.events import (
    DatagramReceived,
    Ignored,
    NetworkLost,
    NetworkOpened,
    SendDatagram,
)

OURS, PORT = "fe80::1", 49152
CAR, OTHER = "fe80::2", "fe80::3"
REQUEST = sdp.SdpRequest(sdp.SECURITY_NONE).encode()
NETWORK = NetworkOpened(OURS, PORT)
RESPONSE = sdp.SdpResponse(bytes.fromhex("fe80" + 13 * "00" + "01"), PORT, sdp.SECURITY_NONE)


def told(*happened):
    """Tell a new one this; return what it did about the last of it."""
    machine = Discovery()
    return [list(machine.receive(event, 1.0)) for event in happened][-1]


def asked(address=CAR, octets=REQUEST):
    return DatagramReceived(address, 50000, octets)


ANSWER = [SendDatagram(CAR, 50000, RESPONSE.encode())]


@pytest.mark.parametrize(
    "before",
    [
        [NETWORK, Present(True)],
        [Present(True), NETWORK],
        [Present(True), NetworkLost("down"), NETWORK],
        [NETWORK, Present(True), NetworkLost("down"), NETWORK],
        [Present(True), InSession(CAR), NETWORK],
        [NETWORK, Present(True), InSession(OTHER), InSession(None)],
        [NETWORK, Present(True), InSession(OTHER), Present(False), Present(True)],
    ],
)
def test_the_vehicle_is_answered_whatever_came_first(before):
    assert told(*before, asked()) == ANSWER


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ([], "there is no network to answer in"),
        ([NETWORK, Present(True), NetworkLost("down")], "there is no network to answer in"),
        ([NETWORK], "no vehicle is plugged in"),
        ([NETWORK, Present(True), Present(False)], "no vehicle is plugged in"),
        ([NETWORK, Present(True), InSession(OTHER)], "another vehicle is in session"),
        ([Present(True), InSession(OTHER), NETWORK], "another vehicle is in session"),
    ],
)
def test_nobody_else_is_and_it_is_said_why(before, why):
    assert told(*before, asked()) == [Ignored("SDP request", why)]


def test_what_is_no_request_is_ignored():
    [ignored] = told(NETWORK, Present(True), asked(octets=b"hello"))
    assert ignored.what == "SDP datagram"


def test_what_certificates_there_are_is_told_to_every_network_in_turn():
    machine = Discovery(sdp.Tls.OFFERED)
    asks = asked(octets=sdp.SdpRequest(sdp.SECURITY_TLS).encode())
    for event in (CertificateAtHand(True), Present(True), NetworkLost("down"), NETWORK):
        machine.receive(event, 1.0)
    (first,) = machine.receive(asks, 1.0)
    machine.receive(CertificateAtHand(False), 1.0)
    (second,) = machine.receive(asks, 1.0)
    answers = [sdp.SdpResponse.decode(sent.octets).security for sent in (first, second)]
    assert answers == [sdp.SECURITY_TLS, sdp.SECURITY_NONE]


def test_an_address_that_cannot_be_served_is_our_own_mistake():
    with pytest.raises(UsageError, match="link-local"):
        told(NetworkOpened("2001:db8::1", PORT))


def test_nothing_here_waits():
    machine = Discovery()
    assert machine.deadline is None
    assert machine.tick(1.0) == []
