"""Certificates that are wrong on purpose, each in one way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding

from pki import forging, minting, revocation
from pki.minting import Key, Minted, Order
from pki.profiles import Profiles, Usage

SECC, CONTRACT, VEHICLE = "v2g-a/secc", "mo/contract", "oem-20/vehicle"
PREFIXES = {SECC: "", CONTRACT: "contract-", VEHICLE: "vehicle-"}


@dataclass(frozen=True, slots=True)
class Specimen:
    """A chain folder in the making; ``chain``: DER, the leaf first, whatever it is worth.

    ``field``: the name of the field that a check has to complain of, empty where only the
    whole chain, its key or its OCSP response is wrong.
    """

    name: str
    wrong: str
    base: str
    field: str
    chain: tuple[bytes, ...]
    key: Key
    root: bytes
    ocsp: bytes | None = None
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class Workshop:
    """What specimens are made from."""

    profiles: Profiles
    minted: Mapping[str, Minted]
    signers: Mapping[str, Minted]
    now: datetime

    def again(self, base: str, change: Callable[[Order], Order]) -> Minted:
        """Mint a certificate anew, with its order changed."""
        good = self.minted[base]
        return minting.mint(good.name, change(good.order), good.issuer)

    def staple(self, leaf: Minted, days: int = 0, **how: bool) -> bytes | None:
        """Have its issuer's signer answer for it."""
        signer = self.signers.get(leaf.issuer.name if leaf.issuer else "")
        if signer is None:
            return None
        days = days or self.profiles.mint.ocsp_days
        answer = revocation.response(leaf, signer, self.now, days, **how)
        return answer.public_bytes(Encoding.DER)


def _der(leaf: Minted) -> tuple[bytes, ...]:
    return tuple(certificate.public_bytes(Encoding.DER) for certificate in leaf.chain)


def make(workshop: Workshop) -> list[Specimen]:
    """Make all of them, of those certificates that there are."""
    made: list[Specimen] = []
    if SECC in workshop.minted:
        made += [*_forged(workshop), *_of_chains(workshop, SECC), *_of_answers(workshop)]
    if VEHICLE in workshop.minted:
        made += _of_chains(workshop, VEHICLE)
    for base, prefix in PREFIXES.items():
        if base in workshop.minted:
            made += _ordered(workshop, base, prefix)
            made.append(_revoked(workshop, base, f"{prefix}revoked"))
    return made


def _ordered(workshop: Workshop, base: str, prefix: str) -> list[Specimen]:
    """Make what a certificate authority could issue, and should not."""
    changes = _of_all(workshop, base) | OWN[base](workshop)
    return [
        _specimen(workshop, prefix + name, wrong, base, field, workshop.again(base, change))
        for name, (wrong, field, change) in changes.items()
    ]


Changes = dict[str, tuple[str, str, Callable[[Order], Order]]]


def _of_all(workshop: Workshop, base: str) -> Changes:
    now, day = workshop.now, timedelta(days=1)
    usages: tuple[Usage, ...] = ("keyEncipherment",)
    most = workshop.minted[base].order.standard.most_octets
    years = 20 if base == VEHICLE else 10
    curve = msgspec.structs.replace(workshop.minted[base].order.standard, curve="secp384r1")
    return {
        "expired": (
            "it ended yesterday",
            "validity",
            lambda o: replace(o, begins=now - 60 * day, ends=now - day),
        ),
        "not-yet-valid": (
            "it begins tomorrow",
            "validity",
            lambda o: replace(o, begins=now + day, ends=now + 60 * day),
        ),
        "wrong-usage": (
            "its key usage is not that of its kind",
            "key usage",
            lambda o: replace(o, usages=usages),
        ),
        "wrong-curve": (
            "its key lies on secp384r1",
            "public key",
            lambda o: replace(o, standard=curve),
        ),
        "is-an-authority": (
            "a leaf that may sign certificates",
            "basic constraints",
            lambda o: replace(o, ca=True),
        ),
        "unknown-critical": (
            "a critical extension that nobody knows",
            "extensions",
            lambda o: replace(o, unknown_critical=True),
        ),
        "too-large": (
            "more octets than a V2G message may carry of a certificate",
            "size",
            lambda o: replace(o, crl_url="http://crl.example/" + "x" * (most - 200)),
        ),
        "lives-too-long": (
            f"valid for {years} years",
            "validity",
            lambda o: replace(o, ends=now + 365 * years * day),
        ),
    }


def _of_secc(workshop: Workshop) -> Changes:
    return {
        "wrong-domain": (
            "its domain component is MO",
            "domain component",
            lambda o: replace(o, domain="MO"),
        ),
        "no-domain": (
            "it has no domain component",
            "domain component",
            lambda o: replace(o, domain=None),
        ),
        "no-country": (
            "it has no country",
            "country",
            lambda o: replace(o, country=None),
        ),
    }


def _of_contract(workshop: Workshop) -> Changes:
    return {
        "no-emaid": (
            "its common name is no eMAID",
            "common name",
            lambda o: replace(o, common_name="somebody"),
        )
    }


def _of_vehicle(workshop: Workshop) -> Changes:
    emaid = workshop.profiles.mint.emaid
    usages: tuple[Usage, ...] = ("digitalSignature", "nonRepudiation", "keyAgreement")
    return {
        "is-a-contract": (
            "a contract's certificate, of an authority for vehicles",
            "domain component",
            lambda o: replace(o, common_name=emaid, domain="MO", usages=usages, extended=""),
        ),
        "is-a-server": (
            "its key is for a server of TLS",
            "extended key usage",
            lambda o: replace(o, extended="serverAuth"),
        ),
        "without-a-name": (
            "its common name is no EVCCID",
            "common name",
            lambda o: replace(o, common_name="?"),
        ),
    }


