"""Certificate chains on disk: read, checked, read again when they change.

A chain is a folder, as `python -m pki` writes them:

    chain.pem   the leaf first, then who signed it, without the root
    key.pem     the leaf's private key, without a password
    root.pem    the root: what vehicles know it by (trusted_ca_keys); may be absent
    ocsp.der    what the leaf's issuer last said of it, stapled when asked for; may be absent
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509 import ocsp

from seccstack.tls.choice import (
    ECDSA_SECP256R1_SHA256,
    ECDSA_SECP521R1_SHA512,
    ED448,
    Anchor,
    Offer,
)

FILES = ("chain.pem", "key.pem", "root.pem", "ocsp.der")
MOST_OCTETS = 1 << 18  # of a file; a chain of four has 4 kB
MOST_CERTIFICATES = 8  # of a chain; ISO 15118 has three below the root
MOST_FOLDERS = 32  # of chains; -2 has a vehicle know ten roots at most, -20 has other curves
CURVES = {"secp256r1": ECDSA_SECP256R1_SHA256, "secp521r1": ECDSA_SECP521R1_SHA512}
SOON = 14 * 86400.0  # seconds before its end from which a chain's renewal is reminded of

Key = ec.EllipticCurvePrivateKey | ed448.Ed448PrivateKey
Marks = tuple[tuple[int, int, int] | None, ...]


class ChainError(Exception):
    """A chain cannot be used; the text says which file, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Staple:
    """An OCSP response in DER, and how long it may be shown: seconds since 1970."""

    octets: bytes
    until: float


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain that was read; ``begins`` and ``ends`` are those of all its certificates."""

    offer: Offer
    certificates: tuple[x509.Certificate, ...]
    key: Key = field(repr=False)
    begins: float
    ends: float
    staple: Staple | None
    notes: tuple[str, ...] = ()

    def valid(self, now: float) -> bool:
        """Whether it may be shown at this moment."""
        return self.begins <= now <= self.ends


def read_chain(folder: Path) -> Chain:
    """Read a chain; ChainError if it cannot be used."""
    certificates = _certificates(folder / "chain.pem")
    leaf = certificates[0]
    key = _key(folder / "key.pem", leaf)
    root = _root(folder / "root.pem", certificates)
    above = [*certificates[1:], *([] if root is None else [root])]
    for below, issuer in zip(certificates, above, strict=False):
        _check_link(folder, below, issuer)
    staple, notes = _staple(folder / "ocsp.der", leaf)
    begins = max(c.not_valid_before_utc for c in certificates).timestamp()
    ends = min(c.not_valid_after_utc for c in certificates).timestamp()
    anchor = Anchor(certificates[-1].issuer.public_bytes()) if root is None else _anchor(root)
    issuers = frozenset(certificate.issuer.public_bytes() for certificate in certificates)
    offer = Offer(folder.name, _scheme(folder, leaf), anchor, issuers)
    if (folder / "key.pem").stat().st_mode & 0o077:
        notes = (*notes, f"{folder / 'key.pem'} can be read by others: chmod 600")
    return Chain(offer, certificates, key, begins, ends, staple, notes)


def _octets(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            octets = file.read(MOST_OCTETS + 1)
    except OSError as error:
        raise ChainError(f"cannot read {path}: {error.strerror}") from error
    if len(octets) > MOST_OCTETS:
        raise ChainError(f"{path} has more than {MOST_OCTETS} octets")
    return octets


def _certificates(path: Path) -> tuple[x509.Certificate, ...]:
    try:
        found = x509.load_pem_x509_certificates(_octets(path))
    except ValueError as error:
        raise ChainError(f"{path} is no chain of certificates in PEM: {error}") from error
    if len(found) > MOST_CERTIFICATES:
        raise ChainError(f"{path} has {len(found)} certificates; {MOST_CERTIFICATES} at most")
    return tuple(found)


def _key(path: Path, leaf: x509.Certificate) -> Key:
    try:
        key = load_pem_private_key(_octets(path), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ChainError(f"{path} is no private key without a password: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | ed448.Ed448PrivateKey):
        raise ChainError(f"{path} is of a kind that ISO 15118 does not have")
    if key.public_key() != leaf.public_key():
        raise ChainError(f"{path} is not the key of the first certificate in chain.pem")
    return key


def _root(path: Path, chain: tuple[x509.Certificate, ...]) -> x509.Certificate | None:
    if not path.exists():
        return None
    try:
        return x509.load_pem_x509_certificate(_octets(path))
    except ValueError as error:
        raise ChainError(f"{path} is no certificate in PEM: {error}") from error


def _check_link(folder: Path, below: x509.Certificate, issuer: x509.Certificate) -> None:
    try:
        below.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError) as error:
        who, by = below.subject.rfc4514_string(), issuer.subject.rfc4514_string()
        raise ChainError(f"{folder}: {who} is not signed by {by}: put them in order") from error


def _scheme(folder: Path, leaf: x509.Certificate) -> int:
    key = leaf.public_key()
    if isinstance(key, ed448.Ed448PublicKey):
        return ED448
    curve = key.curve.name if isinstance(key, ec.EllipticCurvePublicKey) else "no curve"
    if curve not in CURVES:
        raise ChainError(f"{folder}: its leaf is on {curve}; secp256r1, secp521r1 or Ed448")
    return CURVES[curve]


def _anchor(root: x509.Certificate) -> Anchor:
    der = root.public_bytes(Encoding.DER)
    key = root.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        octets = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    else:
        octets = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return Anchor(root.subject.public_bytes(), _sha1(octets), _sha1(der))


def _sha1(octets: bytes) -> bytes:
    return hashlib.sha1(octets, usedforsecurity=False).digest()  # as RFC 6066 has it


def _staple(path: Path, leaf: x509.Certificate) -> tuple[Staple | None, tuple[str, ...]]:
    """Return what can be stapled; what cannot is noted, and never shown."""
    if not path.exists():
        return None, ()
    try:
        response = ocsp.load_der_ocsp_response(_octets(path))
        if response.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL:
            return None, (f"{path} says {response.response_status.name.lower()}",)
        if response.serial_number != leaf.serial_number:
            return None, (f"{path} is about another certificate",)
        if response.certificate_status is not ocsp.OCSPCertStatus.GOOD:
            status = response.certificate_status.name.lower()
            return None, (f"{path} says that the certificate is {status}",)
        until = response.next_update_utc
    except (ChainError, ValueError, UnsupportedAlgorithm) as error:
        return None, (f"{path} is no OCSP response: {error}",)
    ends = float("inf") if until is None else until.timestamp()
    return Staple(response.public_bytes(Encoding.DER), ends), ()


# Several of them, and as they change.


def folders(places: Iterable[str]) -> Iterator[Path]:
    """Yield the folder of each chain: a place itself, or what lies in it."""
    for place in map(Path, places):
        below = sorted(path.parent for path in place.glob("*/chain.pem"))
        yield from [place] if (place / "chain.pem").exists() or not below else below


def _marks(folder: Path) -> Marks:
    """Return by what to see that a chain's files have changed."""
    marks: list[tuple[int, int, int] | None] = []
    for name in FILES:
        try:
            stat = (folder / name).stat()
            marks.append((stat.st_mtime_ns, stat.st_size, stat.st_ino))
        except OSError:
            marks.append(None)
    return tuple(marks)


