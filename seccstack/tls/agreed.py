"""What the two ends of a connection have agreed on, and so which keys they take."""

from __future__ import annotations

from seccstack.tls import keylog, names, protection
from seccstack.tls.extensions import ENCRYPT_THEN_MAC
from seccstack.tls.handshake import ClientHello, ServerHello
from seccstack.tls.keylog import KeyLog
from seccstack.tls.opener import Opener
from seccstack.tls.suites import Suite, suite_of

NO_SECRETS = "no key log (--keylog) has its secrets"


class Agreed:
    """The hellos of a connection, as far as they were seen."""

    def __init__(self, secrets: KeyLog) -> None:
        self.hello: ClientHello | None = None
        self.chosen: ServerHello | None = None
        self._secrets = secrets

    @property
    def version(self) -> int:
        """The version: TLS 1.2 until another is chosen."""
        return self.chosen.version if self.chosen else names.TLS_1_2

    @property
    def tls_1_3(self) -> bool:
        """Whether TLS 1.3 was chosen."""
        return self.version >= names.TLS_1_3

    def opener(self, *, server: bool) -> Opener:
        """Return what opens what an end sends from now on."""
        if self.hello is None or self.chosen is None:
            return Opener(())
        suite = suite_of(self.chosen.cipher_suite)
        if suite is None or suite.tls_1_3 != self.tls_1_3:
            return Opener(())
        if self.tls_1_3:
            return self._opener_1_3(suite, self.hello.random, "SERVER" if server else "CLIENT")
        return self._opener_1_2(suite, self.hello.random, self.chosen, server=server)

    def _opener_1_3(self, suite: Suite, random: bytes, side: str) -> Opener:
        first = self._secrets.secret(random, f"{side}_{keylog.HANDSHAKE}")
        then = self._secrets.secret(random, f"{side}_{keylog.APPLICATION}")
        return Opener(protection.of_tls_1_3(suite, first, then))

    def _opener_1_2(
        self, suite: Suite, random: bytes, chosen: ServerHello, *, server: bool
    ) -> Opener:
        master = self._secrets.secret(random, keylog.MASTER)
        if master is None or self._too_old(chosen):
            return Opener(())
        randoms = (random, chosen.random)
        outside = ENCRYPT_THEN_MAC in chosen.extensions
        keys = protection.of_tls_1_2(suite, master, randoms, server=server, outside=outside)
        return Opener((keys,))

    def _too_old(self, chosen: ServerHello) -> bool:
        return self.version < names.TLS_1_2 or chosen.compression != 0

    def why(self, opener: Opener) -> str:
        """Say why that opener opens nothing."""
        hello, chosen = self.hello, self.chosen
        if opener.failed:
            return "the logged secret is wrong, or another connection's"
        if hello is None or chosen is None:
            return f"the capture lacks its {'ClientHello' if hello is None else 'ServerHello'}"
        if self._too_old(chosen):
            return f"it is {names.name(names.VERSIONS, self.version)}, or compressed"
        suite = suite_of(chosen.cipher_suite)
        if suite is None or suite.tls_1_3 != self.tls_1_3:
            return f"cipher suite {names.name(names.SUITES, chosen.cipher_suite)}"
        known = self._secrets.knows(hello.random)
        return "the key log lacks some of its secrets" if known else NO_SECRETS