OWN: Mapping[str, Callable[[Workshop], Changes]] = {
    SECC: _of_secc,
    CONTRACT: _of_contract,
    VEHICLE: _of_vehicle,
}


def _specimen(
    workshop: Workshop, name: str, wrong: str, base: str, field: str, leaf: Minted
) -> Specimen:
    root = leaf.root.certificate.public_bytes(Encoding.DER)
    staple = workshop.staple(leaf)
    return Specimen(name, wrong, base, field, _der(leaf), leaf.key, root, staple)


def _forged(workshop: Workshop) -> list[Specimen]:
    """Make what only ASN.1 can, and what is not even that."""
    good = workshop.minted[SECC]
    der = good.certificate.public_bytes(Encoding.DER)
    stranger = minting.new_key("secp256r1")
    forged = {
        "validity-reversed": (
            "it ends before it begins",
            "validity",
            forging.forge(good, forging.reverse_validity),
        ),
        "negative-serial": (
            "its serial number is negative",
            "serial number",
            forging.forge(good, forging.negate_serial),
        ),
        "double-extension": (
            "it has an extension twice",
            "extensions",
            forging.forge(good, forging.double_extension),
        ),
        "version-1": (
            "of version 1, with extensions",
            "version",
            forging.forge(good, forging.first_version),
        ),
        "algorithms-differ": (
            "it names one signature algorithm inside and another outside",
            "signature",
            forging.forge(good, forging.other_algorithm),
        ),
        "leaf-with-path": (
            "no authority, but a path length",
            "basic constraints",
            forging.forge(good, forging.leaf_with_path),
        ),
        "wrong-signature": (
            "signed by somebody else in its issuer's name",
            "signed by",
            forging.signed_by(good, stranger),
        ),
        "broken-der": ("cut short", "encoding", forging.cut_short(der)),
        "with-tail": ("octets behind its end", "encoding", forging.with_tail(der)),
        "long-length": ("a length that is not DER", "encoding", forging.long_length(der)),
    }
    above, root = _der(good)[1:], good.root.certificate.public_bytes(Encoding.DER)
    return [
        Specimen(name, wrong, SECC, field, (leaf, *above), good.key, root)
        for name, (wrong, field, leaf) in forged.items()
    ]


def _of_chains(workshop: Workshop, base: str) -> list[Specimen]:
    """Make chains in which every link may be right, but not their order, dates or key."""
    now, day, prefix = workshop.now, timedelta(days=1), PREFIXES[base]
    good = workshop.minted[base]
    sub2 = good.issuer
    assert sub2 is not None  # noqa: S101 - a tree has been checked
    below = sub2.order.common_name.replace("2", "3", 1)
    sub3 = minting.mint("sub3", replace(sub2.order, common_name=below), sub2)
    long = minting.mint(good.name, good.order, sub3)
    old = minting.mint(
        sub2.name, replace(sub2.order, begins=now - 60 * day, ends=now - day), sub2.issuer
    )
    below_old = minting.mint(good.name, good.order, old)
    chains = {
        "path-too-long": ("sub-CA 2 has signed another CA", "path", long),
        "expired-sub-ca": ("sub-CA 2 ended yesterday", "validity", below_old),
        "foreign-key": ("the key is another's", "", good),
    }
    too_long, expired, stolen = (
        _specimen(workshop, prefix + name, wrong, base, field, leaf)
        for name, (wrong, field, leaf) in chains.items()
    )
    another = minting.new_key(good.order.standard.curve)
    return [too_long, expired, replace(stolen, key=another), _impostor(workshop, base)]


def _impostor(workshop: Workshop, base: str) -> Specimen:
    """Make a whole chain again, all names the same, below a root that nobody knows."""
    good = workshop.minted[base]
    links: list[Minted] = []
    above: Minted | None = good
    while above is not None:
        links.insert(0, above)
        above = above.issuer
    made: Minted | None = None
    for link in links:
        made = minting.mint(link.name, link.order, made)
    assert made is not None  # noqa: S101 - it has at least a root
    wrong = "every name is right, and the root is a stranger's"
    root = good.root.certificate.public_bytes(Encoding.DER)
    name = f"{PREFIXES[base]}wrong-root"
    return Specimen(name, wrong, base, "", _der(made), made.key, root)


def _revoked(workshop: Workshop, base: str, name: str) -> Specimen:
    leaf = workshop.again(base, lambda wanted: wanted)
    specimen = _specimen(workshop, name, "its issuer has revoked it", base, "", leaf)
    return replace(specimen, ocsp=workshop.staple(leaf, revoked=True), revoked=True)


def _of_answers(workshop: Workshop) -> list[Specimen]:
    """Make what is right, beside an OCSP response that is not."""
    good = workshop.minted[SECC]
    other = workshop.again(SECC, lambda wanted: wanted)
    past = replace(workshop, now=workshop.now - timedelta(days=60))
    stale, foreign = "its OCSP response is out of date", "its OCSP response is another's"
    return [
        replace(
            _specimen(workshop, "stale-ocsp", stale, SECC, "", good), ocsp=past.staple(good)
        ),
        replace(
            _specimen(workshop, "foreign-ocsp", foreign, SECC, "", good),
            ocsp=workshop.staple(other),
        ),
    ]
