"""The modules to generate, and the schema file that each comes from."""

from __future__ import annotations

from dataclasses import dataclass

XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
COMMON_TYPES = "urn:iso:std:iso:15118:-20:CommonTypes"
SHARED = {XMLDSIG: "xmldsig", COMMON_TYPES: "iso20_types"}


@dataclass(frozen=True)
class Module:
    """A module of messages, and the schema file that it comes from."""

    name: str
    schema: str
    file: str
    title: str


MODULES = (
    Module(
        "xmldsig",
        "xmldsig",
        "xmldsig-core-schema.xsd",
        "XML signatures, as the headers of ISO 15118 messages carry them",
    ),
    Module(
        "app_protocol",
        "app-protocol",
        "V2G_CI_AppProtocol.xsd",
        "The handshake that chooses the protocol of a session",
    ),
    Module(
        "iso2",
        "iso2",
        "iso15118_2/V2G_CI_MsgDef.xsd",
        "The messages of ISO 15118-2",
    ),
    Module(
        "din",
        "din",
        "din_spec/V2G_CI_MsgDef.xsd",
        "The messages of DIN SPEC 70121",
    ),
    Module(
        "iso20_types",
        "iso20-types",
        "iso15118_20/V2G_CI_CommonTypes.xsd",
        "What all messages of ISO 15118-20 share",
    ),
    Module(
        "iso20_common",
        "iso20-common",
        "iso15118_20/V2G_CI_CommonMessages.xsd",
        "The messages of ISO 15118-20 that every service uses",
    ),
    Module(
        "iso20_ac",
        "iso20-ac",
        "iso15118_20/V2G_CI_AC.xsd",
        "The messages of ISO 15118-20 for AC charging",
    ),
    Module(
        "iso20_dc",
        "iso20-dc",
        "iso15118_20/V2G_CI_DC.xsd",
        "The messages of ISO 15118-20 for DC charging",
    ),
    Module(
        "iso20_acdp",
        "iso20-acdp",
        "iso15118_20/V2G_CI_ACDP.xsd",
        "The messages of ISO 15118-20 for automated connection devices",
    ),
    Module(
        "iso20_wpt",
        "iso20-wpt",
        "iso15118_20/V2G_CI_WPT.xsd",
        "The messages of ISO 15118-20 for wireless power transfer",
    ),
)
