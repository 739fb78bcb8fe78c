"""Whether a certificate leads to a root of ours at present: a decision, no more.

A chain is judged as RFC 5280 has it, narrowed by what ISO 15118 allows (`Rules`): keys on few
curves, each with its own signature, at most four certificates above the leaf, no critical
extension but those heeded. Nobody is asked whether something was revoked: lists that are at
hand are looked into.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

from seccstack.auth import emaid
from seccstack.auth.revocation import RevocationLists, Standing
from seccstack.errors import SeccError

MAX_SUBS = 4  # SubCertificates, in the schema
MAX_OCTETS = 800  # of a certificate, there too
MAX_OCTETS_20 = 1600  # the same, of ISO 15118-20
EXPIRES_SOON = 21 * 86400.0  # seconds; ours: three weeks to fetch another
NO_LISTS = RevocationLists()
UNHEEDED = (  # a critical one of these says what would have to be looked at here, and is not
    x509.UnrecognizedExtension,
    x509.NameConstraints,
    x509.PolicyConstraints,
    x509.InhibitAnyPolicy,
)
UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the certificates of a standard are; ``signatures``: by the curve of who signs."""

    octets: int
    signatures: Mapping[str, x509.ObjectIdentifier]


ISO2 = Rules(MAX_OCTETS, {"secp256r1": SignatureAlgorithmOID.ECDSA_WITH_SHA256})
ISO20 = Rules(
    MAX_OCTETS_20,
    {
        "secp521r1": SignatureAlgorithmOID.ECDSA_WITH_SHA512,
        "ed448": SignatureAlgorithmOID.ED448,
    },
)
LAB = Rules(MAX_OCTETS_20, {**ISO2.signatures, **ISO20.signatures})


PublicKey = ec.EllipticCurvePublicKey | ed448.Ed448PublicKey


class Fault(Enum):
    """What is wrong with a chain, as far as a response of ISO 15118-2 can tell it."""

    CHAIN = "FAILED_CertChainError"
    EXPIRED = "FAILED_CertificateExpired"
    REVOKED = "FAILED_CertificateRevoked"
    NOT_ALLOWED = "FAILED_CertificateNotAllowedAtThisEVSE"


class ChainError(SeccError):
    """A chain that proves nothing; the text says why."""

    def __init__(self, fault: Fault, why: str) -> None:
        self.fault = fault
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract that leads to a root of ours; ``ends``: seconds since 1970."""

    emaid: str
    key: PublicKey = field(compare=False)
    root: str
    ends: float

    def expires_soon(self, now: float) -> bool:
        """Whether its holder should be told to renew it."""
        return self.ends - now < EXPIRES_SOON


def verify(
    leaf: bytes,
    subs: Sequence[bytes],
    roots: Sequence[x509.Certificate],
    now: float,
    lists: RevocationLists = NO_LISTS,
    rules: Rules = ISO2,
) -> Contract:
    """Follow a contract's chain to one of the roots; ChainError if there is no way."""
    contract, root = follow_to_root(leaf, subs, roots, now, lists, rules)
    ends = contract.not_valid_after_utc.timestamp()
    return Contract(_emaid(contract), _key(contract), _name(root), ends)


def follow_to_root(
    leaf: bytes,
    subs: Sequence[bytes],
    roots: Sequence[x509.Certificate],
    now: float,
    lists: RevocationLists = NO_LISTS,
    rules: Rules = ISO2,
    what: str = "the contract certificate",
) -> tuple[x509.Certificate, x509.Certificate]:
    """Follow any chain; return its leaf, and the root that it ends at."""
    if len(subs) > MAX_SUBS:
        raise ChainError(Fault.CHAIN, f"{len(subs)} sub-certificates; {MAX_SUBS} at most")
    first = _read(leaf, what, rules)
    between = [_read(sub, f"sub-certificate {n}", rules) for n, sub in enumerate(subs, start=1)]
    _check(first, what, Fault.EXPIRED, now)
    _check_leaf(first, what)
    below, what_below = first, what
    for depth, authority in enumerate(_path(first, between, roots, rules)):
        above = f"the certificate of {_name(authority)}"
        _check(authority, above, Fault.NOT_ALLOWED, now)
        _check_authority(authority, above, depth)
        _check_standing(below, what_below, authority, lists, now)
        below, what_below = authority, above
    return first, below


