"""Names for vehicles, cards and contracts: in fields, and inside sentences of ours."""

import pytest

from seccstack.auth.pseudonyms import LETTERS, MAX_REMEMBERED, Pseudonyms
from seccstack.auth.vehicle import Identity, Proven

KEY = bytes(range(32))
MAC = "EC65CC010203"
MAC_NAME = "mac-mngrain2fe5vh"


@pytest.fixture
def names():
    return Pseudonyms(KEY)


def test_a_name_is_a_keyed_hash_of_what_it_stands_for(names):
    # as `openssl dgst -sha256 -mac HMAC -macopt hexkey:0001..1f` says of "mac EC65CC010203"
    assert names.mac(MAC) == MAC_NAME
    assert Pseudonyms(bytes(32)).mac(MAC) != MAC_NAME
    assert len(MAC_NAME) == len("mac-") + LETTERS


@pytest.mark.parametrize(
    "text", [MAC, "ec65cc010203", "EC:65:CC:01:02:03", "ec-65-cc-01-02-03"]
)
def test_an_address_has_one_name_however_it_is_written(names, text):
    assert names.hide(f"vehicle {text} (family car) is registered") == (
        f"vehicle {MAC_NAME} (family car) is registered"
    )
    assert names.hide(text) == MAC_NAME


@pytest.mark.parametrize(
    "text",
    [
        "20261125T140303Z-0001-EC65CC010203.pcapng",
        "EC65CC010203, EC65CC010203",
        "(EC65CC010203)",
    ],
)
def test_an_address_is_found_wherever_it_stands(names, text):
    assert names.hide(text) == text.replace(MAC, MAC_NAME)


def test_the_address_inside_an_ipv6_address_is_found(names):
    said = names.hide("it speaks from fe80::ee65:ccff:fe01:203%eth1 (SDP), then fe80::1 (TCP)")
    assert said == f"it speaks from fe80::({MAC_NAME})%eth1 (SDP), then fe80::1 (TCP)"


@pytest.mark.parametrize(
    "text",
    [
        "14:03:59",
        "2026-11-25T14:03:59Z",
        "DE*ABC*E000001",
        "session 0011223344556677",
        "AUTHORIZATIONREQ",
        "FAILED_CertificateNotAllowedAtThisEVSE",
        "3 cards, card reader, card slot",
        "5 % for 55 s at 230 V",
        "",
    ],
)
def test_what_names_nobody_stays(names, text):
    assert names.hide(text) == text


@pytest.mark.parametrize("uid", ["04A1B2C3", "04A1B2C3D4E5F6", "04A1B2C3D4E5F6A7B8C9"])
def test_a_card_is_named_in_its_field_and_in_sentences(names, uid):
    name = names.uid(uid)
    assert names.hide(uid.lower(), "uid") == name
    assert names.hide(f"card {uid} (Ada) is registered") == f"card {name} (Ada) is registered"


@pytest.mark.parametrize("text", ["DE8AA1A2B3C4D5V", "DE-8AA-1A2B3C4D5-V", "DE8AA1A2B3C4D5"])
def test_a_contract_has_one_name_however_it_is_written(names, text):
    name = names.emaid("DE8AA1A2B3C4D5")
    assert names.hide(f"contract {text} is not listed") == f"contract {name} is not listed"


@pytest.mark.parametrize("text", ["de8aa1a2b3c4d5v", "De-8aa-1a2b3c4d5-v"])
def test_a_contract_that_a_certificate_writes_otherwise_is_named_too(names, text):
    name = names.emaid("DE8AA1A2B3C4D5")
    assert names.hide({"emaid": text}) == {"emaid": name}
    assert names.hide(f"contract {text} is not listed") == f"contract {name} is not listed"


def test_what_looks_like_an_emaid_in_its_field_is_named_if_it_is_none(names):
    assert names.emaid("whatever").startswith("emaid-")


def claims(**said):
    identity = Identity()
    for claim, value in said.items():
        identity = identity.learn(claim, bytes.fromhex(value), "message", 1.0)
    return identity


