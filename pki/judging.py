"""Judge a certificate by a profile: field by field, in words."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import asn1tools  # type: ignore[import-untyped]
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from pki import forging
from pki.findings import Finding, presence, right, wrong
from pki.judging_extensions import of_extensions
from pki.profiles import NEEDS, Profile, Standard

SIGNATURES = {
    "1.2.840.10045.4.3.2": "ecdsa-with-SHA256",
    "1.2.840.10045.4.3.3": "ecdsa-with-SHA384",
    "1.2.840.10045.4.3.4": "ecdsa-with-SHA512",
    "1.3.101.113": "ed448",
}
# Who the common name has to identify: by what may stand in a certificate of ISO 15118
NAMES = {
    "emaid": (re.compile(r"[A-Z]{2}-?[A-Z0-9]{3}-?[A-Z0-9]{9}-?[A-Z0-9]?"), "an eMAID"),
    "secc_id": (re.compile(r".{1,64}"), "the id of a charger"),
    "provisioning_id": (re.compile(r"[A-Z0-9]{17,18}"), "a provisioning id"),
    "evcc_id": (re.compile(r"[A-Za-z0-9]{6,255}"), "the EVCCID"),
}
# What the library may object to, once it looks into a part of a certificate
UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    asn1tools.Error,
)
LEEWAY = timedelta(days=2)  # on a length of validity that is only second-hand


Judge = Callable[[x509.Certificate, Profile, Standard], Iterator[Finding]]


@contextmanager
def bearing() -> Iterator[None]:
    """Let the library bear with what it only warns of: it is judged here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def read(der: bytes) -> x509.Certificate | str:
    """Read a certificate, or say why it cannot be."""
    try:
        with bearing():
            return x509.load_der_x509_certificate(der)
    except UNREADABLE as error:
        return f"no certificate in DER: {error}"


def judge(der: bytes, profile: Profile, standard: Standard, now: datetime) -> list[Finding]:
    """Judge every field of a certificate."""
    certificate = read(der)
    if isinstance(certificate, str):
        return [wrong("encoding", certificate)]
    findings = [_size(der, standard), _validity(certificate, profile, now)]
    if profile.disputed:
        findings.append(Finding("profile", "note", f"disputed: {profile.disputed}"))
    for part in PARTS:
        try:
            with bearing():
                findings += list(part(certificate, profile, standard))
        except UNREADABLE as error:
            field = "basic constraints" if "path_length" in str(error) else PARTS[part]
            findings.append(wrong(field, f"cannot be read: {error}"))
    return findings


def _size(der: bytes, standard: Standard) -> Finding:
    words = f"{len(der)} octets; a message may carry {standard.most_octets}"
    return (right if len(der) <= standard.most_octets else wrong)("size", words)


def _validity(certificate: x509.Certificate, profile: Profile, now: datetime) -> Finding:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if ends <= begins:
        return wrong("validity", f"it ends ({ends:%Y-%m-%d}) before it begins")
    if now < begins:
        return wrong("validity", f"it begins only at {begins:%Y-%m-%d %H:%M} UTC")
    if now > ends:
        return wrong("validity", f"it ended at {ends:%Y-%m-%d %H:%M} UTC")
    if ends - begins > timedelta(days=profile.days) + LEEWAY:
        words = f"{(ends - begins).days} days; its kind has {profile.days} at most"
        return wrong("validity", words)
    return right("validity", f"until {ends:%Y-%m-%d}")


def _numbers(
    certificate: x509.Certificate, profile: Profile, standard: Standard
) -> Iterator[Finding]:
    version, serial = certificate.version, certificate.serial_number
    yield (right if version is x509.Version.v3 else wrong)("version", f"{version.name}")
    octets = (abs(serial).bit_length() + 8) // 8
    if serial <= 0:
        yield wrong("serial number", "it is not positive (RFC 5280, 4.1.2.2)")
    elif octets > 20:
        yield wrong("serial number", f"{octets} octets; RFC 5280 has 20 at most")
    else:
        yield right("serial number", f"{octets} octets, positive")


def _algorithms(
    certificate: x509.Certificate, profile: Profile, standard: Standard
) -> Iterator[Finding]:
    oid = certificate.signature_algorithm_oid.dotted_string
    named = SIGNATURES.get(oid, oid)
    yield _equal("signature", named, standard.signature)
    parts = forging.take_apart(certificate.public_bytes(Encoding.DER))
    inner = parts["tbsCertificate"]["signature"]["algorithm"]
    if inner != oid:
        yield wrong("signature", f"inside it is {SIGNATURES.get(inner, inner)}")
    yield _equal("public key", curve_of(certificate), standard.curve)


def _equal(field: str, found: str, wanted: str) -> Finding:
    if found == wanted:
        return right(field, found)
    return wrong(field, f"{found}; the standard has {wanted}")


def curve_of(certificate: x509.Certificate) -> str:
    """Name the curve of a certificate's key, or what else it is."""
    key = certificate.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.curve.name
    return "ed448" if isinstance(key, ed448.Ed448PublicKey) else type(key).__name__


def names(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> list[str]:
    """Return the values of one kind in a certificate's subject."""
    return [str(part.value) for part in certificate.subject.get_attributes_for_oid(oid)]


def _subject(
    certificate: x509.Certificate, profile: Profile, standard: Standard
) -> Iterator[Finding]:
    common = names(certificate, NameOID.COMMON_NAME)
    if len(common) != 1:
        yield wrong("common name", f"{len(common)} of them; there has to be one")
    elif profile.common_name in NAMES:
        pattern, what = NAMES[profile.common_name]
        ok = pattern.fullmatch(common[0]) is not None
        words = f"{common[0]!r}: {what}" if ok else f"{common[0]!r} is not {what}"
        yield (right if ok else wrong)("common name", words)
    else:
        yield right("common name", repr(common[0]))
    organisation = names(certificate, NameOID.ORGANIZATION_NAME)
    yield presence("organisation", "required", organisation)
    yield presence("country", profile.country, names(certificate, NameOID.COUNTRY_NAME))
    yield _domain(profile, names(certificate, NameOID.DOMAIN_COMPONENT))


def _domain(profile: Profile, found: list[str]) -> Finding:
    wanted = profile.domain_component
    if wanted in NEEDS:
        return presence("domain component", wanted, found)
    if wanted in found:
        return right("domain component", repr(wanted))
    words = ", ".join(repr(one) for one in found) or "absent"
    return wrong("domain component", f"{words}; it has to be {wanted!r}")


# For what cannot be read at all: the field in which it stands.
PARTS: dict[Judge, str] = {
    _numbers: "serial number",
    _algorithms: "signature",
    _subject: "subject",
    of_extensions: "extensions",
}
