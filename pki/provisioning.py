"""A certificate provisioning service for labs: it gives vehicles the contract of our PKI.

It holds the keys that a charger must not: the provisioning service's own, which signs, and the
contract's, which it encrypts for the one vehicle that may have it. The way is that of ISO
15118-2: ECDH on secp256r1 with a key that is made for one answer, ConcatKDF with SHA-256, and
AES-128-CBC behind a random vector.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from pki.errors import PkiError
from seccstack.auth import chain, ecdsa, emaid
from seccstack.errors import SeccError
from seccstack.messages import iso2
from seccstack.messages.codec import Schema, decode, encode
from seccstack.messages.iso2 import ResponseCode
from seccstack.messages.xmldsig import Signature
from seccstack.session import signature
from seccstack.session.signature import SignatureError

# AlgorithmID, PartyUInfo (sender), PartyVInfo (receiver) of the key derivation
OTHER_INFO = bytes([0x01, 0x55, 0x56])
KEY_OCTETS = 16  # AES-128
VECTOR_OCTETS = 16
SCALAR_OCTETS = 32  # a private key of secp256r1
MAKER = "OEM"  # the domain of a vehicle maker's certificates
NO_EMAID = "0" * 14  # eMAIDType has at least 14 characters

Wish = iso2.CertificateInstallationReq | iso2.CertificateUpdateReq


class _RefusalError(Exception):
    def __init__(self, code: ResponseCode) -> None:
        self.code = code
        super().__init__(code.value)


@dataclass(frozen=True, slots=True)
class Credential:
    """A chain in DER, the leaf first and without its root, with the leaf's key."""

    chain: tuple[bytes, ...]
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    def message(self, identifier: str | None = None) -> iso2.CertificateChain:
        """Write it as messages have it."""
        subs = iso2.SubCertificates(certificate=self.chain[1:])
        return iso2.CertificateChain(
            id=identifier,
            certificate=self.chain[0],
            sub_certificates=subs if self.chain[1:] else None,
        )


@dataclass(frozen=True, slots=True)
class Trusted:
    """Where chains may end, and authorities that messages leave out."""

    roots: tuple[x509.Certificate, ...]
    between: tuple[bytes, ...] = ()


