"""Network namespaces for tests: made, joined by cables, and taken away again."""

from __future__ import annotations

import ctypes
import itertools
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.prerequisites import missing

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)
NUMBERS = itertools.count()


def require_namespaces():
    """Skip where network namespaces cannot be had."""
    if shutil.which("ip") is None:
        missing("the command `ip` (package iproute2)")
    if os.geteuid() != 0:
        missing("root, for network namespaces and raw frames")
    with ExitStack() as stack:
        try:
            stack.enter_context(namespace())
        except subprocess.CalledProcessError as error:
            missing(f"network namespaces: {error.stderr.strip()}")


def ip(*words):
    """Run `ip`."""
    command = ["ip", *(str(word) for word in words)]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=20)  # noqa: S603


@dataclass(frozen=True)
class Namespace:
    """One network namespace."""

    name: str

    def ip(self, *words):
        """Run `ip` inside."""
        ip("-n", self.name, *words)

    @contextmanager
    def inside(self):
        """Have sockets that are made meanwhile belong to this namespace."""
        with open("/proc/thread-self/ns/net", "rb") as home, self._file() as there:
            _enter(there)
            try:
                yield
            finally:
                _enter(home)

    def command(self, *words):
        """Return the command line that runs something inside."""
        return ["ip", "netns", "exec", self.name, *(str(word) for word in words)]

    def _file(self):
        return Path("/run/netns", self.name).open("rb")


def _enter(namespace):
    if LIBC.setns(namespace.fileno(), CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


@contextmanager
def namespace() -> Iterator[Namespace]:
    """Make a namespace, and take it away with every interface in it."""
    name = f"secc-{os.getpid()}-{next(NUMBERS)}"
    ip("netns", "add", name)
    try:
        made = Namespace(name)
        made.ip("link", "set", "lo", "up")
        yield made
    finally:
        ip("netns", "delete", name)


def cable(one, its, other, others):
    """Join two namespaces by a pair of interfaces of these names, ready for use at once."""
    end = f"veth{os.getpid() % 100_000}x{next(NUMBERS)}"
    one.ip("link", "add", end, "type", "veth", "peer", "name", others, "netns", other.name)
    one.ip("link", "set", end, "name", its)
    for place, interface in ((one, its), (other, others)):
        # A kernel makes addresses up; a car's is one that its maker was given.
        mac = f"ec:65:cc:{os.getpid() % 256:02x}:{next(NUMBERS) % 65536:04x}"
        place.ip("link", "set", interface, "address", f"{mac[:-2]}:{mac[-2:]}")
        with place.inside():  # else duplicate address detection takes a second or two
            Path(f"/proc/sys/net/ipv6/conf/{interface}/accept_dad").write_text("0")
        place.ip("link", "set", interface, "up")
