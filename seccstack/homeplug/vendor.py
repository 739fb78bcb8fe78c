"""The management messages by which Qualcomm's modems are looked after by their own host.

Header version 0 has no fragment octets, so most of these lie two octets further to the front;
VS_NW_INFO alone travels with version 1.
"""

from typing import Annotated

from seccstack.homeplug.fields import (
    U8,
    U16,
    U32,
    Counted,
    Excerpt,
    Excerpted,
    Listed,
    MacAddress,
    Mme,
    NetworkId,
    Nonce,
    Octets,
    Random,
    Record,
    mme,
    record,
)

QUALCOMM = bytes.fromhex("00b052")
QCA7000 = 0x22  # device class in VS_SW_VER.CNF
COORDINATOR = 2  # station role: the CCo, which a charger's modem always is
PIB = 2  # module of VS_RD_MOD: the parameter information block
PIB_MODULE = 0x7002  # the same in VS_MODULE_OPERATION
READ_MEMORY = 0  # operation of VS_MODULE_OPERATION: what the modem runs with
LONGEST_READ = 1400  # octets of a module at once


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


@mme(0xA01C, "VS_RS_DEV.REQ", mmv=0, oui=QUALCOMM)
class RsDevReq(Mme):
    """VS_RS_DEV.REQ: restart."""


@mme(0xA01D, "VS_RS_DEV.CNF", mmv=0, oui=QUALCOMM)
class RsDevCnf(Mme):
    """VS_RS_DEV.CNF: the modem restarts now, for some three seconds."""

    status: U8 = 0


@mme(0xA024, "VS_RD_MOD.REQ", mmv=0, oui=QUALCOMM)
class RdModReq(Mme):
    """VS_RD_MOD.REQ: a part of a module, as older modems let it be read."""

    module: U8 = PIB
    access: U8 = 0
    length: U16
    offset: U32
    secret: Random = bytes(16)


@mme(0xA025, "VS_RD_MOD.CNF", mmv=0, oui=QUALCOMM)
class RdModCnf(Mme):
    """VS_RD_MOD.CNF: what was asked for; the octets between are a checksum that few compute."""

    status: U8 = 0
    reserved: Annotated[bytes, Octets(3)] = bytes(3)
    module: U8 = PIB
    reserved_octet: U8 = 0
    excerpt: Annotated[Excerpt, Excerpted(gap=4)]


@mme(0xA0B0, "VS_MODULE_OPERATION.REQ", mmv=0, oui=QUALCOMM)
class ModuleOperationReq(Mme):
    """VS_MODULE_OPERATION.REQ, to read: a part of a module, as a QCA7000 lets it be read."""

    reserved: Annotated[bytes, Octets(4)] = bytes(4)
    operations: U8 = 1
    operation: U16 = READ_MEMORY
    operation_length: U16 = 18  # of this operation, from its number on
    reserved_middle: Annotated[bytes, Octets(4)] = bytes(4)
    module: U16 = PIB_MODULE
    submodule: U16 = 0
    length: U16
    offset: U32


@mme(0xA0B1, "VS_MODULE_OPERATION.CNF", mmv=0, oui=QUALCOMM)
class ModuleOperationCnf(Mme):
    """VS_MODULE_OPERATION.CNF, having read: what was asked for."""

    status: U16 = 0
    error: U16 = 0
    reserved: Annotated[bytes, Octets(4)] = bytes(4)
    operations: U8 = 1
    operation: U16 = READ_MEMORY
    operation_length: U16 = 18
    reserved_middle: Annotated[bytes, Octets(4)] = bytes(4)
    module: U16 = PIB_MODULE
    submodule: U16 = 0
    excerpt: Annotated[Excerpt, Excerpted()]


@mme(0xA068, "VS_OP_ATTRIBUTES.REQ", mmv=0, oui=QUALCOMM)
class OpAttributesReq(Mme):
    """VS_OP_ATTRIBUTES.REQ: what are you, and of which build?"""

    cookie: Nonce = bytes(4)
    report_type: U8 = 0  # binary


@mme(0xA069, "VS_OP_ATTRIBUTES.CNF", mmv=0, oui=QUALCOMM)
class OpAttributesCnf(Mme):
    """VS_OP_ATTRIBUTES.CNF: sources name its later fields differently, so they stay octets."""

    status: U16 = 0
    cookie: Nonce = bytes(4)
    report_type: U8 = 0
    length: U16 = 118
    hardware: Annotated[bytes, Octets(16)]
    software: Annotated[bytes, Octets(16)]
    build: Annotated[bytes, Octets(86)] = bytes(86)


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
