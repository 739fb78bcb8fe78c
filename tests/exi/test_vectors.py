"""Bytes that others wrote: EXIficient, libcbv2g and OpenV2G agree on all of these.

Two are of other origin: ISO 15118-2 Annex J, as ecog-io/iso15118 issue 240 quotes it, and an
eMAID as EXIficient and OpenV2G 0.9.6 write it.
"""

import hashlib
from base64 import b64encode

import pytest

from seccstack.messages import app_protocol, codec, iso2, xmldsig
from seccstack.messages.codec import Schema

CANONICAL_EXI = "http://www.w3.org/TR/canonical-exi/"


def watt_hours(value):
    return iso2.PhysicalValue(multiplier=3, unit=iso2.UnitSymbol.WH, value=value)


def plain(unit, value):
    return iso2.PhysicalValue(multiplier=0, unit=unit, value=value)


DOCUMENTS = {
    "8000dbab9371d3234b71d1b981899189d191818991d26b9b3a232b30020000040040": (
        Schema.APP_PROTOCOL,
        app_protocol.SupportedAppProtocolReq(
            app_protocol=(
                app_protocol.AppProtocol(
                    protocol_namespace="urn:din:70121:2012:MsgDef",
                    version_number_major=2,
                    version_number_minor=0,
                    schema_id=1,
                    priority=1,
                ),
            )
        ),
    ),
    "80400040": (
        Schema.APP_PROTOCOL,
        app_protocol.SupportedAppProtocolRes(
            response_code=app_protocol.ResponseCode.OK_SUCCESSFUL_NEGOTIATION, schema_id=1
        ),
    ),
    "809802000000000000000011d01808000000000400": (
        Schema.ISO2,
        iso2.V2G_Message(
            header=iso2.MessageHeader(session_id=bytes(8)),
            body=iso2.SessionSetupReq(evccid=bytes.fromhex("020000000001")),
        ),
    ),
    "809802004080c1014181c2109440901c0c300a018812006061810018620a00": (
        Schema.ISO2,
        iso2.V2G_Message(
            header=iso2.MessageHeader(session_id=bytes(range(1, 9))),
            body=iso2.ChargeParameterDiscoveryReq(
                requested_energy_transfer_mode=iso2.EnergyTransferMode.AC_THREE_PHASE_CORE,
                ev_charge_parameter=iso2.AC_EVChargeParameter(
                    departure_time=3600,
                    e_amount=watt_hours(20),
                    ev_max_voltage=plain(iso2.UnitSymbol.V, 400),
                    ev_max_current=plain(iso2.UnitSymbol.A, 32),
                    ev_min_current=plain(iso2.UnitSymbol.A, -6),
                ),
            ),
        ),
    ),
}
SIGNED_INFO = xmldsig.SignedInfo(
    canonicalization_method=xmldsig.CanonicalizationMethod(algorithm=CANONICAL_EXI),
    signature_method=xmldsig.SignatureMethod(
        algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
    ),
    reference=(
        xmldsig.Reference(
            uri="#id1",
            transforms=xmldsig.Transforms(
                transform=(xmldsig.Transform(algorithm=CANONICAL_EXI),)
            ),
            digest_method=xmldsig.DigestMethod(
                algorithm="http://www.w3.org/2001/04/xmlenc#sha256"
            ),
            digest_value=bytes(range(32)),
        ),
    ),
)
SIGNED_INFO_FRAGMENT = (
    "808112b43a3a381d1797bbbbbb973b999737b93397aa2917b1b0b737b734b1b0b616b2bc3497a1ab43a3a381d17"
    "97bbbbbb973b999737b933979918181897981a17bc36b63239b4b396b6b7b93291b2b1b239b096b9b430991a9b2"
    "20623696431025687474703a2f2f7777772e77332e6f72672f54522f63616e6f6e6963616c2d6578692f4852d0e"
    "8e8e0745e5eeeeeee5cee665cdee4ce5e646060625e60685ef0dad8cadcc646e6d0c2646a6c8400002040608"
    "0a0c0e10121416181a1c1e20222426282a2c2e30323436383a3c3e370"
)
FRAGMENTS = {
    SIGNED_INFO_FRAGMENT: (Schema.XMLDSIG, SIGNED_INFO),
    "80040152510c40829b7b6b2902930b73237b6902230ba309e8": (
        Schema.ISO2,
        iso2.AuthorizationReq(id="ID1", gen_challenge=b"Some Random Data"),
    ),
    "80ec0202b4b21a400451114c4c8ccd0d4d8dce0e4c0c4c8cfd3d00": (
        Schema.ISO2,
        iso2.EMAID(id="id4", value="DE1234567890123"),
    ),
}


@pytest.mark.parametrize(("octets", "expected"), DOCUMENTS.items())
def test_a_document_of_others_is_decoded(octets, expected):
    schema, message = expected
    decoded = codec.decode(schema, bytes.fromhex(octets))
    assert (decoded.message, decoded.findings) == (message, ())


@pytest.mark.parametrize(("octets", "expected"), DOCUMENTS.items())
def test_a_document_is_encoded_as_others_do(octets, expected):
    assert codec.encode(*expected).hex() == octets


@pytest.mark.parametrize(("octets", "expected"), FRAGMENTS.items())
def test_a_fragment_of_others_is_decoded(octets, expected):
    schema, element = expected
    decoded = codec.decode_fragment(schema, bytes.fromhex(octets))
    assert (decoded.value, decoded.findings) == (element, ())


@pytest.mark.parametrize(("octets", "expected"), FRAGMENTS.items())
def test_a_fragment_is_encoded_as_others_do(octets, expected):
    assert codec.encode_fragment(*expected).hex() == octets


def test_the_digest_of_annex_j_comes_out():
    element = iso2.AuthorizationReq(id="ID1", gen_challenge=b"Some Random Data")
    digest = hashlib.sha256(codec.encode_fragment(Schema.ISO2, element)).digest()
    assert b64encode(digest) == b"0bXgPQBlvuVrMXmERTBR61TKGPwOCRYXT4s8d6mPSqk="


@pytest.mark.parametrize("schema", [Schema.ISO2, Schema.ISO20_COMMON, Schema.DIN])
def test_a_signed_info_is_encoded_by_the_grammar_of_signatures_alone(schema):
    assert codec.encode_fragment(schema, SIGNED_INFO).hex() == SIGNED_INFO_FRAGMENT
