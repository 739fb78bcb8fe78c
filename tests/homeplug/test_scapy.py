"""scapy's layers for HomePlug and ours hold each other to account, in both directions.

Where scapy is wrong, or says less, that is listed here with the reason; else every field of
every message of SLAC must be the same in both.
"""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scapy.contrib import homeplugav, homepluggp, homeplugsg
from scapy.contrib.homeplugav import HomePlugAV
from scapy.layers.l2 import Ether

from seccstack.capture.frames import PowerlineFrame, read_frame
from seccstack.capture.packets import Packet
from seccstack.capture.reader import read_capture
from seccstack.homeplug import vendor
from seccstack.homeplug.fields import Octets
from seccstack.homeplug.frame import Frame, UnknownMme, decode_frame, encode_frame, untagged
from seccstack.homeplug.messages import (
    AttenCharInd,
    AttenCharRsp,
    AttenProfileInd,
    MnbcSoundInd,
    SetKeyCnf,
    SetKeyReq,
    SlacMatchCnf,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
    StartAttenCharInd,
)
from tests.homeplug.strategies import any_record
from tests.names import CAPTURES

EV, EVSE = bytes.fromhex("bcf2aff10004"), bytes.fromhex("f4066922a1b2")
KNOWN_BY_BOTH = (homepluggp, homeplugsg)  # imported, so that scapy has bound its layers

STATION = {"application_type": "ApplicationType", "security_type": "SecurityType"}
MATCH = {
    **STATION,
    "length": "MatchVariableFieldLen",
    "ev_id": "VariableField.EVID",
    "ev_mac": "VariableField.EVMAC",
    "evse_id": "VariableField.EVSEID",
    "evse_mac": "VariableField.EVSEMAC",
    "run_id": "VariableField.RunID",
    "reserved": "VariableField.RSVD",
}
RESULT = {
    **STATION,
    "source_address": "SourceAdress",
    "run_id": "RunID",
    "source_id": "SourceID",
    "response_id": "ResponseID",
}
NONCES = {
    "my_nonce": "MyNonce",
    "your_nonce": "YourNonce",
    "protocol": "PID",
    "protocol_run": "ProtoRunNumber",
    "protocol_message": "ProtoMessNumber",
    "cco_capability": "CCoCapability",
}
# Of each message: scapy's layer, and what it calls our fields.
SLAC = {
    SlacParmReq: (homepluggp.CM_SLAC_PARM_REQ, {**STATION, "run_id": "RunID"}),
    SlacParmCnf: (
        homepluggp.CM_SLAC_PARM_CNF,
        {
            "sound_target": "MSoundTargetMAC",
            "num_sounds": "NumberMSounds",
            "timeout": "TimeOut",
            "response_type": "ResponseType",
            "forwarding_station": "ForwardingSTA",
            **STATION,
            "run_id": "RunID",
        },
    ),
    StartAttenCharInd: (
        homepluggp.CM_START_ATTEN_CHAR_IND,
        {
            **STATION,
            "num_sounds": "NumberOfSounds",
            "timeout": "TimeOut",
            "response_type": "ResponseType",
            "forwarding_station": "ForwardingSTA",
            "run_id": "RunID",
        },
    ),
    MnbcSoundInd: (
        homepluggp.CM_MNBC_SOUND_IND,
        {
            **STATION,
            "sender_id": "SenderID",
            "remaining": "Countdown",
            "run_id": "RunID",
            "reserved": "RSVD",
            "random": "RandomValue",
        },
    ),
    AttenProfileInd: (
        homepluggp.CM_ATTENUATION_CHARACTERISTICS_MME,
        {
            "ev_mac": "EVMACAddress",
            "num_groups": "NumberOfGroups",
            "reserved": "NumberOfCarrierPerGroupe",
            "attenuations": "Groups",
        },
    ),
    AttenCharInd: (
        homepluggp.CM_ATTEN_CHAR_IND,
        {
            **RESULT,
            "num_sounds": "NumberOfSounds",
            "num_groups": "NumberOfGroups",
            "attenuations": "Groups",
        },
    ),
    AttenCharRsp: (homepluggp.CM_ATTEN_CHAR_RSP, {**RESULT, "result": "Result"}),
    SlacMatchReq: (homepluggp.CM_SLAC_MATCH_REQ, MATCH),
    SlacMatchCnf: (
        homepluggp.CM_SLAC_MATCH_CNF,
        {
            **MATCH,
            "network_id": "VariableField.NetworkID",
            "reserved_octet": "VariableField.Reserved",
            "network_key": "VariableField.NMK",
        },
    ),
    SetKeyReq: (
        homepluggp.CM_SET_KEY_REQ,
        {
            "key_type": "KeyType",
            **NONCES,
            "network_id": "NetworkID",
            "key_select": "NewEncKeySelect",
            "network_key": "NewKey",
        },
    ),
    SetKeyCnf: (homepluggp.CM_SET_KEY_CNF, {"result": "Result", **NONCES}),
}
VENDOR = {
    vendor.SwVerCnf: (
        homeplugav.GetDeviceVersion,
        {"status": "Status", "device_class": "DeviceID", "version": "DeviceVersion"},
    ),
    vendor.RsDevCnf: (homeplugav.ResetDeviceConfirmation, {"status": "Status"}),
    vendor.HostActionInd: (homeplugav.HostActionRequired, {"action": "ActionRequired"}),
}

