"""The local control socket: one JSON object per line in, one per line out.

It is a Unix socket that only its owner may use; what comes over it is an operator's word: a
card held to the (simulated) reader, a limit, a vehicle state of the simulated pilot.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from seccstack.adapters.unavailable import UnavailableError
from seccstack.errors import ConfigError, UsageError

LONGEST_LINE = 4096
TOO_LONG = f"a command has at most {LONGEST_LINE} octets"
TELL_SECONDS = 5.0  # a charger that takes longer to answer does not answer
Answer = dict[str, Any]


class MisusedError(UsageError):
    """An order that no charger would obey, whatever state it is in."""


class NoChargerError(UsageError):
    """There is nobody to be told."""


class Control:
    """Serves the socket; ``obey`` gets each command and returns what to answer."""

    def __init__(self, obey: Callable[[dict[str, Any]], Answer]) -> None:
        self._obey = obey
        self._server: asyncio.Server | None = None
        self._path: Path | None = None
        self._connections: set[asyncio.StreamWriter] = set()

    async def listen(self, path: Path) -> None:
        """Create the socket file and serve."""
        _make_way(path)
        listener = _bind(path)
        self._path = path
        self._server = await asyncio.start_unix_server(
            self._serve, sock=listener, limit=LONGEST_LINE
        )

    def close(self) -> None:
        """Stop serving and take the socket file away."""
        if self._server is not None and self._path is not None:
            self._server.close()
            for connection in self._connections:
                connection.close()
            self._path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            while line := await _read(reader):
                await _write(writer, self._answer(line))
        except _TooLongError:
            await _write(writer, {"ok": False, "error": TOO_LONG, "misused": True})
        finally:
            self._connections.remove(writer)
            writer.close()

    def _answer(self, line: bytes) -> Answer:
        try:
            command = msgspec.json.decode(line, type=dict[str, Any])
            return {"ok": True, **self._obey(command)}
        except UsageError as error:
            misused = isinstance(error, MisusedError)
            return {"ok": False, "error": str(error), "misused": misused}
        except (msgspec.MsgspecError, RecursionError) as error:
            return {"ok": False, "error": f"no JSON object: {error}", "misused": True}


class _TooLongError(Exception):
    """A line does not end in time."""


async def _read(reader: asyncio.StreamReader) -> bytes:
    """Return the next line; nothing if there is none, or nobody any more."""
    try:
        return await reader.readline()
    except ConnectionError:
        return b""
    except ValueError as error:
        raise _TooLongError from error


async def _write(writer: asyncio.StreamWriter, answer: Answer) -> None:
    with contextlib.suppress(ConnectionError):
        writer.write(msgspec.json.encode(answer) + b"\n")
        await writer.drain()


def _bind(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        listener.bind(str(path))
    except OSError as error:
        listener.close()
        raise ConfigError(
            "control.socket",
            f"cannot create {path}: {error.strerror or error}",
            "give a path of at most 100 characters in a folder that is there and writable",
        ) from error
    finally:
        os.umask(mask)
    return listener


def _make_way(path: Path) -> None:
    """Take away the socket file of a charger that was killed; never that of a living one."""
    if path.is_socket():
        if _answers(path):
            raise UnavailableError(
                f"another charger is running with control socket {path}; stop it, or set "
                "control.socket to another path",
                waiting_helps=False,
            )
        path.unlink()


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def tell(path: Path, command: dict[str, Any]) -> Answer:
    """Give a running charger one command; UsageError if there is none, or it refuses."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(TELL_SECONDS)
        try:
            connection.connect(str(path))
            connection.sendall(msgspec.json.encode(command) + b"\n")
            with connection.makefile("rb") as lines:
                answer: Answer = msgspec.json.decode(lines.readline())
        except (OSError, msgspec.MsgspecError) as error:
            raise NoChargerError(
                f"no charger answers at control socket {path}; start `seccstack run`, or name "
                "its config with --config"
            ) from error
    if not answer.pop("ok"):
        raise (MisusedError if answer["misused"] else UsageError)(answer["error"])
    return answer
