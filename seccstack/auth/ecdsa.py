"""Signatures by ECDSA on secp256r1 with SHA-256, as ISO 15118-2 has them: r and s, raw.

Who imports this loads OpenSSL: a charger that takes no contracts never does.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SCALAR = 32  # octets of r, and of s


def public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    """Read a point; ValueError if it is not on the curve."""
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """Write a key as the 65 octets of its point."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def holds(point: bytes, signed: bytes, value: bytes) -> bool:
    """Whether the key at this point has signed these octets."""
    if len(value) != 2 * SCALAR:
        return False
    der = encode_dss_signature(int.from_bytes(value[:SCALAR]), int.from_bytes(value[SCALAR:]))
    try:
        public_key(point).verify(der, signed, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def sign(key: ec.EllipticCurvePrivateKey, octets: bytes) -> bytes:
    """Sign octets."""
    r, s = decode_dss_signature(key.sign(octets, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(SCALAR) + s.to_bytes(SCALAR)
