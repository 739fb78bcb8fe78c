"""The signature in a message's header: whether it is about what it has to be about.

ISO 15118 signs elements, not messages: the header holds a digest of each, made of its EXI
fragment, and one signature over the list of them. So a signature says nothing of an
element that it does not list, and the caller says which ones it has to. What is left to verify
then is one value over some octets, by whoever has the arithmetic (`seccstack.auth.ecdsa`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from seccstack.errors import PeerError, SeccError
from seccstack.messages import xmldsig
from seccstack.messages.codec import Schema, encode_fragment
from seccstack.messages.xmldsig import Signature

CANONICAL_EXI = "http://www.w3.org/TR/canonical-exi/"
ECDSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
ECDSA_SHA512 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"
ED448 = "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed448"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
SHA512 = "http://www.w3.org/2001/04/xmlenc#sha512"
HASHES = {SHA256: "sha256", SHA512: "sha512"}
MAX_REFERENCES = 4  # CertificateInstallationRes has as many


@dataclass(frozen=True, slots=True)
class Method:
    """A way to sign: the digest that elements have in it, and how long its value is."""

    digest: str
    octets: int


@dataclass(frozen=True, slots=True)
class Rules:
    """The ways to sign that a standard knows, and the schema of what is signed."""

    schema: Schema
    methods: Mapping[str, Method]


ISO2 = Rules(Schema.ISO2, {ECDSA_SHA256: Method(SHA256, 64)})  # r and s of secp256r1
ISO20 = Rules(
    Schema.ISO20_COMMON, {ECDSA_SHA512: Method(SHA512, 132), ED448: Method(SHA512, 114)}
)
LAB20 = Rules(Schema.ISO20_COMMON, {**ISO20.methods, **ISO2.methods})

Elements = Mapping[str, tuple[str, Any]]  # by their Ids: each element's name and value


class SignatureError(PeerError):
    """A signature that proves nothing; the text says why."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What is left to verify: that somebody's key has signed these octets with this value."""

    signed: bytes
    value: bytes


def statement(
    signature: Signature | None, elements: Elements, rules: Rules = ISO2
) -> Statement:
    """Check that a signature is about just these elements; SignatureError if it is not.

    Every element has to be listed, and nothing else may be.
    """
    if signature is None:
        raise SignatureError("there is no signature")
    info = signature.signed_info
    if info.canonicalization_method.algorithm != CANONICAL_EXI:
        raise SignatureError(f"its form is {info.canonicalization_method.algorithm[:80]!r}")
    method = rules.methods.get(info.signature_method.algorithm)
    if method is None:
        raise SignatureError(f"its method is {info.signature_method.algorithm[:80]!r}")
    _check_references(signature, elements, rules.schema, method.digest)
    value = signature.signature_value.value
    if len(value) != method.octets:
        raise SignatureError(f"its value has {len(value)} octets, not {method.octets}")
    return Statement(_fragment(rules.schema, "SignedInfo", info), value)


def made(
    elements: Elements,
    sign: Callable[[bytes], bytes],
    rules: Rules = ISO2,
    method: str = ECDSA_SHA256,
) -> Signature:
    """Sign elements; ``sign`` makes a value over octets."""
    schema, digested = rules.schema, rules.methods[method].digest
    info = xmldsig.SignedInfo(
        canonicalization_method=xmldsig.CanonicalizationMethod(algorithm=CANONICAL_EXI),
        signature_method=xmldsig.SignatureMethod(algorithm=method),
        reference=tuple(
            _reference(identifier, digested, digest(name, element, schema, digested))
            for identifier, (name, element) in elements.items()
        ),
    )
    value = sign(_fragment(schema, "SignedInfo", info))
    return Signature(signed_info=info, signature_value=xmldsig.SignatureValue(value=value))


def digest(
    name: str, element: Any, schema: Schema = Schema.ISO2, algorithm: str = SHA256
) -> bytes:
    """Return the digest of an element; SignatureError if it cannot be written again."""
    return hashlib.new(HASHES[algorithm], _fragment(schema, name, element)).digest()


def _fragment(schema: Schema, name: str, element: Any) -> bytes:
    try:
        return encode_fragment(schema, element, name)
    except SeccError as error:
        raise SignatureError(f"{name} cannot be digested: {error}") from error


def _reference(identifier: str, algorithm: str, value: bytes) -> xmldsig.Reference:
    transform = xmldsig.Transform(algorithm=CANONICAL_EXI)
    return xmldsig.Reference(
        uri=f"#{identifier}",
        transforms=xmldsig.Transforms(transform=(transform,)),
        digest_method=xmldsig.DigestMethod(algorithm=algorithm),
        digest_value=value,
    )


def _check_references(
    signature: Signature, elements: Elements, schema: Schema, algorithm: str
) -> None:
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
        if any(t.algorithm != CANONICAL_EXI or t.x_path for t in transforms):
            raise SignatureError(f"{name} was transformed before it was digested")
        if reference.digest_method.algorithm != algorithm:
            raise SignatureError(f"the digest of {name} is not {HASHES[algorithm]}")
        if reference.digest_value != digest(name, element, schema, algorithm):
            raise SignatureError(f"{name} is not what was signed")
