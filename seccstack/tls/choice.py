"""Which of our certificate chains a vehicle is shown, and in which version, by its ClientHello.

ISO 15118-2 has TLS 1.2 with secp256r1, ISO 15118-20 TLS 1.3 with secp521r1 or Ed448. So the
leaf's key says which of them a chain is for, and a vehicle that offers both versions gets the
newer if there is a chain for it, and it can agree on a key as that standard wants it. Of
several chains it gets the first whose root it says to have, by trusted_ca_keys (RFC 6066) or
certificate_authorities (RFC 8446); if it has none of them it gets our first, because vehicles
often have more than they say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seccstack.tls import names
from seccstack.tls.extensions import (
    CERT_SHA1_HASH,
    KEY_SHA1_HASH,
    PRE_AGREED,
    X509_NAME,
    Extensions,
    TrustedAuthority,
)
from seccstack.tls.handshake import ClientHello

HANDSHAKE_FAILURE, PROTOCOL_VERSION = 40, 70  # alerts

ECDSA_SECP256R1_SHA256, ECDSA_SECP521R1_SHA512, ED448 = 0x0403, 0x0603, 0x0808
VERSION_OF = {
    ECDSA_SECP256R1_SHA256: names.TLS_1_2,
    ECDSA_SECP521R1_SHA512: names.TLS_1_3,
    ED448: names.TLS_1_3,
}
SECP256R1, SECP521R1, X448 = 23, 25, 30
GROUPS = {names.TLS_1_2: (SECP256R1,), names.TLS_1_3: (SECP521R1, X448)}
OF_A_LAB = (SECP256R1, 24, 29)  # and secp384r1, x25519: of no standard, but of many tools

CBC = 0xC023  # TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, of ISO 15118-2
STATIC = 0xC025  # TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256, of ISO 15118-2 too
GCM = (0xC02B, 0xC02C)  # ECDHE_ECDSA with AES-GCM: not of -2, and better
OF_TLS_1_3 = (0x1302, 0x1303)  # of ISO 15118-20


@dataclass(frozen=True, slots=True)
class Anchor:
    """The root that a chain leads to, in each form in which a vehicle may name it."""

    name: bytes = b""  # in DER
    key_sha1: bytes = b""
    certificate_sha1: bytes = b""


@dataclass(frozen=True, slots=True)
class Offer:
    """A chain that can be shown now. ``issuers``: the names of all above the leaf, in DER."""

    name: str
    scheme: int  # SignatureScheme of the leaf's key
    anchor: Anchor = Anchor()
    issuers: frozenset[bytes] = frozenset()

    @property
    def version(self) -> int:
        """The version of TLS that it is for."""
        return VERSION_OF[self.scheme]


@dataclass(frozen=True, slots=True)
class Choice:
    """Show this chain. ``trusted``: whether the vehicle said to have its root, if it did."""

    offer: Offer
    trusted: bool | None

    @property
    def version(self) -> int:
        """The version of TLS that is spoken."""
        return self.offer.version


@dataclass(frozen=True, slots=True)
class Refusal:
    """There is nothing that this vehicle could be shown."""

    alert: int
    why: str


def choose(
    hello: ClientHello, offers: Sequence[Offer], *, gcm: bool = True, lab: bool = False
) -> Choice | Refusal:
    """Choose a version and a chain, or say what is missing; ``gcm``: whether it is allowed.

    ``lab``: groups will do in TLS 1.3 that ISO 15118-20 does not name.
    """
    refusal = _no_version(hello, offers)
    for version in (names.TLS_1_3, names.TLS_1_2):
        of_version = [offer for offer in offers if offer.version == version]
        if of_version and version in hello.versions:
            usable = [offer for offer in of_version if _can_check(hello, offer.scheme)]
            groups = GROUPS[version]
            if lab and version == names.TLS_1_3:
                groups = (*groups, *OF_A_LAB)
            why = _objection(hello, version, usable, groups, gcm=gcm)
            if why is None:
                return _by_trust(hello.extensions, usable)
            refusal = Refusal(HANDSHAKE_FAILURE, why)
    return refusal


def _no_version(hello: ClientHello, offers: Sequence[Offer]) -> Refusal:
    """Say it, should there be no version in common."""
    ours = sorted({offer.version for offer in offers})
    said = names.listed(names.VERSIONS, hello.versions)
    have = names.listed(names.VERSIONS, ours) or "none"
    why = f"it offers {said}; we have certificates for {have}"
    return Refusal(PROTOCOL_VERSION, why)


def _can_check(hello: ClientHello, scheme: int) -> bool:
    algorithms = hello.extensions.signature_algorithms
    return not algorithms or scheme in algorithms


def _objection(
    hello: ClientHello,
    version: int,
    usable: Sequence[Offer],
    ours: tuple[int, ...],
    *,
    gcm: bool,
) -> str | None:
    suites = _suites(version, gcm=gcm)
    if not any(suite in suites for suite in hello.cipher_suites):
        return _of_suites(hello.cipher_suites, suites)
    groups = hello.extensions.supported_groups
    if groups and not set(groups) & set(ours):
        said, have = names.listed(names.GROUPS, groups), names.listed(names.GROUPS, ours)
        return f"it offers the groups {said}; we have {have}"
    if not usable:
        said = names.listed(names.SIGNATURES, hello.extensions.signature_algorithms)
        return f"it can check none of our certificates' signatures, only {said}"
    return None


def _suites(version: int, *, gcm: bool) -> tuple[int, ...]:
    if version == names.TLS_1_3:
        return OF_TLS_1_3
    return (*GCM, CBC) if gcm else (CBC,)


def _of_suites(offered: Iterable[int], ours: Iterable[int]) -> str:
    if STATIC in offered:
        return (
            f"of the suites of ISO 15118-2 it offers only {names.SUITES[STATIC]}, which no "
            "OpenSSL since 1.1.0 speaks: its key exchange has no forward secrecy"
        )
    said, have = names.listed(names.SUITES, offered), names.listed(names.SUITES, ours)
    return f"it offers the suites {said or 'none'}; we have {have}"


def _by_trust(extensions: Extensions, usable: Sequence[Offer]) -> Choice:
    """Take the first of ours that the vehicle can follow to a root, in the vehicle's order."""
    said = bool(extensions.trusted_ca_keys or extensions.certificate_authorities)
    for authority in extensions.trusted_ca_keys:
        for offer in usable:
            if _names(authority, offer):
                return Choice(offer, True)
    for name in extensions.certificate_authorities:
        for offer in usable:
            if name == offer.anchor.name or name in offer.issuers:
                return Choice(offer, True)
    return Choice(usable[0], False if said else None)


def _names(authority: TrustedAuthority, offer: Offer) -> bool:
    """Whether a vehicle's authority is the root of this chain, or one above its leaf."""
    anchor = offer.anchor
    known = {
        PRE_AGREED: {authority.octets},  # it does not say which, only that there is one
        KEY_SHA1_HASH: {anchor.key_sha1},
        X509_NAME: {anchor.name, *offer.issuers},
        CERT_SHA1_HASH: {anchor.certificate_sha1},
    }
    return authority.octets in known[authority.kind]
