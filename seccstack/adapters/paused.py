"""The session that a vehicle has paused, kept over a restart of ours: a small file."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import structlog

from seccstack.errors import MalformedError
from seccstack.events import KeepPaused, PausedFound
from seccstack.messages.iso2 import EnergyTransferMode
from seccstack.recording.values import read, written

OLDEST = 24 * 3600.0  # seconds; a car that sleeps for longer begins a new session
LARGEST = 4096  # octets; what is written has a tenth of it


class PausedFile:
    """``clock``: seconds since 1970. A disk that fails costs a vehicle its old session only."""

    def __init__(
        self,
        path: Path,
        log: structlog.typing.FilteringBoundLogger,
        clock: Callable[[], float],
    ) -> None:
        self._path = path
        self._log = log
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "paused")

    def found(self) -> PausedFound | None:
        """Return what an earlier run has left, unless it is too old."""
        try:
            with self._path.open("rb") as file:
                text = file.read(LARGEST)
            return self._read(json.loads(text))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError, MalformedError) as error:
            self._log.warning(
                "the paused session is lost", file=str(self._path), why=str(error)
            )
            return None

    def keep(self, order: KeepPaused) -> None:
        """Have it written, in a thread of its own; the last one stays."""
        found = PausedFound(order.paused, order.mac)
        text = json.dumps({"at": self._clock(), "paused": written(found)})
        self._thread.submit(self._guarded, lambda: replace_file(self._path, text))

    def forget(self) -> None:
        """Have it taken away."""
        self._thread.submit(self._guarded, lambda: self._path.unlink(missing_ok=True))

    def close(self) -> None:
        """Let what was ordered be done."""
        self._thread.shutdown(wait=True)

    def _read(self, value: object) -> PausedFound | None:
        if not isinstance(value, dict) or not isinstance(value.get("at"), float):
            raise MalformedError("does not say when it was paused", path="paused")
        if not 0 <= self._clock() - value["at"] <= OLDEST:
            return None
        found: PausedFound = read(PausedFound, value.get("paused"), "paused")
        if found.paused.mode is not None and not found.paused.binding:
            EnergyTransferMode(found.paused.mode)
        if len(found.paused.session_id) != 8:
            raise MalformedError("has no session id", path="paused")
        return found

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except OSError as error:
            why = error.strerror or str(error)
            self._log.error("the paused session is not kept", file=str(self._path), why=why)


def replace_file(path: Path, text: str) -> None:
    """Replace a file as a whole: what is cut off leaves the old one or the new."""
    new = path.with_name(path.name + ".new")
    with suppress(FileNotFoundError):
        new.unlink()
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
