"""Modem messages: their place in the frame, which is not SLAC's."""

from scapy.contrib.homeplugav import GetDeviceVersion, HostActionRequired
from scapy.layers.l2 import Ether

from seccstack.homeplug.frame import LOCAL_MODEM, Frame, decode_frame, encode_frame
from seccstack.homeplug.vendor import (
    HostActionInd,
    JoinedNetwork,
    NetworkStation,
    PlLinkStatusCnf,
    PlLinkStatusReq,
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
