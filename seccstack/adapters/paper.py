"""A contract for a demonstration: minted with its authorities for one run, then forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from seccstack.auth import ecdsa
from seccstack.errors import UsageError
from seccstack.events import Action, Event
from seccstack.session.events import VerifyContract, VerifySignature
from seccstack.session.verification import Verifier
from seccstack.sim.demo import PlugAndCharge
from seccstack.sim.wallet import Wallet

EMAID = "DE8AA1A2B3C4D5V"
VALID = timedelta(days=30)
ANSWER_SECONDS = 0.005  # what the arithmetic is taken to last
SIGNS = frozenset({"digital_signature"})
ISSUES = frozenset({"key_cert_sign", "crl_sign"})
FLAGS = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
    *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


def chain_of(wall_time: int) -> tuple[Issuer, Issuer, Issuer, Issuer]:
    """Mint a contract that is good at this time: it, two authorities, and their root."""
    begins = datetime.fromtimestamp(wall_time, UTC) - timedelta(hours=1)
    root = Issuer.mint("MO Root CA", begins)
    first = root.issue("MO Sub-CA 1", begins, depth=1)
    second = first.issue("MO Sub-CA 2", begins, depth=0)
    return second.issue(EMAID, begins), second, first, root


def wallet_of(chain: Sequence[x509.Certificate], key: ec.EllipticCurvePrivateKey) -> Wallet:
    """Return what a vehicle has that pays by this contract."""
    octets = tuple(one.public_bytes(Encoding.DER) for one in chain)
    return Wallet(EMAID, octets, lambda signed: ecdsa.sign(key, signed))


def paper(wall_time: int) -> PlugAndCharge:
    """Mint such a contract, and who verifies it."""
    contract, second, first, root = chain_of(wall_time)
    verifier = Verifier([root.certificate])
    chain = [one.certificate for one in (contract, second, first)]
    wallet = wallet_of(chain, contract.key)

    def answer(question: Action) -> tuple[float, Event]:
        if not isinstance(question, VerifyContract | VerifySignature):
            raise UsageError("a demonstration has no provisioning service, and no back office")
        return ANSWER_SECONDS, verifier.answer(question)

    return PlugAndCharge(wallet, answer)


@dataclass(frozen=True, slots=True)
class Issuer:
    """A certificate, and the key that may sign for it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @staticmethod
    def mint(name: str, begins: datetime) -> Issuer:
        """Make a root."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _named(name)
        return Issuer(_certificate(subject, key, subject, key, begins, None), key)

    def issue(self, name: str, begins: datetime, depth: int = -1) -> Issuer:
        """Issue to somebody; ``depth`` -1: to one who may not issue in turn."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject, issuer = _named(name), self.certificate.subject
        return Issuer(_certificate(subject, key, issuer, self.key, begins, depth), key)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    begins: datetime,
    depth: int | None,
) -> x509.Certificate:
    authority = depth is None or depth >= 0
    usages = ISSUES if authority else SIGNS
    constraints = x509.BasicConstraints(authority, depth if authority else None)
    return (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + VALID)
        .add_extension(constraints, critical=True)
        .add_extension(x509.KeyUsage(*(flag in usages for flag in FLAGS)), critical=True)
        .sign(signer, hashes.SHA256())
    )
