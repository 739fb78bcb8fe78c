"""SLAC's messages, against scapy's layers for them and a recorded frame."""

import pytest
from scapy.contrib import homepluggp
from scapy.contrib.homeplugav import HomePlugAV
from scapy.layers.l2 import Ether

from seccstack.homeplug.frame import Frame, decode_frame, encode_frame
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
    ValidateCnf,
    ValidateReq,
)

EV = bytes.fromhex("bcf2aff10004")
EVSE = bytes.fromhex("f4066922a1b2")
RUN = bytes.fromhex("3d83fbe2bb0bb88a")
NID = bytes.fromhex("27cfe35f01e50a")
KEY = bytes.fromhex("c8a074ad04537cb54b88b62d49b35b51")
STATION = bytes(range(17))
GROUPS = bytes(range(58))
RESULT = {"application_type": 1, "security_type": 2, "source_address": EV, "run_id": RUN}
MATCH = {
    "application_type": 1,
    "security_type": 2,
    "ev_id": STATION,
    "ev_mac": EV,
    "evse_id": STATION[::-1],
    "evse_mac": EVSE,
    "run_id": RUN,
}


def text(mac):
    return mac.hex(":")


def read_by_scapy(message):
    octets = encode_frame(Frame(EVSE, EV, message))
    packet = Ether(octets)
    assert (packet.dst, packet.src) == (text(EVSE), text(EV))
    assert packet[HomePlugAV].HPtype == message.mmtype
    return packet[HomePlugAV].payload


def test_slac_parm_req():
    read = read_by_scapy(SlacParmReq(application_type=1, security_type=2, run_id=RUN))
    assert (read.ApplicationType, read.SecurityType, read.RunID) == (1, 2, RUN)


def test_slac_parm_cnf():
    read = read_by_scapy(SlacParmCnf(forwarding_station=EV, security_type=1, run_id=RUN))
    assert (read.MSoundTargetMAC, read.ForwardingSTA) == ("ff:ff:ff:ff:ff:ff", text(EV))
    assert (read.NumberMSounds, read.TimeOut, read.ResponseType) == (10, 6, 1)
    assert (read.ApplicationType, read.SecurityType, read.RunID) == (0, 1, RUN)


def test_start_atten_char_ind():
    message = StartAttenCharInd(num_sounds=9, timeout=7, forwarding_station=EV, run_id=RUN)
    read = read_by_scapy(message)
    assert (read.NumberOfSounds, read.TimeOut, read.ResponseType) == (9, 7, 1)
    assert (read.ForwardingSTA, read.RunID) == (text(EV), RUN)


def test_mnbc_sound_ind():
    read = read_by_scapy(
        MnbcSoundInd(sender_id=STATION, remaining=3, run_id=RUN, random=GROUPS[:16])
    )
    assert (read.SenderID, read.Countdown) == (STATION, 3)
    assert (read.RunID, read.RandomValue) == (RUN, GROUPS[:16])


def test_atten_profile_ind():
    read = read_by_scapy(AttenProfileInd(ev_mac=EV, attenuations=GROUPS))
    assert (read.EVMACAddress, read.NumberOfGroups) == (text(EV), 58)
    assert bytes(group.group for group in read.Groups) == GROUPS


def test_atten_char_ind():
    message = AttenCharInd(
        **RESULT,
        source_id=STATION,
        response_id=STATION[::-1],
        num_sounds=9,
        attenuations=GROUPS,
    )
    read = read_by_scapy(message)
    assert (read.ApplicationType, read.SecurityType) == (1, 2)
    assert (read.SourceAdress, read.RunID) == (text(EV), RUN)
    assert (read.SourceID, read.ResponseID) == (STATION, STATION[::-1])
    assert (read.NumberOfSounds, read.NumberOfGroups) == (9, 58)
    assert bytes(group.group for group in read.Groups) == GROUPS


def test_atten_char_rsp():
    message = AttenCharRsp(**RESULT, source_id=STATION, response_id=STATION[::-1], result=5)
    read = read_by_scapy(message)
    assert (read.SourceAdress, read.RunID, read.Result) == (text(EV), RUN, 5)
    assert (read.SourceID, read.ResponseID) == (STATION, STATION[::-1])


def assert_match_fields(read):
    meant = {"EVID": STATION, "EVMAC": text(EV), "RunID": RUN}
    meant |= {"EVSEID": STATION[::-1], "EVSEMAC": text(EVSE)}
    assert {name: read.getfieldval(name) for name in meant} == meant


def test_slac_match_req():
    read = read_by_scapy(SlacMatchReq(**MATCH))
    assert read.MatchVariableFieldLen == 62
    assert_match_fields(read.VariableField)


def test_slac_match_cnf():
    read = read_by_scapy(SlacMatchCnf(**MATCH, network_id=NID, network_key=KEY))
    assert read.MatchVariableFieldLen == 86
    assert_match_fields(read.VariableField)
    assert (read.VariableField.NetworkID, read.VariableField.NMK) == (NID, KEY)


def test_set_key_req():
    read = read_by_scapy(SetKeyReq(my_nonce=b"\xaa" * 4, network_id=NID, network_key=KEY))
    assert (read.KeyType, read.MyNonce, read.YourNonce, read.PID) == (1, 0xAAAAAAAA, 0, 4)
    assert (read.ProtoRunNumber, read.ProtoMessNumber, read.CCoCapability) == (0, 0, 0)
    assert (read.NetworkID, read.NewEncKeySelect, read.NewKey) == (NID, 1, KEY)


def test_set_key_cnf():
    read = read_by_scapy(SetKeyCnf(result=1, my_nonce=b"\x01\x02\x03\x04", your_nonce=bytes(4)))
    assert (read.Result, read.MyNonce, read.YourNonce) == (1, 0x01020304, 0)
    assert (read.PID, read.ProtoMessNumber) == (4, 0xFF)


def test_what_scapy_builds_reads_as_it_was_meant():
    built = Ether(dst=text(EVSE), src=text(EV)) / HomePlugAV(version=1, HPtype=0x6064)
    octets = bytes(built / homepluggp.CM_SLAC_PARM_REQ(RunID=RUN))
    assert decode_frame(octets) == Frame(EVSE, EV, SlacParmReq(run_id=RUN))


def test_a_recorded_slac_parm_cnf_reads_as_its_sender_meant_it():
    # scapy, test/contrib/homepluggp.uts (after the 5-octet HomePlug header)
    body = bytes.fromhex("ffffffffffff0a0601bcf2aff1000400003d83fbe2bb0bb88a")
    assert SlacParmCnf.decode(body) == SlacParmCnf(forwarding_station=EV, run_id=RUN)


@pytest.mark.parametrize(
    ("message", "body"),  # as EVerest's charger was seen to answer; see ISO 15118-5 tests
    [(ValidateReq(), "000001"), (ValidateCnf(result=3), "000003")],
)
def test_validation_is_three_octets(message, body):
    assert message.encode().hex() == body


@pytest.mark.parametrize(
    "message",
    [
        SlacMatchCnf(**MATCH, network_id=NID, network_key=KEY),
        SetKeyReq(network_id=NID, network_key=KEY),
    ],
)
def test_the_network_key_is_in_no_repr(message):
    for shown in (repr(message), repr(Frame(EVSE, EV, message))):
        assert repr(KEY) not in shown
        assert "network_key" not in shown
