"""Lists of the revoked: whose word counts, and for how long."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from seccstack.auth.revocation import RevocationLists, Standing
from tests import lab as labs

KEY, OTHER = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
ISSUER = labs.certificate(KEY, "issuer", KEY, "issuer")
CERTIFICATE = labs.certificate(OTHER, "leaf", KEY, "issuer")
NOW = labs.NOW.timestamp()
DAY = 86400.0


def listed(*serials, issuer="issuer", key=KEY):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)])
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(name)
        .last_update(labs.NOW - timedelta(1))
        .next_update(labs.NOW + timedelta(7))
    )
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial)
        builder = builder.add_revoked_certificate(entry.revocation_date(labs.NOW).build())
    return builder.sign(key, hashes.SHA256())


def standing(*lists, days=0.0):
    return RevocationLists(lists).standing(CERTIFICATE, ISSUER, NOW + days * DAY)


REVOKED = listed(CERTIFICATE.serial_number)


def test_an_issuer_s_list_says_who_is_revoked_and_who_is_not():
    assert standing(REVOKED) is Standing.REVOKED
    assert standing(listed()) is Standing.GOOD
    assert standing(listed(), REVOKED) is Standing.REVOKED
    assert standing() is Standing.UNKNOWN


def test_once_revoked_is_for_good_but_an_old_list_calls_nobody_good():
    assert standing(REVOKED, days=30) is Standing.REVOKED
    assert standing(listed(), days=30) is Standing.UNKNOWN


@pytest.mark.parametrize("how", [{"key": OTHER}, {"issuer": "another"}])
def test_a_list_of_anybody_else_s_says_nothing(how):
    assert standing(listed(CERTIFICATE.serial_number, **how)) is Standing.UNKNOWN
    assert standing(listed(**how)) is Standing.UNKNOWN
