"""HomePlug's own messages by which a host looks after its modem, beside those of matching."""

from dataclasses import field
from typing import Annotated

from seccstack.homeplug.fields import (
    U8,
    U16,
    Listed,
    MacAddress,
    Mme,
    NetworkId,
    NetworkKey,
    Nonce,
    Record,
    mme,
    record,
)


@mme(0x600C, "CM_GET_KEY.REQ")
class GetKeyReq(Mme):
    """CM_GET_KEY.REQ: which key do you use?"""

    request_type: U8 = 0
    key_type: U8 = 1  # NMK
    network_id: NetworkId = bytes(7)
    my_nonce: Nonce = bytes(4)
    protocol: U8 = 4  # "HLE protocol"
    protocol_run: U16 = 0
    protocol_message: U8 = 0


@mme(0x600D, "CM_GET_KEY.CNF")
class GetKeyCnf(Mme):
    """CM_GET_KEY.CNF: a modem tells its own host the key, in clear; ``result`` 0 is success."""

    result: U8 = 0
    key_type: U8 = 1
    my_nonce: Nonce = bytes(4)
    your_nonce: Nonce = bytes(4)
    network_id: NetworkId
    key_select: U8 = 1
    protocol: U8 = 4
    protocol_run: U16 = 0
    protocol_message: U8 = 0xFF
    network_key: NetworkKey = field(repr=False)


@record()
class StationStatistics(Record):
    """The mean speed to a station and from it, in Mbit/s."""

    mac: MacAddress
    send_mbps: U8 = 0
    receive_mbps: U8 = 0


@mme(0x6048, "CM_NW_STATS.REQ")
class NwStatsReq(Mme):
    """CM_NW_STATS.REQ: how fast is our network?"""


@mme(0x6049, "CM_NW_STATS.CNF")
class NwStatsCnf(Mme):
    """CM_NW_STATS.CNF of header version 1; in version 2 each speed has two octets."""

    stations: Annotated[tuple[StationStatistics, ...], Listed(StationStatistics)] = ()


@record()
class DiscoveredStation(Record):
    """A station that the modem hears."""

    mac: MacAddress
    terminal: U8 = 0
    same_network: U8 = 0
    short_network_id: U8 = 0
    capability: U8 = 0
    signal: U8 = 0
    status: U8 = 0


@record()
class DiscoveredNetwork(Record):
    """A network that the modem hears."""

    network_id: NetworkId
    short_network_id: U8 = 0
    hybrid_mode: U8 = 0
    slots: U8 = 0
    coordinating: U8 = 0
    offset: U16 = 0


@mme(0x0014, "CC_DISCOVER_LIST.REQ")
class DiscoverListReq(Mme):
    """CC_DISCOVER_LIST.REQ: whom do you hear?"""


@mme(0x0015, "CC_DISCOVER_LIST.CNF")
class DiscoverListCnf(Mme):
    """CC_DISCOVER_LIST.CNF: the stations and the networks within hearing."""

    stations: Annotated[tuple[DiscoveredStation, ...], Listed(DiscoveredStation)] = ()
    networks: Annotated[tuple[DiscoveredNetwork, ...], Listed(DiscoveredNetwork)] = ()
