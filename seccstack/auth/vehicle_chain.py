"""Whether a vehicle's certificate proves who it is: its chain, and what it may be used for.

Contracts and provisioning certificates hang below roots that may be the same, and their keys
are in the vehicle, too. So a certificate is taken only for what a vehicle's own one is: named
by an EVCCID and nothing else (no domain component, as theirs have), for signatures, and, where
it says what for, as a client of TLS.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from seccstack.auth import chain, emaid
from seccstack.auth.certificate import VehicleCertificate
from seccstack.auth.chain import ISO20, NO_LISTS, ChainError, Fault, Rules
from seccstack.auth.revocation import RevocationLists
from seccstack.auth.vehicle import MAX_EVCCID

WHAT = "the vehicle's certificate"


def verify(
    leaf: bytes,
    subs: Sequence[bytes],
    roots: Sequence[x509.Certificate],
    now: float,
    lists: RevocationLists = NO_LISTS,
    rules: Rules = ISO20,
) -> VehicleCertificate:
    """Follow a vehicle's chain to one of the roots; ChainError if it proves nothing."""
    found, root = chain.follow_to_root(leaf, subs, roots, now, lists, rules, WHAT)
    name = _name(found)
    _check_use(found)
    return VehicleCertificate(
        name=name,
        issuer=found.issuer.rfc4514_string(),
        root=root.subject.rfc4514_string(),
        digest=hashlib.sha512(leaf).digest(),
        ends=found.not_valid_after_utc.timestamp(),
        holder=_holder(found, root),
    )


def _name(found: x509.Certificate) -> str:
    common = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    name = str(common[0].value) if len(common) == 1 else ""
    if not 0 < len(name) <= MAX_EVCCID:
        raise _another("it has no common name, which would be the EVCCID")
    for part in found.subject.get_attributes_for_oid(NameOID.DOMAIN_COMPONENT):
        domain = str(part.value)[:40]
        raise _another(f"it has the domain component {domain!r}, and a vehicle's has none")
    if emaid.normal(name) is not None:
        raise _another("its common name is an eMAID: it is a contract's")
    return name


def _check_use(found: x509.Certificate) -> None:
    usage = found.extensions.get_extension_for_class(x509.KeyUsage).value
    try:
        purposes = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        if usage.key_agreement:  # which provisioning certificates have to have
            raise _another(
                "its key is for key agreement, and not for a client of TLS: it is one for "
                "provisioning"
            ) from None
        return
    if ExtendedKeyUsageOID.CLIENT_AUTH not in purposes:
        raise _another("its key is not for a client of TLS")


def _another(why: str) -> ChainError:
    return ChainError(Fault.NOT_ALLOWED, f"{WHAT} is not one of a vehicle: {why}")


def _holder(found: x509.Certificate, root: x509.Certificate) -> str:
    """Return by what a vehicle is known: its name, as the owner of this root gives it."""
    key = root.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    anchor = hashlib.sha256(key).digest()
    return hashlib.sha256(anchor + found.subject.public_bytes()).hexdigest().upper()