# What is other in scapy, each with the reason.
BIG_ENDIAN_NUMBERS = {"protocol_run"}  # of two octets: HomePlug sends the lower one first
TEXT_NUMBERS = {"my_nonce", "your_nonce"}  # four octets of chance, shown as a number
UNREAD = {  # fields that scapy has no names for: it takes them for what follows
    "HostActionInd": {"major_version", "minor_version"},
}
SHORT = {  # messages of cars of which scapy needs more octets than there need be
    vendor.SwVerCnf: "scapy wants the 64 octets that the version's text may take",
}


def in_scapys_words(message, name):
    """The value of a field of ours as scapy's layers have it."""
    value = getattr(message, name)
    if name == "attenuations":
        return list(value)
    if name in TEXT_NUMBERS:
        return int.from_bytes(value, "big")
    if name in BIG_ENDIAN_NUMBERS:
        return int.from_bytes(value.to_bytes(2, "little"), "big")
    return value.hex(":") if message.layout[name] == Octets(6) else value


def read_by_scapy(packet, path):
    """The value that a layer of scapy's has at ``path``."""
    for name in path.split("."):
        packet = packet.getfieldval(name)
    if isinstance(packet, list):
        return [group.group for group in packet]
    return packet


def differences(message, layer, names):
    """By field: what we say, and what scapy says, where it is not the same."""
    found = {}
    for name, path in names.items():
        ours, theirs = in_scapys_words(message, name), read_by_scapy(layer, path)
        if ours != theirs:
            found[name] = (ours, theirs)
    return found


@pytest.mark.parametrize("cls", SLAC, ids=lambda cls: cls.name)
def test_every_field_of_ours_has_its_counterpart(cls):
    layer, names = SLAC[cls]
    assert set(names) == set(cls.layout)
    known = {field.name for field in layer.fields_desc}
    assert {path.split(".")[0] for path in names.values()} <= known


@pytest.mark.parametrize("cls", SLAC, ids=lambda cls: cls.name)
@settings(max_examples=40)
@given(data=st.data())
def test_scapy_reads_what_we_write(cls, data):
    message = data.draw(any_record(cls))
    layer, names = SLAC[cls]
    packet = Ether(encode_frame(Frame(EVSE, EV, message)))
    assert (packet.dst, packet.src) == (EVSE.hex(":"), EV.hex(":"))
    assert packet[HomePlugAV].HPtype == cls.mmtype
    assert differences(message, packet[layer], names) == {}


@pytest.mark.parametrize("cls", SLAC, ids=lambda cls: cls.name)
@settings(max_examples=40)
@given(data=st.data())
def test_we_read_what_scapy_writes(cls, data):
    message = data.draw(any_record(cls))
    layer, names = SLAC[cls]
    body = built_by_scapy(layer, names, message)
    header = Ether(dst=EVSE.hex(":"), src=EV.hex(":")) / HomePlugAV(
        version=1, HPtype=cls.mmtype
    )
    octets = bytes(header / body)
    assert decode_frame(octets.ljust(60, b"\0")) == Frame(EVSE, EV, message)


def built_by_scapy(layer, names, message):
    told, inside = {}, {}
    for name, path in names.items():
        value = in_scapys_words(message, name)
        if name == "attenuations":
            value = [homepluggp.HPGP_GROUP(group=group) for group in value]
        outer, _, inner = path.partition(".")
        (inside if inner else told)[inner or outer] = value
    if inside:
        field = next(f for f in layer.fields_desc if f.name == "VariableField")
        told["VariableField"] = field.cls(**inside)
    return layer(**told)


@pytest.mark.parametrize("cls", VENDOR, ids=lambda cls: cls.name)
@settings(max_examples=40)
@given(data=st.data())
def test_scapy_reads_what_we_write_as_a_modem(cls, data):
    message = data.draw(any_record(cls))
    layer, names = VENDOR[cls]
    octets = encode_frame(Frame(EVSE, EV, message))
    packet = Ether(octets.ljust(120 if cls in SHORT else 60, b"\0"))
    if cls is vendor.SwVerCnf and len(message.version) > 64:
        return  # longer than any modem's
    assert differences(message, packet[layer], names) == {}
    assert set(cls.layout) - set(names) == UNREAD.get(cls.__name__, set())


# Every frame that was recorded.


def frames_of(path):
    for record in read_capture(path):
        if isinstance(record, Packet) and not record.note:  # cut short, or otherwise odd
            frame = read_frame(record)
            if isinstance(frame, PowerlineFrame):
                yield untagged(frame.octets)


@pytest.mark.parametrize("name", CAPTURES)
def test_every_recorded_frame_reads_the_same_in_both(shared, name):
    for octets in frames_of(shared / "captures" / name):
        message = decode_frame(octets).message
        packet = Ether(octets)
        assert packet[HomePlugAV].HPtype == message.mmtype
        if type(message) in SLAC:
            layer, names = SLAC[type(message)]
            assert differences(message, packet[layer], names) == {}, octets.hex()


def test_the_recorded_frames_have_every_message_of_slac(shared):
    found = Counter()
    for name in CAPTURES:
        for octets in frames_of(shared / "captures" / name):
            message = decode_frame(octets).message
            found[type(message)] += 1
    assert set(SLAC) <= set(found)
    assert found[UnknownMme] < 1000 < sum(found.values())
