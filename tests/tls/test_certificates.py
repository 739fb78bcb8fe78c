"""Certificates in words; cryptography makes them."""

import hashlib
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from seccstack.tls.certificates import MAX_TEXT, read_certificate, read_name
from seccstack.tls.extensions import TrustedAuthority
from tests.tls.oracle import BEGAN, certificate, named

KEY = ec.generate_private_key(ec.SECP521R1())
POINT = KEY.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
DAY = timedelta(days=1).total_seconds()


def sha1(octets):
    return hashlib.sha1(octets, usedforsecurity=False).digest()


def der(*arguments, **how):
    return certificate(*arguments, **how).public_bytes(Encoding.DER)


def issued_by(key):
    """What tells a certificate's issuer by its key."""
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    return lambda builder: builder.add_extension(identifier, critical=False)


def test_a_certificate_says_who_it_is_for_how_long_and_by_whom():
    found = read_certificate(der("SECC1", "CPO Sub-CA 2", key=KEY))
    assert (found.subject, found.issuer) == ("CN=SECC1", "CN=CPO Sub-CA 2")
    assert (found.owner, found.issued_by) == ("SECC1", "CPO Sub-CA 2")
    assert (found.serial, found.key) == ("C0FFEE", "EC secp521r1")
    assert found.period == "2026-01-01 to 2026-04-01"
    assert not found.self_signed


def test_a_root_is_known_by_its_names():
    assert read_certificate(der("Root", "Root")).self_signed


@pytest.mark.parametrize(("days", "fault"), [(-1, "not valid yet"), (1, ""), (91, "expired")])
def test_a_certificate_is_judged_at_a_time(days, fault):
    found = read_certificate(der())
    assert found.fault_at(BEGAN.timestamp() + days * DAY) == fault


@pytest.mark.parametrize(
    ("kind", "octets"),
    [
        (1, sha1(POINT)),
        (2, named("Root").public_bytes()),
    ],
    ids=["by its key", "by its name"],
)
def test_a_certificate_leads_to_the_root_that_has_issued_it(kind, octets):
    found = read_certificate(der("Sub-CA 1", "Root", changed=issued_by(KEY)))
    assert found.leads_to(TrustedAuthority(kind, octets))
    assert not found.leads_to(TrustedAuthority(kind, octets[:-1] + b"x"))
    assert not found.leads_to(TrustedAuthority(0))


def test_a_root_leads_to_itself():
    octets = der("Root", "Root", key=KEY)
    found = read_certificate(octets)
    assert found.leads_to(TrustedAuthority(1, sha1(POINT)))
    assert found.leads_to(TrustedAuthority(3, sha1(octets)))


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (rsa.generate_private_key(65537, 2048), "RSA 2048"),
        (ed448.Ed448PrivateKey.generate(), "Ed448"),
        (dsa.generate_private_key(2048), "a key of another kind"),
    ],
)
def test_keys_of_other_kinds_are_named(key, name):
    found = read_certificate(der(key=key))
    assert found.key == name
    assert bool(found.key_hash) is ("another" not in name)


def test_a_key_on_an_unknown_curve_does_not_spoil_the_rest():
    octets = der(key=ec.generate_private_key(ec.SECP256R1()))
    curve, other = bytes.fromhex("06082A8648CE3D030107"), bytes.fromhex("06082A8648CE3D03017F")
    found = read_certificate(octets.replace(curve, other))
    assert (found.owner, found.key) == ("SECC", "a key of another kind")


def test_an_owner_without_a_common_name_is_told_by_all_of_its_name():
    country = x509.Name([x509.NameAttribute(x509.NameOID.COUNTRY_NAME, "DE")])
    found = read_certificate(der(changed=lambda builder: WithSubject(builder, country)))
    assert found.owner == "C=DE"


class WithSubject:
    """A builder of certificates, but for its subject."""

    def __init__(self, builder, subject):
        builder._subject_name = subject
        self.sign = builder.sign


def test_names_are_cut_where_no_name_should_go_on():
    found = read_certificate(der("x" * 64))
    assert len(found.subject) == 67
    assert len(read_name(b"\x30" + bytes(400))) == MAX_TEXT


def test_a_name_is_read():
    assert read_name(named("V2G Root").public_bytes()) == "CN=V2G Root"


@pytest.mark.parametrize("octets", [b"", b"\x30", b"\x30\x05abc", b"\xff" * 20])
def test_a_name_that_can_not_be_read_is_told_as_it_is(octets):
    assert read_name(octets) == octets.hex().upper()


WHOLE = der("SECC", "Sub-CA", key=KEY, changed=issued_by(KEY))


def test_a_certificate_that_breaks_a_rule_is_read_all_the_same():
    octets = WHOLE.replace(b"\x02\x04\x00\xc0\xff\xee", b"\x02\x04\x80\xc0\xff\xee")
    assert read_certificate(octets).serial == "-7F3F0012"


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_damaged_certificate_is_read_or_not_but_raises_nothing(place, change):
    octets = bytearray(WHOLE)
    octets[place] ^= change
    for damaged in (bytes(octets), WHOLE[:place]):
        found = read_certificate(damaged)
        assert found is None or found.period
