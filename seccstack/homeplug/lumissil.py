"""The messages by which a Lumissil CG5317 is looked after by its own host.

Read in two public places: the vendor's host library (numbers, payloads) and EVerest's libslac,
which chargers with this chip run (the header, and that header version 0 is answered; the
library itself sends version 1, and both are read here). What `version` of the header means, and
where the chip keeps its role, neither says.
"""

from typing import Annotated

from seccstack.homeplug.fields import U8, U16, Mme, Octets, mme

LUMISSIL = bytes.fromhex("0016e8")


@mme(0xAC6C, "NSCM_GET_VERSION.REQ", mmv=0, oui=LUMISSIL)
class NscmGetVersionReq(Mme):
    """NSCM_GET_VERSION.REQ: which firmware do you run?"""

    version: U16 = 0
    reserved: Annotated[bytes, Octets(4)] = bytes(4)
    request_id: U8 = 0
    reserved_end: Annotated[bytes, Octets(12)] = bytes(12)


@mme(0xAC6D, "NSCM_GET_VERSION.CNF", mmv=0, oui=LUMISSIL)
class NscmGetVersionCnf(Mme):
    """NSCM_GET_VERSION.CNF: the firmware, as four numbers."""

    version: U16 = 0
    reserved: Annotated[bytes, Octets(4)] = bytes(4)
    request_id: U8 = 0
    reserved_end: Annotated[bytes, Octets(12)] = bytes(12)
    major: U16
    minor: U16
    patch: U16
    build: U16


@mme(0xAC70, "NSCM_RESET_DEVICE.REQ", mmv=0, oui=LUMISSIL)
class NscmResetDeviceReq(Mme):
    """NSCM_RESET_DEVICE.REQ: restart; the chip does not answer it."""

    version: U16 = 0
    reserved: Annotated[bytes, Octets(4)] = bytes(4)
    request_id: U8 = 0
    reserved_end: Annotated[bytes, Octets(12)] = bytes(12)
    mode: U8 = 0  # a normal restart


@mme(0xAC9C, "NSCM_GET_D_LINK_STATUS.REQ", mmv=0, oui=LUMISSIL)
class NscmGetDLinkStatusReq(Mme):
    """NSCM_GET_D_LINK_STATUS.REQ: is anyone in our network?"""

    version: U16 = 0
    reserved: Annotated[bytes, Octets(4)] = bytes(4)
    request_id: U8 = 0
    reserved_end: Annotated[bytes, Octets(12)] = bytes(12)


@mme(0xAC9D, "NSCM_GET_D_LINK_STATUS.CNF", mmv=0, oui=LUMISSIL)
class NscmGetDLinkStatusCnf(Mme):
    """NSCM_GET_D_LINK_STATUS.CNF: ``link`` 1: a link is established."""

    version: U16 = 0
    reserved: Annotated[bytes, Octets(4)] = bytes(4)
    request_id: U8 = 0
    reserved_end: Annotated[bytes, Octets(12)] = bytes(12)
    link: U8
