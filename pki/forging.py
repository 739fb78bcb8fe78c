"""Certificates that no honest library makes: taken apart by ASN.1, changed, and signed again.

`cryptography` refuses to write most of these, rightly. What reads certificates of strangers has
to survive them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import asn1tools  # type: ignore[import-untyped]
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from pki import minting
from pki.minting import Key, Minted

MODULE = Path(__file__).with_name("x509.asn")
BASIC_CONSTRAINTS = "2.5.29.19"
OTHER_SIGNATURE = "1.2.840.10045.4.3.4"  # ecdsa-with-SHA512

Change = Callable[[dict[str, Any]], None]


@cache
def _asn1() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its parser's age
        return asn1tools.compile_files([str(MODULE)], "der")


def take_apart(der: bytes) -> dict[str, Any]:
    """Return a certificate as the values that it is made of."""
    parts: dict[str, Any] = _asn1().decode("Certificate", der)
    return parts


def forge(minted: Minted, change: Change) -> bytes:
    """Change what its issuer signed, and have it signed again by the issuer."""
    assert minted.issuer is not None  # noqa: S101 - specimens are leaves
    parts = take_apart(minted.certificate.public_bytes(Encoding.DER))
    change(parts["tbsCertificate"])
    return _signed(parts, minted.issuer.key)


def signed_by(minted: Minted, key: Key) -> bytes:
    """Have it signed by somebody else, in its issuer's name."""
    return _signed(take_apart(minted.certificate.public_bytes(Encoding.DER)), key)


def _signed(parts: dict[str, Any], key: Key) -> bytes:
    octets = _asn1().encode("TBSCertificate", parts["tbsCertificate"])
    assert isinstance(key, ec.EllipticCurvePrivateKey)  # noqa: S101 - of ISO 15118-2
    signature = key.sign(octets, ec.ECDSA(minting.HASHES["SHA256"]))
    parts["signatureValue"] = (signature, 8 * len(signature))
    certificate: bytes = _asn1().encode("Certificate", parts)
    return certificate


# The changes.


def reverse_validity(tbs: dict[str, Any]) -> None:
    """Let it end a day before it begins."""
    kind, begins = tbs["validity"]["notBefore"]
    tbs["validity"]["notAfter"] = (kind, begins - timedelta(days=1))


def negate_serial(tbs: dict[str, Any]) -> None:
    """Give it a negative serial number."""
    tbs["serialNumber"] = -tbs["serialNumber"]


def double_extension(tbs: dict[str, Any]) -> None:
    """Give it its first extension twice."""
    tbs["extensions"] = [*tbs["extensions"], tbs["extensions"][0]]


def first_version(tbs: dict[str, Any]) -> None:
    """Let it be of version 1, which has no extensions, with extensions."""
    tbs["version"] = 0


def other_algorithm(tbs: dict[str, Any]) -> None:
    """Let it name another signature algorithm inside than outside."""
    tbs["signature"] = {"algorithm": OTHER_SIGNATURE}


def leaf_with_path(tbs: dict[str, Any]) -> None:
    """Let it be no authority, and have a path length all the same."""
    constraints = _asn1().encode("BasicConstraints", {"cA": False, "pathLenConstraint": 0})
    for extension in tbs["extensions"]:
        if extension["extnID"] == BASIC_CONSTRAINTS:
            extension["extnValue"] = constraints


# What is no DER at all.


def cut_short(der: bytes) -> bytes:
    """Leave its last third out."""
    return der[: len(der) * 2 // 3]


def with_tail(der: bytes) -> bytes:
    """Put octets behind it."""
    return der + b"\x00\x00"


def long_length(der: bytes) -> bytes:
    """Write its length in an octet more than DER allows."""
    assert der[1] == 0x82  # noqa: S101 - 256 octets or more, less than 64 kB
    return der[:1] + b"\x83\x00" + der[2:]
