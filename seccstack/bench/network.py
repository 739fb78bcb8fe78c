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
from pathlib import Path
from typing import Any

import msgspec

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


def figures() -> Iterator[Figure]:
    """Measure, if namespaces can be made here."""
    names = {
        "process start to first SDP answer": ("s", "under 0.5 s"),
        "resident memory at the first SDP answer": ("MB", "under 60 MB"),
        "answer time per V2G request": ("ms", "median under 1 ms, p99 under 5 ms"),
        f"resident memory after {SESSIONS} sessions": ("MB", ""),
    }
    why = obstacle()
    if why is not None:
        for name, (unit, aim) in names.items():
            yield Figure(name, unit, aim=aim, note=why)
        return
    with namespaces() as (charger, car):
        runs = [_run(charger, car, sessions=0) for _ in range(STARTS)]
        whole = _run(charger, car, sessions=SESSIONS)
    # PowerDelivery waits for a (simulated) contactor: that time is not ours.
    waits = [ms for name, ms in whole["requests"] if name != "PowerDeliveryReq"]
    samples = (
        [run["sdp"] for run in runs],
        [run["memory"] for run in runs],
        waits,
        [whole["memory"]],
    )
    for (name, (unit, aim)), values in zip(names.items(), samples, strict=True):
        yield figure_of(name, unit, values, aim=aim)


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


def _run(charger: str, car: str, *, sessions: int) -> dict[str, Any]:
    """Start a charger, let a car find it and charge; return what was measured."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        config = folder / "secc.toml"
        config.write_text(CONFIG.format(folder=folder))
        client = [str(folder / "control.sock"), str(sessions), str(LOOPS)]
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
