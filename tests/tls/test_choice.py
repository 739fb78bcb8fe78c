"""Which chain a vehicle is shown, by what it says first."""

import pytest

from seccstack.tls import names
from seccstack.tls.choice import (
    ECDSA_SECP256R1_SHA256,
    ECDSA_SECP521R1_SHA512,
    ED448,
    Anchor,
    Choice,
    Offer,
    Refusal,
    choose,
)
from seccstack.tls.extensions import TrustedAuthority
from seccstack.tls.handshake import CLIENT_HELLO, decode
from tests.tls.hello import client_hello, extension, numbers, vector

A = Offer(
    "a", ECDSA_SECP256R1_SHA256, Anchor(b"root A", b"k" * 20, b"c" * 20), frozenset({b"sub A"})
)
B = Offer("b", ECDSA_SECP256R1_SHA256, Anchor(b"root B", b"K" * 20, b"C" * 20))
NEW = Offer("new", ECDSA_SECP521R1_SHA512, Anchor(b"root N"))
NEWEST = Offer("newest", ED448, Anchor(b"root E"))

P256 = extension(10, vector(2, numbers(23)))
BOTH_GROUPS = extension(10, vector(2, numbers(23, 25)))
SHA256 = extension(13, vector(2, numbers(0x0403)))
BOTH = extension(43, vector(1, numbers(0x0304, 0x0303)))
ONLY_1_3 = extension(43, vector(1, numbers(0x0304)))


def schemes(*values):
    return extension(13, vector(2, numbers(*values)))


def trusting(*authorities):
    parts = []
    for kind, octets in authorities:
        parts.append(bytes([kind]) + (vector(2, octets) if kind == 2 else octets))
    return extension(3, vector(2, *parts))


def hello(*extensions, suites=(0xC023, 0xC025), version=0x0303):
    return decode(CLIENT_HELLO, client_hello(*extensions, suites=suites, version=version))


def chosen(said, *offers, **how):
    choice = choose(said, offers, **how)
    assert isinstance(choice, Choice), choice
    return choice.offer.name, choice.trusted


def refused(said, *offers, **how):
    refusal = choose(said, offers, **how)
    assert isinstance(refusal, Refusal)
    return refusal


def test_a_vehicle_as_of_iso_15118_2_is_shown_our_first_chain():
    assert chosen(hello(P256, SHA256), A, B) == ("a", None)


def test_one_that_says_nothing_beyond_its_suites_is_too():
    assert chosen(hello(), A) == ("a", None)


@pytest.mark.parametrize(
    ("authorities", "expected"),
    [
        ([(1, b"K" * 20)], ("b", True)),
        ([(2, b"root B")], ("b", True)),
        ([(3, b"C" * 20)], ("b", True)),
        ([(2, b"sub A")], ("a", True)),
        ([(0, b"")], ("a", True)),
        ([(1, b"x" * 20), (1, b"K" * 20)], ("b", True)),
        ([(3, b"C" * 20), (3, b"c" * 20)], ("b", True)),
        ([(1, b"c" * 20)], ("a", False)),  # a certificate's hash is no key's
        ([(2, b"root X")], ("a", False)),
    ],
)
def test_it_is_shown_the_chain_whose_root_it_says_to_have(authorities, expected):
    assert chosen(hello(P256, SHA256, trusting(*authorities)), A, B) == expected


def test_of_tls_1_3_the_authorities_are_named_otherwise():
    authorities = extension(47, vector(2, vector(2, b"root X"), vector(2, b"root E")))
    said = hello(ONLY_1_3, schemes(0x0603, 0x0808), authorities, suites=(0x1302,))
    assert chosen(said, NEW, NEWEST) == ("newest", True)


def test_a_vehicle_that_offers_both_versions_gets_the_newer_if_there_is_a_chain_for_it():
    said = hello(BOTH, BOTH_GROUPS, schemes(0x0403, 0x0603), suites=(0x1302, 0xC023))
    assert chosen(said, A, NEW) == ("new", None)
    assert chosen(said, A) == ("a", None)