def curve_of(key: object) -> str | None:
    """Name the curve of a public key; None: it is of another kind."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.curve.name
    return "ed448" if isinstance(key, ed448.Ed448PublicKey) else None


def _emaid(contract: x509.Certificate) -> str:
    names = Counter(attribute.oid for attribute in contract.subject)
    if names and max(names.values()) > 1:
        raise ChainError(Fault.NOT_ALLOWED, f"{_name(contract)} says something twice")
    common = contract.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(common[0].value) if common else ""
    if emaid.normal(name) is None:
        raise ChainError(Fault.NOT_ALLOWED, f"{name[:40]!r} is no eMAID")
    return name


def _read(der: bytes, what: str, rules: Rules) -> x509.Certificate:
    if len(der) > rules.octets:
        raise ChainError(Fault.CHAIN, f"{what} has {len(der)} octets; {rules.octets} at most")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is only deprecated is judged like the rest
            certificate = x509.load_der_x509_certificate(der)
            key = certificate.public_key()
            list(certificate.extensions)
            certificate.subject.rfc4514_string()
            serial = certificate.serial_number
    except UNREADABLE as error:
        raise ChainError(Fault.CHAIN, f"{what} cannot be read: {error}") from error
    if der[-len(certificate.signature) - 1]:
        raise ChainError(Fault.CHAIN, f"the signature of {what} does not end with an octet")
    if serial <= 0:
        raise ChainError(Fault.CHAIN, f"the serial number of {what} is not positive")
    if curve_of(key) not in rules.signatures:
        curves = " or ".join(rules.signatures)
        raise ChainError(Fault.CHAIN, f"the key of {what} is not on {curves}")
    return certificate


def _key(certificate: x509.Certificate) -> PublicKey:
    key = certificate.public_key()
    assert isinstance(key, PublicKey)  # noqa: S101 - `_read` has looked
    return key


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()


def _path(
    contract: x509.Certificate,
    between: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    rules: Rules,
) -> Iterator[x509.Certificate]:
    """Yield who has signed whom, from the leaf upwards to a root, whatever their order."""
    here, left = contract, list(between)
    while True:
        for root in roots:
            if _signed(here, root, rules):
                yield root
                return
        above = next((sub for sub in left if _signed(here, sub, rules)), None)
        if above is None:
            raise ChainError(Fault.CHAIN, f"no root here has signed {_name(here)}, nor a sub")
        left.remove(above)
        yield above
        here = above


def _signed(below: x509.Certificate, above: x509.Certificate, rules: Rules) -> bool:
    try:
        wanted = rules.signatures.get(curve_of(above.public_key()) or "")
        if below.signature_algorithm_oid != wanted:
            return False
        below.verify_directly_issued_by(above)
    except (InvalidSignature, *UNREADABLE):
        return False
    return True


def _check(certificate: x509.Certificate, what: str, expired: Fault, now: float) -> None:
    if now > certificate.not_valid_after_utc.timestamp():
        raise ChainError(expired, f"{what} has expired")
    if now < certificate.not_valid_before_utc.timestamp():
        raise ChainError(Fault.CHAIN, f"{what} is not valid yet")
    for extension in certificate.extensions:
        if extension.critical and isinstance(extension.value, UNHEEDED):
            oid = extension.oid.dotted_string
            raise ChainError(Fault.CHAIN, f"{what} has a critical extension, {oid}")


def _check_standing(
    below: x509.Certificate,
    what: str,
    above: x509.Certificate,
    lists: RevocationLists,
    now: float,
) -> None:
    standing = lists.standing(below, above, now)
    if standing is Standing.REVOKED:
        raise ChainError(Fault.REVOKED, f"{what} was revoked")
    if lists.required and standing is Standing.UNKNOWN:
        raise ChainError(Fault.NOT_ALLOWED, f"no list of today says whether {what} is revoked")


def _check_leaf(leaf: x509.Certificate, what: str) -> None:
    constraints, usage = _constraints(leaf), _usage(leaf)
    if constraints is not None and constraints.ca:
        raise ChainError(Fault.CHAIN, f"{what} is an authority's")
    if usage is None or not usage.digital_signature:
        raise ChainError(Fault.CHAIN, f"the key of {what} is not for signatures")


def _check_authority(authority: x509.Certificate, what: str, depth: int) -> None:
    constraints, usage = _constraints(authority), _usage(authority)
    if constraints is None or not constraints.ca:
        raise ChainError(Fault.CHAIN, f"{what} is no authority's")
    if usage is not None and not usage.key_cert_sign:
        raise ChainError(Fault.CHAIN, f"the key of {what} is not for certificates")
    if constraints.path_length is not None and depth > constraints.path_length:
        allowed = constraints.path_length
        raise ChainError(Fault.CHAIN, f"{what} allows {allowed} below it; there are {depth}")


def _constraints(certificate: x509.Certificate) -> x509.BasicConstraints | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        return None


def _usage(certificate: x509.Certificate) -> x509.KeyUsage | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return None
