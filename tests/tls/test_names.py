"""What numbers are called."""

import re
import ssl

import pytest

from seccstack.tls import names


@pytest.mark.parametrize(
    ("kind", "number", "name"),
    [
        (names.SUITES, 0xC023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"),
        (names.SUITES, 0xC0FF, "C0FF"),
        (names.GROUPS, 23, "secp256r1"),
        (names.GROUPS, 0x2A2A, "GREASE"),
        (names.GROUPS, 0x2A3A, "2A3A"),
        (names.VERSIONS, 0x0304, "TLS 1.3"),
    ],
)
def test_a_number_has_its_name_or_is_told_as_it_is(kind, number, name):
    assert names.name(kind, number) == name


def test_names_are_listed_with_commas():
    assert names.listed(names.GROUPS, [23, 24, 0xFFFF]) == "secp256r1, secp384r1, FFFF"


def test_suites_are_called_as_openssl_calls_them():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:@SECLEVEL=0")
    theirs = {cipher["id"] & 0xFFFF: cipher["name"] for cipher in context.get_ciphers()}
    both = set(theirs) & set(names.SUITES)
    assert len(both) >= 24
    for number in both:
        assert parts(names.SUITES[number]) == parts(theirs[number]), names.SUITES[number]


def parts(name):
    """The parts of a suite's name which both ways of writing have."""
    words = re.findall("[A-Z]+|[0-9]+", re.sub("[_-]SHA256$", "", name))
    return set(words) - {"TLS", "WITH", "RSA", "CBC", "SHA"}
