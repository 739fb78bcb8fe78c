"""A vehicle that is registered while it shows its certificate is known by that from then on."""

from seccstack.auth.enrolling import record_of
from seccstack.auth.vehicle import Identity, Proven

MAC = bytes.fromhex("ECCC4FC20101")
HOLDER = "AB" * 32


def showing(*holders):
    identity = Identity()
    for holder in holders:
        identity = identity.prove(Proven.CERTIFICATE, holder, "TLS handshake", 1.0)
    return identity


def test_its_certificate_is_registered_with_it():
    assert record_of(showing(HOLDER), MAC).certificate == HOLDER


def test_none_is_where_it_shows_none_or_two():
    assert record_of(showing(), MAC).certificate is None
    assert record_of(showing(HOLDER, "CD" * 32), MAC).certificate is None
