"""Modem messages: their place in the frame, which is not SLAC's."""

import pytest
from scapy.contrib.homeplugav import (
    GetDeviceVersion,
    HostActionRequired,
    ReadModuleDataConfirmation,
    ReadModuleDataRequest,
)
from scapy.layers.l2 import Ether

from seccstack.homeplug.fields import Excerpt
from seccstack.homeplug.frame import LOCAL_MODEM, Frame, decode_frame, encode_frame
from seccstack.homeplug.lumissil import (
    NscmGetDLinkStatusCnf,
    NscmGetDLinkStatusReq,
    NscmGetVersionReq,
    NscmResetDeviceReq,
)
from seccstack.homeplug.vendor import (
    PIB,
    HostActionInd,
    JoinedNetwork,
    ModuleOperationCnf,
    ModuleOperationReq,
    NetworkStation,
    OpAttributesCnf,
    OpAttributesReq,
    PlLinkStatusCnf,
    PlLinkStatusReq,
    RdModCnf,
    RdModReq,
    RsDevReq,
    SwVerCnf,
    SwVerReq,
    VsNwInfoCnf,
    VsNwInfoReq,
)

HOST = bytes.fromhex("02aabbccdd01")
MODEM = bytes.fromhex("c49300564e34")
CAR = bytes.fromhex("007dfa060708")
CAR_MODEM = bytes.fromhex("0001871234ab")


def request(message):
    return encode_frame(Frame(LOCAL_MODEM, HOST, message))


def answer(message):
    return encode_frame(Frame(HOST, MODEM, message))


def test_most_requests_have_the_organisation_right_after_the_number():
    assert request(PlLinkStatusReq())[14:20].hex() == "00b8a000b052"
    assert request(SwVerReq(cookie=b"\x01\x02\x03\x04"))[14:24].hex() == "0000a000b05201020304"


def test_network_information_has_fragment_octets_before_it():
    assert request(VsNwInfoReq())[14:22].hex() == "0138a0000000b052"


def test_the_link_status_is_the_second_octet_of_the_answer():
    octets = bytearray(answer(PlLinkStatusCnf(link=0)))
    octets[21] = 1
    assert decode_frame(bytes(octets)).message == PlLinkStatusCnf(link=1)


def test_scapy_reads_the_firmware_version():
    octets = answer(SwVerCnf(version=b"MAC-QCA7000-1.1.3"))
    read = Ether(octets.ljust(120, b"\0"))[GetDeviceVersion]
    assert (read.Status, read.DeviceID) == (0, 0x22)
    assert read.DeviceVersion == b"MAC-QCA7000-1.1.3"


def test_scapy_reads_a_host_action():
    assert Ether(answer(HostActionInd(action=4)))[HostActionRequired].ActionRequired == 4


def test_network_information_lies_where_the_sheet_of_the_modem_has_it():
    station = NetworkStation(mac=CAR_MODEM, terminal=2, bridged_mac=CAR, send_mbps=9)
    network = JoinedNetwork(
        network_id=bytes(range(7)), role=2, coordinator_mac=MODEM, stations=(station,)
    )
    octets = answer(VsNwInfoCnf(networks=(network,)))
    assert octets[26:28].hex() == "0001"  # reserved, number of networks
    assert octets[28:35] == bytes(range(7))
    assert octets[43] == 2  # own role
    assert octets[44:50] == MODEM
    assert octets[54] == 1  # number of stations
    assert octets[60:66] == CAR_MODEM
    assert octets[70:76] == CAR
    assert octets[76:78] == b"\x09\x00"


def test_scapy_reads_what_is_asked_of_the_parameter_block():
    asked = Ether(request(RdModReq(length=4, offset=0x1650)))[ReadModuleDataRequest]
    assert (asked.ModuleID, asked.Length, asked.Offset) == (PIB, 4, 0x1650)


def test_scapy_reads_a_part_of_the_parameter_block():
    octets = answer(RdModCnf(excerpt=Excerpt(0xF4, b"\x02\x00\x00\x00")))
    read = Ether(octets)[ReadModuleDataConfirmation]
    assert (read.ModuleID, read.DataLen, read.Offset) == (PIB, 4, 0xF4)
    assert read.ModuleData == b"\x02\x00\x00\x00"


def test_reading_a_module_lies_where_the_sheet_of_the_modem_has_it():
    octets = request(ModuleOperationReq(length=4, offset=0x1650))
    assert octets[24] == 1  # number of operations
    assert octets[25:29].hex() == "00001200"  # read memory, 18 octets
    assert octets[33:43].hex() == "02700000040050160000"
    octets = answer(ModuleOperationCnf(excerpt=Excerpt(0x1650, b"abcd")))
    assert octets[41:51] == b"\x04\x00\x50\x16\x00\x00abcd"


def test_what_the_modem_is_lies_where_the_sheet_has_it():
    octets = answer(OpAttributesCnf(hardware=b"QCA7000".ljust(16), software=b"MAC".ljust(16)))
    assert octets[27:29].hex() == "7600"
    assert (octets[29:36], octets[45:48]) == (b"QCA7000", b"MAC")
    assert request(OpAttributesReq())[20:25] == bytes(5)


@pytest.mark.parametrize(
    ("message", "start"),
    [
        (RsDevReq(), "001ca000b052"),
        (NscmGetVersionReq(), "006cac0016e8"),
        (NscmResetDeviceReq(), "0070ac0016e8"),
        (NscmGetDLinkStatusReq(), "009cac0016e8"),
    ],
)
def test_requests_of_each_maker_carry_its_own_number(message, start):
    assert request(message)[14:20].hex() == start


def test_a_lumissils_link_status_stands_behind_its_own_header_of_19_octets():
    octets = bytearray(answer(NscmGetDLinkStatusCnf(link=0)))
    octets[20 + 19] = 1
    assert decode_frame(bytes(octets)).message == NscmGetDLinkStatusCnf(link=1)


def test_a_lumissil_that_uses_the_other_header_version_is_read_too():
    octets = bytearray(answer(NscmGetDLinkStatusCnf(link=1)))
    octets[14:17] = b"\x01\x9d\xac\x00\x00"
    assert decode_frame(bytes(octets)).message == NscmGetDLinkStatusCnf(link=1)
