"""Vehicles' own certificates in TLS: whose are good here, and what OpenSSL finds in one.

OpenSSL builds the path to a root, says what is wrong with it in an alert, and sees that the
vehicle has the key. What ISO 15118-20 asks of a vehicle's certificate besides is judged where
OpenSSL has found nothing (`seccstack.auth.vehicle_chain`), within the handshake still.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from seccstack.adapters.certificate_files import read_file, read_lists, read_roots
from seccstack.auth import vehicle_chain
from seccstack.auth.certificate import VehicleCertificate
from seccstack.auth.chain import ISO20, NO_LISTS, UNREADABLE, ChainError, Fault, Rules
from seccstack.auth.revocation import RevocationLists

MOST_ROOTS = 64  # of all files: they are all named in each handshake, a hundred octets each
MOST_SHOWN = 6  # certificates of a path: ISO 15118 has a leaf, two subs and a root
MOST_NAME = 200  # characters told of a name: anybody's certificate may have 100 kB of it

FINE = 0  # X509_V_OK
REFUSALS = {  # of OpenSSL's errors, those whose alerts say what our own faults are
    Fault.CHAIN: 28,  # X509_V_ERR_CERT_REJECTED: bad_certificate
    Fault.EXPIRED: 10,  # X509_V_ERR_CERT_HAS_EXPIRED: certificate_expired
    Fault.REVOKED: 23,  # X509_V_ERR_CERT_REVOKED: certificate_revoked
    Fault.NOT_ALLOWED: 26,  # X509_V_ERR_INVALID_PURPOSE: unsupported_certificate
}
NO_ISSUER = "no root of vehicles here has signed"
WORDS: Mapping[int, str] = {  # OpenSSL's errors (x509_vfy.h): what there is to say of it
    2: NO_ISSUER,
    7: "the signature is not its issuer's:",
    9: "it is not valid yet:",
    10: "it has expired:",
    18: "it is signed by itself alone:",
    19: NO_ISSUER,
    20: NO_ISSUER,
    21: NO_ISSUER,
    24: "it is no authority's, and has signed another:",
    25: "it has more authorities below it than it allows:",
    26: "it is not for a client of TLS:",
    34: "it has a critical extension that nobody here knows:",
    79: "it is no authority's, and has signed another:",
}

T = TypeVar("T")
Marks = tuple[tuple[int, int, int] | None, ...]


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose certificates are good; without a root, nobody's proves anything."""

    roots: tuple[x509.Certificate, ...] = ()
    lists: RevocationLists = field(default_factory=lambda: NO_LISTS)
    rules: Rules = ISO20


class TrustFiles:
    """Roots and lists of the revoked on disk; what changes for the worse stays as it was."""

    def __init__(
        self, roots: Iterable[str], lists: Iterable[str], *, hard: bool, rules: Rules = ISO20
    ) -> None:
        self._roots, self._lists, self._hard = tuple(roots), tuple(lists), hard
        self._marks: Marks | None = None
        self._wrong: dict[str, str] = {}
        self._trust = Trust(rules=rules)
        self._read: dict[str, list[x509.Certificate]] = {}
        self._revoked: dict[str, list[x509.CertificateRevocationList]] = {}

    @property
    def problems(self) -> tuple[str, ...]:
        """What an owner should know of the files."""
        return tuple(self._wrong.values())

    def look(self) -> Trust:
        """Return what holds now, read anew if a file has changed."""
        marks = tuple(map(_mark, (*self._roots, *self._lists)))
        if marks != self._marks:
            self._marks = marks
            self._wrong.clear()
            for name in self._roots:
                self._take(name, read_roots, self._read)
            for name in self._lists:
                self._take(name, read_lists, self._revoked)
            roots = [root for name in self._roots for root in self._read.get(name, [])]
            lists = [one for name in self._lists for one in self._revoked.get(name, [])]
            if len(roots) > MOST_ROOTS:
                why = f"there are {len(roots)} roots of vehicles; the first {MOST_ROOTS} count"
                self._wrong["roots"] = why
            known = RevocationLists(lists, required=self._hard)
            self._trust = Trust(tuple(roots[:MOST_ROOTS]), known, self._trust.rules)
        return self._trust

    def _take(
        self, name: str, parse: Callable[[bytes], list[T]], kept: dict[str, list[T]]
    ) -> None:
        try:
            kept[name] = parse(read_file(name))
        except OSError as error:
            self._wrong[name] = f"cannot read {name}: {error.strerror}"
        except ValueError as error:
            self._wrong[name] = f"{name} is of no use: {error}"


def _mark(name: str) -> tuple[int, int, int] | None:
    try:
        status = Path(name).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


class Shown:
    """What one vehicle shows; OpenSSL comes from its root down to itself."""

    def __init__(self) -> None:
        self._path: dict[int, bytes] = {}
        self.vehicle: VehicleCertificate | None = None
        self.why = ""  # it is refused
        self.weighing: object = None  # what OpenSSL calls, as long as it may

    def weigh(self, octets: bytes, error: int, depth: int, trust: Trust, now: float) -> int:
        """Take a certificate, and OpenSSL's opinion of it; return ours, as an error of its."""
        if not trust.roots:
            return FINE  # it proves nothing, and is no reason to hang up
        if error:
            what = WORDS.get(error, f"OpenSSL finds error {error} in it:")
            self.why = f"{what} {_who(octets)}"
            return error
        if depth < MOST_SHOWN:
            self._path[depth] = octets
        return FINE if depth else self._judge(trust, now)

    def _judge(self, trust: Trust, now: float) -> int:
        anchors = {root.public_bytes(Encoding.DER) for root in trust.roots}
        above = [self._path[depth] for depth in sorted(self._path) if depth]
        subs = [octets for octets in above if octets not in anchors]
        try:
            self.vehicle = vehicle_chain.verify(
                self._path[0], subs, trust.roots, now, trust.lists, trust.rules
            )
        except ChainError as error:
            self.why = str(error)
            return REFUSALS[error.fault]
        return FINE


def _who(octets: bytes) -> str:
    """Name the holder of a certificate, whatever it is worth."""
    try:
        name = x509.load_der_x509_certificate(octets).subject.rfc4514_string()
    except UNREADABLE:
        return "one that cannot be read"
    return name if len(name) <= MOST_NAME else f"{name[:MOST_NAME]}..."
