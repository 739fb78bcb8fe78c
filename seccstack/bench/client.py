"""The car's end of the network measurements: a process of its own, in the car's namespace.

    python -m seccstack.bench.client INTERFACE CONTROL_SOCKET SESSIONS LOOPS SECURITY [CONTRACT]

prints one JSON line when SDP is answered for the first time, and one per session with the time
each request waited for its answer. SECURITY is "tls" or "plain"; CONTRACT: the folder of the
one that it pays with.
"""

from __future__ import annotations

import socket
import ssl
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec

from seccstack import sdp
from seccstack.adapters.control import tell
from seccstack.adapters.powerline import mac_of
from seccstack.bench import certificates
from seccstack.errors import UsageError
from seccstack.sim import evcc
from seccstack.sim.evcc_requests import Wishes
from seccstack.sim.wallet import Wallet

ASK_SECONDS = 0.005
PATIENCE = 20.0
ANSWER_SECONDS = 10.0
HANDSHAKE = "TLS handshake"
VEHICLE_SUITE = "ECDHE-ECDSA-AES128-SHA256"  # that of ISO 15118-2


def main(
    interface: str,
    control: Path,
    sessions: int,
    loops: int,
    security: int,
    wallet: Wallet | None,
) -> None:
    """Charge so often, with so many turns of the charging loop each."""
    wishes = Wishes(
        evccid=mac_of(interface),
        think_seconds=0.0,
        loop_seconds=0.0,
        loops=loops,
        wallet=wallet,
    )
    _order(control, "pilot", "B")
    address, port = _discover(interface, security)
    _print({"sdp": time.time()})
    for _ in range(sessions):
        context = vehicle_context() if security == sdp.SECURITY_TLS else None
        place = (socket.inet_ntop(socket.AF_INET6, address), port)
        _print({"requests": _charge(interface, place, control, wishes, context)})
        _order(control, "pilot", "A")
        _order(control, "pilot", "B")
        address, port = _discover(interface, security)


def _order(control: Path, what: str, value: str) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            tell(control, {"do": what, "value": value})
            return
        except UsageError:
            if time.monotonic() > end:
                raise
            time.sleep(ASK_SECONDS)


def vehicle_context() -> ssl.SSLContext:
    """Make a vehicle's side of TLS, as of ISO 15118-2 but for whom it trusts: everybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(VEHICLE_SUITE)
    return context


def _discover(interface: str, security: int) -> tuple[bytes, int]:
    index = socket.if_nametoindex(interface)
    request = sdp.SdpRequest(security).encode()
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as asker:
        asker.settimeout(ASK_SECONDS)
        asker.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                asker.sendto(request, ("ff02::1", sdp.PORT, 0, index))
                answer = sdp.SdpResponse.decode(asker.recv(1500))
            except TimeoutError:
                continue
            except OSError:  # the interface is not quite up yet
                time.sleep(ASK_SECONDS)
                continue
            if answer.security == security:
                return answer.address, answer.port
    raise TimeoutError("no SDP answer")


def _charge(
    interface: str,
    place: tuple[str, int],
    control: Path,
    wishes: Wishes,
    context: ssl.SSLContext | None,
) -> list[tuple[str, float]]:
    """Run a session; return each request's name and the milliseconds until its answer."""
    waits: list[tuple[str, float]] = []
    car = evcc.Evcc(wishes)
    scope = socket.if_nametoindex(interface)
    with ExitStack() as stack:
        stream = stack.enter_context(socket.socket(socket.AF_INET6, socket.SOCK_STREAM))
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream.settimeout(ANSWER_SECONDS)
        stream.connect((*place, 0, scope))
        if context is not None:
            begun = time.perf_counter()
            stream = stack.enter_context(context.wrap_socket(stream))
            waits.append((HANDSHAKE, (time.perf_counter() - begun) * 1000))
        actions: Sequence[Any] = car.start(0.0)
        while not car.over:
            name = car.asked
            actions = [*actions, *car.tick(0.0)]
            for action in actions:
                if isinstance(action, evcc.GetReady):
                    _order(control, "pilot", "C" if action.ready else "B")
            sent = [a.data for a in actions if isinstance(a, evcc.SendBytes)]
            if not sent:
                raise RuntimeError(f"the session stopped at {name}: {actions}")
            begun = time.perf_counter()
            stream.sendall(b"".join(sent))
            received = stream.recv(65536)
            waits.append((name, (time.perf_counter() - begun) * 1000))
            actions = car.receive(received, 0.0)
    if not any(isinstance(a, evcc.HangUp) and a.why == "charged" for a in actions):
        raise RuntimeError(f"the session did not end well: {actions}")
    return waits


def _print(line: dict[str, Any]) -> None:
    print(msgspec.json.encode(line).decode(), flush=True)


if __name__ == "__main__":
    wanted = sdp.SECURITY_TLS if sys.argv[5] == "tls" else sdp.SECURITY_NONE
    paid = [certificates.read_contract(Path(folder)) for folder in sys.argv[6:]]
    times, turns = int(sys.argv[3]), int(sys.argv[4])
    main(sys.argv[1], Path(sys.argv[2]), times, turns, wanted, paid[0] if paid else None)
