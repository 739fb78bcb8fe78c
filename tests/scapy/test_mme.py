"""Management messages as scapy's layers, made of our declarations and compared with them."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.contrib.homeplugav import HomePlugAV, StartMACRequest
from scapy.layers.l2 import Ether

import seccstack.scapy  # noqa: F401 - registers the layers
from seccstack.homeplug.fields import MESSAGES, Excerpt, Mme, Octets
from seccstack.homeplug.frame import Frame, decode_frame, encode_frame
from seccstack.scapy.mme import LAYERS, layer_of
from tests.homeplug.strategies import any_record

HOST, MODEM = bytes.fromhex("02AABBCCDD01"), bytes.fromhex("00B052000001")
OURS = sorted(
    (cls for cls in MESSAGES.values() if cls.__name__ in LAYERS), key=lambda cls: cls.__name__
)
TEXT = {"src": HOST.hex(":"), "dst": MODEM.hex(":")}


def test_scapy_lacks_them_and_has_them_now():
    names = {cls.name for cls in OURS}
    assert {"CM_VALIDATE.REQ", "CM_NW_INFO.CNF", "CM_AMP_MAP.REQ"} <= names
    assert {"VS_PL_LINK_STATUS.CNF", "VS_SW_VER.REQ", "VS_HOST_ACTION.RSP"} <= names


def test_what_scapy_has_itself_stays_its_own():
    bonds = [cls for bond, cls in HomePlugAV.payload_guess if bond.get("HPtype") == 0xA00C]
    assert bonds == [StartMACRequest]
    assert "SlacParmReq" not in LAYERS


@pytest.mark.parametrize("cls", OURS, ids=lambda cls: cls.name)
@settings(max_examples=25)
@given(data=st.data())
def test_a_frame_of_ours_is_read_and_built_again_to_the_octet(cls, data):
    octets = encode_frame(Frame(MODEM, HOST, data.draw(any_record(cls))))
    packet = Ether(octets)
    has_fields = bool(LAYERS[cls.__name__].fields_desc)
    assert (LAYERS[cls.__name__] in packet) or not has_fields
    assert packet[HomePlugAV].sprintf("%HPtype%") == cls.name
    packet = packet.copy()
    for layer in packet.iterpayloads():
        layer.raw_packet_cache = None  # or it would give back what it was read from
    assert bytes(packet) == octets


@pytest.mark.parametrize("cls", OURS, ids=lambda cls: cls.name)
@settings(max_examples=25)
@given(data=st.data())
def test_what_a_layer_builds_of_fields_is_what_we_read(cls, data):
    message = data.draw(any_record(cls))
    built = Ether(**TEXT) / HomePlugAV() / layer_with(LAYERS[cls.__name__], message)
    assert decode_frame(bytes(built).ljust(60, b"\0")) == Frame(MODEM, HOST, message)


@pytest.mark.parametrize("cls", MESSAGES.values(), ids=lambda cls: cls.name)
@settings(max_examples=25)
@given(data=st.data())
def test_a_layer_of_any_message_builds_and_reads_what_we_write(cls, data):
    layer, message = layer_of(cls), data.draw(any_record(cls))
    octets = (cls.oui if cls.mmv else b"") + message.encode()
    assert bytes(layer_with(layer, message)) == octets
    read = layer(octets)
    read.raw_packet_cache = None
    assert bytes(read) == octets


def layer_with(layer, record):
    """A layer that is given the fields of one of our messages."""
    told = {}
    for name in record.layout:
        value = getattr(record, name)
        if isinstance(value, tuple):
            entry = next(f.cls for f in layer.fields_desc if f.name == name)
            value = [layer_with(entry, one) for one in value]
        elif isinstance(value, Excerpt):
            told[f"{name}_offset"], value = value.offset, value.data
        elif record.layout[name] == Octets(6):
            value = value.hex(":")
        told[name] = value
    return layer(**told)


def test_the_default_of_a_field_is_that_of_our_message():
    layer = LAYERS["NwInfoReq"]
    assert bytes(Ether(**TEXT) / HomePlugAV() / layer()) == bytes.fromhex(
        "00b05200000102aabbccdd0188e10138600000"
    )


def test_another_makers_message_of_the_same_number_is_not_taken_for_it():
    octets = bytearray(encode_frame(Frame(MODEM, HOST, MESSAGES[0xA0B9, MODEM[:3]](link=1))))
    assert LAYERS["PlLinkStatusCnf"] in Ether(bytes(octets))
    octets[17:20] = b"\x00\x16\xe8"
    assert LAYERS["PlLinkStatusCnf"] not in Ether(bytes(octets))


@dataclass
class Odd(Mme):
    """A message with a field of a kind that is none."""

    x: int = 0


def test_a_field_that_no_layer_can_have_is_refused():
    Odd.layout, Odd.name, Odd.oui, Odd.mmv = {"x": object()}, "ODD", b"", 1
    with pytest.raises(TypeError, match="no layer's field is known for"):
        layer_of(Odd)


def test_the_organisation_lies_behind_the_fragment_octets_in_version_1():
    made = layer_of(MESSAGES[0xA038, MODEM[:3]])
    assert bytes(made()) == MODEM[:3]
