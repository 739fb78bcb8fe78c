"""HomePlug's own upkeep messages: where their fields lie, and what they hide."""

from seccstack.homeplug.frame import LOCAL_MODEM, Frame, encode_frame
from seccstack.homeplug.upkeep import (
    DiscoveredNetwork,
    DiscoveredStation,
    DiscoverListCnf,
    GetKeyCnf,
    GetKeyReq,
    NwStatsCnf,
    StationStatistics,
)

MODEM = bytes.fromhex("c49300564e34")
NID = bytes.fromhex("026bcba5354e08")
KEY = bytes.fromhex("b59319d7e8157ba001b018669ccee30d")


def octets_of(message):
    return encode_frame(Frame(LOCAL_MODEM, MODEM, message))


def test_a_key_is_asked_for_where_the_sheet_has_it():
    octets = octets_of(GetKeyReq(network_id=NID, my_nonce=b"once"))
    assert octets[21:33] == NID + b"once\x04"


def test_a_key_is_told_where_the_sheet_has_it_and_shown_in_no_log():
    answer = GetKeyCnf(network_id=NID, network_key=KEY)
    octets = octets_of(answer)
    assert (octets[29:36], octets[41:57]) == (NID, KEY)
    assert repr(KEY) not in repr(answer)


def test_a_station_of_the_statistics_has_eight_octets():
    stations = (StationStatistics(mac=MODEM, send_mbps=9, receive_mbps=8),)
    assert octets_of(NwStatsCnf(stations=stations))[19:28] == b"\x01" + MODEM + b"\x09\x08"


def test_a_station_heard_has_twelve_octets_and_a_network_thirteen():
    heard = DiscoverListCnf(
        stations=(DiscoveredStation(mac=MODEM),), networks=(DiscoveredNetwork(network_id=NID),)
    )
    octets = octets_of(heard)
    assert octets[19:26] == b"\x01" + MODEM
    assert octets[32:40] == b"\x01" + NID
    assert len(heard.encode()) == 1 + 12 + 1 + 13
