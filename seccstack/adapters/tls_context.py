"""OpenSSL as ISO 15118 wants it: one context for each certificate chain.

In TLS 1.3 a vehicle is always asked for a certificate of its own, and told which roots that may
be from. Groups and signatures are those of ISO 15118-20 alone, except in a lab. These, and why
a certificate is refused, can be said only to what pyOpenSSL is made of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric import ec
from OpenSSL import SSL
from OpenSSL._util import ffi, lib
from OpenSSL.crypto import FILETYPE_ASN1, X509, dump_certificate

from seccstack.adapters.tls_chains import Chain, Chains
from seccstack.adapters.tls_vehicles import FINE, MOST_SHOWN, Shown, Trust
from seccstack.tls import names
from seccstack.tls.alerts import Alert
from seccstack.tls.choice import Choice, Refusal, choose
from seccstack.tls.handshake import ClientHello

# AES-GCM first, because CBC is what has been attacked; the last one is that of ISO 15118-2.
# Level 2 would do for it too, but levels change their meaning from one OpenSSL to the next.
GCM_SUITES = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
SUITES = "ECDHE-ECDSA-AES128-SHA256:@SECLEVEL=1"
SUITES_OF_TLS_1_3 = b"TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
GROUPS, GROUPS_OF_A_LAB = b"P-521:X448", b"P-521:X448:P-384:P-256:X25519"
SIGNATURES = b"ecdsa_secp521r1_sha512:ed448"

INTERNAL_ERROR = 80  # the alert


class NotNarrowedError(Exception):
    """OpenSSL cannot be kept to what ISO 15118-20 names."""


class Noting(Protocol):
    """Who is told what OpenSSL does with its connection; the connection's app data."""

    stapled: bool
    shown: Shown
    alert_read: Alert | None
    alert_sent: Alert | None


@dataclass(frozen=True, slots=True)
class Policy:
    """What an owner has said of TLS.

    ``vehicle_required``: whether a vehicle has to show a certificate of its own in TLS 1.3;
    ``lab``: whether groups and signatures will do there that ISO 15118-20 does not name.
    """

    required: bool
    gcm: bool = True
    vehicle_required: bool = False
    lab: bool = False


class Security:
    """Chains, and a context of OpenSSL for each of them."""

    def __init__(
        self,
        policy: Policy,
        chains: Chains,
        clock: Callable[[], float],
        key_log: Callable[[bytes], None],
        trust: Trust = Trust(),  # noqa: B008 - it is frozen
    ) -> None:
        self.policy = policy
        self.chains = chains
        self.trust = trust  # of vehicles' certificates; another one holds from then on
        self._clock = clock
        self._key_log = key_log
        self._contexts: dict[str, tuple[Chain, Trust, SSL.Context]] = {}

    @property
    def shown(self) -> list[Chain]:
        """The chains that can be shown now: in TLS 1.3, only to who can show one as well."""
        barred = self.policy.vehicle_required and not self.trust.roots
        newest = names.TLS_1_3 if barred else None
        return [chain for chain in self.chains.valid if chain.offer.version != newest]

    def begin(
        self, hello: ClientHello, noting: Noting
    ) -> tuple[Choice, SSL.Connection] | Refusal:
        """Choose a chain for a vehicle, and begin a connection that shows it."""
        chains = {id(chain.offer): chain for chain in self.shown}
        offers = [chain.offer for chain in chains.values()]
        choice = choose(hello, offers, gcm=self.policy.gcm, lab=self.policy.lab)
        if isinstance(choice, Refusal):
            return choice
        chain = chains[id(choice.offer)]
        kept = self._contexts.get(choice.offer.name)
        if kept is None or kept[0] is not chain or kept[1] is not self.trust:
            try:
                made = self._context(chain, self.trust)
            except NotNarrowedError:
                why = "this OpenSSL does not know the groups and signatures of ISO 15118-20"
                return Refusal(INTERNAL_ERROR, why)
            kept = self._contexts[choice.offer.name] = chain, self.trust, made
        connection = SSL.Connection(kept[2], None)
        connection.set_app_data(noting)
        connection.set_accept_state()
        if choice.version == names.TLS_1_3:
            self._ask_for_vehicle(connection, noting.shown)
        return choice, connection

    def _context(self, chain: Chain, trust: Trust) -> SSL.Context:
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
        if newest:
            self._narrow(context)
            self._name_roots(context, trust)
        else:
            context.set_tmp_ecdh(ec.SECP256R1())
        leaf, *above = chain.certificates
        context.use_certificate(leaf)
        context.use_privatekey(chain.key)
        for certificate in above:
            context.add_extra_chain_cert(certificate)
        context.set_info_callback(_on_info)
        context.set_ocsp_server_callback(self._staple, chain)
        context.set_keylog_callback(lambda _, line: self._key_log(line + b"\n"))
        return context

    def _narrow(self, context: SSL.Context) -> None:
        """Take the groups and signatures of ISO 15118-20, and no others."""
        inner = context._context
        groups = GROUPS_OF_A_LAB if self.policy.lab else GROUPS
        narrowed = lib.SSL_CTX_set1_curves_list(inner, groups) == 1
        if not self.policy.lab:
            narrowed = lib.SSL_CTX_set1_sigalgs_list(inner, SIGNATURES) == 1 and narrowed
        if not narrowed:  # it would take any instead
            raise NotNarrowedError

    def _name_roots(self, context: SSL.Context, trust: Trust) -> None:
        store = context.get_cert_store()
        assert store is not None  # noqa: S101 - every context has one
        for root in trust.roots:
            store.add_cert(X509.from_cryptography(root))
            context.add_client_ca(root)
        context.set_verify_depth(MOST_SHOWN)

    def _ask_for_vehicle(self, connection: SSL.Connection, shown: Shown) -> None:
        """Have what the vehicle shows weighed, certificate by certificate."""
        trust = self.trust

        def weigh(ok: int, store: Any) -> int:
            error = lib.X509_STORE_CTX_get_error(store)
            depth = lib.X509_STORE_CTX_get_error_depth(store)
            octets = _der(lib.X509_STORE_CTX_get_current_cert(store))
            verdict = shown.weigh(octets, error, depth, trust, self._clock())
            lib.X509_STORE_CTX_set_error(store, verdict)
            return int(verdict == FINE)

        needed = SSL.VERIFY_FAIL_IF_NO_PEER_CERT if self.policy.vehicle_required else 0
        shown.weighing = ffi.callback("int(int, X509_STORE_CTX *)", weigh)
        lib.SSL_set_verify(connection._ssl, SSL.VERIFY_PEER | needed, shown.weighing)

    def _staple(self, connection: SSL.Connection, chain: Chain | None) -> bytes:
        staple = None if chain is None else chain.staple
        if staple is None or self._clock() > staple.until:
            return b""
        noting: Noting = connection.get_app_data()
        noting.stapled = True
        return staple.octets


def _der(certificate: Any) -> bytes:
    """Return the octets of a certificate, whatever it is worth."""
    lib.X509_up_ref(certificate)
    return dump_certificate(FILETYPE_ASN1, X509._from_raw_x509_ptr(certificate))


def _on_info(connection: SSL.Connection, where: int, what: int) -> None:
    """Take note of an alert; OpenSSL's own errors name them differently in each version."""
    if where & SSL.SSL_CB_ALERT:
        noting: Noting = connection.get_app_data()
        alert = Alert(what >> 8, what & 0xFF)
        if where & SSL.SSL_CB_READ:
            noting.alert_read = alert
        else:
            noting.alert_sent = alert
