"""TLS as the configuration has it: chains that are looked after, a gate for every stream."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from seccstack.adapters.gate import Above, Gate, Wire
from seccstack.adapters.tls import TlsGate
from seccstack.adapters.tls_chains import Chains
from seccstack.adapters.tls_context import Policy, Security
from seccstack.adapters.tls_vehicles import TrustFiles
from seccstack.auth.chain import ISO20, LAB
from seccstack.config_tls import Tls
from seccstack.errors import ConfigError
from seccstack.events import CertificatesRead, Event

LOOK_SECONDS = 10.0  # between looks whether a chain has changed, or ended
NOBODY_KNOWN = (
    "in TLS 1.3 a vehicle has to show a certificate as well, and no root of vehicles is known "
    'here (tls.vehicle_roots, or tls.vehicle = "accept")'
)


class TlsGuard:
    """Sets a gate before every stream, and says which chains there are."""

    def __init__(self, security: Security, files: TrustFiles | None = None) -> None:
        self._security, self._files = security, files
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
        wrong: tuple[str, ...] = ()
        if self._files is not None:
            self._security.trust = self._files.look()
            wrong = self._files.problems
        shown = tuple(chain.offer.name for chain in self._security.shown)
        idle = tuple(
            f"{chain.offer.name} is shown to nobody: {NOBODY_KNOWN}"
            for chain in chains.valid
            if chain.offer.name not in shown
        )
        said = CertificatesRead(shown, (*chains.problems, *wrong, *idle))
        if said != self._said:
            self._said = said
            feed(said)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(LOOK_SECONDS, self._look, feed)


def guard(tls: Tls, key_log: Callable[[bytes], None]) -> TlsGuard:
    """Make what the configuration asks for; ConfigError if it cannot be."""
    lab = tls.profile == "lab"
    policy = Policy(tls.mode == "require", tls.gcm, tls.vehicle == "require", lab)
    files = TrustFiles(
        tls.vehicle_roots,
        tls.vehicle_lists,
        hard=tls.vehicle_revocation == "hard",
        rules=LAB if lab else ISO20,
    )
    trust = files.look()
    if files.problems:
        right = "name files of roots in PEM, and of lists in DER or PEM"
        keys = "tls.vehicle_roots, tls.vehicle_lists"
        raise ConfigError(keys, files.problems[0], right)
    chains = Chains(tls.chains, time.time)
    return TlsGuard(Security(policy, chains, time.time, key_log, trust), files)
