"""From secrets to keys: PRF (RFC 5246, section 5) and HKDF-Expand-Label (RFC 8446, 7.1)."""

from __future__ import annotations

import hmac


def prf(secret: bytes, label: bytes, seed: bytes, size: int, algorithm: str) -> bytes:
    """PRF of TLS 1.2."""
    seed = label + seed
    found, chained = b"", seed
    while len(found) < size:
        chained = hmac.digest(secret, chained, algorithm)
        found += hmac.digest(secret, chained + seed, algorithm)
    return found[:size]


def expand_label(secret: bytes, label: bytes, size: int, algorithm: str) -> bytes:
    """HKDF-Expand-Label of TLS 1.3, without a context; up to one block of the hash."""
    label = b"tls13 " + label
    info = size.to_bytes(2) + len(label).to_bytes(1) + label + b"\0"
    return hmac.digest(secret, info + b"\1", algorithm)[:size]
