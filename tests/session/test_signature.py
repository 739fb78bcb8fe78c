"""Signatures over elements: those of recorded vehicles, our own, and what does not hold."""

import hashlib
import json
import lzma
from collections import Counter

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import structs

from seccstack.auth import chain, ecdsa, emaid
from seccstack.capture.items import V2gMessage
from seccstack.capture.reader import read_capture
from seccstack.capture.trace import read_trace
from seccstack.messages import iso2, xmldsig
from seccstack.messages.codec import Schema, decode, encode_fragment
from seccstack.session.signature import (
    CANONICAL_EXI,
    ECDSA_SHA256,
    SHA256,
    SignatureError,
    made,
    statement,
)
from tests.programs import PROJECT

KEY = ec.generate_private_key(ec.SECP256R1())


def verify(signature, elements, key):
    about = statement(signature, elements)
    if not ecdsa.holds(ecdsa.point_of(key), about.signed, about.value):
        raise SignatureError("its value is not of this key")


REQUEST = iso2.AuthorizationReq(id="ID1", gen_challenge=bytes(range(16)))
SIGNED = {"ID1": ("AuthorizationReq", REQUEST)}


def reference(
    identifier="ID1", element=REQUEST, name="AuthorizationReq", digest=SHA256, transform=None
):
    made = hashlib.sha256(encode_fragment(Schema.ISO2, element, name)).digest()
    transforms = None
    if transform is not None:
        transforms = xmldsig.Transforms(transform=(xmldsig.Transform(algorithm=transform),))
    return xmldsig.Reference(
        uri=f"#{identifier}",
        transforms=transforms,
        digest_method=xmldsig.DigestMethod(algorithm=digest),
        digest_value=made,
    )


def signed(*references, key=KEY, form=CANONICAL_EXI, method=ECDSA_SHA256, value=None):
    info = xmldsig.SignedInfo(
        canonicalization_method=xmldsig.CanonicalizationMethod(algorithm=form),
        signature_method=xmldsig.SignatureMethod(algorithm=method),
        reference=references or (reference(transform=CANONICAL_EXI),),
    )
    octets = encode_fragment(Schema.ISO2, info, "SignedInfo")
    value = value or ecdsa.sign(key, octets)
    signature_value = xmldsig.SignatureValue(value=value)
    return xmldsig.Signature(signed_info=info, signature_value=signature_value)


def why(signature, elements=SIGNED, key=KEY):
    with pytest.raises(SignatureError) as caught:
        verify(signature, elements, key.public_key())
    return str(caught.value)


# What recorded vehicles have signed, with the secrets that their captures disclose.


def messages(shared, name):
    return read(shared / "captures" / f"dspace-iso-2-{name}-ds5366-risev2g.pcapng")


def read(path):
    items = read_trace(str(path), read_capture(path), None).items
    return [item for item in items if isinstance(item, V2gMessage)]


def body(messages, name):
    [found] = [m for m in messages if m.name == name][:1]
    return found.message.header.signature, found.message.body, found.time


AC = "ac-pnc-tls-contract-meteringreceipt"
INSTALLATION = "dc-pnc-tls-certinstallation"


@pytest.mark.parametrize("name", [AC, "dc-pnc-tls-contract", INSTALLATION])
def test_a_recorded_vehicle_s_signature_over_the_challenge_is_its_contract_s(shared, name):
    said = messages(shared, name)
    _, details, time = body(said, "PaymentDetailsReq")
    certificates = details.contract_signature_cert_chain
    subs = certificates.sub_certificates.certificate
    anchor = x509.load_der_x509_certificate(subs[-1])  # its root was not recorded
    contract = chain.verify(certificates.certificate, subs[:-1], [anchor], time)
    assert emaid.same(contract.emaid, details.emaid)
    signature, request, _ = body(said, "AuthorizationReq")
    verify(signature, {request.id: ("AuthorizationReq", request)}, contract.key)
    later = iso2.AuthorizationReq(id=request.id, gen_challenge=bytes(16))
    with pytest.raises(SignatureError, match="is not what was signed"):
        verify(signature, {request.id: ("AuthorizationReq", later)}, contract.key)


def test_recorded_metering_receipts_are_signed_with_the_contract_s_key(shared):
    said = messages(shared, AC)
    _, details, _ = body(said, "PaymentDetailsReq")
    leaf = details.contract_signature_cert_chain.certificate
    key = x509.load_der_x509_certificate(leaf).public_key()
    receipts = [m for m in said if m.name == "MeteringReceiptReq"]
    for receipt in receipts:
        request = receipt.message.body
        signature = receipt.message.header.signature
        verify(signature, {request.id: ("MeteringReceiptReq", request)}, key)
    assert len(receipts) > 1


def test_a_recorded_request_for_a_contract_is_signed_with_the_maker_s_key(shared):
    signature, request, _ = body(messages(shared, INSTALLATION), "CertificateInstallationReq")
    key = x509.load_der_x509_certificate(request.oem_provisioning_cert).public_key()
    verify(signature, {request.id: ("CertificateInstallationReq", request)}, key)


def test_a_recorded_contract_that_is_delivered_is_signed_in_four_parts(shared):
    said = messages(shared, INSTALLATION)
    assert_delivered(*body(said, "CertificateInstallationRes")[:2])


