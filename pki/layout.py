"""Where everything lies: one fixed layout for our charger and, beside it, that of `iso15118`.

index.json             what every file is
roots/TREE.pem         trust anchors
chains/NAME/           chain.pem (leaf first, no root), key.pem, root.pem, ocsp.der: what
                       `[tls] chains` of a charger names; of vehicles and contracts too
certificates/ keys/    each certificate (PEM and DER) and each key, by its name
revocation/            lists of the revoked (DER), one per authority
specimens/NAME/        laid out like chains/NAME, each wrong in one way
iso15118_2/            what the package iso15118 looks for below its PKI_PATH
iso15118_20/           the same of ISO 15118-20, as a PKI_PATH of its own: the package knows one
                       name for all, and its OEM chain is what its vehicle shows in TLS 1.3
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from pki import minting, revocation, specimens
from pki.errors import PkiError
from pki.minting import Key, Minted
from pki.profiles import Profiles
from pki.specimens import Specimen

# The names that the package iso15118 gives to certificates and keys.
PEER_OF_V2G = {
    "v2g_root": ("v2gRootCACert", "v2gRootCA"),
    "cpo_sub1": ("cpoSubCA1Cert", "cpoSubCA1"),
    "cpo_sub2": ("cpoSubCA2Cert", "cpoSubCA2"),
    "secc": ("seccLeafCert", "seccLeaf"),
    "cps_sub1": ("cpsSubCA1Cert", "cpsSubCA1"),
    "cps_sub2": ("cpsSubCA2Cert", "cpsSubCA2"),
    "cps": ("cpsLeafCert", "cpsLeaf"),
}
PEER_OF_MO = {
    "mo_root": ("moRootCACert", "moRootCA"),
    "mo_sub1": ("moSubCA1Cert", "moSubCA1"),
    "mo_sub2": ("moSubCA2Cert", "moSubCA2"),
    "contract": ("contractLeafCert", "contractLeaf"),
}
PEER_OF_OEM = ("oemRootCA", "oemSubCA1", "oemSubCA2", "oemLeaf")
ISO2_OEM = ("oem_root", "oem_sub1", "oem_sub2", "oem_provisioning")
ISO20_OEM = ("oem_root", "vehicle_sub1", "vehicle_sub2", "vehicle")


@dataclass(frozen=True, slots=True)
class Peer:
    """What the package iso15118 is given: trees, and whose chain is that of its vehicle."""

    folder: str
    trees: tuple[str, str, str]  # of V2G, of the mobility operator, of the vehicle's maker
    oem: tuple[str, ...]

    @property
    def names(self) -> dict[str, tuple[str, str]]:
        """Of each certificate, what its file and that of its key are called there."""
        v2g, mo, oem = self.trees
        files = zip(self.oem, PEER_OF_OEM, strict=True)
        return {
            **{f"{v2g}/{member}": both for member, both in PEER_OF_V2G.items()},
            **{f"{mo}/{member}": both for member, both in PEER_OF_MO.items()},
            **{f"{oem}/{member}": (f"{name}Cert", name) for member, name in files},
        }

    @property
    def chains(self) -> dict[str, str]:
        """Of each chain, what its file is called there."""
        v2g, _, oem = self.trees
        return {f"{v2g}/secc": "cpoCertChain", f"{oem}/{self.oem[-1]}": "oemCertChain"}


PEERS = (
    Peer("iso15118_2", ("v2g-a", "mo", "oem"), ISO2_OEM),
    Peer("iso15118_20/iso15118_2", ("v2g-20", "mo-20", "oem-20"), ISO20_OEM),
)
PEER_PASSWORDS = ("seccLeaf", "oemLeaf", "contractLeaf", "cpsLeaf", "moSubCA2Leaf")


class Folder:
    """What is written below one folder, with a line about each file."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.index: list[dict[str, Any]] = []

    def write(
        self,
        name: str,
        octets: bytes,
        about: str | dict[str, Any],
        *,
        secret: bool = False,
    ) -> None:
        """Write a file, and say what it is; a secret one is for its owner only."""
        path = self._place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
        with os.fdopen(handle, "wb") as file:
            file.write(octets)
        told = {"what": about} if isinstance(about, str) else about
        self.index.append({"path": name, **told})

    def finish(self, minted_at: datetime) -> None:
        """Write the index."""
        whole = {"minted": minted_at.isoformat(timespec="seconds"), "files": self.index}
        text = json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
        (self._place / "index.json").write_text(text, encoding="utf-8")