class Chains:
    """Chains in some places; one that changed for the worse stays as it was."""

    def __init__(self, places: Iterable[str], clock: Callable[[], float]) -> None:
        self._places = tuple(places)
        self._clock = clock
        self._seen: dict[Path, Marks] = {}
        self._read: dict[Path, Chain] = {}
        self._wrong: dict[Path, str] = {}

    def look(self) -> None:
        """Read what is new or has changed."""
        found = list(folders(self._places))[:MOST_FOLDERS]
        for gone in self._seen.keys() - set(found):
            del self._seen[gone]
            self._read.pop(gone, None)
            self._wrong.pop(gone, None)
        for folder in found:
            marks = _marks(folder)
            if self._seen.get(folder) != marks:
                self._seen[folder] = marks
                self._take(folder)

    def _take(self, folder: Path) -> None:
        try:
            self._read[folder] = read_chain(folder)
            self._wrong.pop(folder, None)
        except ChainError as error:
            self._wrong[folder] = str(error)
        except OSError as error:
            self._wrong[folder] = f"cannot read {folder}: {error.strerror}"

    @property
    def valid(self) -> list[Chain]:
        """Those that can be shown now, in the order of their places."""
        now = self._clock()
        chains = [self._read[folder] for folder in self._seen if folder in self._read]
        return [chain for chain in chains if chain.valid(now)]

    @property
    def problems(self) -> list[str]:
        """What an owner should know of them."""
        now = self._clock()
        told = list(self._wrong.values())
        for folder, chain in self._read.items():
            told += chain.notes
            if now < chain.begins:
                told.append(f"{folder} is not valid yet")
            elif now > chain.ends:
                told.append(f"{folder} has expired")
            elif now > chain.ends - SOON:
                told.append(f"{folder} expires within {SOON / 86400:.0f} days")
            if chain.staple is not None and now > chain.staple.until:
                told.append(f"{folder / 'ocsp.der'} is out of date, and not stapled any more")
        return told
