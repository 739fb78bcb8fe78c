"""V2GTP, SDP and messages as scapy's layers: built, and read from what others have sent."""

import json
import lzma
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether
from scapy.packet import Padding, Raw
from scapy.sendrecv import sniff
from scapy.sessions import TCPSession
from scapy.utils import PcapWriter, rdpcap

import seccstack.scapy  # noqa: F401 - registers the layers
from seccstack import sdp, v2gtp
from seccstack.errors import UsageError
from seccstack.messages import codec, infoset
from seccstack.messages.codec import Schema
from seccstack.scapy.v2g import V2GTP, SdpRequest, SdpResponse, V2gMessage
from tests.capture.scene import SETUP, STOP, Scene, exi

HEAD = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02") / IPv6(
    src="fe80::1", dst="fe80::2"
)
ASKED = {
    "V2G_Message": {
        "Header": {"SessionID": "0000000000000000"},
        "Body": {"SessionSetupReq": {"EVCCID": "7DFA07000102"}},
    }
}


def over_tcp(*layers):
    packet = HEAD / TCP(sport=50000, dport=61341)
    for layer in layers:
        packet = packet / layer
    return Ether(bytes(packet))


# SDP.


@given(st.sampled_from([0x00, 0x10, 0x77]), st.integers(0, 255))
def test_an_sdp_request_is_built_as_ours_is(security, transport):
    built = V2GTP() / SdpRequest(security=security, transport=transport)
    assert bytes(built) == sdp.SdpRequest(security, transport).encode()


@given(st.binary(min_size=16, max_size=16), st.integers(0, 65535), st.integers(0, 255))
def test_an_sdp_response_is_read_as_ours_is(address, port, security):
    ours = sdp.SdpResponse(address, port, security)
    read = V2GTP(ours.encode())
    assert isinstance(read.payload, SdpResponse)
    assert (read.port, read.security, read.transport) == (port, security, 0)
    assert bytes(SdpResponse(address=read.address, port=port, security=security)) == bytes(
        read.payload
    )


def test_sdp_is_recognised_by_its_port():
    asked = HEAD / UDP(sport=50000, dport=15118) / V2GTP() / SdpRequest(security="TLS")
    assert Ether(bytes(asked))[SdpRequest].security == sdp.SECURITY_TLS
    answered = HEAD / UDP(sport=15118, dport=50000) / V2GTP() / SdpResponse(address="fe80::9")
    assert Ether(bytes(answered))[SdpResponse].address == "fe80::9"


def test_no_other_port_is_taken_for_sdp():
    asked = HEAD / UDP(sport=50000, dport=15119) / V2GTP() / SdpRequest()
    assert V2GTP not in Ether(bytes(asked))


# Messages.


def test_a_message_is_built_of_its_json_and_read_again():
    packet = over_tcp(V2GTP(), V2gMessage(exi=("iso2", ASKED)))
    assert packet[V2GTP].payload_type == v2gtp.EXI
    assert packet[V2GTP].length == len(packet[V2gMessage].exi)
    assert packet[V2gMessage].content == ASKED
    assert packet[V2gMessage].schema is Schema.ISO2


def test_the_octets_are_those_of_the_message():
    assert bytes(V2gMessage(exi=("iso2", ASKED))) == exi_of(ASKED)


def exi_of(message):
    return codec.encode(Schema.ISO2, infoset.from_json(Schema.ISO2, message))


def test_it_is_shown_as_what_it_says(capsys):
    over_tcp(V2GTP(), V2gMessage(exi=("iso2", ASKED))).show()
    text = capsys.readouterr().out
    assert '"SessionSetupReq":{"EVCCID":"7DFA07000102"}' in text
    assert "EXI: handshake, DIN 70121, ISO 15118-2" in text


def test_a_line_of_it_has_its_name():
    summary = over_tcp(V2GTP(), V2gMessage(exi=exi(STOP))).summary()
    assert summary.endswith("SessionStopReq (iso2)")


def test_what_cannot_be_read_is_shown_as_octets_with_the_reason(capsys):
    packet = over_tcp(V2GTP(), V2gMessage(exi=b"\x80\xff"))
    assert (packet[V2gMessage].content, packet[V2gMessage].schema) == (None, None)
    packet.show()
    assert "80FF (" in capsys.readouterr().out
    assert "cannot be decoded" in packet.summary()


def test_what_was_borne_with_to_read_it_is_shown(capsys):
    over_tcp(V2GTP(), V2gMessage(exi=exi(STOP) + b"\0")).show()
    assert "SessionStopReq" in (text := capsys.readouterr().out)
    assert "1 octet" in text


@pytest.mark.parametrize(
    ("schema", "message", "number"),
    [
        (
            "app-protocol",
            {"supportedAppProtocolRes": {"ResponseCode": "Failed_NoNegotiation"}},
            0x8001,
        ),
        (
            "iso20-common",
            {
                "SessionStopReq": {
                    "Header": {"SessionID": "0011223344556677", "TimeStamp": 1},
                    "ChargingSession": "Terminate",
                }
            },
            0x8002,
        ),
        (
            "iso20-acdp",
            {
                "ACDP_VehiclePositioningReq": {
                    "Header": {"SessionID": "0011223344556677", "TimeStamp": 1},
                    "EVMobilityStatus": True,
                    "EVPositioningSupport": False,
                }
            },
            0x8005,
        ),
    ],
)
def test_the_payloads_type_follows_from_the_schema(schema, message, number):
    packet = over_tcp(V2GTP(), V2gMessage(exi=(schema, message)))
    assert packet[V2GTP].payload_type == number
    assert packet[V2gMessage].content == message
    assert packet[V2gMessage].schema == schema


