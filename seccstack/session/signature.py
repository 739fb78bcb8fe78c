"""The signature in a message's header: whether what it covers is what its signer saw.

ISO 15118-2 signs elements, not messages: the header holds a digest of each, made of its EXI
fragment, and one ECDSA signature over the list of them. So a signature says nothing of an
element that it does not list, and the caller says which ones it has to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from seccstack.errors import PeerError, SeccError
from seccstack.messages.codec import Schema, encode_fragment
from seccstack.messages.xmldsig import Signature

CANONICAL_EXI = "http://www.w3.org/TR/canonical-exi/"
ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SCALAR = 32  # octets of r, and of s, of secp256r1
MAX_REFERENCES = 4  # CertificateInstallationRes has as many

Signed = tuple[str, Any]  # an element's name and value


class SignatureError(PeerError):
    """A signature that proves nothing; the text says why."""


def verify(
    signature: Signature | None,
    elements: Mapping[str, Signed],
    key: ec.EllipticCurvePublicKey,
) -> None:
    """Verify that ``key`` has signed these elements, by their Ids; SignatureError if not.

    Every element has to be listed, and nothing else may be.
    """
    if signature is None:
        raise SignatureError("there is no signature")
    info = signature.signed_info
    if info.canonicalization_method.algorithm != CANONICAL_EXI:
        raise SignatureError(f"its form is {info.canonicalization_method.algorithm[:80]!r}")
    if info.signature_method.algorithm != ECDSA_SHA256:
        raise SignatureError(f"its method is {info.signature_method.algorithm[:80]!r}")
    _check_references(signature, elements)
    _check_value(signature, key)


def _check_references(signature: Signature, elements: Mapping[str, Signed]) -> None:
    references = signature.signed_info.reference
    if len(references) > MAX_REFERENCES:
        raise SignatureError(f"it lists {len(references)} elements; {MAX_REFERENCES} at most")
    listed = {(reference.uri or "").removeprefix("#"): reference for reference in references}
    if len(listed) != len(references) or listed.keys() != elements.keys():
        what = ", ".join(name for name, _ in elements.values())
        raise SignatureError(f"it does not list exactly what it has to: {what}")
    for identifier, (name, element) in elements.items():
        reference = listed[identifier]
        transforms = () if reference.transforms is None else reference.transforms.transform
        if any(transform.algorithm != CANONICAL_EXI for transform in transforms):
            raise SignatureError(f"{name} was transformed before it was digested")
        if reference.digest_method.algorithm != SHA256:
            raise SignatureError(f"the digest of {name} is not SHA-256")
        if reference.digest_value != digest(name, element):
            raise SignatureError(f"{name} is not what was signed")


def digest(name: str, element: Any) -> bytes:
    """Return the digest of an element; SignatureError if it cannot be written again."""
    try:
        fragment = encode_fragment(Schema.ISO2, element, name)
    except SeccError as error:
        raise SignatureError(f"{name} cannot be digested: {error}") from error
    return hashlib.sha256(fragment).digest()


def _check_value(signature: Signature, key: ec.EllipticCurvePublicKey) -> None:
    octets = signature.signature_value.value
    if len(octets) != 2 * SCALAR:
        raise SignatureError(f"its value has {len(octets)} octets, not {2 * SCALAR}")
    if not isinstance(key.curve, ec.SECP256R1):
        raise SignatureError(f"its key is on {key.curve.name}, not on secp256r1")
    der = encode_dss_signature(int.from_bytes(octets[:SCALAR]), int.from_bytes(octets[SCALAR:]))
    signed = encode_fragment(Schema.ISO2, signature.signed_info, "SignedInfo")
    try:
        key.verify(der, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise SignatureError("its value is not of this key") from error
