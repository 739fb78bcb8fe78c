"""The network id that follows from a powerline network's key."""

from hashlib import sha256

SECURITY_LEVEL = 0  # "simple connect"; what ISO 15118 uses


def network_id(network_key: bytes) -> bytes:
    """Derive the NID from an NMK: five rounds of SHA-256, leftmost 52 bits, security level."""
    digest = network_key
    for _ in range(5):
        digest = sha256(digest).digest()
    return digest[:6] + bytes([digest[6] >> 4 | SECURITY_LEVEL << 4])
