"""The charger as a process, on a network of its own: how soon it answers, how fast, how large.

Two network namespaces joined by a veth pair, made for this and removed after it. It needs root;
without, the figures say so.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from seccstack.bench.client import HANDSHAKE
from seccstack.bench.figures import Figure, figure_of

STARTS = 5
SESSIONS, LOOPS = 100, 20
CONFIG = """
[powerline]
kind = "ethernet"
interface = "secc0"
[access]
policy = "open"
[registry]
path = "{folder}/registry.sqlite"
[control]
socket = "{folder}/control.sock"
[log]
level = "error"
"""


TLS = """
[tls]
mode = "require"
chains = ["{folder}/chain"]
"""


def figures() -> Iterator[Figure]:
    """Measure, if namespaces can be made here."""
    names = {
        "process start to first SDP answer": ("s", "under 0.5 s"),
        "resident memory at the first SDP answer": ("MB", "under 60 MB"),
        "answer time per V2G request": ("ms", "median under 1 ms, p99 under 5 ms"),
        f"resident memory after {SESSIONS} sessions": ("MB", ""),
        "process start to first SDP answer, with TLS": ("s", "under 0.5 s"),
        "resident memory at the first SDP answer, with TLS": ("MB", ""),
        "answer time per V2G request, in TLS": ("ms", "median under 1 ms, p99 under 5 ms"),
        "TLS handshake, both sides": ("ms", ""),
        f"resident memory after {SESSIONS} sessions in TLS": ("MB", ""),
    }
    why = obstacle()
    if why is not None:
        for name, (unit, aim) in names.items():
            yield Figure(name, unit, aim=aim, note=why)
        return
    with namespaces() as (charger, car):
        plain = _measure(charger, car, tls=False)
        samples = [*plain, *_measure(charger, car, tls=True)]
    for (name, (unit, aim)), values in zip(names.items(), samples, strict=True):
        yield figure_of(name, unit, values, aim=aim)


def _measure(charger: str, car: str, *, tls: bool) -> list[list[float]]:
    """Return starts, memory, answers, and memory at the end; in TLS, handshakes before that."""
    runs = [_run(charger, car, sessions=0, tls=tls) for _ in range(STARTS)]
    whole = _run(charger, car, sessions=SESSIONS, tls=tls)
    # PowerDelivery waits for a (simulated) contactor: that time is not ours.
    not_ours = {"PowerDeliveryReq", HANDSHAKE}
    answers = [ms for name, ms in whole["requests"] if name not in not_ours]
    handshakes = [ms for name, ms in whole["requests"] if name == HANDSHAKE]
    starts, memory = [run["sdp"] for run in runs], [run["memory"] for run in runs]
    return [starts, memory, answers, *([handshakes] if tls else []), [whole["memory"]]]


def obstacle() -> str | None:
    """Say why namespaces cannot be made here."""
    if os.geteuid() != 0:
        return "needs root, for network namespaces"
    if shutil.which("ip") is None:
        return "needs `ip`: apt-get install iproute2"
    probe = f"seccbench{os.getpid()}"
    if not _ip("netns", "add", probe):
        return "network namespaces are not permitted here"
    _ip("netns", "del", probe)
    return None


def _ip(*arguments: str) -> bool:
    done = subprocess.run(["ip", *arguments], capture_output=True, check=False)  # noqa: S603, S607
    return done.returncode == 0


@contextmanager
def namespaces() -> Iterator[tuple[str, str]]:
    """Make a charger's namespace with ``secc0`` and a car's with ``car0``, joined."""
    charger, car = f"seccb{os.getpid()}", f"carb{os.getpid()}"
    try:
        for name in (charger, car):
            _ip("netns", "add", name)
        peer = ("peer", "name", "car0", "netns", car)
        _ip("link", "add", "secc0", "netns", charger, "type", "veth", *peer)
        for name, interface in ((charger, "secc0"), (car, "car0")):
            setting = f"net.ipv6.conf.{interface}.accept_dad=0"
            _ip("netns", "exec", name, "sysctl", "-qw", setting)
            _ip("-n", name, "link", "set", "lo", "up")
            _ip("-n", name, "link", "set", interface, "up")
        yield charger, car
    finally:
        for name in (charger, car):
            _ip("netns", "del", name)


def _run(charger: str, car: str, *, sessions: int, tls: bool) -> dict[str, Any]:
    """Start a charger, let a car find it and charge; return what was measured."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        config = folder / "secc.toml"
        config.write_text((CONFIG + (TLS if tls else "")).format(folder=folder))
        if tls:
            _make_chain(folder / "chain")
        security = "tls" if tls else "plain"
        client = [str(folder / "control.sock"), str(sessions), str(LOOPS), security]
        asking = start(stack, car, "seccstack.bench.client", "car0", *client)
        time.sleep(
            0.5
        )  # let the client finish its own imports: only the charger's start counts
        begun = time.time()
        serving = start(stack, charger, "seccstack", "run", "--config", str(config))
        found, early = 0.0, 0.0
        requests: list[tuple[str, float]] = []
        for line in asking.stdout or ():
            told = msgspec.json.decode(line)
            if "sdp" in told:
                found = told["sdp"]
                early = _resident_megabytes(serving.pid)
            requests += told.get("requests", [])
        if asking.wait() or not found:
            raise RuntimeError("the car of the measurement did not get through its sessions")
        late = _resident_megabytes(serving.pid)
        memory = late if sessions else early
        return {"sdp": found - begun, "memory": memory, "requests": requests}


def start(
    stack: ExitStack, namespace: str, module: str, *arguments: str
) -> subprocess.Popen[bytes]:
    """Start a module in a namespace; it ends with the stack."""
    command: Sequence[str] = ["ip", "netns", "exec", namespace, sys.executable, "-m", module]
    process = subprocess.Popen([*command, *arguments], stdout=subprocess.PIPE)  # noqa: S603
    stack.callback(_end, process)
    return process


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _resident_megabytes(pid: int) -> float:
    """Return a process's resident memory; `ip netns exec` becomes what it runs."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _make_chain(folder: Path) -> None:
    """Make a certificate that nobody trusts: a PKI of one's own is not in the wheel."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=60))
        .sign(key, hashes.SHA256())
    )
    folder.mkdir()
    (folder / "chain.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(private)
    (folder / "key.pem").chmod(0o600)
