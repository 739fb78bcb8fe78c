"""The peer: the `iso15118` package in a Python environment of its own, if there is one.

It is spoken to by lines of JSON over a pipe; nothing of it is ever imported here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import IO, Any

import msgspec

PYTHON = "SECCSTACK_PEER_PYTHON"
SCRIPT = Path(__file__).parent / "peer_script.py"
NAMESPACES = {
    "app-protocol": "urn:iso:15118:2:2010:AppProtocol",
    "din": "urn:din:70121:2012:MsgDef",
    "iso2": "urn:iso:15118:2:2013:MsgDef",
    "iso20-common": "urn:iso:std:iso:15118:-20:CommonMessages",
    "iso20-dc": "urn:iso:std:iso:15118:-20:DC",
}
ABSENT = (
    f"the peer is not installed: set {PYTHON} to the Python of an environment with iso15118, "
    "and have java on the path; `make bench` does both"
)


class Peer:
    """The peer's EXI codec, in a process of its own."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def time(self, schema: str, exi: bytes, times: int) -> dict[str, Any]:
        """Let it decode and encode a message so often; medians in microseconds."""
        request = {"namespace": NAMESPACES[schema], "exi": exi.hex(), "times": times}
        writer, reader = self._process.stdin, self._process.stdout
        if writer is None or reader is None:
            raise OSError("the peer has no pipes")
        return _ask(writer, reader, request)

    def close(self) -> None:
        """End its process, and the Java virtual machine that is a child of it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()


def _ask(writer: IO[bytes], reader: IO[bytes], request: dict[str, Any]) -> dict[str, Any]:
    writer.write(msgspec.json.encode(request) + b"\n")
    writer.flush()
    answer: dict[str, Any] = msgspec.json.decode(reader.readline())
    return answer


def python() -> str | None:
    """Return the peer's Python, if there is one, and the Java that it needs."""
    named = os.environ.get(PYTHON, "")
    return named if named and Path(named).exists() and shutil.which("java") else None


def start() -> Peer | None:
    """Start the peer, if it is installed."""
    interpreter = python()
    if interpreter is None:
        return None
    process = subprocess.Popen(  # noqa: S603 - the operator named this interpreter
        [interpreter, str(SCRIPT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return Peer(process)
