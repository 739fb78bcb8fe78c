"""Contracts and their certificates: those that lead to a root of ours, and all the others."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from seccstack.auth.chain import (
    EXPIRES_SOON,
    MAX_OCTETS,
    ChainError,
    Fault,
    verify,
)
from seccstack.auth.revocation import RevocationLists
from tests import lab as labs

EMAID = "DE8AA1A2B3C4D5V"
DAY = 86400.0


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


def chain_of(lab, place):
    """A chain folder's certificates in DER, and its root."""
    text = (lab / place / "chain.pem").read_bytes()
    begin = b"-----BEGIN CERTIFICATE-----"
    ders = [labs.der(begin + part) for part in text.split(begin)[1:]]
    root = x509.load_pem_x509_certificate((lab / place / "root.pem").read_bytes())
    return ders, root


def verified(lab, place="chains/mo.contract", days=0.0, roots=None, **how):
    (leaf, *subs), root = chain_of(lab, place)
    now = labs.NOW.timestamp() + days * DAY
    return verify(leaf, subs, [root] if roots is None else roots, now, **how)


def refused(*given, **how):
    with pytest.raises(ChainError) as caught:
        verified(*given, **how)
    return caught.value.fault, str(caught.value)


def test_a_contract_of_a_known_root_is_one_with_its_name_and_key(lab):
    contract = verified(lab)
    (leaf, *_), _ = chain_of(lab, "chains/mo.contract")
    assert contract.emaid == EMAID
    assert contract.key == x509.load_der_x509_certificate(leaf).public_key()
    assert not contract.expires_soon(labs.NOW.timestamp())
    assert contract.expires_soon(contract.ends - EXPIRES_SOON + 1)


def test_the_order_of_its_sub_certificates_does_not_matter(lab):
    (leaf, *subs), root = chain_of(lab, "chains/mo.contract")
    assert verify(leaf, subs[::-1], [root], labs.NOW.timestamp()).emaid == EMAID


def test_a_root_may_stand_anywhere_above_it(lab):
    (leaf, *subs), _ = chain_of(lab, "chains/mo.contract")
    anchor = x509.load_der_x509_certificate(subs[0])
    assert verify(leaf, subs, [anchor], labs.NOW.timestamp()).emaid == EMAID


def test_certificates_that_nobody_needs_are_no_harm(lab):
    (leaf, *subs), root = chain_of(lab, "chains/mo.contract")
    (stranger, *_), _ = chain_of(lab, "chains/oem.oem_provisioning")
    assert verify(leaf, [stranger, *subs], [root], labs.NOW.timestamp()).emaid == EMAID


@pytest.mark.parametrize(
    ("place", "fault", "why"),
    [
        ("contract-expired", Fault.EXPIRED, "the contract certificate has expired"),
        ("contract-not-yet-valid", Fault.CHAIN, "the contract certificate is not valid yet"),
        (
            "contract-wrong-usage",
            Fault.CHAIN,
            "the key of the contract certificate is not for signatures",
        ),
        ("contract-wrong-curve", Fault.CHAIN, "is not on secp256r1"),
        ("contract-is-an-authority", Fault.CHAIN, "is an authority's"),
        ("contract-unknown-critical", Fault.CHAIN, "a critical extension, 2.999.15118"),
        ("contract-too-large", Fault.CHAIN, f"octets; {MAX_OCTETS} at most"),
        ("contract-no-emaid", Fault.NOT_ALLOWED, "'somebody' is no eMAID"),
        ("path-too-long", Fault.CHAIN, "allows 0 below it; there are 1"),
        ("expired-sub-ca", Fault.NOT_ALLOWED, "has expired"),
        ("wrong-root", Fault.CHAIN, "no root here has signed"),
        ("wrong-signature", Fault.CHAIN, "no root here has signed"),
        ("algorithms-differ", Fault.CHAIN, "no root here has signed"),
        ("broken-der", Fault.CHAIN, "the contract certificate cannot be read"),
        ("with-tail", Fault.CHAIN, "the contract certificate cannot be read"),
        ("long-length", Fault.CHAIN, "the contract certificate cannot be read"),
        ("double-extension", Fault.CHAIN, "the contract certificate cannot be read"),
        ("leaf-with-path", Fault.CHAIN, "the contract certificate cannot be read"),
        ("validity-reversed", Fault.EXPIRED, "the contract certificate has expired"),
        ("negative-serial", Fault.CHAIN, "is not positive"),
    ],
)
def test_a_specimen_is_refused_with_the_code_that_its_vehicle_is_told(lab, place, fault, why):
    assert refused(lab, f"specimens/{place}")[0] is fault
    assert why in refused(lab, f"specimens/{place}")[1]


def lists_of(lab, *names, required=False):
    """The lists of these authorities."""
    files = [lab / "revocation" / f"mo.{name}.crl" for name in names]
    lists = [x509.load_der_x509_crl(file.read_bytes()) for file in files]
    return RevocationLists(lists, required=required)


def test_what_its_issuer_has_revoked_is_refused(lab):
    known = {"lists": lists_of(lab, "mo_sub2")}
    fault, why = refused(lab, "specimens/contract-revoked", **known)
    assert (fault, why) == (Fault.REVOKED, "the contract certificate was revoked")
    assert verified(lab, **known).emaid == EMAID
    assert refused(lab, "specimens/contract-revoked", days=30, **known)[0] is Fault.REVOKED