def read_credential(folder: Path) -> Credential:
    """Read a chain folder of the layout; PkiError if it is none."""
    try:
        certificates = x509.load_pem_x509_certificates((folder / "chain.pem").read_bytes())
        key = load_pem_private_key((folder / "key.pem").read_bytes(), None)
    except (OSError, ValueError) as error:
        raise PkiError(f"{folder} is no chain with its key: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise PkiError(f"{folder}: the key is not of a curve")
    return Credential(tuple(one.public_bytes(Encoding.DER) for one in certificates), key)


def read_trusted(folder: Path) -> Trusted:
    """Read whom a chain folder's certificates lead to."""
    between = read_credential(folder).chain[1:]
    try:
        roots = x509.load_pem_x509_certificates((folder / "root.pem").read_bytes())
    except (OSError, ValueError) as error:
        raise PkiError(f"{folder} has no root: {error}") from error
    return Trusted(tuple(roots), between)


class Service:
    """Answers requests for contracts; ``signer``: the provisioning service's credential."""

    def __init__(
        self, signer: Credential, contract: Credential, makers: Trusted, operators: Trusted
    ) -> None:
        self._signer, self._contract = signer, contract
        self._makers, self._operators = makers, operators
        leaf = x509.load_der_x509_certificate(contract.chain[0])
        [name] = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        self.emaid = str(name.value)

    def answer(self, request: bytes, now: float) -> bytes:
        """Answer the EXI of a message, at this time; PkiError if it is no such request."""
        try:
            message = decode(Schema.ISO2, request).message
        except SeccError as error:
            raise PkiError(f"what came is no message: {error}") from error
        if not isinstance(message, iso2.V2G_Message) or not isinstance(message.body, Wish):
            raise PkiError("what came is no request for a contract")
        try:
            receiver = self._check(message.body, message.header.signature, now)
        except _RefusalError as refusal:
            return self._refused(message, refusal.code)
        return self._delivered(message, receiver)

    def _check(
        self, wish: Wish, signed: Signature | None, now: float
    ) -> ec.EllipticCurvePublicKey:
        if isinstance(wish, iso2.CertificateInstallationReq):
            leaf, makers = wish.oem_provisioning_cert, self._makers
            key = _signer_of(leaf, wish, signed)
            with _refusing():
                car, _ = chain.follow_to_root(leaf, makers.between, makers.roots, now)
            if _domains(car) != [MAKER]:
                raise _RefusalError(ResponseCode.FAILED_NO_CERTIFICATE_AVAILABLE)
            return key
        shown = wish.contract_signature_cert_chain
        subs = shown.sub_certificates.certificate if shown.sub_certificates else ()
        key = _signer_of(shown.certificate, wish, signed)
        with _refusing():
            contract = chain.verify(shown.certificate, subs, self._operators.roots, now)
        _check_order(shown.certificate, subs)
        if not all(emaid.same(one, self.emaid) for one in (wish.emaid, contract.emaid)):
            raise _RefusalError(ResponseCode.FAILED_NO_CERTIFICATE_AVAILABLE)
        return key

    def _delivered(
        self, message: iso2.V2G_Message, receiver: ec.EllipticCurvePublicKey
    ) -> bytes:
        public, encrypted = encrypt(self._contract.key, receiver)
        contract = self._contract.message("id1")
        key = iso2.ContractSignatureEncryptedPrivateKey(id="id2", value=encrypted)
        point = iso2.DiffieHellmanPublickey(id="id3", value=public)
        name = iso2.EMAID(id="id4", value=self.emaid)
        signed = signature.made(
            {
                "id1": ("ContractSignatureCertChain", contract),
                "id2": ("ContractSignatureEncryptedPrivateKey", key),
                "id3": ("DHpublickey", point),
                "id4": ("eMAID", name),
            },
            lambda octets: ecdsa.sign(self._signer.key, octets),
        )
        signer, code = self._signer.message(), ResponseCode.OK
        body = _response(message.body, code, signer, contract, key, point, name)
        return _encoded(message, body, signed)

    def _refused(self, message: iso2.V2G_Message, code: ResponseCode) -> bytes:
        nothing = iso2.CertificateChain(certificate=b"")
        body = _response(
            message.body,
            code,
            nothing,
            iso2.CertificateChain(id="id1", certificate=b""),
            iso2.ContractSignatureEncryptedPrivateKey(id="id2", value=b""),
            iso2.DiffieHellmanPublickey(id="id3", value=b""),
            iso2.EMAID(id="id4", value=NO_EMAID),
        )
        return _encoded(message, body, None)


def encrypt(
    secret: ec.EllipticCurvePrivateKey, receiver: ec.EllipticCurvePublicKey
) -> tuple[bytes, bytes]:
    """Encrypt a private key for who holds another; return the point to agree with, and it."""
    ours = ec.generate_private_key(ec.SECP256R1())
    agreed = derived(ours.exchange(ec.ECDH(), receiver))
    vector = secrets.token_bytes(VECTOR_OCTETS)
    encryptor = Cipher(algorithms.AES(agreed), modes.CBC(vector)).encryptor()
    scalar = secret.private_numbers().private_value.to_bytes(SCALAR_OCTETS)
    octets = vector + encryptor.update(scalar) + encryptor.finalize()
    return ecdsa.point_of(ours.public_key()), octets


def decrypt(
    octets: bytes, point: bytes, key: ec.EllipticCurvePrivateKey
) -> ec.EllipticCurvePrivateKey:
    """Decrypt as the vehicle does that holds the key."""
    agreed = derived(key.exchange(ec.ECDH(), ecdsa.public_key(point)))
    vector, body = octets[:VECTOR_OCTETS], octets[VECTOR_OCTETS:]
    decryptor = Cipher(algorithms.AES(agreed), modes.CBC(vector)).decryptor()
    scalar = decryptor.update(body) + decryptor.finalize()
    return ec.derive_private_key(int.from_bytes(scalar), ec.SECP256R1())


def derived(shared: bytes) -> bytes:
    """Derive a key of AES from what ECDH has agreed on."""
    return ConcatKDFHash(hashes.SHA256(), KEY_OCTETS, OTHER_INFO).derive(shared)


def _signer_of(leaf: bytes, wish: Wish, signed: Signature | None) -> ec.EllipticCurvePublicKey:
    """Return the key of a certificate, with which the request has to be signed."""
    try:
        key = x509.load_der_x509_certificate(leaf).public_key()
    except chain.UNREADABLE as error:
        raise _RefusalError(ResponseCode.FAILED_CERT_CHAIN_ERROR) from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp256r1":
        raise _RefusalError(ResponseCode.FAILED_CERT_CHAIN_ERROR)
    try:
        about = signature.statement(signed, {wish.id: (type(wish).__name__, wish)})
    except SignatureError as error:
        raise _RefusalError(ResponseCode.FAILED_SIGNATURE_ERROR) from error
    if not ecdsa.holds(ecdsa.point_of(key), about.signed, about.value):
        raise _RefusalError(ResponseCode.FAILED_SIGNATURE_ERROR)
    return key


@contextmanager
def _refusing() -> Iterator[None]:
    """Refuse what a chain is found to be; what has no code of its own has no contract here."""
    try:
        yield
    except chain.ChainError as error:
        code = ResponseCode(error.fault.value)
        if error.fault is chain.Fault.NOT_ALLOWED:
            code = ResponseCode.FAILED_NO_CERTIFICATE_AVAILABLE
        raise _RefusalError(code) from error


def _domains(certificate: x509.Certificate) -> list[str]:
    found = certificate.subject.get_attributes_for_oid(NameOID.DOMAIN_COMPONENT)
    return [str(domain.value) for domain in found]


def _check_order(leaf: bytes, subs: Sequence[bytes]) -> None:
    certificates = [x509.load_der_x509_certificate(der) for der in (leaf, *subs)]
    for below, above in pairwise(certificates):
        if below.issuer != above.subject:
            raise _RefusalError(ResponseCode.FAILED_CERT_CHAIN_ERROR)


def _response(
    wish: object,
    code: ResponseCode,
    provisioner: iso2.CertificateChain,
    contract: iso2.CertificateChain,
    encrypted: iso2.ContractSignatureEncryptedPrivateKey,
    public: iso2.DiffieHellmanPublickey,
    name: iso2.EMAID,
) -> iso2.CertificateInstallationRes | iso2.CertificateUpdateRes:
    install = isinstance(wish, iso2.CertificateInstallationReq)
    kind = iso2.CertificateInstallationRes if install else iso2.CertificateUpdateRes
    return kind(
        response_code=code,
        sa_provisioning_certificate_chain=provisioner,
        contract_signature_cert_chain=contract,
        contract_signature_encrypted_private_key=encrypted,
        dh_public_key=public,
        emaid=name,
    )


def _encoded(
    message: iso2.V2G_Message,
    body: iso2.CertificateInstallationRes | iso2.CertificateUpdateRes,
    signed: Signature | None,
) -> bytes:
    header = iso2.MessageHeader(session_id=message.header.session_id, signature=signed)
    return encode(Schema.ISO2, iso2.V2G_Message(header=header, body=body))
