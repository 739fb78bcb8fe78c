"""What an issuer says about what it issued: OCSP responses and lists of the revoked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp

from pki import minting
from pki.minting import SKEW, Minted
from pki.profiles import Profiles


def signer_for(
    profiles: Profiles, authority: Minted, standard: str, tree: str, now: datetime
) -> Minted:
    """Make who answers for an authority: a certificate of its own, issued by it."""
    wanted = minting.order(profiles, standard, "ocsp_signer", now, tree)
    wanted = replace(wanted, ocsp_no_check=True)  # nobody can be asked about it
    name = f"{authority.name}-ocsp"
    return minting.mint(name, minting.within(wanted, authority), authority)


def response(
    about: Minted,
    signer: Minted,
    now: datetime,
    days: int,
    *,
    revoked: bool = False,
) -> ocsp.OCSPResponse:
    """Answer for one certificate, without having been asked."""
    assert about.issuer is not None  # noqa: S101 - nobody answers for a root
    status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=about.certificate,
        issuer=about.issuer.certificate,
        algorithm=hashes.SHA256(),
        cert_status=status,
        this_update=now - SKEW,
        next_update=now - SKEW + timedelta(days=days),
        revocation_time=now - SKEW if revoked else None,
        revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
    builder = builder.certificates([signer.certificate])
    return builder.sign(signer.key, minting.digest_for(signer.key, signer.order.standard))


def revocation_list(
    authority: Minted, revoked: Sequence[x509.Certificate], now: datetime, days: int
) -> x509.CertificateRevocationList:
    """List what an authority has revoked."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(now - SKEW)
        .next_update(now - SKEW + timedelta(days=days))
        .add_extension(x509.CRLNumber(1), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()),
            critical=False,
        )
    )
    for certificate in revoked:
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(certificate.serial_number)
            .revocation_date(now - SKEW)
            .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False)
        )
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(
        authority.key, minting.digest_for(authority.key, authority.order.standard)
    )
