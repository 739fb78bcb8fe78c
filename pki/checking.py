"""Judge files: which profile a certificate is to be judged by, and whether a chain is one."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pki import judging
from pki.errors import PkiError
from pki.findings import Finding, right, wrong
from pki.judging import UNREADABLE, curve_of, names
from pki.profiles import Profile, Profiles

MOST_OCTETS = 1 << 20  # of a file: the longest chain of all is 8 kB
MOST_CERTIFICATES = 16  # in it
PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)
FAMILY = {"secp256r1": "iso2", "secp521r1": "iso20", "ed448": "iso20-ed448"}
SIGNED = {"ecdsa-with-SHA512": "iso20"}  # of a curve that is none of any


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be said of one certificate in a file, and of the profile it was judged by."""

    file: str
    number: int
    subject: str
    judged_as: str
    title: str
    source: str
    findings: tuple[Finding, ...]

    @property
    def conforms(self) -> bool:
        """Whether nothing is wrong with it."""
        return all(finding.verdict != "wrong" for finding in self.findings)


def check(
    path: Path, profiles: Profiles, now: datetime, judged_as: str = ""
) -> list[Judgement]:
    """Judge every certificate of a file; ``judged_as``: STANDARD/MEMBER, of the first one."""
    ders = _certificates(path)
    judgements = []
    for number, der in enumerate(ders, start=1):
        which = judged_as if number == 1 and judged_as else recognise(der, profiles)
        standard, member = _parted(which, profiles)
        profile = profiles.of(standard, member)
        findings = judging.judge(der, profile, profiles.standards[standard], now)
        findings += _link(ders, number - 1)
        judgements.append(
            Judgement(
                str(path), number, _subject(der), which, profile.title, profile.source,
                tuple(findings),
            )
        )  # fmt: skip
    return judgements


def _parted(which: str, profiles: Profiles) -> tuple[str, str]:
    standard, _, member = which.partition("/")
    if standard not in profiles.standards or not member:
        known = ", ".join(f"{s}/..." for s in profiles.standards)
        raise PkiError(f"no profile {which!r}: it has to be one of {known}")
    return standard, member


def _certificates(path: Path) -> list[bytes]:
    try:
        octets = path.read_bytes()
    except OSError as error:
        raise PkiError(f"cannot read {path}: {error.strerror}") from error
    if len(octets) > MOST_OCTETS:
        raise PkiError(f"{path} is too large for certificates: {len(octets)} octets")
    found = PEM.findall(octets)
    if not found:
        if b"-----BEGIN" in octets:
            raise PkiError(f"{path} has no certificate in it")
        return [octets]
    if len(found) > MOST_CERTIFICATES:
        raise PkiError(f"{path} has {len(found)} certificates; {MOST_CERTIFICATES} at most")
    try:
        return [base64.b64decode(text, validate=False) for text in found]
    except binascii.Error as error:
        raise PkiError(f"{path} is no PEM: {error}") from error


def _subject(der: bytes) -> str:
    certificate = judging.read(der)
    if isinstance(certificate, str):
        return "(unreadable)"
    try:
        with judging.bearing():
            return certificate.subject.rfc4514_string()
    except UNREADABLE:
        return "(unreadable)"


def _link(ders: Sequence[bytes], place: int) -> Iterator[Finding]:
    """Judge whether the next one in the file has signed this one, and might."""
    above = judging.read(ders[place + 1]) if place + 1 < len(ders) else None
    below = judging.read(ders[place])
    if above is None or isinstance(above, str) or isinstance(below, str):
        return
    try:
        with judging.bearing():
            below.verify_directly_issued_by(above)
    except InvalidSignature:
        yield wrong("signed by", "not by the next certificate in the file")
    except UNREADABLE as error:
        yield wrong("signed by", str(error))
    else:
        yield right("signed by", "the next certificate in the file")
    yield from _path(above, place)


def _path(above: x509.Certificate, authorities_below: int) -> Iterator[Finding]:
    try:
        with judging.bearing():
            limit = above.extensions.get_extension_for_class(
                x509.BasicConstraints
            ).value.path_length
    except (*UNREADABLE, x509.ExtensionNotFound):
        return
    if limit is not None and authorities_below > limit:
        allowed = f"its issuer allows {limit} authorities below itself"
        yield wrong("path", f"{allowed}; there are {authorities_below}")


# Which profile.


UNRECOGNISED = "iso2/secc"  # what a charger is most often given


def recognise(der: bytes, profiles: Profiles) -> str:
    """Say what a certificate most likely is, as STANDARD/MEMBER."""
    certificate = judging.read(der)
    if isinstance(certificate, str):
        return UNRECOGNISED
    with judging.bearing():
        try:
            standard, traits = _family(certificate), _traits(certificate)
        except UNREADABLE:
            return UNRECOGNISED
    family = standard.partition("-")[0]
    table = profiles.profiles.get(family, {}) | profiles.profiles.get("any", {})
    best = max(table, key=lambda member: _likeness(traits, table[member], table))
    return f"{standard}/{best}"


def _family(certificate: x509.Certificate) -> str:
    oid = certificate.signature_algorithm_oid.dotted_string
    by_issuer = SIGNED.get(judging.SIGNATURES.get(oid, ""), "iso2")
    return FAMILY.get(curve_of(certificate), by_issuer)


@dataclass(frozen=True, slots=True)
class Traits:
    """What tells kinds of certificates apart."""

    common_name: str
    issuer_name: str
    domain: str
    ca: bool
    path_length: int | None
    own_issuer: bool
    answers: bool


def _traits(certificate: x509.Certificate) -> Traits:
    ca, path_length, answers = False, None, False
    for extension in certificate.extensions:
        value = extension.value
        if isinstance(value, x509.BasicConstraints):
            ca, path_length = value.ca, value.path_length
        if isinstance(value, x509.ExtendedKeyUsage):
            answers = ExtendedKeyUsageOID.OCSP_SIGNING in value
    issuers = certificate.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    return Traits(
        "".join(names(certificate, NameOID.COMMON_NAME)),
        "".join(str(part.value) for part in issuers),
        "".join(names(certificate, NameOID.DOMAIN_COMPONENT)),
        ca,
        path_length,
        certificate.issuer == certificate.subject,
        answers,
    )


def _likeness(traits: Traits, profile: Profile, table: dict[str, Profile]) -> int:
    """Count what a certificate has of a kind; what it can be used for counts most."""
    issuer = table.get(profile.issuer)
    pattern = judging.NAMES.get(profile.common_name)
    answers = profile.extended_key_usage == "OCSPSigning"
    of_issuer = issuer is not None and traits.issuer_name.startswith(issuer.common_name)
    named = (
        traits.common_name.startswith(profile.common_name)
        if pattern is None
        else pattern[0].fullmatch(traits.common_name) is not None
    )
    own_issuer = not profile.issuer and not answers
    return (
        16 * (traits.answers == answers)
        + 8 * (traits.ca == profile.ca)
        + 8 * (traits.own_issuer == own_issuer)
        + 6 * of_issuer
        + 4 * (traits.domain == (profile.domain or ""))
        + 3 * (traits.path_length == profile.path_length)
        + 2 * named
    )
