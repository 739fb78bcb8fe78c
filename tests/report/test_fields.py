"""Fields of whole octets: where they are, and what of them nobody needs to see."""

import pytest
from hypothesis import HealthCheck, given, settings

from seccstack.homeplug.frame import Frame, decode_frame, encode_frame
from seccstack.homeplug.messages import (
    Network,
    NwInfoCnf,
    SetKeyReq,
    SlacMatchCnf,
    SlacParmReq,
)
from seccstack.homeplug.vendor import SwVerCnf
from seccstack.report.fields import detail_parts, frame_parts, sdp_parts
from seccstack.report.parts import LEFT_OUT, SECRET
from seccstack.sdp import SECURITY_NONE, SdpRequest, SdpResponse
from tests.capture.scene import EV, EVSE, KEY, NID, RUN
from tests.homeplug.strategies import any_message
from tests.report.trees import named, octets_of


def framed(message):
    octets = encode_frame(Frame(EVSE, EV, message))
    return octets, frame_parts(octets, decode_frame(octets))


def test_each_field_of_a_frame_is_where_it_travels():
    octets, parts = framed(SlacParmReq(run_id=RUN))
    assert octets_of(parts, "destination", octets) == EVSE
    assert octets_of(parts, "source", octets) == EV
    assert octets_of(parts, "run_id", octets) == RUN
    assert named(parts, "type").value == "6064"
    assert named(parts, "run_id").value == RUN.hex().upper()
    assert named(parts, "application_type").value == 0


def test_the_rest_of_a_frame_is_padding():
    octets, parts = framed(SlacParmReq(run_id=RUN))
    assert octets_of(parts, "padding", octets) == bytes(60 - 29)


def test_a_frame_without_padding_has_none():
    _, parts = framed(
        SlacMatchCnf(ev_mac=EV, evse_mac=EVSE, run_id=RUN, network_id=NID, network_key=KEY)
    )
    assert parts[-1].name == "network_key"


@pytest.mark.parametrize(
    "message",
    [
        SlacMatchCnf(ev_mac=EV, evse_mac=EVSE, run_id=RUN, network_id=NID, network_key=KEY),
        SetKeyReq(network_id=NID, network_key=KEY),
    ],
)
def test_a_network_key_is_left_out(message):
    octets, parts = framed(message)
    assert octets_of(parts, "network_key", octets) == KEY
    assert (named(parts, "network_key").value, named(parts, "network_key").flags) == (
        LEFT_OUT,
        SECRET,
    )


def test_a_vendors_message_has_its_number_in_front():
    octets, parts = framed(SwVerCnf(version=b"QCA"))
    assert octets_of(parts, "oui", octets) == bytes.fromhex("00b052")
    assert named(parts, "device_class").value == 0x22


def test_records_of_a_list_are_inside_of_it():
    network = Network(network_id=NID, coordinator_mac=EVSE)
    octets, parts = framed(NwInfoCnf(networks=(network, network)))
    assert octets_of(parts, "networks (count)", octets) == b"\2"
    records = [part for part in parts if part.name == "networks"]
    assert [octets[r.first // 8 : r.end // 8] for r in records] == [network.encode()] * 2
    assert [p.depth for p in parts if p.name == "coordinator_mac"] == [3, 3]


def test_what_is_not_understood_may_hold_a_key_and_is_left_out():
    octets = encode_frame(Frame(EVSE, EV, SetKeyReq(network_id=NID, network_key=KEY)))
    unknown = octets[:15] + b"\x99\x99" + octets[17:]
    for parts in (frame_parts(unknown, decode_frame(unknown)), frame_parts(octets, None)):
        assert (parts[-1].flags, parts[-1].end) == (SECRET, 8 * len(octets))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(message=any_message())
def test_the_parts_of_any_frame_are_in_order_and_inside_each_other(message):
    octets, parts = framed(message)
    above = []
    for part in parts:
        above[part.depth :] = [part]
        assert part.first <= part.end <= 8 * len(octets)
        if part.depth:
            assert above[-2].first <= part.first <= part.end <= above[-2].end


def test_an_sdp_request_is_a_header_and_two_octets():
    request = SdpRequest(SECURITY_NONE)
    parts = sdp_parts(request.encode(), request)
    assert named(parts, "payload type").value == "9000"
    assert (named(parts, "length").value, named(parts, "security").value) == (2, "10")


def test_an_sdp_response_says_where_the_charger_is():
    response = SdpResponse(bytes(range(16)), 61341, SECURITY_NONE)
    octets = response.encode()
    parts = sdp_parts(octets, response)
    assert octets_of(parts, "address", octets) == bytes(range(16))
    assert named(parts, "port").value == 61341


@pytest.mark.parametrize(("octets", "count"), [(b"\1\xfe", 1), (bytes(9), 5)])
def test_of_an_unreadable_datagram_there_is_at_most_the_header(octets, count):
    assert len(sdp_parts(octets, None)) == count


def test_details_are_parts_without_octets():
    parts = detail_parts("ClientHello", {"versions": "TLS 1.3"})
    assert [(p.name, p.value, p.end) for p in parts] == [
        ("ClientHello", "", 0),
        ("versions", "TLS 1.3", 0),
    ]
