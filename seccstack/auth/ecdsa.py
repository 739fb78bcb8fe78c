"""Signatures as vehicles make them: ECDSA with r and s, raw, or Ed448.

ISO 15118-2 has secp256r1 with SHA-256; ISO 15118-20 secp521r1 with SHA-512, and Ed448. Which it
is, a key shows by how long it is written.

Who imports this loads OpenSSL: a charger that takes no contracts never does.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

SCALAR = 32  # octets of r, and of s, on secp256r1
SCALAR_521 = 66
POINT_521 = 2 * SCALAR_521 + 1
KEY_448 = 57


def public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    """Read a point; ValueError if it is not on the curve."""
    curve = ec.SECP521R1() if len(point) == POINT_521 else ec.SECP256R1()
    return ec.EllipticCurvePublicKey.from_encoded_point(curve, point)


def octets_of(key: ec.EllipticCurvePublicKey | ed448.Ed448PublicKey) -> bytes:
    """Write a key as `holds` reads it."""
    return (
        point_of(key) if isinstance(key, ec.EllipticCurvePublicKey) else key.public_bytes_raw()
    )


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """Write a key as the 65 octets of its point."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def holds(key: bytes, signed: bytes, value: bytes) -> bool:
    """Whether a key has signed these octets."""
    try:
        if len(key) == KEY_448:
            ed448.Ed448PublicKey.from_public_bytes(key).verify(value, signed)
            return True
        return _holds(key, signed, value)
    except (InvalidSignature, ValueError):
        return False


def _holds(point: bytes, signed: bytes, value: bytes) -> bool:
    wide = len(point) == POINT_521
    scalar, digest = (SCALAR_521, hashes.SHA512()) if wide else (SCALAR, hashes.SHA256())
    if len(value) != 2 * scalar:
        return False
    der = encode_dss_signature(int.from_bytes(value[:scalar]), int.from_bytes(value[scalar:]))
    public_key(point).verify(der, signed, ec.ECDSA(digest))
    return True


def sign(key: ec.EllipticCurvePrivateKey | ed448.Ed448PrivateKey, octets: bytes) -> bytes:
    """Sign octets."""
    if isinstance(key, ed448.Ed448PrivateKey):
        return key.sign(octets)
    wide = isinstance(key.curve, ec.SECP521R1)
    scalar, digest = (SCALAR_521, hashes.SHA512()) if wide else (SCALAR, hashes.SHA256())
    r, s = decode_dss_signature(key.sign(octets, ec.ECDSA(digest)))
    return r.to_bytes(scalar) + s.to_bytes(scalar)
