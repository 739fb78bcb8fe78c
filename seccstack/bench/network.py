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

from seccstack.bench import certificates
from seccstack.bench.client import HANDSHAKE
from seccstack.bench.figures import Figure, figure_of

STARTS = 5
SESSIONS, LOOPS = 100, 20
CONFIG = """
[powerline]
kind = "ethernet"
interface = "secc0"
[registry]
path = "{folder}/registry.sqlite"
[control]
socket = "{folder}/control.sock"
[log]
level = "error"
[start]
policy = "fixed"
"""


TLS = """
[tls]
mode = "require"
chains = ["{chain}"]
"""
OPEN = """
[access]
policy = "open"
"""
CONTRACTS = """
[access]
policy = "card"
contract = true
[contract]
roots = ["{folder}/contract/root.pem"]
"""
RECORDER = """
[recorder]
folder = "{folder}/recordings"
"""
# PowerDelivery waits for a (simulated) contactor: that time is not ours.
NOT_OURS = frozenset({"PowerDeliveryReq", HANDSHAKE})
START = "process start to first SDP answer"
EARLY = "resident memory at the first SDP answer"
ANSWER = "answer time per V2G request"
LATE = f"resident memory after {SESSIONS} sessions"
WAITED = "of that without a processor"
STARVED = 0.1  # the share of the time from which it is worth saying
SHAKEN = f"{HANDSHAKE}, both sides"
DETAILS = "PaymentDetailsReq, three certificates, to its answer"
PROOF = "AuthorizationReq, signed, to its answer"
UNITS = {START: "s", EARLY: "MB", ANSWER: "ms", LATE: "MB", SHAKEN: "ms"}
UNITS |= {DETAILS: "ms", PROOF: "ms"}
AIMS = {
    START: "under 0.5 s",
    EARLY: "under 60 MB",
    ANSWER: "median under 1 ms, p99 under 5 ms",
    LATE: "under 60 MB",
    DETAILS: "under 15 ms",
    PROOF: "under 15 ms",
}
ANSWER_AIM_IN_TLS = "median under 2 ms, p99 under 10 ms"
PLAIN, IN_TLS, RECORDED = "", ", in TLS", ", recorded"
BY_CONTRACT = f"{IN_TLS}, from a running charger"
TAKEN = {
    PLAIN: (START, EARLY, ANSWER, LATE),
    RECORDED: (ANSWER, LATE),
    IN_TLS: (START, EARLY, ANSWER, SHAKEN, LATE),
    BY_CONTRACT: (DETAILS, PROOF),
}
EXTRA = {
    PLAIN: OPEN,
    RECORDED: OPEN + RECORDER,
    IN_TLS: OPEN + TLS,
    BY_CONTRACT: CONTRACTS + TLS,
}


def figures() -> Iterator[Figure]:
    """Measure, if namespaces can be made here."""
    why = obstacle()
    if why is not None:
        for how, names in TAKEN.items():
            for name in names:
                yield Figure(_title(name, how), UNITS[name], aim=_aim(name, how), note=why)
        return
    with namespaces() as (charger, car):
        for how, names in TAKEN.items():
            samples, note = _measure(charger, car, how)
            for name in names:
                values, aim = samples[name], _aim(name, how)
                said = starved(samples[WAITED], values) if name == START else note
                yield figure_of(_title(name, how), UNITS[name], values, aim=aim, note=said)


def _title(name: str, how: str) -> str:
    return name if name == SHAKEN else name + how


def _aim(name: str, how: str) -> str:
    if how == IN_TLS:
        return {ANSWER: ANSWER_AIM_IN_TLS, START: AIMS[START]}.get(name, "")
    return AIMS.get(name, "")


def _measure(charger: str, car: str, how: str) -> tuple[dict[str, list[float]], str]:
    """Return the samples of each figure, and what is odd about them."""
    starts = STARTS if START in TAKEN[how] else 0
    runs = [_run(charger, car, sessions=0, how=how) for _ in range(starts)]
    whole = _run(charger, car, sessions=SESSIONS, how=how)
    if how == BY_CONTRACT:
        _check(whole["requests"])
    samples = {
        START: [run["sdp"] for run in runs],
        WAITED: [run["waited"] for run in runs],
        EARLY: [run["memory"] for run in runs],
        ANSWER: [ms for name, ms in whole["requests"] if name not in NOT_OURS],
        SHAKEN: [ms for name, ms in whole["requests"] if name == HANDSHAKE],
        DETAILS: [ms for name, ms in whole["requests"] if name == "PaymentDetailsReq"],
        PROOF: [ms for name, ms in whole["requests"] if name == "AuthorizationReq"],
        LATE: [whole["memory"]],
    }
    return samples, whole["note"]


def _check(requests: Sequence[tuple[str, float]]) -> None:
    """A figure of what did not happen is none: each contract was shown and proven, once."""
    asked = [name for name, _ in requests]
    if {asked.count(name) for name in ("PaymentDetailsReq", "AuthorizationReq")} != {SESSIONS}:
        raise RuntimeError("not every contract was verified at its first showing")


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


def _run(charger: str, car: str, *, sessions: int, how: str) -> dict[str, Any]:
    """Start a charger, let a car find it and charge; return what was measured."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        config = folder / "secc.toml"
        tls = how in (IN_TLS, BY_CONTRACT)
        if how == BY_CONTRACT:
            certificates.make_contract(folder / "contract")
        chain, note = certificates.make(folder / "made") if tls else (folder, "")
        config.write_text((CONFIG + EXTRA[how]).format(folder=folder, chain=chain))
        security = "tls" if tls else "plain"
        client = [str(folder / "control.sock"), str(sessions), str(LOOPS), security]
        client += [str(folder / "contract")] if how == BY_CONTRACT else []
        asking = start(stack, car, "seccstack.bench.client", "car0", *client)
        time.sleep(
            0.5
        )  # let the client finish its own imports: only the charger's start counts
        begun = time.time()
        serving = start(stack, charger, "seccstack", "run", "--config", str(config))
        found = early = waited = 0.0
        requests: list[tuple[str, float]] = []
        for line in asking.stdout or ():
            told = msgspec.json.decode(line)
            if "sdp" in told:
                found = told["sdp"]
                early, waited = resident_megabytes(serving.pid), waited_seconds(serving.pid)
            requests += told.get("requests", [])
        if asking.wait() or not found:
            raise RuntimeError("the car of the measurement did not get through its sessions")
        late = resident_megabytes(serving.pid)
        memory = late if sessions else early
        return {
            "sdp": found - begun,
            "waited": waited,
            "memory": memory,
            "requests": requests,
            "note": note,
        }


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


def resident_megabytes(pid: int) -> float:
    """Return a process's resident memory; `ip netns exec` becomes what it runs."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def waited_seconds(pid: int) -> float:
    """Return for how long a process was ready to run and another had the processor."""
    waits = Path(f"/proc/{pid}/schedstat")  # not in every kernel
    return int(waits.read_text().split()[1]) / 1e9 if waits.exists() else 0.0


def starved(waited: Sequence[float], took: Sequence[float]) -> str:
    """Say how much of what it took is not the charger's doing, if that is much."""
    share = sum(waited) / sum(took)
    return f"other processes had the processor {share:.0%} of it" if share > STARVED else ""
