"""The network id, against pairs that others have published or recorded."""

import pytest

from seccstack.homeplug.keys import network_id


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("c8a074ad04537cb54b88b62d49b35b51", "27cfe35f01e50a"),  # scapy homepluggp.uts
        ("3634c5df2e6e4f7d7205f58d392953c0", "96466059bff805"),  # scapy homepluggp.uts
        ("50d3e4933f855b7040784df815aa8db7", "b0f2e695666b03"),  # open-plc-utils, "HomePlugAV"
        ("b59319d7e8157ba001b018669ccee30d", "026bcba5354e08"),  # its "HomePlugAV0123"
        ("38375a4c4958543634563243444a3551", "a0a2c2a87f1e05"),  # a charger met by a VW
    ],
)
def test_the_network_id_follows_from_the_key(key, expected):
    assert network_id(bytes.fromhex(key)).hex() == expected
