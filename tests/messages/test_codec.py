"""Messages through the whole codec: generated functions first, the tolerant ones behind."""

import subprocess
import sys
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seccstack.errors import MalformedError, UsageError
from seccstack.exi.finding import FindingKind
from seccstack.messages import app_protocol, codec, iso2, xmldsig
from seccstack.messages.codec import Schema
from tests.messages.samples import any_message

MESSAGES = [schema for schema in Schema if schema is not Schema.XMLDSIG]
SESSION_SETUP_REQ = bytes.fromhex("809802000000000000000011d01808000000000400")
EMPTY_SESSION = iso2.V2G_Message(header=iso2.MessageHeader(session_id=bytes(8)))

any_octets = st.one_of(
    st.binary(max_size=60),
    st.tuples(st.integers(0, 255), st.binary(max_size=200)).map(
        lambda pair: b"\x80" + bytes([pair[0]]) + pair[1]
    ),
    st.binary(max_size=60).map(lambda tail: SESSION_SETUP_REQ[:14] + tail),
)


def of_any_schema(test):
    return pytest.mark.parametrize("schema", MESSAGES)(test)


@of_any_schema
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_was_encoded_decodes_to_the_same_message(schema, data):
    message = data.draw(any_message(codec.tables_of(schema)))
    octets = codec.encode(schema, message)
    decoded = codec.decode(schema, octets)
    assert (decoded.message, decoded.findings) == (message, ())


@of_any_schema
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_message_that_is_cut_short_says_where_it_ends(schema, data):
    octets = codec.encode(schema, data.draw(any_message(codec.tables_of(schema))))
    end = data.draw(st.integers(0, len(octets) - 1))
    with pytest.raises(MalformedError) as caught:
        codec.decode(schema, octets[:end])
    assert caught.value.schema == schema
    assert 0 <= caught.value.bit <= 8 * end


@of_any_schema
@settings(max_examples=100, deadline=None)
@given(octets=any_octets)
def test_any_octets_are_a_message_or_malformed(schema, octets):
    with suppress(MalformedError):
        decoded = codec.decode(schema, octets)
        assert type(decoded.message).__name__.lower() == decoded.element.lower()


def test_an_error_names_the_element_and_the_bit():
    with pytest.raises(MalformedError) as caught:
        codec.decode(Schema.ISO2, SESSION_SETUP_REQ[:-2])
    assert caught.value.path == "V2G_Message/Body/SessionSetupReq/EVCCID"
    assert caught.value.bit == 110  # after the length, which claims 6 octets


def test_an_octet_after_the_document_is_borne_with():
    decoded = codec.decode(Schema.ISO2, SESSION_SETUP_REQ + b"\0")
    assert decoded.message == codec.decode(Schema.ISO2, SESSION_SETUP_REQ).message
    assert [finding.kind for finding in decoded.findings] == [FindingKind.SURPLUS]


def test_padding_that_is_not_zero_is_borne_with():
    octets = SESSION_SETUP_REQ[:-1] + b"\x01"
    (finding,) = codec.decode(Schema.ISO2, octets).findings
    assert (finding.kind, finding.message) == (FindingKind.SURPLUS, "padding that isn't zero")


def test_a_body_may_be_empty():
    octets = codec.encode(Schema.ISO2, EMPTY_SESSION)
    assert codec.decode(Schema.ISO2, octets).message == EMPTY_SESSION


def test_an_illegal_value_is_refused_with_its_path():
    body = iso2.SessionSetupReq(evccid=bytes(7))
    message = iso2.V2G_Message(header=EMPTY_SESSION.header, body=body)
    with pytest.raises(UsageError, match="V2G_Message/Body/SessionSetupReq/EVCCID: has 7 oct"):
        codec.encode(Schema.ISO2, message)


def test_a_message_of_another_schema_is_refused():
    response_code = app_protocol.ResponseCode.FAILED_NO_NEGOTIATION
    message = app_protocol.SupportedAppProtocolRes(response_code=response_code)
    with pytest.raises(UsageError, match="is no message of schema iso2"):
        codec.encode(Schema.ISO2, message)


def test_a_string_beyond_ascii_is_coded_by_its_characters():
    name = app_protocol.AppProtocol(
        protocol_namespace="größe", version_number_major=1, version_number_minor=0,
        schema_id=1, priority=1,
    )  # fmt: skip
    message = app_protocol.SupportedAppProtocolReq(app_protocol=(name,))
    octets = codec.encode(Schema.APP_PROTOCOL, message)
    assert codec.decode(Schema.APP_PROTOCOL, octets).message == message


def test_a_signed_message_is_read_as_it_was_written():
    method = xmldsig.DigestMethod(algorithm="sha256")
    reference = xmldsig.Reference(uri="#id1", digest_method=method, digest_value=bytes(32))
    signed_info = xmldsig.SignedInfo(
        canonicalization_method=xmldsig.CanonicalizationMethod(algorithm="exi"),
        signature_method=xmldsig.SignatureMethod(algorithm="ecdsa"),
        reference=(reference,),
    )
    value = xmldsig.SignatureValue(value=bytes(64))
    signature = xmldsig.Signature(signed_info=signed_info, signature_value=value)
    header = iso2.MessageHeader(session_id=bytes(8), signature=signature)
    message = iso2.V2G_Message(header=header, body=iso2.AuthorizationReq(id="id1"))
    octets = codec.encode(Schema.ISO2, message)
    assert codec.decode(Schema.ISO2, octets).message == message


def test_xml_signatures_are_no_messages():
    with pytest.raises(MalformedError, match="is no message of this schema"):
        codec.decode(Schema.XMLDSIG, b"\x80\x00")
    with pytest.raises(UsageError, match="is no message of schema xmldsig"):
        codec.encode(Schema.XMLDSIG, xmldsig.DigestMethod(algorithm="a"))


def test_only_the_schemas_that_are_used_are_loaded():
    script = f"""
import sys
from seccstack.messages.codec import Schema, decode
decode(Schema.ISO2, bytes.fromhex("{SESSION_SETUP_REQ.hex()}"))
print(*sorted(name for name in sys.modules if name.startswith("seccstack.messages.generated.")))
"""
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - our own
    loaded = run.stdout.decode().replace("seccstack.messages.generated.", "").split()
    assert loaded == ["iso2_codec", "xmldsig_codec"]
