"""Addresses and card numbers as people write them."""

import pytest

from seccstack.auth.addresses import format_mac, notes, parse_mac, parse_uid, unusable
from seccstack.errors import UsageError


@pytest.mark.parametrize(
    "text", ["EC65CC4FC201", "ec65cc4fc201", "ec:65:cc:4f:c2:01", "EC-65-cc-4F-C2-01"]
)
def test_a_mac_address_is_read_in_every_usual_form(text):
    assert format_mac(parse_mac(text)) == "EC65CC4FC201"


@pytest.mark.parametrize(
    "text",
    [
        "", "EC65CC4FC2", "EC65CC4FC20199", "EC65CC4FC20", "EC65CC4FC20G", "EC:65:CC:4F:C2",
        "EC:65-CC:4F:C2:01", "E:C65:CC:4F:C2:01", "EC:65:CC:4F:C2:01:", "EC 65 CC 4F C2 01",
        "::::::::::::", "٠٠١١٢٢٣٣٤٤٥٥",
    ],
)  # fmt: skip
def test_what_is_not_a_mac_address_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match=r"is not a MAC address; give 12 hex.* 001122AABBCC"):
        parse_mac(text)


@pytest.mark.parametrize(
    ("text", "uid"),
    [
        ("04a1b2c3", "04A1B2C3"),
        ("04:a1:b2:c3:d4:e5:f6", "04A1B2C3D4E5F6"),
        ("04-A1-B2-C3-D4-E5-F6-07-08-09", "04A1B2C3D4E5F6070809"),
    ],
)
def test_a_card_number_of_4_7_or_10_octets_is_read(text, uid):
    assert parse_uid(text) == uid


@pytest.mark.parametrize(
    "text", ["", "04A1B2", "04A1B2C3D4", "04A1B2C3D4E5", "card", "4:A1:B2:C3"]
)
def test_what_is_not_a_card_number_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match=r"is not a card's number; .* 04A1B2C3"):
        parse_uid(text)


@pytest.mark.parametrize(
    ("mac", "why"),
    [
        ("000000000000", "all zeros"),
        ("FFFFFFFFFFFF", "broadcast address"),
        ("01005E000001", "group address"),
        ("EC65CC4FC201", None),
        ("0AAABBCCDDEE", None),
    ],
)
def test_an_address_that_no_station_can_have_is_unusable(mac, why):
    said = unusable(bytes.fromhex(mac))
    assert said is None if why is None else why in said


@pytest.mark.parametrize(
    ("mac", "note"),
    [
        ("000000000000", "all zeros"),
        ("0AAABBCCDDEE", "locally administered"),
        ("007DFA087C85", "new address for every plug-in"),  # Audi Q4, EVerest/logfiles
    ],
)
def test_what_makes_an_address_a_poor_name_is_noted_with_the_address(mac, note):
    [said] = notes(bytes.fromhex(mac))
    assert said.startswith(mac)
    assert note in said


@pytest.mark.parametrize("mac", ["EC65CC4FC201", "007DFA057C85", "007DFA0A7C85"])
def test_an_ordinary_address_has_no_notes(mac):
    assert notes(bytes.fromhex(mac)) == ()
