"""How the modems of each maker are asked what only their maker has a message for."""

from __future__ import annotations

from dataclasses import dataclass

from seccstack.homeplug.fields import Mme
from seccstack.homeplug.lumissil import (
    NscmGetDLinkStatusCnf,
    NscmGetDLinkStatusReq,
    NscmGetVersionCnf,
    NscmGetVersionReq,
    NscmResetDeviceReq,
)
from seccstack.homeplug.messages import NwInfoCnf
from seccstack.homeplug.vendor import (
    ModuleOperationCnf,
    PlLinkStatusCnf,
    PlLinkStatusReq,
    RdModCnf,
    RsDevReq,
    SwVerCnf,
    SwVerReq,
    VsNwInfoCnf,
    VsNwInfoReq,
)


@dataclass(frozen=True, slots=True)
class Maker:
    """One maker's messages; ``stations`` and ``has_block``: not known of every chip."""

    name: str
    version: Mme
    link: Mme
    restart: Mme
    stations: Mme | None = None
    has_block: bool = False  # whether its parameter block can be read


QUALCOMM = Maker(
    "Qualcomm",
    version=SwVerReq(),
    link=PlLinkStatusReq(),
    restart=RsDevReq(),
    stations=VsNwInfoReq(),
    has_block=True,
)
LUMISSIL = Maker(
    "Lumissil",
    version=NscmGetVersionReq(),
    link=NscmGetDLinkStatusReq(),
    restart=NscmResetDeviceReq(),
)
MAKERS = (QUALCOMM, LUMISSIL)
LINK_ANSWERS = (PlLinkStatusCnf, NscmGetDLinkStatusCnf)
ANSWERS = (  # what a host asks its modem for, whoever made it
    *LINK_ANSWERS,
    NwInfoCnf,
    VsNwInfoCnf,
    SwVerCnf,
    NscmGetVersionCnf,
    ModuleOperationCnf,
    RdModCnf,
)


def firmware_of(message: Mme) -> tuple[Maker, str] | None:
    """Read an answer to any maker's version request; None: it is none."""
    match message:
        case SwVerCnf(status=0, version=octets):
            text = octets.split(b"\0")[0].decode("ascii", "replace")
            return QUALCOMM, "".join(c if c.isprintable() else "?" for c in text)
        case NscmGetVersionCnf(major=major, minor=minor, patch=patch, build=build):
            return LUMISSIL, f"{major}.{minor}.{patch}.{build}"
        case _:
            return None


def link_of(message: Mme) -> bool | None:
    """Read an answer to any maker's link request; None: it is none, or says nothing."""
    match message:
        case PlLinkStatusCnf(status=0, link=link) | NscmGetDLinkStatusCnf(link=link):
            return link == 1
        case _:
            return None
