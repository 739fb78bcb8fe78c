"""The management messages by which Qualcomm's modems are looked after by their own host.

Header version 0 has no fragment octets, so most of these lie two octets further to the front;
VS_NW_INFO alone travels with version 1.
"""

from typing import Annotated

from seccstack.homeplug.fields import (
    U8,
    U16,
    Counted,
    Listed,
    MacAddress,
    Mme,
    NetworkId,
    Nonce,
    Octets,
    Record,
    mme,
    record,
)

QUALCOMM = bytes.fromhex("00b052")
QCA7000 = 0x22  # device class in VS_SW_VER.CNF
COORDINATOR = 2  # station role: the CCo, which a charger's modem always is


@mme(0xA000, "VS_SW_VER.REQ", mmv=0, oui=QUALCOMM)
class SwVerReq(Mme):
    """VS_SW_VER.REQ: which firmware do you run?"""

    cookie: Nonce = bytes(4)


@mme(0xA001, "VS_SW_VER.CNF", mmv=0, oui=QUALCOMM)
class SwVerCnf(Mme):
    """VS_SW_VER.CNF: ``version`` is text, as the modem wrote it; "Bootloader": no firmware."""

    status: U8 = 0
    device_class: U8 = QCA7000
    version: Annotated[bytes, Counted()]


@mme(0xA062, "VS_HOST_ACTION.IND", mmv=0, oui=QUALCOMM)
class HostActionInd(Mme):
    """VS_HOST_ACTION.IND: the modem has just started, and forgotten what it was told."""

    action: U8
    major_version: U8 = 0
    minor_version: U8 = 0


@mme(0xA063, "VS_HOST_ACTION.RSP", mmv=0, oui=QUALCOMM)
class HostActionRsp(Mme):
    """VS_HOST_ACTION.RSP: the host has noticed."""

    status: U8 = 0


@mme(0xA0B8, "VS_PL_LINK_STATUS.REQ", mmv=0, oui=QUALCOMM)
class PlLinkStatusReq(Mme):
    """VS_PL_LINK_STATUS.REQ: is anyone in our network?"""


@mme(0xA0B9, "VS_PL_LINK_STATUS.CNF", mmv=0, oui=QUALCOMM)
class PlLinkStatusCnf(Mme):
    """VS_PL_LINK_STATUS.CNF: ``link`` 1: the network has at least one other station."""

    status: U8 = 0
    link: U8


@record()
class NetworkStation(Record):
    """Another station of our network; ``bridged_mac`` is the host behind that modem."""

    mac: MacAddress
    terminal: U8 = 0
    reserved: Annotated[bytes, Octets(3)] = bytes(3)
    bridged_mac: MacAddress
    send_mbps: U16 = 0
    coupling: U8 = 0
    reserved_octet: U8 = 0
    receive_mbps: U16 = 0
    reserved_end: U8 = 0


@record()
class JoinedNetwork(Record):
    """A network this modem is in."""

    network_id: NetworkId
    reserved: U16 = 0
    short_network_id: U8 = 0
    terminal: U8 = 1
    reserved_first: Annotated[bytes, Octets(4)] = bytes(4)
    role: U8
    coordinator_mac: MacAddress
    coordinator_terminal: U8 = 1
    reserved_last: Annotated[bytes, Octets(3)] = bytes(3)
    stations: Annotated[tuple[NetworkStation, ...], Listed(NetworkStation, gap=5)] = ()


@mme(0xA038, "VS_NW_INFO.REQ", mmv=1, oui=QUALCOMM)
class VsNwInfoReq(Mme):
    """VS_NW_INFO.REQ: who is in our network?"""


@mme(0xA039, "VS_NW_INFO.CNF", mmv=1, oui=QUALCOMM)
class VsNwInfoCnf(Mme):
    """VS_NW_INFO.CNF: the stations of our network, each with the host it bridges to."""

    version: U8 = 0
    reserved: U8 = 0
    length: U16 = 0
    reserved_octet: U8 = 0
    networks: Annotated[tuple[JoinedNetwork, ...], Listed(JoinedNetwork)] = ()
