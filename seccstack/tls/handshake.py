"""Handshake messages of TLS 1.2 (RFC 5246, 8422) and TLS 1.3 (RFC 8446)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from seccstack.tls import extensions as ext
from seccstack.tls import names
from seccstack.tls.cursor import Cursor
from seccstack.tls.extensions import Extensions, read_extensions

HEADER_SIZE = 4  # HandshakeType, and a length of three octets
MAX_MESSAGE = 65536  # octets; four certificates with an OCSP response each have 8 k

(CLIENT_HELLO, SERVER_HELLO, NEW_SESSION_TICKET, ENCRYPTED_EXTENSIONS) = (1, 2, 4, 8)
(CERTIFICATE, SERVER_KEY_EXCHANGE, CERTIFICATE_REQUEST) = (11, 12, 13)
(CERTIFICATE_VERIFY, FINISHED, CERTIFICATE_STATUS, KEY_UPDATE) = (15, 20, 22, 24)

TYPES: Mapping[int, str] = {
    0: "HelloRequest",
    1: "ClientHello",
    2: "ServerHello",
    4: "NewSessionTicket",
    5: "EndOfEarlyData",
    8: "EncryptedExtensions",
    11: "Certificate",
    12: "ServerKeyExchange",
    13: "CertificateRequest",
    14: "ServerHelloDone",
    15: "CertificateVerify",
    16: "ClientKeyExchange",
    20: "Finished",
    21: "CertificateURL",
    22: "CertificateStatus",
    24: "KeyUpdate",
}

RETRY = bytes.fromhex(  # random of a ServerHello that is a HelloRetryRequest
    "CF21AD74E59A6111BE1D8C021E65B891C2A211167ABB8C5E079E09E2C8A8339C"
)
NAMED_CURVE = 3  # ECCurveType


@dataclass(frozen=True, slots=True)
class ClientHello:
    """ClientHello: what a client can do, and what it wants to see."""

    version: int  # legacy_version: the greatest up to TLS 1.2
    random: bytes
    session_id: bytes
    cipher_suites: tuple[int, ...]
    extensions: Extensions

    @property
    def versions(self) -> tuple[int, ...]:
        """The versions that it offers: by the extension, or else the greatest alone."""
        return self.extensions.supported_versions or (self.version,)


@dataclass(frozen=True, slots=True)
class ServerHello:
    """ServerHello, or HelloRetryRequest: what the server has chosen."""

    legacy_version: int
    random: bytes
    session_id: bytes
    cipher_suite: int
    compression: int
    extensions: Extensions

    @property
    def retry(self) -> bool:
        """Whether it is a HelloRetryRequest."""
        return self.random == RETRY

    @property
    def version(self) -> int:
        """The version that it has chosen."""
        return (self.extensions.supported_versions or (self.legacy_version,))[0]


@dataclass(frozen=True, slots=True)
class EncryptedExtensions:
    """EncryptedExtensions: what else the server has to say, in TLS 1.3."""

    extensions: Extensions


@dataclass(frozen=True, slots=True)
class Certificate:
    """Certificate: a chain in DER, the owner's first; in TLS 1.3 with an OCSP response each."""

    chain: tuple[bytes, ...]
    statuses: tuple[bytes, ...] = ()  # one for each, empty where there is none


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """CertificateStatus: OCSP responses for the chain, in its order."""

    responses: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class CertificateRequest:
    """CertificateRequest: the client shall show a certificate too."""

    signature_algorithms: tuple[int, ...]
    authorities: tuple[bytes, ...]  # names in DER


@dataclass(frozen=True, slots=True)
class ServerKeyExchange:
    """ServerKeyExchange: the server's share of the secret, of TLS 1.2, and who signed it."""

    group: int | None
    signature: int | None


@dataclass(frozen=True, slots=True)
class CertificateVerify:
    """CertificateVerify: the proof of having a certificate's key."""

    signature: int


@dataclass(frozen=True, slots=True)
class KeyUpdate:
    """KeyUpdate: its sender takes the next keys from here on."""

    requested: bool  # whether the other side shall do so too


@dataclass(frozen=True, slots=True)
class Other:
    """A message with nothing in it for a bystander: Finished, a ticket, an unknown type."""

    kind: int
    size: int


Message = (
    ClientHello
    | ServerHello
    | EncryptedExtensions
    | Certificate
    | CertificateStatus
    | CertificateRequest
    | ServerKeyExchange
    | CertificateVerify
    | KeyUpdate
    | Other
)


def name_of(kind: int) -> str:
    """Return what the standard calls a HandshakeType."""
    return TYPES.get(kind, f"handshake message {kind}")


