"""Certificates from whoever is at the plug: whatever they are, they are refused at most."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from seccstack.auth.chain import MAX_OCTETS, ChainError, Contract, verify
from tests import lab as labs
from tests.auth.test_chain import chain_of

NOW = labs.NOW.timestamp()


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    lab = labs.minted(tmp_path_factory.mktemp("pki") / "lab")
    (leaf, *subs), root = chain_of(lab, "chains/mo.contract")
    return leaf, subs, root


def judged(leaf, subs, root):
    """Judge; nothing but a contract or a ChainError may come of it."""
    try:
        return verify(leaf, subs, [root], NOW)
    except ChainError as error:
        return error


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 4000), st.integers(1, 255))
def test_a_leaf_with_one_octet_changed_is_never_a_contract(good, at, flip):
    leaf, subs, root = good
    at %= len(leaf)
    changed = leaf[:at] + bytes([leaf[at] ^ flip]) + leaf[at + 1 :]
    assert isinstance(judged(changed, subs, root), ChainError)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 4000), st.binary(max_size=30))
def test_a_sub_certificate_that_was_cut_or_filled_never_lets_anything_through(good, at, tail):
    leaf, (second, first), root = good
    changed = second[: at % len(second)] + tail
    assert isinstance(judged(leaf, [changed, first], root), ChainError)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=MAX_OCTETS + 8), st.lists(st.binary(max_size=64), max_size=5))
def test_any_octets_are_judged(good, leaf, subs):
    assert isinstance(judged(leaf, subs, good[2]), ChainError)


def nested(depth, octets=b""):
    """DER in DER in DER."""
    for _ in range(depth):
        size = len(octets)
        length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2)
        octets = b"\x30" + length + octets
    return octets


@pytest.mark.parametrize(
    "leaf",
    [
        nested(190),
        nested(390),
        b"\x30\x80" * 400,
        b"\x30\x84\x7f\xff\xff\xff",
        b"\x30\x88" + b"\xff" * 8,
        b"\x00" * MAX_OCTETS,
        b"\xff" * MAX_OCTETS,
    ],
)
def test_der_that_is_made_to_burst_does_not(good, leaf):
    assert isinstance(judged(leaf, [leaf] * 4, good[2]), ChainError)


def test_a_key_that_is_no_point_of_the_curve_is_refused(good):
    leaf, subs, root = good
    certificate = x509.load_der_x509_certificate(leaf)
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    y = key.public_numbers().y.to_bytes(32)
    assert leaf.count(y) == 1
    for other in (bytes(32), b"\xff" * 32, y[:-1] + bytes([y[-1] ^ 1])):
        refused = judged(leaf.replace(y, other), subs, root)
        assert "cannot be read" in str(refused)


def test_a_signature_of_bits_is_another_writing_of_one_of_octets_and_is_refused(good):
    _, subs, root = good
    octets = b"\x01"
    while octets[-1] & 1:  # what is unused has to be 0 to be read at all
        octets = der(KEY, "a", "b")
    place = -len(x509.load_der_x509_certificate(octets).signature) - 1
    assert octets[place] == 0
    refused = judged(octets[:place] + b"\x01" + octets[place + 1 :], subs, root)
    assert "the signature of the contract certificate does not end with an octet" in str(
        refused
    )


def test_certificates_that_sign_one_another_end(good):
    leaf, subs, _ = good
    stranger = labs.certificate(KEY, "other", KEY, "other")
    assert isinstance(judged(leaf, [*subs, *subs], stranger), ChainError)
    loop = [der(KEY, "a", "b"), der(KEY, "b", "a"), der(KEY, "a", "b"), der(KEY, "b", "a")]
    assert isinstance(judged(loop[0], loop, stranger), ChainError)


KEY = ec.generate_private_key(ec.SECP256R1())
AUTHORITY = x509.BasicConstraints(ca=True, path_length=None)


def der(key, name, issuer):
    made = labs.certificate(
        key, name, key, issuer, AUTHORITY, labs.usage("digital_signature", "key_cert_sign")
    )
    return made.public_bytes(Encoding.DER)


def test_the_good_one_is_a_contract_after_all(good):
    leaf, subs, root = good
    assert isinstance(judged(leaf, subs, root), Contract)
