"""OpenSSL as ISO 15118 wants it: one context for each certificate chain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL
from OpenSSL.crypto import X509

from seccstack.adapters.tls_chains import Chain, Chains
from seccstack.tls import names
from seccstack.tls.alerts import Alert
from seccstack.tls.choice import Choice, Refusal, choose
from seccstack.tls.handshake import ClientHello

# AES-GCM first, because CBC is what has been attacked; the last one is that of ISO 15118-2.
# Level 2 would do for it too, but levels change their meaning from one OpenSSL to the next.
GCM_SUITES = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
SUITES = "ECDHE-ECDSA-AES128-SHA256:@SECLEVEL=1"
SUITES_OF_TLS_1_3 = b"TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"


class Noting(Protocol):
    """Who is told what OpenSSL does with its connection; the connection's app data."""

    stapled: bool
    alert_read: Alert | None
    alert_sent: Alert | None


@dataclass(frozen=True, slots=True)
class Policy:
    """What an owner has said of TLS.

    ``vehicle_roots``: whom vehicles' own certificates have to be from, in TLS 1.3; without
    any, none is asked for.
    """

    required: bool
    gcm: bool = True
    vehicle_roots: tuple[x509.Certificate, ...] = ()


class Security:
    """Chains, and a context of OpenSSL for each of them."""

    def __init__(
        self,
        policy: Policy,
        chains: Chains,
        clock: Callable[[], float],
        key_log: Callable[[bytes], None],
    ) -> None:
        self.policy = policy
        self.chains = chains
        self._clock = clock
        self._key_log = key_log
        self._contexts: dict[str, tuple[Chain, SSL.Context]] = {}

    def begin(self, hello: ClientHello) -> tuple[Choice, SSL.Connection] | Refusal:
        """Choose a chain for a vehicle, and begin a connection that shows it."""
        chains = {id(chain.offer): chain for chain in self.chains.valid}
        offers = [chain.offer for chain in chains.values()]
        choice = choose(hello, offers, gcm=self.policy.gcm)
        if isinstance(choice, Refusal):
            return choice
        chain = chains[id(choice.offer)]
        kept = self._contexts.get(choice.offer.name)
        if kept is None or kept[0] is not chain:
            kept = self._contexts[choice.offer.name] = chain, self._context(chain)
        connection = SSL.Connection(kept[1], None)
        connection.set_accept_state()
        return choice, connection

    def _context(self, chain: Chain) -> SSL.Context:
        newest = chain.offer.version == names.TLS_1_3
        version = SSL.TLS1_3_VERSION if newest else SSL.TLS1_2_VERSION
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(version)
        context.set_max_proto_version(version)
        context.set_options(
            SSL.OP_NO_TICKET
            | SSL.OP_NO_RENEGOTIATION
            | SSL.OP_NO_COMPRESSION
            | SSL.OP_CIPHER_SERVER_PREFERENCE
        )
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        suites = (GCM_SUITES if self.policy.gcm else "") + SUITES
        context.set_cipher_list(suites.encode())
        context.set_tls13_ciphersuites(SUITES_OF_TLS_1_3)
        if not newest:
            context.set_tmp_ecdh(ec.SECP256R1())
        elif self.policy.vehicle_roots:
            self._ask_for_vehicles(context)
        leaf, *above = chain.certificates
        context.use_certificate(leaf)
        context.use_privatekey(chain.key)
        for certificate in above:
            context.add_extra_chain_cert(certificate)
        context.set_info_callback(_on_info)
        context.set_ocsp_server_callback(self._staple, chain)
        context.set_keylog_callback(lambda _, line: self._key_log(line + b"\n"))
        return context

    def _ask_for_vehicles(self, context: SSL.Context) -> None:
        store = context.get_cert_store()
        assert store is not None  # noqa: S101 - every context has one
        for root in self.policy.vehicle_roots:
            store.add_cert(X509.from_cryptography(root))
            context.add_client_ca(root)
        mode = SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT
        context.set_verify(mode, lambda *verified: bool(verified[-1]))

    def _staple(self, connection: SSL.Connection, chain: Chain | None) -> bytes:
        staple = None if chain is None else chain.staple
        if staple is None or self._clock() > staple.until:
            return b""
        noting: Noting = connection.get_app_data()
        noting.stapled = True
        return staple.octets


def _on_info(connection: SSL.Connection, where: int, what: int) -> None:
    """Take note of an alert; OpenSSL's own errors name them differently in each version."""
    if where & SSL.SSL_CB_ALERT:
        noting: Noting = connection.get_app_data()
        alert = Alert(what >> 8, what & 0xFF)
        if where & SSL.SSL_CB_READ:
            noting.alert_read = alert
        else:
            noting.alert_sent = alert