def pem(der: bytes) -> bytes:
    """Return a certificate as PEM, whatever it is worth."""
    text = base64.encodebytes(der).replace(b"\n", b"")
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    begin, end = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
    return b"\n".join([begin, *lines, end, b""])


def key_pem(key: Key) -> bytes:
    """Return a private key as PEM, without a password."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _octets(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def build(out: Path, profiles: Profiles, now: datetime) -> int:
    """Mint everything, and put it in place at once or not at all; return how many files."""
    _refuse(out)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise PkiError(f"cannot write in {out.parent}: {error.strerror}") from error
    try:
        folder = Folder(partial)
        _fill(folder, profiles, now)
        folder.finish(now)
        partial.chmod(0o755)
        partial.replace(out)
    except OSError as error:
        raise PkiError(f"cannot write {out}: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return len(folder.index) + 1


def _refuse(out: Path) -> None:
    try:
        taken = out.exists() and (not out.is_dir() or any(out.iterdir()))
    except OSError as error:
        raise PkiError(f"cannot look into {out}: {error.strerror}") from error
    if taken:
        raise PkiError(f"{out} is there already: name a folder that is not, or is empty")


def _fill(folder: Folder, profiles: Profiles, now: datetime) -> None:
    minted = mint_all(profiles, now)
    signers = _signers(profiles, minted.values(), now)
    wrong = specimens.make(specimens.Workshop(profiles, minted, signers, now))
    for one in minted.values():
        _write_one(folder, one)
        if one.issuer is None:
            anchor = pem(_octets(one.certificate))
            folder.write(f"roots/{_tree(one)}.pem", anchor, _about(one))
        elif not one.order.ca:
            _write_chain(folder, profiles, one, signers, now)
    for signer in signers.values():
        _write_one(folder, signer)
    _write_lists(folder, minted.values(), wrong, profiles, now)
    for specimen in wrong:
        _write_specimen(folder, specimen)
    for peer in PEERS:
        _write_peer(folder, peer, minted)


def mint_all(profiles: Profiles, now: datetime) -> dict[str, Minted]:
    """Mint every tree."""
    minted: dict[str, Minted] = {}
    for tree in profiles.trees:
        for member in tree.members:
            wanted = minting.order(profiles, tree.standard, member, now, tree.name)
            issuer = minted.get(f"{tree.name}/{wanted.profile.issuer}")
            name = f"{tree.name}/{member}"
            minted[name] = minting.mint(name, minting.within(wanted, issuer), issuer)
    return minted


def _signers(profiles: Profiles, minted: Iterable[Minted], now: datetime) -> dict[str, Minted]:
    standards = {tree.name: tree.standard for tree in profiles.trees}
    return {
        one.name: revocation.signer_for(profiles, one, standards[_tree(one)], _tree(one), now)
        for one in minted
        if one.order.ca
    }


def _tree(minted: Minted) -> str:
    return minted.name.partition("/")[0]


def _flat(name: str) -> str:
    return name.replace("/", ".")


def _about(minted: Minted) -> dict[str, Any]:
    certificate = minted.certificate
    return {
        "what": minted.order.profile.title,
        "name": minted.name,
        "subject": certificate.subject.rfc4514_string(),
        "issuer": None if minted.issuer is None else minted.issuer.name,
        "curve": minted.order.standard.curve,
        "not_after": certificate.not_valid_after_utc.isoformat(timespec="seconds"),
        "source": minted.order.profile.source,
    }


def _write_one(folder: Folder, minted: Minted) -> None:
    der, name = _octets(minted.certificate), _flat(minted.name)
    folder.write(f"certificates/{name}.pem", pem(der), _about(minted))
    folder.write(f"certificates/{name}.der", der, _about(minted))
    what = {"what": f"key of the {minted.order.profile.title}", "name": minted.name}
    folder.write(f"keys/{name}.key", key_pem(minted.key), what, secret=True)


def _write_chain(
    folder: Folder,
    profiles: Profiles,
    leaf: Minted,
    signers: dict[str, Minted],
    now: datetime,
) -> None:
    place, about = f"chains/{_flat(leaf.name)}", _about(leaf)
    chain = b"".join(pem(_octets(link)) for link in leaf.chain)
    folder.write(f"{place}/chain.pem", chain, about | {"what": f"chain: {about['what']}"})
    folder.write(f"{place}/key.pem", key_pem(leaf.key), "its key", secret=True)
    folder.write(f"{place}/root.pem", pem(_octets(leaf.root.certificate)), "its root")
    if leaf.issuer is not None and leaf.order.profile.ocsp != "forbidden":
        signer = signers[leaf.issuer.name]
        answer = revocation.response(leaf, signer, now, profiles.mint.ocsp_days)
        staple = answer.public_bytes(Encoding.DER)
        folder.write(f"{place}/ocsp.der", staple, "its OCSP response: good")


def _write_lists(
    folder: Folder,
    minted: Iterable[Minted],
    wrong: Iterable[Specimen],
    profiles: Profiles,
    now: datetime,
) -> None:
    revoked = {
        specimen.base: x509.load_der_x509_certificate(specimen.chain[0])
        for specimen in wrong
        if specimen.revoked
    }
    issuers = {one.name: one.issuer for one in minted}
    for one in minted:
        if one.order.ca:
            own = [leaf for base, leaf in revoked.items() if issuers[base] is one]
            listed = revocation.revocation_list(one, own, now, profiles.mint.ocsp_days)
            octets = listed.public_bytes(Encoding.DER)
            what = f"what the {one.order.profile.title} has revoked: {len(own)}"
            about = {"what": what, "name": one.name}
            folder.write(f"revocation/{_flat(one.name)}.crl", octets, about)


def _write_specimen(folder: Folder, specimen: Specimen) -> None:
    place = f"specimens/{specimen.name}"
    about = {"wrong": specimen.wrong, "field": specimen.field, "name": specimen.base}
    chain = b"".join(pem(link) for link in specimen.chain)
    folder.write(f"{place}/chain.pem", chain, {"what": "a chain that is wrong", **about})
    folder.write(f"{place}/leaf.der", specimen.chain[0], {"what": "its leaf", **about})
    folder.write(f"{place}/key.pem", key_pem(specimen.key), "its key", secret=True)
    folder.write(f"{place}/root.pem", pem(specimen.root), "its root")
    if specimen.ocsp is not None:
        folder.write(f"{place}/ocsp.der", specimen.ocsp, "its OCSP response")


def _write_peer(folder: Folder, peer: Peer, minted: dict[str, Minted]) -> None:
    """Write for the package iso15118, as far as its trees are minted."""
    certificates, keys = f"{peer.folder}/certs", f"{peer.folder}/private_keys"
    for name, (certificate, key) in peer.names.items():
        if name in minted:
            one, what = minted[name], f"for the package iso15118: {name}"
            der = _octets(one.certificate)
            folder.write(f"{certificates}/{certificate}.pem", pem(der), what)
            folder.write(f"{certificates}/{certificate}.der", der, what)
            folder.write(f"{keys}/{key}.key", key_pem(one.key), what, secret=True)
    for name, chain in peer.chains.items():
        if name in minted:
            octets = b"".join(pem(_octets(link)) for link in minted[name].chain)
            what = f"for the package iso15118: chain of {name}"
            folder.write(f"{certificates}/{chain}.pem", octets, what)
    for name in PEER_PASSWORDS:
        what = "for the package iso15118: no password"
        folder.write(f"{keys}/{name}Password.txt", b"\n", what, secret=True)