def test_it_gets_the_older_if_it_has_no_group_of_iso_15118_20_unless_in_a_lab():
    said = hello(BOTH, P256, schemes(0x0403, 0x0603), suites=(0x1302, 0xC023))
    assert chosen(said, A, NEW) == ("a", None)
    assert chosen(said, A, NEW, lab=True) == ("new", None)


@pytest.mark.parametrize("group", [25, 30])
def test_secp521r1_and_x448_are_the_groups_of_tls_1_3(group):
    said = hello(ONLY_1_3, extension(10, vector(2, numbers(29, group))), suites=(0x1302,))
    assert chosen(said, NEW) == ("new", None)


def test_in_a_lab_tls_1_2_has_its_one_group_all_the_same():
    said = hello(extension(10, vector(2, numbers(29))), SHA256)
    assert refused(said, A, lab=True) == refused(said, A)


def test_foreign_groups_of_tls_1_3_are_named():
    said = hello(ONLY_1_3, extension(10, vector(2, numbers(29))), suites=(0x1302,))
    expected = Refusal(40, "it offers the groups x25519; we have secp521r1, x448")
    assert refused(said, NEW) == expected


def test_it_gets_the_older_if_it_cannot_check_what_the_newer_would_be_signed_with():
    said = hello(BOTH, P256, SHA256, suites=(0x1302, 0xC023))
    assert chosen(said, A, NEW) == ("a", None)


def test_the_version_goes_with_the_chain():
    assert choose(hello(P256), [A]).version == names.TLS_1_2
    assert choose(hello(ONLY_1_3, suites=(0x1303,)), [NEWEST]).version == names.TLS_1_3


@pytest.mark.parametrize("suite", [0xC02B, 0xC02C])
def test_aes_gcm_is_taken_where_it_is_allowed(suite):
    assert chosen(hello(P256, suites=(suite,)), A) == ("a", None)
    refusal = refused(hello(P256, suites=(suite,)), A, gcm=False)
    assert refusal.why.endswith("we have TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256")


def test_a_vehicle_with_static_ecdh_alone_is_told_of_in_words():
    refusal = refused(hello(P256, suites=(0xC025,)), A)
    assert refusal.alert == 40
    assert "only TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256, which no OpenSSL since" in refusal.why


def test_foreign_suites_are_named_beside_ours():
    refusal = refused(hello(P256, suites=(0x002F,)), A)
    assert "it offers the suites TLS_RSA_WITH_AES_128_CBC_SHA; we have " in refusal.why
    assert "the suites none" in refused(hello(P256, suites=()), A).why


def test_foreign_groups_are_named():
    refusal = refused(hello(extension(10, vector(2, numbers(29))), SHA256), A)
    assert refusal == Refusal(40, "it offers the groups x25519; we have secp256r1")


def test_signatures_that_we_cannot_make_are_named():
    refusal = refused(hello(P256, schemes(0x0401)), A)
    assert refusal.why.endswith("signatures, only rsa_pkcs1_sha256")


def test_of_tls_1_3_the_group_is_left_to_openssl():
    groups = extension(10, vector(2, numbers(25)))
    assert chosen(hello(ONLY_1_3, groups, suites=(0x1302,)), NEW) == ("new", None)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (hello(version=0x0301), "it offers TLS 1.0; we have certificates for TLS 1.2"),
        (hello(ONLY_1_3), "it offers TLS 1.3; we have certificates for TLS 1.2"),
    ],
)
def test_a_version_without_a_chain_is_named(said, words):
    assert refused(said, A) == Refusal(70, words)


def test_without_any_chain_there_is_nothing_to_show():
    assert refused(hello()).why == "it offers TLS 1.2; we have certificates for none"


def test_what_is_wrong_with_the_last_version_tried_is_what_is_said():
    said = hello(BOTH, schemes(0x0401), suites=(0x1302, 0xC023))
    assert refused(said, A, NEW).alert == 40


def test_an_authority_is_written_with_its_kind():
    assert str(TrustedAuthority(1, b"\x01\x02")) == "key_sha1_hash 0102"
