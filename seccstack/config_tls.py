"""The part of the configuration that is about TLS."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from seccstack.errors import ConfigError

Folder = Annotated[str, Meta(min_length=1)]


class Tls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Encryption of V2G messages, for vehicles that ask for it.

    "offer" serves both; "require" answers no vehicle that does without.
    """

    mode: Literal["forbid", "offer", "require"] = "forbid"
    # folders with chain.pem, key.pem, root.pem and ocsp.der each, or folders of such folders;
    # of several, the one whose root a vehicle says to know
    chains: Annotated[list[Folder], Meta(max_length=32)] = []
    # for ISO 15118-20, where a vehicle has a certificate, too: files with the roots of makers
    # and of V2G, in PEM, and with lists of revoked certificates, in DER or PEM; "hard": one of
    # which no list of today says anything is refused
    vehicle_roots: Annotated[list[Folder], Meta(max_length=32)] = []
    vehicle_lists: Annotated[list[Folder], Meta(max_length=128)] = []
    vehicle_revocation: Literal["soft", "hard"] = "soft"
    # one without in TLS 1.3: turned away; or served, but not in ISO 15118-20
    vehicle: Literal["require", "accept"] = "require"
    # "lab": in TLS 1.3 also what tools speak and ISO 15118-20 does not name, as secp256r1; and
    # ISO 15118-20 without TLS, or without a vehicle's certificate
    profile: Literal["standard", "lab"] = "standard"
    gcm: bool = True  # AES-GCM, which ISO 15118-2 does not name, for vehicles that offer it
    # a vehicle that has used TLS here before comes without: charge it as any, or no longer for
    # its claims alone
    downgrade: Literal["report", "refuse"] = "report"


def check_tls(tls: Tls, *, networked: bool) -> None:
    """Refuse what cannot be; ``networked``: whether there is a network to encrypt."""
    if tls.mode == "forbid":
        return
    if not tls.chains:
        raise ConfigError(
            "tls.chains",
            "is empty",
            "name the folder of a certificate chain; `python -m pki` makes some for a lab",
        )
    if not networked:
        raise ConfigError(
            "tls.mode",
            f"is {tls.mode!r}, and nothing goes over a network here",
            "name network.interface, or a powerline",
        )
