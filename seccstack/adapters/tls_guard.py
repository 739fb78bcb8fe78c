"""TLS as the configuration has it: chains that are looked after, a gate for every stream."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from cryptography import x509

from seccstack import config
from seccstack.adapters.gate import Above, Gate, Wire
from seccstack.adapters.tls import TlsGate
from seccstack.adapters.tls_chains import Chains
from seccstack.adapters.tls_context import Policy, Security
from seccstack.errors import ConfigError
from seccstack.events import CertificatesRead, Event

LOOK_SECONDS = 10.0  # between looks whether a chain has changed, or ended


class TlsGuard:
    """Sets a gate before every stream, and says which chains there are."""

    def __init__(self, security: Security) -> None:
        self._security = security
        self._timer: asyncio.TimerHandle | None = None
        self._said: CertificatesRead | None = None

    def gate(self, wire: Wire, above: Above) -> Gate:
        """Set one."""
        return TlsGate(self._security, wire, above)

    def start(self, feed: Callable[[Event], None]) -> None:
        """Read the chains, and look after them."""
        self._said = None
        self._look(feed)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, feed: Callable[[Event], None]) -> None:
        chains = self._security.chains
        chains.look()
        names = tuple(chain.offer.name for chain in chains.valid)
        said = CertificatesRead(names, tuple(chains.problems))
        if said != self._said:
            self._said = said
            feed(said)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(LOOK_SECONDS, self._look, feed)


def guard(tls: config.Tls, key_log: Callable[[bytes], None]) -> TlsGuard:
    """Make what the configuration asks for; ConfigError if it cannot be."""
    policy = Policy(tls.mode == "require", tls.gcm, tuple(_roots(tls.vehicle_roots)))
    chains = Chains(tls.chains, time.time)
    return TlsGuard(Security(policy, chains, time.time, key_log))


def _roots(paths: Iterable[str]) -> Iterable[x509.Certificate]:
    for path in map(Path, paths):
        try:
            yield from x509.load_pem_x509_certificates(path.read_bytes())
        except OSError as error:
            problem = f"cannot read {path}: {error.strerror}"
            raise ConfigError(
                "tls.vehicle_roots", problem, "name files that are there"
            ) from error
        except ValueError as error:
            problem = f"{path} is no certificate in PEM: {error}"
            right = "name files of the roots of vehicles' makers, in PEM"
            raise ConfigError("tls.vehicle_roots", problem, right) from error