def test_a_message_without_a_header_knows_what_it_was_made_as():
    header = {"SessionID": "0011223344556677", "TimeStamp": 1}
    asked = {"SessionStopReq": {"Header": header, "ChargingSession": "Pause"}}
    message = V2gMessage(exi=("iso20-common", asked))
    assert (message.schema, message.content) == (Schema.ISO20_COMMON, asked)


def test_messages_beside_the_mainstream_are_read_too():
    message = {
        "MeteringConfirmationRes": {
            "Header": {"SessionID": "0011223344556677", "TimeStamp": 1},
            "ResponseCode": "OK",
        }
    }
    packet = over_tcp(V2GTP(payload_type=0x8102), V2gMessage(exi=("iso20-common", message)))
    assert packet[V2gMessage].content == message


@pytest.mark.parametrize("number", [0x4C41, 0x8104, 0x9002, 0xA000])
def test_a_payload_of_which_nobody_knows_what_it_is_stays_raw(number):
    packet = over_tcp(V2GTP(payload_type=number), Raw(b"whatever"))
    assert packet[V2GTP].payload_type == number
    assert packet[Raw].load == b"whatever"


@pytest.mark.parametrize(
    ("schema", "message", "why"),
    [
        ("iso3", ASKED, "'iso3' is no schema; one of: app-protocol, din"),
        ("iso2", {}, "a message is a JSON object with one key"),
        ("iso2", {"V2G_Message": {}}, "V2G_Message: "),
    ],
)
def test_a_message_that_is_none_is_refused_with_the_reason(schema, message, why):
    with pytest.raises(UsageError, match=why):
        V2gMessage(exi=(schema, message))


def test_what_is_given_is_built_as_given_whatever_it_should_be():
    built = V2GTP(version=2, inverse=3, payload_type=0x1234, length=5) / Raw(b"x")
    assert bytes(built) == bytes.fromhex("0203123400000005") + b"x"
    assert bytes(V2GTP()) == bytes.fromhex("01FE800100000000")


# On TCP.


def test_messages_in_one_segment_follow_each_other():
    packet = over_tcp(V2GTP(), V2gMessage(exi=exi(SETUP)), V2GTP(), V2gMessage(exi=exi(STOP)))
    first, second = packet.getlayer(V2GTP, 1), packet.getlayer(V2GTP, 2)
    assert (first.length, second.length) == (len(exi(SETUP)), len(exi(STOP)))
    assert "SessionSetupReq" in str(first.payload.content)
    assert "SessionStopReq" in str(second.payload.content)


@pytest.mark.parametrize("rest", ["01", "01FE80", "01FE800100000009FF", "00FE80010000000000"])
def test_what_is_no_whole_message_behind_one_is_padding(rest):
    octets = v2gtp.encode(v2gtp.EXI, exi(STOP)) + bytes.fromhex(rest)
    packet = over_tcp(Raw(octets))
    assert packet[V2gMessage].exi == exi(STOP)
    assert packet[Padding].load == bytes.fromhex(rest)


@pytest.mark.parametrize("octets", [b"\x16\x03\x01", b"\x00", b"\xfe\x01"])
def test_what_does_not_begin_like_v2gtp_is_left_alone(octets):
    packet = over_tcp(Raw(octets))
    assert V2GTP not in packet
    assert packet[Raw].load == octets


def put_together(path, *pieces):
    """What scapy makes of a stream that comes in these pieces."""
    scene = Scene()
    talk = scene.connect()
    for piece in pieces:
        talk.send("ev", piece)
    with PcapWriter(str(path)) as writer:
        writer.write([Ether(packet.octets) for packet in scene.packets])
    return sniff(offline=str(path), session=TCPSession)


def test_a_stream_of_something_else_is_left_alone(tmp_path):
    found = put_together(tmp_path / "other.pcap", b"GET / HT", b"TP/1.1")
    assert [p[Raw].load for p in found if Raw in p] == [b"GET / HT", b"TP/1.1"]


@pytest.mark.parametrize("cuts", [(5, 20), (1, 2), (8,), (29,)])
def test_messages_in_several_segments_are_put_together_by_scapy(tmp_path, cuts):
    whole = v2gtp.encode(v2gtp.EXI, exi(SETUP)) + v2gtp.encode(v2gtp.EXI, exi(STOP))
    ends = pairwise((0, *cuts, len(whole)))
    found = put_together(tmp_path / "split.pcap", *(whole[start:end] for start, end in ends))
    messages = [m for p in found for m in p.iterpayloads() if isinstance(m, V2gMessage)]
    assert [next(iter(m.content["V2G_Message"]["Body"])) for m in messages] == [
        "SessionSetupReq",
        "SessionStopReq",
    ]


# What others have sent.


def test_every_recorded_message_reads_as_an_independent_codec_read_it(shared):
    with lzma.open(shared / "corpus" / "v2g_messages.jsonl.xz", "rt") as lines:
        rows = [row for row in map(json.loads, lines) if row["roundtrip_json"] == "identical"]
    for row in rows[::7]:
        octets = v2gtp.encode(int(row["payload_type"], 16), bytes.fromhex(row["exi_hex"]))
        assert V2GTP(octets)[V2gMessage].content == row["decoded_json"], row["id"]
    assert len(rows) > 5000


def test_a_capture_of_a_charge_is_read_with_all_that_is_in_it(shared):
    path = shared / "captures" / "vw-id-4-iso-15118-2-ac-2023-04-14-0952-3-config-ac-iso2.pcap"
    packets = rdpcap(BytesIO(path.read_bytes()))
    messages = [p[V2gMessage] for p in packets if V2gMessage in p]
    assert len(messages) == 18
    assert all(message.content is not None for message in messages)
    assert any(SdpRequest in p for p in packets)
    assert any(SdpResponse in p for p in packets)
