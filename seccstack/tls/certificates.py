"""What certificates and names say, as far as they can be read: in the field, many are odd.

``cryptography`` is imported where it is used: who has no certificates shall not wait for it.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from seccstack.tls import extensions as ext
from seccstack.tls.extensions import TrustedAuthority

MAX_TEXT = 200  # characters of a name; the longest that make sense have half of it


@dataclass(frozen=True, slots=True)
class CertificateText:
    """A certificate in words; times are seconds since 1970."""

    subject: str
    issuer: str
    owner: str  # the CommonName of its subject, or else all of it
    issued_by: str  # the same of its issuer
    serial: str
    valid_from: float
    valid_to: float
    period: str  # the same for people
    key: str
    key_hash: bytes  # SHA-1 of its public key, as trusted_ca_keys has it; or empty
    issuer_key_hash: bytes  # of its issuer's, as most authorities make their key identifiers
    issuer_name: bytes  # in DER
    whole_hash: bytes  # SHA-1 of the certificate

    @property
    def self_signed(self) -> bool:
        """Whether its owner claims to have issued it: a root."""
        return self.subject == self.issuer

    def fault_at(self, time: float) -> str:
        """Say what is wrong with its validity at that time, if anything is."""
        if time < self.valid_from:
            return "not valid yet"
        return "expired" if time > self.valid_to else ""

    def leads_to(self, root: TrustedAuthority) -> bool:
        """Whether that root seems to have issued it, or to be itself."""
        return root.octets in {
            ext.KEY_SHA1_HASH: (self.issuer_key_hash, self.key_hash),
            ext.X509_NAME: (self.issuer_name,),
            ext.CERT_SHA1_HASH: (self.whole_hash,),
        }.get(root.kind, ())


def read_certificate(der: bytes) -> CertificateText | None:
    """Read a certificate; None if that is not possible."""
    from cryptography import x509

    try:
        with _tolerant():
            return _in_words(der)
    except (ValueError, TypeError, x509.InvalidVersion):
        return None


def _in_words(der: bytes) -> CertificateText:
    from cryptography import x509

    read = x509.load_der_x509_certificate(der)
    begin, end = read.not_valid_before_utc, read.not_valid_after_utc
    subject, issuer = _text(read.subject), _text(read.issuer)
    key, key_hash = _key(read)
    return CertificateText(
        subject=subject,
        issuer=issuer,
        owner=_common_name(read.subject) or subject,
        issued_by=_common_name(read.issuer) or issuer,
        serial=f"{read.serial_number:X}",
        valid_from=begin.timestamp(),
        valid_to=end.timestamp(),
        period=f"{begin:%Y-%m-%d} to {end:%Y-%m-%d}",
        key=key,
        key_hash=key_hash,
        issuer_key_hash=_issuer_key_hash(read),
        issuer_name=read.issuer.public_bytes(),
        whole_hash=_sha1(der),
    )


def read_name(der: bytes) -> str:
    """Return a Name in words; in hexadecimal if it can't be read."""
    from cryptography import x509

    try:
        with _tolerant():
            return _text(x509.Name.from_bytes(der))
    except (ValueError, TypeError, AttributeError):  # the last: of an older cryptography
        return der.hex().upper()[:MAX_TEXT]


@contextmanager
def _tolerant() -> Iterator[None]:
    """Let pass what cryptography only warns of: serial numbers, empty names, and so on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _text(name: Any) -> str:
    return str(name.rfc4514_string())[:MAX_TEXT]


def _common_name(name: Any) -> str:
    from cryptography.x509.oid import NameOID

    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value)[:MAX_TEXT] if found else ""


def _sha1(octets: bytes) -> bytes:
    return hashlib.sha1(octets, usedforsecurity=False).digest()


def _key(read: Any) -> tuple[str, bytes]:
    """Return of what kind a certificate's key is, and the SHA-1 hash of it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        key = read.public_key()
    except (ValueError, UnsupportedAlgorithm):
        key = None
    match key:
        case ec.EllipticCurvePublicKey():
            point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            return f"EC {key.curve.name}", _sha1(point)
        case ed448.Ed448PublicKey() | ed25519.Ed25519PublicKey():
            name = type(key).__name__.removesuffix("PublicKey")
            return name, _sha1(key.public_bytes_raw())
        case rsa.RSAPublicKey():
            number = key.public_numbers().n
            return f"RSA {key.key_size}", _sha1(number.to_bytes((key.key_size + 7) // 8))
        case _:
            return "a key of another kind", b""


def _issuer_key_hash(read: Any) -> bytes:
    from cryptography import x509

    try:
        found = read.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except (ValueError, TypeError, x509.ExtensionNotFound, x509.DuplicateExtension):
        return b""
    return found.value.key_identifier or b""
