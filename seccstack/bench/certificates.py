"""A certificate chain for the measurements of TLS."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

REAL = "v2g-a.secc"  # of `python -m pki`: leaf and two authorities below the root, as of -2
LONE = "with one certificate that nobody has signed: `pki` is not in the wheel"


def make(folder: Path) -> tuple[Path, str]:
    """Make a chain in a folder that is not there; return its own, and what is odd about it."""
    try:
        from pki import layout, profiles
    except ImportError:
        _make_lone(folder)
        return folder, LONE
    layout.build(folder, profiles.load(), datetime.now(UTC))
    return folder / "chains" / REAL, ""


def _make_lone(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=60))
        .sign(key, hashes.SHA256())
    )
    folder.mkdir()
    (folder / "chain.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(private)
    (folder / "key.pem").chmod(0o600)