def decode(kind: int, body: bytes, version: int = names.TLS_1_2) -> Message:
    """Read the body of a message; ``version`` is what was negotiated, as far as it was."""
    decoders = _OF_TLS_1_3 if version >= names.TLS_1_3 else _OF_TLS_1_2
    decoders = decoders if version >= names.TLS_1_2 else _OF_OLDER
    if kind not in decoders:
        return Other(kind, len(body))
    cursor = Cursor(body, name_of(kind))
    message = decoders[kind](cursor)
    cursor.finish()
    return message


def _client_hello(cursor: Cursor) -> ClientHello:
    version, random = cursor.number(2), cursor.take(32)
    session_id = cursor.opaque(1)
    suites = cursor.vector(2).numbers(2)
    cursor.opaque(1)  # compression_methods: nobody compresses
    found = read_extensions(cursor, ext.OF_CLIENT)
    return ClientHello(version, random, session_id, suites, found)


def _server_hello(cursor: Cursor) -> ServerHello:
    version, random = cursor.number(2), cursor.take(32)
    session_id = cursor.opaque(1)
    suite, compression = cursor.number(2), cursor.number(1)
    found = read_extensions(cursor, ext.OF_SERVER)
    return ServerHello(version, random, session_id, suite, compression, found)


def _certificate(cursor: Cursor) -> Certificate:
    entries = cursor.vector(3)
    chain = []
    while entries.left:
        chain.append(entries.opaque(3))
    return Certificate(tuple(chain))


def _certificate_1_3(cursor: Cursor) -> Certificate:
    cursor.opaque(1)  # certificate_request_context
    entries = cursor.vector(3)
    chain, statuses = [], []
    while entries.left:
        chain.append(entries.opaque(3))
        found = read_extensions(entries, ext.OF_CERTIFICATE)
        statuses.append(found.certificate_status)
    return Certificate(tuple(chain), tuple(statuses))


def _certificate_status(cursor: Cursor) -> CertificateStatus:
    kind = cursor.number(1)
    if kind == ext.OCSP:
        return CertificateStatus((cursor.opaque(3),))
    if kind != ext.OCSP_MULTI:
        raise cursor.refuse(f"status type {kind} before this")
    entries = cursor.vector(3)
    responses = []
    while entries.left:
        responses.append(entries.opaque(3))
    return CertificateStatus(tuple(responses))


def _certificate_request(cursor: Cursor) -> CertificateRequest:
    cursor.opaque(1)  # certificate_types: the signature algorithms say it better
    algorithms = cursor.vector(2).numbers(2)
    entries = cursor.vector(2)
    authorities = []
    while entries.left:
        authorities.append(entries.opaque(2))
    return CertificateRequest(algorithms, tuple(authorities))


def _certificate_request_1_3(cursor: Cursor) -> CertificateRequest:
    cursor.opaque(1)  # certificate_request_context
    found = read_extensions(cursor, ext.OF_CLIENT)
    return CertificateRequest(found.signature_algorithms, found.certificate_authorities)


def _server_key_exchange(cursor: Cursor) -> ServerKeyExchange:
    if cursor.number(1) != NAMED_CURVE:  # Diffie-Hellman in a field, or an explicit curve
        cursor.rest()
        return ServerKeyExchange(None, None)
    group = cursor.number(2)
    cursor.opaque(1)
    signature = cursor.number(2)
    cursor.opaque(2)
    return ServerKeyExchange(group, signature)


def _certificate_verify(cursor: Cursor) -> CertificateVerify:
    signature = cursor.number(2)
    cursor.opaque(2)
    return CertificateVerify(signature)


def _encrypted_extensions(cursor: Cursor) -> EncryptedExtensions:
    return EncryptedExtensions(read_extensions(cursor, ext.OF_SERVER))


def _key_update(cursor: Cursor) -> KeyUpdate:
    return KeyUpdate(cursor.number(1) == 1)


_Decoders = Mapping[int, Callable[[Cursor], Message]]

_OF_OLDER: _Decoders = {
    CLIENT_HELLO: _client_hello,
    SERVER_HELLO: _server_hello,
    CERTIFICATE: _certificate,
}
_OF_TLS_1_2: _Decoders = {
    **_OF_OLDER,
    SERVER_KEY_EXCHANGE: _server_key_exchange,
    CERTIFICATE_REQUEST: _certificate_request,
    CERTIFICATE_VERIFY: _certificate_verify,
    CERTIFICATE_STATUS: _certificate_status,
}
_OF_TLS_1_3: _Decoders = {
    CLIENT_HELLO: _client_hello,
    SERVER_HELLO: _server_hello,
    ENCRYPTED_EXTENSIONS: _encrypted_extensions,
    CERTIFICATE: _certificate_1_3,
    CERTIFICATE_REQUEST: _certificate_request_1_3,
    CERTIFICATE_VERIFY: _certificate_verify,
    KEY_UPDATE: _key_update,
}
