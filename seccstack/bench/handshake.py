"""What a TLS handshake costs the charger: its own side of it, in memory."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from OpenSSL import SSL

from seccstack.adapters.gate import Agreed, Failed
from seccstack.adapters.tls import READ_OCTETS, TlsGate
from seccstack.adapters.tls_chains import Chains
from seccstack.adapters.tls_context import Policy, Security
from seccstack.bench import certificates
from seccstack.bench.client import VEHICLE_SUITE
from seccstack.bench.figures import Figure, figure_of

HANDSHAKES = 200
CPU = "TLS handshake, our CPU"
AIM = "under 10 ms"


class _Ends:
    """Below and above the gate at once: keeps what it writes, and how it ended."""

    def __init__(self) -> None:
        self.written = bytearray()
        self.agreed: Agreed | None = None

    def write(self, octets: bytes) -> None:
        """Keep what is for the vehicle."""
        self.written += octets

    def finish(self) -> None:
        """There is no wire."""

    def announce(self, agreed: Agreed | None) -> None:
        """Keep what came of it."""
        self.agreed = agreed

    def read(self, octets: bytes) -> None:
        """Nothing is said."""

    def failed(self, failed: Failed) -> None:
        """The measurement is over."""
        raise RuntimeError(f"the handshake failed: {failed.why}")


def figures(handshakes: int = HANDSHAKES) -> Iterator[Figure]:
    """Measure, with chain and OCSP response as vehicles meet them, where `pki` is there."""
    with tempfile.TemporaryDirectory() as place:
        chain, odd = certificates.make(Path(place) / "made")
        security = _security(chain)
        took = asyncio.run(_shake_hands(security, handshakes))
    yield figure_of(CPU, "ms", took, aim=AIM, note=odd)


def _security(chain: Path) -> Security:
    chains = Chains([str(chain)], time.time)
    chains.look()
    return Security(Policy(required=True), chains, time.time, lambda line: None)


async def _shake_hands(security: Security, times: int) -> list[float]:
    context = _vehicle()
    return [_once(security, SSL.Connection(context, None)) for _ in range(times)]


def _vehicle() -> SSL.Context:
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    context.set_cipher_list(VEHICLE_SUITE.encode())
    context.set_ocsp_client_callback(lambda connection, staple, _: True)
    return context


def _once(security: Security, vehicle: SSL.Connection) -> float:
    """Shake hands once; return the milliseconds of processor time on the charger's side."""
    vehicle.set_connect_state()
    vehicle.request_ocsp()
    clock, ends = time.process_time, _Ends()
    begun = clock()
    gate = TlsGate(security, ends, ends)
    spent = clock() - begun
    while ends.agreed is None:
        if ends.written:
            vehicle.bio_write(bytes(ends.written))
            ends.written.clear()
        with suppress(SSL.WantReadError):
            vehicle.do_handshake()
        said = vehicle.bio_read(READ_OCTETS)
        begun = clock()
        gate.received(said)
        spent += clock() - begun
    gate.lost()
    return spent * 1000