def test_what_another_has_revoked_is_not(lab):
    known = {"lists": lists_of(lab, "mo_root", "mo_sub1")}
    assert verified(lab, "specimens/contract-revoked", **known).emaid == EMAID


@pytest.mark.parametrize(
    ("names", "days"),
    [
        ((), 0),
        (("mo_sub1", "mo_root"), 0),
        (("mo_sub2", "mo_sub1"), 0),
        (("mo_root", "mo_sub1", "mo_sub2"), 8),
    ],
)
def test_where_lists_are_required_each_certificate_needs_one_of_today(lab, names, days):
    lists = lists_of(lab, *names, required=True)
    fault, why = refused(lab, days=days, lists=lists)
    assert fault is Fault.NOT_ALLOWED
    assert why.startswith("no list of today says whether")


def test_with_a_list_for_each_certificate_nothing_is_missing(lab):
    lists = lists_of(lab, "mo_root", "mo_sub1", "mo_sub2", required=True)
    assert verified(lab, lists=lists).root.startswith("DC=MO")


def test_a_contract_that_names_two_countries_is_not_taken():
    names = [(NameOID.COUNTRY_NAME, "DE"), (NameOID.COUNTRY_NAME, "FR")]
    subject = x509.Name([x509.NameAttribute(*name) for name in names])
    made = (
        x509.CertificateBuilder(ROOT.subject, subject, KEY.public_key(), 1)
        .not_valid_before(labs.NOW - timedelta(1))
        .not_valid_after(labs.NOW + timedelta(1))
        .add_extension(labs.usage("digital_signature"), critical=True)
        .sign(KEY, hashes.SHA256())
    )
    with pytest.raises(ChainError, match="says something twice") as caught:
        verify(made.public_bytes(Encoding.DER), [], [ROOT], labs.NOW.timestamp())
    assert caught.value.fault is Fault.NOT_ALLOWED


def test_time_passes(lab):
    assert refused(lab, days=731)[0] is Fault.EXPIRED
    assert refused(lab, days=-2)[0] is Fault.CHAIN


def test_without_a_root_nothing_is_proven(lab):
    assert "no root here has signed" in refused(lab, roots=[])[1]


def test_more_sub_certificates_than_a_message_may_have_are_not_looked_at(lab):
    (leaf, *subs), root = chain_of(lab, "chains/mo.contract")
    with pytest.raises(ChainError, match="6 sub-certificates; 4 at most"):
        verify(leaf, 3 * subs, [root], labs.NOW.timestamp())


KEY = ec.generate_private_key(ec.SECP256R1())
SIGNING = (labs.usage("digital_signature"),)
AUTHORITY = x509.BasicConstraints(ca=True, path_length=None)
ROOT = labs.certificate(KEY, "root", KEY, "root", AUTHORITY)


def below(*root_extensions, leaf=SIGNING):
    """Judge a contract that a root with these extensions has signed."""
    root = labs.certificate(KEY, "root", KEY, "root", *root_extensions)
    made = labs.certificate(KEY, "DE8AA1A2B3C4D5", KEY, "root", *leaf)
    return verify(made.public_bytes(Encoding.DER), [], [root], labs.NOW.timestamp())


def test_a_contract_needs_no_more_than_a_key_for_signatures():
    assert below(AUTHORITY).emaid == "DE8AA1A2B3C4D5"
    assert below(AUTHORITY, labs.usage("key_cert_sign")).emaid == "DE8AA1A2B3C4D5"


@pytest.mark.parametrize(
    "extensions", [(), (x509.BasicConstraints(ca=False, path_length=None),)]
)
def test_who_is_no_authority_may_sign_no_contract(extensions):
    with pytest.raises(ChainError, match="is no authority's"):
        below(*extensions)


def test_an_authority_s_key_has_to_be_for_certificates():
    with pytest.raises(ChainError, match="is not for certificates"):
        below(AUTHORITY, labs.usage("crl_sign"))


def test_a_limit_that_an_authority_has_is_not_passed_over():
    names = x509.NameConstraints(
        permitted_subtrees=[x509.DNSName("example")], excluded_subtrees=None
    )
    with pytest.raises(ChainError, match="has a critical extension"):
        below(AUTHORITY, names)


def test_a_certificate_without_any_extension_is_no_contract():
    with pytest.raises(ChainError, match="not for signatures"):
        below(AUTHORITY, leaf=())


def test_a_signature_by_another_hash_is_none():
    root = labs.certificate(KEY, "root", KEY, "root", AUTHORITY)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")])
    made = (
        x509.CertificateBuilder(subject, subject, KEY.public_key(), 1)
        .not_valid_before(labs.NOW - timedelta(1))
        .not_valid_after(labs.NOW + timedelta(1))
        .add_extension(labs.usage("digital_signature"), critical=True)
        .sign(KEY, hashes.SHA384())
    )
    with pytest.raises(ChainError, match="no root here has signed CN=root"):
        verify(made.public_bytes(Encoding.DER), [], [root], labs.NOW.timestamp())
