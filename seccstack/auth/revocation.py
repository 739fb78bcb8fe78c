"""Lists of revoked certificates: what their issuers say of certificates, at a given time."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448


class Standing(Enum):
    """What is known of a certificate."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


class RevocationLists:
    """Some lists, of any issuers.

    ``required``: whether a certificate of which no list of today says anything is refused.
    """

    def __init__(
        self, lists: Sequence[x509.CertificateRevocationList] = (), *, required: bool = False
    ) -> None:
        self._lists = lists
        self.required = required

    def standing(
        self, certificate: x509.Certificate, issuer: x509.Certificate, now: float
    ) -> Standing:
        """Look a certificate up in the lists that its issuer has signed.

        Who was revoked once stays so: for that, a list may be as old as it likes.
        """
        key = issuer.public_key()
        kinds = ec.EllipticCurvePublicKey, ed448.Ed448PublicKey
        assert isinstance(key, kinds)  # noqa: S101 - a chain has no other
        standing = Standing.UNKNOWN
        for one in self._lists:
            if one.issuer != issuer.subject or not one.is_signature_valid(key):
                continue
            if one.get_revoked_certificate_by_serial_number(certificate.serial_number):
                return Standing.REVOKED
            until = one.next_update_utc
            if until is not None and now <= until.timestamp():
                standing = Standing.GOOD
        return standing
