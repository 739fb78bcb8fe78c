"""OpenSSL speaks TLS with itself, in memory; what it sends, and its secrets, are kept."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from OpenSSL import SSL

MAC_INSIDE = 0x80000  # SSL_OP_NO_ENCRYPT_THEN_MAC
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def named(common_name):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def certificate(owner="SECC", issuer="CPO Sub-CA 2", key=None, signer=None, changed=None):
    """A certificate in DER; ``changed`` may add to its builder."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(owner))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(0xC0FFEE)
        .not_valid_before(BEGAN)
        .not_valid_after(BEGAN + timedelta(days=90))
    )
    builder = changed(builder) if changed else builder
    signer = signer or ec.generate_private_key(ec.SECP256R1())
    return builder.sign(signer, hashes.SHA256())


@cache
def _identity():
    key = ec.generate_private_key(ec.SECP256R1())
    signed = certificate(key=key, signer=key)
    return key, signed


@dataclass
class Spoken:
    """What was sent, in order, and the key log of it."""

    sent: list[tuple[str, bytes]] = field(default_factory=list)
    key_log: bytes = b""

    def by(self, sender):
        return b"".join(octets for who, octets in self.sent if who == sender)


class Pair:
    """A client and a server that have shaken hands."""

    def __init__(self, suite, options=0):
        self.spoken = Spoken()
        self.ends = {who: self._end(who, suite, options) for who in ("client", "server")}
        self.ends["client"].set_connect_state()
        self.ends["server"].set_accept_state()
        for _ in range(3):
            for who, end in self.ends.items():
                self._try(end.do_handshake)
                self._carry(who)

    def _end(self, who, suite, options):
        context = SSL.Context(SSL.TLS_METHOD)
        if suite.startswith("TLS_"):
            context.set_min_proto_version(SSL.TLS1_3_VERSION)
            context.set_tls13_ciphersuites(suite.encode())
            context.set_cipher_list(b"DEFAULT@SECLEVEL=0")
        else:
            context.set_max_proto_version(SSL.TLS1_2_VERSION)
            context.set_cipher_list(f"{suite}@SECLEVEL=0".encode())
        context.set_options(options)
        if who == "server":
            key, signed = _identity()
            context.use_privatekey(key)
            context.use_certificate(signed)
        else:
            context.set_keylog_callback(self._log)
        return SSL.Connection(context, None)

    def _log(self, _, line):
        self.spoken.key_log += line + b"\n"

    def _try(self, call):
        with suppress(SSL.WantReadError):
            call()

    def _carry(self, who):
        other = self.ends["server" if who == "client" else "client"]
        try:
            octets = self.ends[who].bio_read(1 << 20)
        except SSL.WantReadError:
            return
        self.spoken.sent.append((who, octets))
        other.bio_write(octets)

    def say(self, who, octets):
        self.ends[who].send(octets)
        self._carry(who)

    def listen(self, who):
        """Let an end read what has come, and answer."""
        self._try(lambda: self.ends[who].recv(1 << 14))
        self._carry(who)

    def close(self, who):
        self.ends[who].shutdown()
        self._carry(who)


def speak(suite, options=0, said=(("client", b"request"), ("server", b"response"))):
    """A whole connection."""
    pair = Pair(suite, options)
    for who, octets in said:
        pair.say(who, octets)
    pair.close("client")
    return pair.spoken