def assert_delivered(signature, answer):
    provisioning = answer.sa_provisioning_certificate_chain.certificate
    key = x509.load_der_x509_certificate(provisioning).public_key()
    parts = {
        "ContractSignatureCertChain": answer.contract_signature_cert_chain,
        "ContractSignatureEncryptedPrivateKey": answer.contract_signature_encrypted_private_key,
        "DHpublickey": answer.dh_public_key,
        "eMAID": answer.emaid,
    }
    verify(signature, {part.id: (name, part) for name, part in parts.items()}, key)


SIGNED_BY_VEHICLES = ("AuthorizationReq", "CertificateInstallationReq", "MeteringReceiptReq")


def test_every_signature_of_the_corpus_is_about_the_message_it_came_with(shared):
    """But for those that one vehicle left in the headers of whatever it said next."""
    found = Counter()
    with lzma.open(shared / "corpus" / "v2g_messages.jsonl.xz", "rt") as lines:
        said = [json.loads(line) for line in lines]
    for one in said:
        if one["schema"] == "ISO_15118_2" and one["message"] in SIGNED_BY_VEHICLES:
            message = decode(Schema.ISO2, bytes.fromhex(one["exi_hex"])).message
            if message.header.signature is not None:
                request = message.body
                statement(message.header.signature, {request.id: (one["message"], request)})
                found[one["message"]] += 1
    assert found == dict(zip(SIGNED_BY_VEHICLES, (3, 1, 2), strict=True))


# What the package iso15118 has signed, in recordings of our own: its car, and its charger.


@pytest.mark.parametrize("name", ["peer-2-ac-contract-tls", "peer-2-ac-installation-tls"])
def test_the_package_s_car_signs_the_challenge_as_we_verify_it(name):
    said = read(PROJECT / "captures" / f"{name}.pcapng")
    _, details, _ = body(said, "PaymentDetailsReq")
    leaf = details.contract_signature_cert_chain.certificate
    key = x509.load_der_x509_certificate(leaf).public_key()
    signature, request, _ = body(said, "AuthorizationReq")
    verify(signature, {request.id: ("AuthorizationReq", request)}, key)


def test_the_package_s_charger_signs_a_contract_as_we_do():
    said = read(PROJECT / "captures" / "peer-2-ac-installation-tls.pcapng")
    signature, request, _ = body(said, "CertificateInstallationReq")
    key = x509.load_der_x509_certificate(request.oem_provisioning_cert).public_key()
    verify(signature, {request.id: ("CertificateInstallationReq", request)}, key)
    assert_delivered(*body(said, "CertificateInstallationRes")[:2])


# What holds, and what does not.


def test_what_was_signed_as_it_should_be_is_verified():
    verify(signed(), SIGNED, KEY.public_key())
    verify(signed(reference()), SIGNED, KEY.public_key())


def test_without_a_signature_nothing_is_proven():
    assert why(None) == "there is no signature"


def test_another_form_or_method_is_not_guessed_at():
    assert why(signed(form="urn:x")) == "its form is 'urn:x'"
    assert why(signed(method="urn:x")) == "its method is 'urn:x'"
    assert why(signed(reference(digest="urn:x"))).startswith("the digest of AuthorizationReq")
    assert "was transformed before" in why(signed(reference(transform="urn:x")))


def test_a_part_of_an_element_may_not_be_signed_for_the_whole():
    part = xmldsig.Transform(algorithm=CANONICAL_EXI, x_path=("Id",))
    transforms = xmldsig.Transforms(transform=(part,))
    refused = why(signed(structs.replace(reference(), transforms=transforms)))
    assert refused == "AuthorizationReq was transformed before it was digested"


def test_a_signature_over_another_element_is_none_over_this():
    other = signed(reference("ID2"))
    assert why(other) == "it does not list exactly what it has to: AuthorizationReq"


def test_an_element_may_not_be_signed_beside_another_nor_twice():
    assert "exactly" in why(signed(reference(), reference("ID2")))
    assert "exactly" in why(signed(reference(), reference()))


def test_more_elements_than_any_message_has_are_not_looked_at():
    assert why(signed(*[reference(f"ID{n}") for n in range(5)])) == (
        "it lists 5 elements; 4 at most"
    )


def test_an_element_that_was_changed_is_noticed():
    changed = iso2.AuthorizationReq(id="ID1", gen_challenge=bytes(16))
    elements = {"ID1": ("AuthorizationReq", changed)}
    assert why(signed(), elements) == "AuthorizationReq is not what was signed"


def test_an_element_that_cannot_be_written_proves_nothing():
    impossible = iso2.AuthorizationReq(id="ID1", gen_challenge=bytes(17))
    elements = {"ID1": ("AuthorizationReq", impossible)}
    assert why(signed(), elements).startswith("AuthorizationReq cannot be digested")


def test_a_list_of_elements_that_was_changed_is_noticed():
    assert why(signed(value=bytes(64))) == "its value is not of this key"
    stranger = ec.generate_private_key(ec.SECP256R1())
    assert why(signed(key=stranger)) == "its value is not of this key"


def test_a_value_of_another_length_is_none():
    assert why(signed(value=bytes(70))) == "its value has 70 octets, not 64"


def test_what_we_sign_ourselves_holds_and_has_the_form_of_what_vehicles_sign():
    ours = made(SIGNED, lambda octets: ecdsa.sign(KEY, octets))
    assert ours.signed_info == signed(reference(transform=CANONICAL_EXI)).signed_info
    verify(ours, SIGNED, KEY.public_key())
