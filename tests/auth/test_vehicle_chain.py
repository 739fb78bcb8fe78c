"""Certificates of vehicles: those of ISO 15118-20, and what else hangs below the same roots."""

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.serialization import Encoding

from seccstack.auth.chain import LAB, ChainError, Fault
from seccstack.auth.revocation import RevocationLists
from seccstack.auth.vehicle_chain import verify
from tests import lab as labs
from tests.auth.test_chain import chain_of

NOW = labs.NOW.timestamp()
DAY = 86400.0
ROOT_KEY, KEY = ec.generate_private_key(ec.SECP521R1()), ed448.Ed448PrivateKey.generate()
AUTHORITY = x509.BasicConstraints(ca=True, path_length=None)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


def verified(lab, place, days=0.0, roots=None, **how):
    (leaf, *subs), root = chain_of(lab, place)
    return verify(leaf, subs, [root] if roots is None else roots, NOW + days * DAY, **how)


def refused(*given, **how):
    with pytest.raises(ChainError) as caught:
        verified(*given, **how)
    return caught.value.fault, str(caught.value)


@pytest.mark.parametrize("family", ["20", "20-ed448"])
def test_a_vehicle_is_known_by_its_name_and_by_what_it_is_of(lab, family):
    place = f"chains/oem-{family}.vehicle"
    found, (leaf, *_) = verified(lab, place), chain_of(lab, place)[0]
    assert found.name == "WMIV1234567890ABCDEX"
    assert (found.digest, len(found.digest)) == (hashlib.sha512(leaf).digest(), 64)
    assert f"Vehicle Sub-CA 2 oem-{family}" in found.issuer
    assert f"OEM Root CA oem-{family}" in found.root
    assert found.ends > NOW


def test_it_is_the_same_vehicle_with_another_certificate_of_the_same_root(lab):
    good, renewed = verified(lab, "chains/oem-20.vehicle"), "specimens/vehicle-revoked"
    again = verified(lab, renewed)
    assert (again.holder, again.digest == good.digest) == (good.holder, False)
    other = verified(lab, "chains/oem-20-ed448.vehicle")
    assert (other.name, other.holder == good.holder) == (good.name, False)


@pytest.mark.parametrize(
    ("place", "fault", "why"),
    [
        ("specimens/vehicle-expired", Fault.EXPIRED, "the vehicle's certificate has expired"),
        ("specimens/vehicle-not-yet-valid", Fault.CHAIN, "is not valid yet"),
        ("specimens/vehicle-expired-sub-ca", Fault.NOT_ALLOWED, "has expired"),
        ("specimens/vehicle-wrong-usage", Fault.CHAIN, "is not for signatures"),
        ("specimens/vehicle-wrong-curve", Fault.CHAIN, "is not on secp521r1 or ed448"),
        ("specimens/vehicle-wrong-root", Fault.CHAIN, "no root here has signed"),
        ("specimens/vehicle-path-too-long", Fault.CHAIN, "allows 0 below it; there are 1"),
        ("specimens/vehicle-is-an-authority", Fault.CHAIN, "is an authority's"),
        ("specimens/vehicle-unknown-critical", Fault.CHAIN, "has a critical extension"),
        ("specimens/vehicle-too-large", Fault.CHAIN, "octets; 1600 at most"),
        ("specimens/vehicle-is-a-server", Fault.NOT_ALLOWED, "not for a client of TLS"),
        ("specimens/vehicle-is-a-contract", Fault.NOT_ALLOWED, "the domain component 'MO'"),
        ("chains/mo-20.contract", Fault.NOT_ALLOWED, "the domain component 'MO'"),
        ("chains/oem-20.oem_provisioning", Fault.NOT_ALLOWED, "the domain component 'OEM'"),
        ("chains/oem.oem_provisioning", Fault.CHAIN, "is not on secp521r1 or ed448"),
        ("chains/v2g-20.secc", Fault.NOT_ALLOWED, "the domain component 'CSO'"),
    ],
)
def test_what_is_none_of_a_vehicle_is_refused_by_name(lab, place, fault, why):
    said = refused(lab, place)
    assert said[0] is fault
    assert why in said[1]


def test_one_that_was_revoked_is_refused(lab):
    octets = (lab / "revocation/oem-20.vehicle_sub2.crl").read_bytes()
    lists = RevocationLists([x509.load_der_x509_crl(octets)])
    fault, why = refused(lab, "specimens/vehicle-revoked", lists=lists)
    assert (fault, why) == (Fault.REVOKED, "the vehicle's certificate was revoked")
    assert verified(lab, "chains/oem-20.vehicle", lists=lists)


def test_of_several_roots_any_will_do(lab):
    roots = [chain_of(lab, f"chains/oem-{family}.vehicle")[1] for family in ("20", "20-ed448")]
    for family in ("20", "20-ed448"):
        assert verified(lab, f"chains/oem-{family}.vehicle", roots=roots)
    assert refused(lab, "chains/oem-20.vehicle", roots=roots[1:])[0] is Fault.CHAIN


def test_in_a_lab_the_curve_of_iso_15118_2_is_one_too(lab):
    _, why = refused(lab, "chains/oem.oem_provisioning", rules=LAB)
    assert "the domain component 'OEM'" in why


# Certificates that no PKI has.


def made(names, *usages):
    """Judge a vehicle's certificate of our own making, of a root that is trusted."""
    how = {"digest": hashes.SHA512()}
    root = labs.certificate(ROOT_KEY, "root", ROOT_KEY, "root", AUTHORITY, **how)
    leaf = labs.certificate(KEY, names, ROOT_KEY, "root", labs.usage(*usages), **how)
    return verify(leaf.public_bytes(Encoding.DER), [], [root], NOW)


def test_without_a_purpose_a_key_for_signatures_alone_is_a_vehicle_s():
    assert made("WMIV1", "digital_signature").name == "WMIV1"


@pytest.mark.parametrize(
    ("name", "usages", "why"),
    [
        ("WMIV1", ("digital_signature", "key_agreement"), "it is one for provisioning"),
        ("DE8AA1A2B3C4D5V", ("digital_signature",), "its common name is an eMAID"),
        ("WMIV1", ("key_agreement",), "is not for signatures"),
    ],
)
def test_what_looks_like_another_kind_is_taken_for_it(name, usages, why):
    with pytest.raises(ChainError, match=why):
        made(name, *usages)


def test_without_a_name_it_is_nobody():
    with pytest.raises(ChainError, match="it has no common name"):
        made(None, "digital_signature")
