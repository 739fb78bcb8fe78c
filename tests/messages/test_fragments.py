"""Elements on their own, as signatures are made of; `test_vectors` has the bytes of others."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seccstack.errors import MalformedError, UsageError
from seccstack.messages import codec, iso2, iso20_common
from seccstack.messages.codec import Schema
from tests.messages.samples import any_element

FOREIGN = {"SignatureProperty", "SignatureProperties"}  # need an element of another schema
CHAIN = iso2.CertificateChain(certificate=b"\x30\x00", id="id1")


@pytest.mark.parametrize("schema", list(Schema))
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_element_comes_back_from_its_fragment(schema, data):
    fragments = codec.tables_of(schema).fragments
    usable = [
        (name, elements[0].type)
        for name, elements in fragments
        if elements[0].type is not None and name not in FOREIGN
    ]
    name, kind = data.draw(st.sampled_from(usable))
    value = any_element(kind, lambda options: data.draw(st.sampled_from(options)), depth=1)
    octets = codec.encode_fragment(schema, value, name)
    if name == "SignedInfo":
        schema = Schema.XMLDSIG
    decoded = codec.decode_fragment(schema, octets)
    assert (decoded.element, decoded.value, decoded.findings) == (name, value, ())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40))
def test_any_octets_are_a_fragment_or_malformed(octets):
    try:
        decoded = codec.decode_fragment(Schema.ISO2, b"\x80" + octets)
    except MalformedError:
        return
    assert decoded.element


def test_a_class_that_is_one_element_only_needs_no_name():
    element = iso20_common.PnC_AReqAuthorizationMode(
        id="id1",
        gen_challenge=bytes(16),
        contract_certificate_chain=iso20_common.ContractCertificateChain(
            certificate=b"", sub_certificates=iso20_common.SubCertificates(certificate=(b"",))
        ),
    )
    octets = codec.encode_fragment(Schema.ISO20_COMMON, element)
    assert int.from_bytes(octets[:3], "big") >> 7 & 0x1FF == 151


def test_a_class_that_is_several_elements_needs_a_name():
    with pytest.raises(UsageError, match="can be ContractSignatureCertChain, SAProvisioning"):
        codec.encode_fragment(Schema.ISO2, CHAIN)
    octets = codec.encode_fragment(Schema.ISO2, CHAIN, "ContractSignatureCertChain")
    assert octets[1] == 33
    decoded = codec.decode_fragment(Schema.ISO2, octets)
    assert (decoded.element, decoded.value) == ("ContractSignatureCertChain", CHAIN)


def test_a_name_of_several_namespaces_is_the_first_that_can_hold_the_value():
    octets = codec.encode_fragment(Schema.ISO20_AC, -128, "Exponent")
    assert codec.decode_fragment(Schema.ISO20_AC, octets).value == -128
    assert codec.encode_fragment(Schema.ISO20_AC, b"", "Exponent")[1] == 82
    assert codec.encode_fragment(Schema.ISO2, b"", "SessionID")[1] == 196


def test_a_value_of_a_simple_type_needs_a_name():
    with pytest.raises(UsageError, match="a bytes can be none"):
        codec.encode_fragment(Schema.ISO2, b"\0")
