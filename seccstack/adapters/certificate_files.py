"""Files of certificates, and of lists of the revoked, of a size that can be read at once."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509

MOST_OCTETS = 1 << 20  # of a file; lists of a large operator have some hundred kB


def read_file(name: str) -> bytes:
    """Read a file of a bounded size; OSError or ValueError says why it can't be."""
    with Path(name).open("rb") as file:
        octets = file.read(MOST_OCTETS + 1)
    if len(octets) > MOST_OCTETS:
        raise ValueError(f"it has more than {MOST_OCTETS} octets")
    return octets


def read_roots(octets: bytes) -> list[x509.Certificate]:
    """Read certificates in PEM."""
    return x509.load_pem_x509_certificates(octets)


def read_lists(octets: bytes) -> list[x509.CertificateRevocationList]:
    """Read a list of the revoked, in PEM or DER."""
    pem = octets.lstrip().startswith(b"-----BEGIN")
    return [x509.load_pem_x509_crl(octets) if pem else x509.load_der_x509_crl(octets)]