def test_what_a_vehicle_says_of_itself_is_not_found_in_what_is_said_of_it(names):
    identity = claims(slac_mac=MAC, evccid="0102030405060708", ipv6_mac="00AABBCCDDEE")
    identity = identity.learn("evccid", b"WMIV1234567890ABCDEX", "message", 2.0)
    identity = identity.prove(Proven.CERTIFICATE, "AB" * 32, "TLS", 3.0)
    identity = identity.prove(Proven.CONTRACT, "DE8AA1A2B3C4D5V", "message", 3.0)
    said = str(names.hide({**identity.to_json(), "reasons": identity.disagreements}))
    for secret in (MAC, "00AABBCCDDEE", "0102030405060708", "WMIV1234", "ABAB", "1A2B3C4D5"):
        assert secret not in said
    assert MAC_NAME in said


@pytest.mark.parametrize(
    "sentence",
    [
        "EVCCID is {}, registered is 0102030405060709",
        "EVCCID is 0102030405060709, registered is {}",
        "EVCCID {} is not a MAC address (8 octets), and none is registered with this vehicle",
        "it calls itself {}, which is no MAC address",
        "EVCCID changed within the plug-in: 0102030405060709, then {}",
    ],
)
def test_an_evccid_is_found_where_our_sentences_quote_it(names, sentence):
    for evccid in ("WMIV1234567890ABCDEX", "0102030405060708", "0102"):
        name = names.evccid(evccid)
        assert name in names.hide(sentence.format(evccid))
        assert evccid not in names.hide(sentence.format(evccid)).split()


def test_an_evccid_that_was_said_is_known_again(names):
    assert names.hide("", "evccid") == ""
    name = names.hide("WMIV1234567890ABCDEX", "evccid")
    names.hide("0102", "evccid")
    names.hide(MAC, "evccid")
    assert names.hide("not WMIV1234567890ABCDEX 0102") == f"not {name} 0102"


def test_only_the_last_evccids_are_known_again(names):
    for number in range(MAX_REMEMBERED + 1):
        names.hide(f"VEHICLE{number:04}", "evccid")
    assert names.hide("VEHICLE0000 VEHICLE0001").startswith("VEHICLE0000 evccid-")


@pytest.mark.parametrize(
    "sentence",
    [
        "its fingerprint is 90% like before: RunID is {}, which it has used again and again",
        "RunID {} is the one of an earlier visit: is it replayed?",
        "it is in two matchings at once, RunID {} and 0011223344556677",
        "it is in two matchings at once, RunID 0011223344556677 and {}",
    ],
)
def test_a_run_id_that_a_vehicle_keeps_is_a_name_of_it(names, sentence):
    hidden = names.hide(sentence.format("F24A6C09A031004F"))
    assert "F24A6C09A031004F" not in hidden
    assert "RunID" in hidden


def test_a_run_id_made_of_the_address_does_not_give_it_away_in_its_field(names):
    run_id = f"{MAC}0001"  # as vehicles of several makers have it
    assert MAC not in names.hide({"run_id": run_id})["run_id"]
    assert names.hide({"run_id": run_id}) == names.hide({"run_id": bytes.fromhex(run_id)})


def test_values_of_every_kind_are_looked_into(names):
    told = {"macs": [MAC, {"mac": bytes.fromhex(MAC)}], "amps": 7, "label": None, "on": True}
    assert names.hide(told) == {
        "macs": [MAC_NAME, {"mac": MAC_NAME}],
        "amps": 7,
        "label": None,
        "on": True,
    }


def test_what_is_hidden_stays_as_it_is_when_it_is_hidden_again(names):
    hidden = names.hide(f"{MAC}, card 04A1B2C3, DE8AA1A2B3C4D5V, fe80::ee65:ccff:fe01:203")
    assert names.hide(hidden) == hidden


def test_a_vehicle_is_not_named_by_its_certificate_either():
    names, name = Pseudonyms(bytes(32)), "WMIV1234567890ABCDEX"
    told = {"vehicle": {"evccid": name, "of": "CN=OEM Root CA 20"}}
    assert names.hide(told) == {
        "vehicle": {"evccid": names.evccid(name), "of": "CN=OEM Root CA 20"}
    }
    why = "it has expired: O=lab,CN={}; no root has signed C=DE,CN=Vehicle Sub-CA 2 oem-20"
    assert names.hide(why.format(name)) == why.format(names.evccid(name))
    fresh = Pseudonyms(bytes(32))  # which has not heard of it before
    assert fresh.hide(why.format(name)) == why.format(names.evccid(name))
