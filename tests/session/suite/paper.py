"""The certificates of the cases: a PKI minted anew, and what is wrong with some of it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from pki import layout, minting, profiles
from pki.provisioning import Credential, Service, Trusted

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def der(minted):
    return minted.certificate.public_bytes(Encoding.DER)


def credential(minted):
    return Credential(tuple(c.public_bytes(Encoding.DER) for c in minted.chain), minted.key)


def trusted(minted):
    return Trusted((minted.root.certificate,), credential(minted).chain[1:])


def expired(order):
    return replace(order, begins=NOW - 60 * DAY, ends=NOW - DAY)


@dataclass(frozen=True)
class Paper:
    """All that is minted, by tree and member; ``again``: the same trees once more."""

    minted: dict
    again: dict

    @property
    def contract(self):
        return credential(self.minted["mo/contract"])

    @property
    def maker(self):
        return credential(self.minted["oem/oem_provisioning"])

    @property
    def operators(self):
        return trusted(self.minted["mo/contract"])

    @property
    def emaid(self):
        return self.minted["mo/contract"].order.common_name

    def service(self):
        return Service(
            credential(self.minted["v2g-a/cps"]),
            self.contract,
            makers=trusted(self.minted["oem/oem_provisioning"]),
            operators=self.operators,
        )

    def anew(self, name, change, issuer=None):
        """Mint a certificate with its order changed."""
        good = self.minted[name]
        return minting.mint(good.name, change(good.order), issuer or good.issuer)

    def below(self, name):
        """A contract's chain in which one authority has expired."""
        first = self.minted["mo/mo_sub1"]
        if name == "mo/mo_sub1":
            first = self.anew(name, expired)
            second = self.anew("mo/mo_sub2", lambda order: order, first)
        else:
            second = self.anew(name, expired)
        return credential(self.anew("mo/contract", lambda order: order, second))

    def with_country(self):
        """A contract whose subject names a country once more than it should."""
        good = self.minted["mo/contract"]
        parts = [*good.certificate.subject, *[country(code) for code in ("DE", "FR")]]
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name(parts))
            .issuer_name(good.certificate.issuer)
            .public_key(good.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(good.order.begins)
            .not_valid_after(good.order.ends)
        )
        for extension in good.certificate.extensions:
            builder = builder.add_extension(extension.value, extension.critical)
        leaf = builder.sign(good.issuer.key, hashes.SHA256())
        octets = leaf.public_bytes(Encoding.DER)
        return Credential((octets, *self.contract.chain[1:]), good.key)


def country(code):
    return x509.NameAttribute(NameOID.COUNTRY_NAME, code)


def minted():
    """Mint everything twice: the second time for strangers."""
    known = profiles.load()
    return Paper(layout.mint_all(known, NOW), layout.mint_all(known, NOW))
