"""The codec for the package `iso15118`: it has the texts of EXIficient, and better errors."""

import json
import lzma
from enum import Enum

import pytest

import seccstack
from seccstack.errors import MalformedError, UsageError
from seccstack.messages.for_iso15118 import SeccstackEXICodec

APP_PROTOCOL = "urn:iso:15118:2:2010:AppProtocol"
ISO2 = "urn:iso:15118:2:2013:MsgDef"
COMMON = "urn:iso:std:iso:15118:-20:CommonMessages"
AC = "urn:iso:std:iso:15118:-20:AC"
XMLDSIG = "http://www.w3.org/2000/09/xmldsig#"
REFUSAL = '{"supportedAppProtocolRes":{"ResponseCode":"Failed_NoNegotiation"}}'
REFUSAL_EXI = "804880"  # EXIficient reads a SchemaID of 0 in it
HEADER = {"SessionID": "0011223344556677", "TimeStamp": 1}
CODEC = SeccstackEXICodec()


@pytest.fixture(scope="module")
def recorded(shared):
    with lzma.open(shared / "corpus" / "v2g_messages.jsonl.xz", "rt") as lines:
        messages = [json.loads(line) for line in lines]
    assert len(messages) > 5000
    return messages


def text_of(message):
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))


def iso2(body):
    return text_of({"V2G_Message": {"Header": {"SessionID": "00"}, "Body": body}})


def back(message, namespace=AC):
    """What is read again of a message that the package writes."""
    return json.loads(CODEC.decode(CODEC.encode(text_of(message), namespace), namespace))


def test_every_recorded_message_gives_the_text_of_exificient(recorded):
    for message in recorded:
        text = CODEC.decode(bytes.fromhex(message["exi_hex"]), message["namespace"])
        invented = message["exi_hex"] == REFUSAL_EXI
        assert text == (REFUSAL if invented else text_of(message["decoded_json"]))


def test_the_text_of_every_recorded_message_gives_its_octets(recorded):
    for message in recorded:
        text, exi = text_of(message["decoded_json"]), message["exi_hex"]
        if exi != REFUSAL_EXI:
            surplus = message["message"] == "ContractAuthenticationReq" and len(exi) == 28
            expected = exi.removesuffix("00") if surplus else exi
            assert CODEC.encode(text, message["namespace"]).hex() == expected


def test_a_schema_id_that_was_not_sent_is_not_invented():
    assert CODEC.decode(bytes.fromhex(REFUSAL_EXI), APP_PROTOCOL) == REFUSAL
    assert CODEC.encode(REFUSAL, APP_PROTOCOL).hex() == REFUSAL_EXI


def test_a_signed_element_is_encoded_as_a_fragment():
    # of EXIficient and of OpenV2G 0.9.6
    expected = "80ec0202b4b21a400451114c4c8ccd0d4d8dce0e4c0c4c8cfd3d00"
    text = text_of({"eMAID": {"Id": "id4", "value": "DE1234567890123"}})
    assert CODEC.encode(text, ISO2).hex() == expected


def test_signed_info_can_be_read_again_in_the_namespace_of_signatures():
    digest = {"DigestMethod": {"Algorithm": "http://c"}, "DigestValue": "AAAA"}
    methods = {
        "CanonicalizationMethod": {"Algorithm": "http://a"},
        "SignatureMethod": {"Algorithm": "http://b"},
    }
    info = {"SignedInfo": {"Id": "x", **methods, "Reference": [{"URI": "#id1", **digest}]}}
    assert back(info, XMLDSIG) == info


