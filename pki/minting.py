"""Keys and certificates, made by their profiles."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from pki.profiles import Profile, Profiles, Standard, Usage

Key = ec.EllipticCurvePrivateKey | ed448.Ed448PrivateKey

CURVES: dict[str, ec.EllipticCurve] = {
    "secp256r1": ec.SECP256R1(),
    "secp384r1": ec.SECP384R1(),
    "secp521r1": ec.SECP521R1(),
}
Digest = hashes.SHA256 | hashes.SHA384 | hashes.SHA512
HASHES: dict[str, Digest] = {
    "SHA256": hashes.SHA256(),
    "SHA384": hashes.SHA384(),
    "SHA512": hashes.SHA512(),
}
EXTENDED = {
    "serverAuth": ExtendedKeyUsageOID.SERVER_AUTH,
    "clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "OCSPSigning": ExtendedKeyUsageOID.OCSP_SIGNING,
}
# RFC 5280's names, and those of the package `cryptography`
USAGE_FLAGS: dict[Usage, str] = {
    "digitalSignature": "digital_signature",
    "nonRepudiation": "content_commitment",
    "keyEncipherment": "key_encipherment",
    "dataEncipherment": "data_encipherment",
    "keyAgreement": "key_agreement",
    "keyCertSign": "key_cert_sign",
    "cRLSign": "crl_sign",
}
SKEW = timedelta(hours=1)  # a vehicle's clock may be slow


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made, where it may differ from its profile: specimens do."""

    profile: Profile
    standard: Standard
    common_name: str
    organisation: str
    country: str | None
    domain: str | None
    begins: datetime
    ends: datetime
    usages: tuple[Usage, ...]
    ca: bool
    path_length: int | None
    extended: str = ""
    ocsp_url: str = ""
    crl_url: str = ""
    unknown_critical: bool = False
    ocsp_no_check: bool = False


@dataclass(frozen=True, slots=True)
class Minted:
    """A certificate with its key, and all that are above it, its issuer first."""

    name: str
    order: Order
    certificate: x509.Certificate
    key: Key = field(repr=False)
    issuer: Minted | None = None

    @property
    def chain(self) -> list[x509.Certificate]:
        """It and its issuers, without the root, as a server sends them."""
        above = [] if self.issuer is None else self.issuer.chain
        return above if self.issuer is None else [self.certificate, *above]

    @property
    def root(self) -> Minted:
        """The root that it comes from."""
        return self if self.issuer is None else self.issuer.root


def order(profiles: Profiles, standard: str, member: str, now: datetime, tree: str) -> Order:
    """Write down what a profile asks for."""
    profile = profiles.of(standard, member)
    name = profiles.common_name(profile)
    begins = now - SKEW
    return Order(
        profile=profile,
        standard=profiles.standards[standard],
        common_name=f"{name} {tree}" if profile.ca else name,
        organisation=profiles.mint.organisation,
        country=profiles.mint.country if profile.country != "forbidden" else None,
        domain=profile.domain,
        begins=begins,
        ends=begins + timedelta(days=profile.days),
        usages=tuple(profile.usages),
        ca=profile.ca,
        path_length=profile.path_length,
        extended=profile.extended,
        ocsp_url=profiles.mint.ocsp_url if profile.ocsp == "required" else "",
        crl_url=f"{profiles.mint.crl_url}{tree}.crl" if profile.crl == "required" else "",
    )


def within(wanted: Order, issuer: Minted | None) -> Order:
    """Let nothing outlive who signed it."""
    if issuer is None:
        return wanted
    return replace(wanted, ends=min(wanted.ends, issuer.certificate.not_valid_after_utc))


def new_key(curve: str) -> Key:
    """Draw a key."""
    if curve == "ed448":
        return ed448.Ed448PrivateKey.generate()
    return ec.generate_private_key(CURVES[curve])


def digest_for(key: Key, standard: Standard) -> Digest | None:
    """Return the hash that a key signs with; Ed448 takes none."""
    if isinstance(key, ed448.Ed448PrivateKey):
        return None
    return HASHES[standard.hash_name or "SHA512"]


def mint(name: str, wanted: Order, issuer: Minted | None, key: Key | None = None) -> Minted:
    """Make a certificate; without an issuer it is its own."""
    key = key or new_key(wanted.standard.curve)
    signer = key if issuer is None else issuer.key
    subject = _subject(wanted)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(secrets.randbits(127) | 1 << 126)  # 16 octets, positive
        .not_valid_before(wanted.begins)
        .not_valid_after(wanted.ends)
    )
    for extension, critical in _extensions(wanted, key, issuer):
        builder = builder.add_extension(extension, critical=critical)
    certificate = builder.sign(signer, digest_for(signer, wanted.standard))
    return Minted(name, wanted, certificate, key, issuer)


def _subject(wanted: Order) -> x509.Name:
    parts = [
        (NameOID.COMMON_NAME, wanted.common_name),
        (NameOID.ORGANIZATION_NAME, wanted.organisation),
        (NameOID.COUNTRY_NAME, wanted.country),
        (NameOID.DOMAIN_COMPONENT, wanted.domain),
    ]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value])


def _extensions(
    wanted: Order, key: Key, issuer: Minted | None
) -> list[tuple[x509.ExtensionType, bool]]:
    public = key.public_key()
    above = public if issuer is None else issuer.key.public_key()
    flags = {flag: usage in wanted.usages for usage, flag in USAGE_FLAGS.items()}
    made: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=wanted.ca, path_length=wanted.path_length), True),
        (x509.KeyUsage(**flags, encipher_only=False, decipher_only=False), True),
        (x509.SubjectKeyIdentifier.from_public_key(public), False),
    ]
    if issuer is not None:
        made.append((x509.AuthorityKeyIdentifier.from_issuer_public_key(above), False))
    if wanted.extended:
        made.append((x509.ExtendedKeyUsage([EXTENDED[wanted.extended]]), False))
    if wanted.ocsp_url:
        where = x509.UniformResourceIdentifier(wanted.ocsp_url)
        access = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, where)
        made.append((x509.AuthorityInformationAccess([access]), False))
    if wanted.crl_url:
        place = x509.UniformResourceIdentifier(wanted.crl_url)
        point = x509.DistributionPoint([place], None, None, None)
        made.append((x509.CRLDistributionPoints([point]), False))
    if wanted.ocsp_no_check:
        made.append((x509.OCSPNoCheck(), False))
    if wanted.unknown_critical:
        foreign = x509.ObjectIdentifier("2.999.15118")  # 2.999 is for examples
        made.append((x509.UnrecognizedExtension(foreign, b"\x05\x00"), True))
    return made
