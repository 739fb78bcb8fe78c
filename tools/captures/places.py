"""Network namespaces joined by cables, and programs that run in them, all ended in the end."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import queue
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).parents[2]
SECONDS = 60.0  # after which what is waited for will not come any more
NUMBERS = itertools.count()


class FailedError(Exception):
    """A recording could not be made."""


def ip(*words: str) -> None:
    """Run `ip`."""
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)  # noqa: S603, S607
    if done.returncode:
        raise FailedError(f"ip {' '.join(words)}: {done.stderr.strip()}")


@contextmanager
def place() -> Iterator[str]:
    """Make a namespace, and take it away with every interface in it."""
    name = f"captures-{os.getpid()}-{next(NUMBERS)}"
    ip("netns", "add", name)
    try:
        ip("-n", name, "link", "set", "lo", "up")
        yield name
    finally:
        ip("netns", "delete", name)


def cable(one: str, its: str, its_mac: str, other: str, others: str, others_mac: str) -> None:
    """Join two namespaces by a pair of interfaces with these names and addresses."""
    end = f"cap{os.getpid() % 100_000}x{next(NUMBERS)}"
    ip("-n", one, "link", "add", end, "type", "veth", "peer", "name", others, "netns", other)
    ip("-n", one, "link", "set", end, "name", its)
    for where, interface, mac in ((one, its, its_mac), (other, others, others_mac)):
        # Without this, duplicate address detection takes a second or two.
        dad = f"net.ipv6.conf.{interface}.accept_dad=0"
        ip("netns", "exec", where, "sysctl", "-q", dad)
        ip("-n", where, "link", "set", interface, "address", mac, "up")


class Program:
    """A process in a session of its own; its lines on standard output, or error, are kept."""

    def __init__(
        self,
        where: str,
        *command: object,
        told_on: str = "stdout",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.name = " ".join(str(word) for word in command)
        self.lines: list[str] = []
        self._news: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        streams[told_on] = subprocess.PIPE
        self.process = subprocess.Popen(  # noqa: S603
            ["ip", "netns", "exec", where, *(str(word) for word in command)],  # noqa: S607
            env={**os.environ, "PYTHONPATH": str(PROJECT), **(environment or {})},
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
            stdout=streams["stdout"],
            stderr=streams["stderr"],
        )
        self._output = getattr(self.process, told_on)
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def expect(self, **fields: object) -> dict[str, Any]:
        """Wait for a JSON line with these fields."""
        while (text := self.next()) is not None:
            with contextlib.suppress(ValueError):
                line = json.loads(text)
                if isinstance(line, dict) and fields.items() <= line.items():
                    return line
        tail = "\n".join(self.lines[-15:])
        raise FailedError(f"{self.name} never said {fields}; it said:\n{tail}")

    def next(self) -> str | None:
        """Wait for the next line; None at the end."""
        try:
            return self._news.get(timeout=SECONDS)
        except queue.Empty:
            return None

    def begin(self) -> None:
        """Give it a line on standard input."""
        assert self.process.stdin is not None  # noqa: S101 - it was asked for
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self) -> None:
        """End it and all that it has started, and wait for that."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(5.0)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(SECONDS)

    def _read(self) -> None:
        for text in self._output:
            self.lines.append(text.rstrip())
            self._news.put(text)
        self._news.put(None)
