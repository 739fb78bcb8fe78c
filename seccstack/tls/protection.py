"""Open what protects a record: CBC with a MAC, or an AEAD, of TLS 1.2 and of TLS 1.3.

``cryptography`` is imported where it is used: who reads no secrets shall not wait for it.
"""

from __future__ import annotations

import hmac
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from seccstack.tls.derivation import expand_label, prf
from seccstack.tls.records import HEADER, Record
from seccstack.tls.suites import Suite

BLOCK = 16  # octets, of AES
NONCE_SIZE = 12
TAG_SIZE = 16
SHORT_TAG_SIZE = 8  # of the suites that end in CCM_8
SALT_SIZE, EXPLICIT_SIZE = 4, 8  # of a nonce with AES in TLS 1.2

MAC_SIZES = {"sha1": 20, "sha256": 32, "sha384": 48}

Unseal = Callable[[bytes, bytes, bytes], bytes | None]  # nonce, sealed, additional data


@dataclass(frozen=True, slots=True)
class Content:
    """What a record protected."""

    kind: int
    octets: bytes = field(repr=False)


class Protection(Protocol):
    """The keys of one direction, as long as they stay the same."""

    def open(self, record: Record, sequence: int) -> Content | None:
        """Return what it protects; None if its MAC or tag says that it is not what was sent."""


@dataclass(frozen=True, slots=True)
class Cbc:
    """AES in CBC mode; the MAC is inside, or with encrypt_then_mac (RFC 7366) outside."""

    key: bytes = field(repr=False)
    mac_key: bytes = field(repr=False)
    mac: str
    outside: bool

    def open(self, record: Record, sequence: int) -> Content | None:
        """See `Protection`."""
        size = MAC_SIZES[self.mac]
        sealed, tag = record.fragment, b""
        if self.outside:
            sealed, tag = sealed[:-size], sealed[-size:]
            if not self._authentic(record, sequence, sealed, tag):
                return None
        if len(sealed) < 2 * BLOCK or len(sealed) % BLOCK:
            return None
        octets = _unpadded(self._decrypted(sealed))
        if octets is None or self.outside:
            return None if octets is None else Content(record.kind, octets)
        octets, tag = octets[:-size], octets[-size:]
        authentic = self._authentic(record, sequence, octets, tag)
        return Content(record.kind, octets) if authentic else None

    def _decrypted(self, sealed: bytes) -> bytes:
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        mode = modes.CBC(sealed[:BLOCK])
        decryptor = Cipher(algorithms.AES(self.key), mode).decryptor()
        return decryptor.update(sealed[BLOCK:]) + decryptor.finalize()

    def _authentic(self, record: Record, sequence: int, octets: bytes, tag: bytes) -> bool:
        head = _sequence(sequence) + HEADER.pack(record.kind, record.version, len(octets))
        return hmac.compare_digest(hmac.digest(self.mac_key, head + octets, self.mac), tag)


def _unpadded(octets: bytes) -> bytes | None:
    count = octets[-1] + 1
    padding = octets[-count:]
    return octets[:-count] if padding == bytes([octets[-1]]) * count else None


@dataclass(frozen=True, slots=True)
class Aead12:
    """An AEAD in TLS 1.2; ``explicit`` is how much of the nonce each record carries."""

    unseal: Unseal = field(repr=False)
    fixed: bytes = field(repr=False)
    explicit: int
    tag_size: int

    def open(self, record: Record, sequence: int) -> Content | None:
        """See `Protection`."""
        sealed = record.fragment[self.explicit :]
        size = len(sealed) - self.tag_size
        if size < 0:
            return None
        if self.explicit:
            nonce = self.fixed + record.fragment[: self.explicit]
        else:
            nonce = _mixed(self.fixed, sequence)
        head = _sequence(sequence) + HEADER.pack(record.kind, record.version, size)
        octets = self.unseal(nonce, sealed, head)
        return None if octets is None else Content(record.kind, octets)


@dataclass(frozen=True, slots=True)
class Aead13:
    """An AEAD in TLS 1.3, where the kind of the content is protected too."""

    unseal: Unseal = field(repr=False)
    iv: bytes = field(repr=False)

    def open(self, record: Record, sequence: int) -> Content | None:
        """See `Protection`."""
        head = HEADER.pack(record.kind, record.version, len(record.fragment))
        inner = self.unseal(_mixed(self.iv, sequence), record.fragment, head)
        octets = (inner or b"").rstrip(b"\0")
        return Content(octets[-1], octets[:-1]) if octets else None


def _sequence(number: int) -> bytes:
    return struct.pack(">Q", number)


def _mixed(iv: bytes, sequence: int) -> bytes:
    return (int.from_bytes(iv) ^ sequence).to_bytes(NONCE_SIZE)


def _unsealer(suite: Suite, key: bytes) -> Unseal:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers import aead

    cipher: aead.AESGCM | aead.AESCCM | aead.ChaCha20Poly1305
    if suite.mode == "GCM":
        cipher = aead.AESGCM(key)
    elif suite.mode == "POLY1305":
        cipher = aead.ChaCha20Poly1305(key)
    else:
        cipher = aead.AESCCM(key, tag_length=_tag_size(suite))

    def unseal(nonce: bytes, sealed: bytes, head: bytes) -> bytes | None:
        try:
            return cipher.decrypt(nonce, sealed, head)
        except InvalidTag:
            return None

    return unseal


def _tag_size(suite: Suite) -> int:
    return SHORT_TAG_SIZE if suite.mode == "CCM_8" else TAG_SIZE


def of_tls_1_2(
    suite: Suite, master: bytes, randoms: tuple[bytes, bytes], *, server: bool, outside: bool
) -> Protection:
    """Return what protects one direction; ``randoms`` are the client's and the server's."""
    mac_size = MAC_SIZES[suite.mac] if suite.mode == "CBC" else 0
    iv_size = {"CBC": 0, "POLY1305": NONCE_SIZE}.get(suite.mode, SALT_SIZE)
    client, server_ = randoms
    sizes = [mac_size, suite.key_size, iv_size]
    seed = server_ + client
    block = prf(master, b"key expansion", seed, 2 * sum(sizes), suite.hash)
    parts = []
    for size in sizes:  # of each kind, the client's comes first
        own, block = block[size:] if server else block, block[2 * size :]
        parts.append(own[:size])
    mac_key, key, iv = parts
    if suite.mode == "CBC":
        return Cbc(key, mac_key, suite.mac, outside)
    explicit = 0 if suite.mode == "POLY1305" else EXPLICIT_SIZE
    return Aead12(_unsealer(suite, key), iv, explicit, _tag_size(suite))


def of_tls_1_3(
    suite: Suite, handshake: bytes | None, application: bytes | None
) -> Iterator[Protection | None]:
    """Yield what protects one direction, epoch by epoch; None if its secret is not known."""
    yield _of_secret(suite, handshake) if handshake else None
    while application:
        yield _of_secret(suite, application)
        application = expand_label(application, b"traffic upd", len(application), suite.hash)


def _of_secret(suite: Suite, secret: bytes) -> Protection:
    key = expand_label(secret, b"key", suite.key_size, suite.hash)
    iv = expand_label(secret, b"iv", NONCE_SIZE, suite.hash)
    return Aead13(_unsealer(suite, key), iv)
