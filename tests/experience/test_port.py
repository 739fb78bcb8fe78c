import pytest

from seccstack.auth.fingerprint import NOTHING, Fingerprint
from seccstack.errors import UsageError
from seccstack.experience.port import Family, Vehicle, families, keys, parse_key, recalled
from seccstack.experience.record import Experience

KONA = bytes.fromhex("9012A1000001")
ROTATING = bytes.fromhex("007DFA061234")
SEEN = Fingerprint(run_id="MAC+0000", offer=("urn:a 2.0", "urn:b 2.0"))


def test_an_address_that_is_kept_names_the_vehicle_and_then_its_families():
    vehicle, narrow, wide = keys(KONA, SEEN)
    assert vehicle == Vehicle(KONA)
    assert (narrow.oui, narrow.run_id, len(narrow.offer)) == (b"\x90\x12\xa1", "MAC+0000", 8)
    assert wide == Family(b"\x90\x12\xa1", "MAC+0000")


def test_an_address_that_is_drawn_anew_names_a_family_only():
    assert keys(ROTATING, SEEN) == families(ROTATING, SEEN)
    assert keys(bytes.fromhex("021122334455"), NOTHING) == ()
    assert keys(bytes(6), SEEN) == ()


def test_before_it_has_offered_protocols_its_family_is_wide_and_before_a_run_id_none():
    assert families(KONA, Fingerprint(run_id="MAC+0000")) == (Family(KONA[:3], "MAC+0000"),)
    assert families(KONA, NOTHING) == ()


def test_another_offer_is_another_family():
    other = Fingerprint(run_id="MAC+0000", offer=("urn:a 2.0",))
    assert families(KONA, SEEN)[0] != families(KONA, other)[0]


@pytest.mark.parametrize("key", keys(KONA, SEEN))
def test_a_key_is_read_as_it_is_written(key):
    assert parse_key(str(key)) == key


def test_a_run_id_of_a_peers_choice_breaks_no_key():
    (key,) = families(KONA, Fingerprint(run_id='the text "A|B|C|D|"'))
    assert parse_key(str(key)) == key


@pytest.mark.parametrize(
    "text", ["x", "90|a|b", "9012A1||b", "9012A1|a", "9012A1|a|b|c", "g|a|b"]
)
def test_what_is_no_key_is_refused(text):
    with pytest.raises(UsageError):
        parse_key(text)


class Store(dict):
    recall = dict.get


def test_the_narrowest_name_that_is_known_is_recalled():
    vehicle, narrow, wide = keys(KONA, SEEN)
    store = Store({wide: Experience(visits=9), narrow: Experience(visits=5)})
    assert recalled(store, (vehicle, narrow, wide)) == (narrow, Experience(visits=5))
    assert recalled(store, (vehicle,)) is None
