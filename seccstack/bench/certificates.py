"""Certificates for the measurements: a charger's chain, and a vehicle's contract."""

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
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from seccstack.errors import UsageError
from seccstack.sim.wallet import Wallet

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


def make_contract(folder: Path) -> None:
    """Make a vehicle's contract in a folder: ``contract.pem``, its key, and ``root.pem``."""
    from seccstack.adapters.paper import chain_of

    *chain, root = chain_of(int(datetime.now(UTC).timestamp()))
    folder.mkdir()
    octets = [one.certificate.public_bytes(Encoding.PEM) for one in chain]
    (folder / "contract.pem").write_bytes(b"".join(octets))
    (folder / "root.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))
    private = chain[0].key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(private)


def read_contract(folder: Path) -> Wallet:
    """Return what a vehicle pays with that was made there."""
    from seccstack.adapters.paper import wallet_of

    chain = x509.load_pem_x509_certificates((folder / "contract.pem").read_bytes())
    key = load_pem_private_key((folder / "key.pem").read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise UsageError(f"{folder / 'key.pem'} is no key of a curve")
    return wallet_of(chain, key)


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
