"""Judge the extensions of a certificate."""

from __future__ import annotations

from collections.abc import Iterator

from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from pki.findings import Finding, presence, right, wrong
from pki.minting import EXTENDED, USAGE_FLAGS
from pki.profiles import NEEDS, Profile, Standard

EXTENDED_NAMES = {oid: name for name, oid in EXTENDED.items()}


def of_extensions(
    certificate: x509.Certificate, profile: Profile, standard: Standard
) -> Iterator[Finding]:
    """Judge what a certificate may be used for, and where its issuer can be asked."""
    by_kind = {type(extension.value): extension for extension in certificate.extensions}
    yield from _constraints(by_kind.get(x509.BasicConstraints), profile)
    yield from _key_usage(by_kind.get(x509.KeyUsage), profile)
    yield _extended(by_kind.get(x509.ExtendedKeyUsage), profile)
    keyed = x509.SubjectKeyIdentifier in by_kind
    words = "there" if keyed else "absent; it is required (RFC 5280, 4.2.1.2)"
    needed = profile.ca
    yield (right if keyed or not needed else wrong)("subject key identifier", words)
    yield presence("OCSP", profile.ocsp, _responders(by_kind))
    yield presence("CRL", profile.crl, _points(by_kind))
    unknown = [
        extension.oid.dotted_string
        for extension in certificate.extensions
        if extension.critical and isinstance(extension.value, x509.UnrecognizedExtension)
    ]
    yield presence("extensions", "forbidden" if unknown else "optional", unknown)


def _constraints(
    extension: x509.Extension[x509.ExtensionType] | None, profile: Profile
) -> Iterator[Finding]:
    field = "basic constraints"
    if extension is None or not isinstance(extension.value, x509.BasicConstraints):
        yield wrong(field, "absent; they are required")
        return
    value = extension.value
    if not extension.critical:
        yield wrong(field, "not critical")
    if value.ca != profile.ca:
        yield wrong(field, "an authority" if value.ca else "no authority, and has to be one")
    elif value.path_length != profile.path_length:
        wanted = "none" if profile.path_length is None else str(profile.path_length)
        yield wrong(field, f"path length {value.path_length}; it has to be {wanted}")
    else:
        what = "an authority" if value.ca else "no authority"
        length = "" if value.path_length is None else f", path length {value.path_length}"
        yield right(field, what + length)


def _key_usage(
    extension: x509.Extension[x509.ExtensionType] | None, profile: Profile
) -> Iterator[Finding]:
    field = "key usage"
    if extension is None or not isinstance(extension.value, x509.KeyUsage):
        yield wrong(field, "absent; it is required")
        return
    if not extension.critical:
        yield wrong(field, "not critical")
    found = [usage for usage, flag in USAGE_FLAGS.items() if getattr(extension.value, flag)]
    faults = []
    for usage, need in profile.key_usage.items():
        if need == "required" and usage not in found:
            faults.append(f"{usage} is missing")
        if need == "forbidden" and usage in found:
            faults.append(f"{usage} must not be there")
    if faults:
        yield wrong(field, f"{'; '.join(faults)} (it has {', '.join(found) or 'none'})")
    else:
        yield right(field, ", ".join(found))


def _extended(
    extension: x509.Extension[x509.ExtensionType] | None, profile: Profile
) -> Finding:
    field, wanted = "extended key usage", profile.extended_key_usage
    found: list[str] = []
    if extension is not None and isinstance(extension.value, x509.ExtendedKeyUsage):
        found = [EXTENDED_NAMES.get(oid, oid.dotted_string) for oid in extension.value]
    minted = profile.extended_minted
    if wanted in NEEDS and found and minted and minted not in found:
        return wrong(field, f"{', '.join(found)}; where there is one, it has {minted}")
    if wanted in NEEDS:
        return presence(field, wanted, found)
    if wanted in found:
        return right(field, ", ".join(found))
    return wrong(field, f"{', '.join(found) or 'absent'}; it has to be {wanted}")


Kinds = dict[type[x509.ExtensionType], x509.Extension[x509.ExtensionType]]


def _responders(by_kind: Kinds) -> list[str]:
    extension = by_kind.get(x509.AuthorityInformationAccess)
    if extension is None or not isinstance(extension.value, x509.AuthorityInformationAccess):
        return []
    return [
        str(access.access_location.value)
        for access in extension.value
        if access.access_method == AuthorityInformationAccessOID.OCSP
    ]


def _points(by_kind: Kinds) -> list[str]:
    extension = by_kind.get(x509.CRLDistributionPoints)
    if extension is None or not isinstance(extension.value, x509.CRLDistributionPoints):
        return []
    names = [name for point in extension.value for name in point.full_name or []]
    return [str(name.value) for name in names]
