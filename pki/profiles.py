"""The profiles of certificates, from `profiles.toml` and what an operator lays over it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from pki.errors import PkiError

DEFAULT = Path(__file__).with_name("profiles.toml")
MOST_OCTETS = 1 << 20  # of a profile file: ours has 16 thousand
MAY_BE_RELATIVE = ("secc_id", "emaid", "provisioning_id", "evcc_id")

Need = Literal["required", "optional", "forbidden"]
Usage = Literal[
    "digitalSignature",
    "nonRepudiation",
    "keyEncipherment",
    "dataEncipherment",
    "keyAgreement",
    "keyCertSign",
    "cRLSign",
]
Extended = Literal["serverAuth", "clientAuth", "OCSPSigning"]
NEEDS = frozenset({"required", "optional", "forbidden"})


class Mint(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is written into every certificate, or into those that identify somebody."""

    organisation: Annotated[str, Meta(min_length=1, max_length=64)]
    country: Annotated[str, Meta(pattern=r"\A[A-Z]{2}\Z")]
    emaid: Annotated[str, Meta(pattern=r"\A[A-Z]{2}[A-Z0-9]{12,13}\Z")]
    secc_id: Annotated[str, Meta(min_length=1, max_length=64)]
    provisioning_id: Annotated[str, Meta(min_length=1, max_length=64)]
    evcc_id: Annotated[str, Meta(min_length=1, max_length=64)]
    ocsp_url: str
    crl_url: str
    ocsp_days: Annotated[int, Meta(ge=1, le=365)]


class Tree(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Certificates below one root; a member's issuer is a member before it."""

    name: Annotated[str, Meta(pattern=r"\A[a-z0-9-]{1,32}\Z")]
    standard: str
    members: Annotated[list[str], Meta(min_length=1, max_length=16)]


class Standard(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What all certificates of a standard have in common."""

    curve: Literal["secp256r1", "secp384r1", "secp521r1", "ed448"]
    signature: str
    most_octets: int

    @property
    def hash_name(self) -> str | None:
        """The hash in the signature algorithm; Ed448 has its own."""
        return self.signature.removeprefix("ecdsa-with-") if self.curve != "ed448" else None


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one kind of certificate has to be."""

    title: str
    source: str
    common_name: str
    days: Annotated[int, Meta(ge=1, le=36525)]
    ca: bool
    key_usage: dict[Usage, Need]
    disputed: str = ""
    issuer: str = ""  # empty: its own
    domain_component: str = "optional"
    domain_minted: str = ""
    country: Need = "optional"
    path_length: Annotated[int, Meta(ge=0, le=2)] | None = None
    key_usage_minted: list[Usage] = []
    extended_key_usage: Need | Extended = "forbidden"
    extended_minted: Extended | Literal[""] = ""
    ocsp: Need = "optional"
    crl: Need = "optional"
    peer: str = ""

    @property
    def domain(self) -> str | None:
        """The domain component that it is minted with."""
        if self.domain_component in NEEDS:
            return self.domain_minted or None
        return self.domain_component

    @property
    def usages(self) -> list[Usage]:
        """The key usages that it is minted with."""
        always = [usage for usage, need in self.key_usage.items() if need == "required"]
        if self.key_usage_minted:
            return self.key_usage_minted
        if self.ca:
            return [*always, "cRLSign"]
        agreeing: list[Usage] = ["keyAgreement"] if "keyAgreement" in self.key_usage else []
        return [*always, *(usage for usage in agreeing if usage not in always)]

    @property
    def extended(self) -> str:
        """The extended key usage that it is minted with, or none."""
        if self.extended_minted:
            return self.extended_minted
        return "" if self.extended_key_usage in NEEDS else self.extended_key_usage


class Profiles(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole file."""

    mint: Mint
    trees: Annotated[list[Tree], Meta(max_length=64)]
    standards: dict[str, Standard]
    profiles: dict[str, dict[str, Profile]]

    def of(self, standard: str, member: str) -> Profile:
        """Return a member's profile; ``iso20-ed448`` has those of ``iso20``."""
        family = standard.partition("-")[0]
        for table in (self.profiles.get(family, {}), self.profiles.get("any", {})):
            if member in table:
                return table[member]
        raise PkiError(f"profiles.{family}.{member}: is asked for by a tree, and is not there")

    def common_name(self, profile: Profile) -> str:
        """Return the common name that a profile's certificate is minted with."""
        if profile.common_name in MAY_BE_RELATIVE:
            name: str = getattr(self.mint, profile.common_name)
            return name
        return profile.common_name


def load(path: Path | None = None) -> Profiles:
    """Read the profiles that come with this, and over them an operator's file."""
    raw = _toml(DEFAULT)
    if path is not None:
        raw = _over(raw, _toml(path))
    try:
        profiles = msgspec.convert(raw, Profiles)
    except msgspec.ValidationError as error:
        problem, _, place = str(error).partition(" - at `$")
        key = place.strip("`.") or "the file"
        raise PkiError(f"{path or DEFAULT}: {key}: {problem.replace('`', '')}") from error
    _check(profiles, path or DEFAULT)
    return profiles


def _toml(path: Path) -> dict[str, Any]:
    try:
        octets = path.read_bytes()
    except OSError as error:
        raise PkiError(f"cannot read {path}: {error.strerror}") from error
    if len(octets) > MOST_OCTETS:
        raise PkiError(f"{path} is too large for a file of profiles: {len(octets)} octets")
    try:
        return tomllib.loads(octets.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PkiError(f"{path} is not TOML: {error}") from error


def _over(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Lay a table over another; tables within are laid over each other, all else replaced."""
    merged = dict(base)
    for key, value in changes.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _over(merged[key], value) if both else value
    return merged


def _check(profiles: Profiles, path: Path) -> None:
    """Refuse trees that cannot be minted in the order in which they stand."""
    names: set[str] = set()
    for tree in profiles.trees:
        if tree.name in names:
            raise PkiError(f"{path}: two trees are named {tree.name}")
        names.add(tree.name)
        if tree.standard not in profiles.standards:
            known = ", ".join(sorted(profiles.standards))
            raise PkiError(f"{path}: tree {tree.name}: no standard {tree.standard}; {known}")
        before: set[str] = set()
        for member in tree.members:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", member) or member in before:
                raise PkiError(f"{path}: tree {tree.name}: no member can be {member!r} here")
            issuer = profiles.of(tree.standard, member).issuer
            if issuer and issuer not in before:
                raise PkiError(f"{path}: tree {tree.name}: {issuer} must stand before {member}")
            before.add(member)