def test_a_message_of_iso_15118_20_is_none_that_is_signed_and_a_part_of_it_is():
    challenge = {"Id": "id1", "GenChallenge": "AAAAAAAAAAAAAAAAAAAAAA=="}
    chain = {"Certificate": "AA==", "SubCertificates": {"Certificate": ["AA=="]}}
    part = challenge | {"ContractCertificateChain": chain}
    request = {"Header": HEADER, "SelectedAuthorizationService": "PnC"}
    message = {"AuthorizationReq": request | {"PnC_AReqAuthorizationMode": part}}
    assert back(message, COMMON) == message
    text = text_of({"PnC_AReqAuthorizationMode": part})
    assert CODEC.encode(text, COMMON).hex().startswith("804b8")  # 151 in 9 bits


def test_the_meter_readings_that_the_package_names_otherwise_are_not_lost():
    meter = {"MeterID": "m", "ChargedEnergyReadingWh": 1}
    theirs = {"BPTDischargedEnergyReadingWh": 5, "BPTInductiveEnergyReadingVARh": 6}
    ours = {"BPT_DischargedEnergyReadingWh": 5, "BPT_InductiveEnergyReadingVARh": 6}

    def response(readings):
        mode = {"Scheduled_AC_CLResControlMode": {}}
        content = {"Header": HEADER, "ResponseCode": "OK", "MeterInfo": meter | readings}
        return {"AC_ChargeLoopRes": content | mode}

    assert back(response(theirs)) == back(response(ours)) == response(ours)


def test_the_providers_that_the_package_lists_otherwise_are_all_sent():
    def response(providers):
        mode = {"GenChallenge": "AAAAAAAAAAAAAAAAAAAAAA==", "SupportedProviders": providers}
        content = {"ResponseCode": "OK", "AuthorizationServices": ["PnC"]}
        content |= {"CertificateInstallationService": True, "PnC_ASResAuthorizationMode": mode}
        return {"AuthorizationSetupRes": {"Header": HEADER, **content}}

    listed = [{"ProviderID": "A"}, {"ProviderID": "B"}]
    assert back(response(listed), COMMON) == response({"ProviderID": ["A", "B"]})


def test_a_namespace_may_be_of_an_enumeration_as_it_is_in_the_package():
    namespace = Enum("Namespace", {"SAP": APP_PROTOCOL}, type=str).SAP
    assert CODEC.encode(REFUSAL, namespace).hex() == REFUSAL_EXI


def test_characters_beyond_ascii_stand_in_the_text_as_they_are():
    text = iso2({"ServiceDiscoveryReq": {"ServiceScope": "für €"}})
    assert CODEC.decode(CODEC.encode(text, ISO2), ISO2) == text


def test_what_cannot_be_decoded_is_named_with_its_place():
    octets = bytes.fromhex("8098004011d01801f7e821f21400")
    with pytest.raises(
        MalformedError, match=r"^iso2 V2G_Message/Body/SessionSetupReq/EVCCID: .*\(bit \d+\)$"
    ):
        CODEC.decode(octets[:-3], ISO2)


def test_what_its_schema_forbids_is_not_encoded():
    message = iso2({"SessionSetupRes": {"ResponseCode": "OK", "EVSEID": "short"}})
    with pytest.raises(UsageError, match=r"^V2G_Message/Body/SessionSetupRes/EVSEID: has 5"):
        CODEC.encode(message, ISO2)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "can't be read as JSON"),
        ('{"SupportedProviders": [{}]}', "can't be read as JSON"),
        ("[]", "a JSON object with one key"),
        ("{}", "a JSON object with one key"),
        ('{"Nonsense": {}}', "schema iso2 has no element Nonsense"),
        (iso2({"SessionStopReq": {"Nonsense": 1}}), "SessionStopReq: has no Nonsense"),
    ],
)
def test_what_is_no_message_is_not_encoded(text, problem):
    with pytest.raises(UsageError, match=problem):
        CODEC.encode(text, ISO2)


def test_a_namespace_that_no_schema_has_is_refused():
    with pytest.raises(UsageError, match="no schema has the namespace urn:nonsense"):
        CODEC.decode(b"\x80", "urn:nonsense")


def test_its_version_is_that_of_this_package():
    assert CODEC.get_version() == f"seccstack {seccstack.__version__}"
