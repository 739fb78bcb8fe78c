"""The extensions of TLS messages (RFC 6066, 6961, 8422, 8446) that matter in this field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from seccstack.tls import names
from seccstack.tls.cursor import Cursor

SERVER_NAME, TRUSTED_CA_KEYS, STATUS_REQUEST, SUPPORTED_GROUPS = 0, 3, 5, 10
SIGNATURE_ALGORITHMS, STATUS_REQUEST_V2, ENCRYPT_THEN_MAC, EARLY_DATA = 13, 17, 22, 42
SUPPORTED_VERSIONS, CERTIFICATE_AUTHORITIES, KEY_SHARE = 43, 47, 51

HOST_NAME = 0  # NameType of a server_name
OCSP, OCSP_MULTI = 1, 2  # CertificateStatusType

PRE_AGREED, KEY_SHA1_HASH, X509_NAME, CERT_SHA1_HASH = range(4)  # IdentifierType
IDENTIFIERS: Mapping[int, str] = {
    PRE_AGREED: "pre_agreed",
    KEY_SHA1_HASH: "key_sha1_hash",
    X509_NAME: "x509_name",
    CERT_SHA1_HASH: "cert_sha1_hash",
}
SHA1_SIZE = 20


@dataclass(frozen=True, slots=True)
class TrustedAuthority:
    """TrustedAuthority, of trusted_ca_keys: a root that the client has; a name is in DER."""

    kind: int
    octets: bytes = b""

    def __str__(self) -> str:
        return f"{IDENTIFIERS[self.kind]} {self.octets.hex().upper()}".strip()


@dataclass(frozen=True, slots=True)
class Extensions:
    """What a message's extensions say; of those without a field, that they were there."""

    kinds: tuple[int, ...] = ()  # of all, in their order
    server_name: str = ""
    trusted_ca_keys: tuple[TrustedAuthority, ...] = ()
    status_request: tuple[int, ...] = ()  # CertificateStatusType, of either version
    supported_groups: tuple[int, ...] = ()
    signature_algorithms: tuple[int, ...] = ()
    supported_versions: tuple[int, ...] = ()  # of a server: the one that it has chosen
    certificate_authorities: tuple[bytes, ...] = ()  # names in DER
    key_shares: tuple[int, ...] = ()  # the groups of them
    certificate_status: bytes = b""  # an OCSP response, of a certificate in TLS 1.3

    def __contains__(self, kind: int) -> bool:
        return kind in self.kinds


Parser = Callable[[Cursor], Any]


def _server_name(cursor: Cursor) -> str:
    entries = cursor.vector(2)
    found = ""
    while entries.left:
        kind, octets = entries.number(1), entries.opaque(2)
        if kind == HOST_NAME and not found:
            found = octets.decode("ascii", "backslashreplace")
    return found


def _trusted_ca_keys(cursor: Cursor) -> tuple[TrustedAuthority, ...]:
    entries = cursor.vector(2)
    found = []
    while entries.left:
        kind = entries.number(1)
        if kind not in IDENTIFIERS:
            raise entries.refuse(f"identifier type {kind} before this")
        if kind == X509_NAME:
            octets = entries.opaque(2)
        else:
            octets = entries.take(0 if kind == PRE_AGREED else SHA1_SIZE)
        found.append(TrustedAuthority(kind, octets))
    return tuple(found)


def _status_request(cursor: Cursor) -> tuple[int, ...]:
    kind = cursor.number(1)
    if kind == OCSP:
        cursor.opaque(2)
        cursor.opaque(2)
    else:
        cursor.rest()
    return (kind,)


def _status_request_v2(cursor: Cursor) -> tuple[int, ...]:
    entries = cursor.vector(2)
    found = []
    while entries.left:
        found.append(entries.number(1))
        entries.opaque(2)
    return tuple(found)


def _listed(length: int, size: int) -> Parser:
    return lambda cursor: cursor.vector(length).numbers(size)


def _names(cursor: Cursor) -> tuple[bytes, ...]:
    entries = cursor.vector(2)
    found = []
    while entries.left:
        found.append(entries.opaque(2))
    return tuple(found)


def _key_shares(cursor: Cursor) -> tuple[int, ...]:
    entries = cursor.vector(2)
    found = []
    while entries.left:
        found.append(entries.number(2))
        entries.opaque(2)
    return tuple(found)


def _key_share(cursor: Cursor) -> tuple[int, ...]:
    """Read a server's: a group and its share, or in a HelloRetryRequest a group alone."""
    group = cursor.number(2)
    if cursor.left:
        cursor.opaque(2)
    return (group,)


def _certificate_status(cursor: Cursor) -> bytes:
    return cursor.opaque(3) if cursor.number(1) == OCSP else cursor.rest()


Parsers = Mapping[int, tuple[str, Parser]]

OF_CLIENT: Parsers = {
    SERVER_NAME: ("server_name", _server_name),
    TRUSTED_CA_KEYS: ("trusted_ca_keys", _trusted_ca_keys),
    STATUS_REQUEST: ("status_request", _status_request),
    SUPPORTED_GROUPS: ("supported_groups", _listed(2, 2)),
    SIGNATURE_ALGORITHMS: ("signature_algorithms", _listed(2, 2)),
    STATUS_REQUEST_V2: ("status_request", _status_request_v2),
    SUPPORTED_VERSIONS: ("supported_versions", _listed(1, 2)),
    CERTIFICATE_AUTHORITIES: ("certificate_authorities", _names),
    KEY_SHARE: ("key_shares", _key_shares),
}
OF_SERVER: Parsers = {
    SUPPORTED_GROUPS: ("supported_groups", _listed(2, 2)),
    SUPPORTED_VERSIONS: ("supported_versions", lambda cursor: (cursor.number(2),)),
    KEY_SHARE: ("key_shares", _key_share),
}
OF_CERTIFICATE: Parsers = {STATUS_REQUEST: ("certificate_status", _certificate_status)}


def read_extensions(cursor: Cursor, parsers: Parsers) -> Extensions:
    """Read the extensions that follow, or none where the message ends."""
    if not cursor.left:
        return Extensions()
    kinds: dict[int, None] = {}
    found: dict[str, Any] = {}
    block = cursor.vector(2)
    while block.left:
        kind = block.number(2)
        name = names.name(names.EXTENSIONS, kind)
        if kind in kinds:
            raise block.refuse(f"{name} for the second time")
        kinds[kind] = None
        body = block.vector(2, f"{cursor.path}.{name}")
        if kind in parsers:
            field, parse = parsers[kind]
            value = parse(body)
            body.finish()
            found[field] = found[field] + value if field in found else value
    return Extensions(tuple(kinds), **found)
