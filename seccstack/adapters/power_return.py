"""What a run leaves to the next, to tell a power cut from a restart by: a small file."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path

import structlog

from seccstack.adapters.paused import replace_file
from seccstack.config_energy import Energy
from seccstack.energy.power_return import After, Start, Trace, delay_seconds, power_was_away

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
UPTIME = Path("/proc/uptime")
LARGEST = 1024  # octets; what is written has a tenth of it
DRAWS = 2**32


class PowerTrace:
    """Kept beside the registry. A disk that fails costs the delay, and is said."""

    def __init__(
        self,
        path: Path,
        log: structlog.typing.FilteringBoundLogger,
        boot_id: Path = BOOT_ID,
        uptime: Path = UPTIME,
    ) -> None:
        self._path, self._log = path, log
        self._boot = _first_word(boot_id)
        self._uptime = uptime

    def begin(self, given: Energy) -> float | None:
        """Return for how many seconds energy is to be withheld, and leave that we run."""
        start = Start(self._boot, self._up_seconds(), self._last())
        self._keep(orderly=False)
        if not power_was_away(start, After(given.power_return)):
            return None
        drawn = secrets.randbelow(DRAWS) / (DRAWS - 1)
        seconds = delay_seconds(drawn, given.power_return_seconds)
        self._log.warning("the power was away", withheld_seconds=seconds)
        return seconds

    def close(self) -> None:
        """Leave that we ended in order."""
        self._keep(orderly=True)

    def _up_seconds(self) -> float:
        try:
            return float(_first_word(self._uptime))
        except ValueError:
            return 0.0

    def _last(self) -> Trace | None:
        try:
            with self._path.open("rb") as file:
                value = json.loads(file.read(LARGEST))
            return Trace(str(value["boot"]), orderly=value["orderly"] is True)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
            why = f"it is not known how the last run ended: {error!r}"
            self._log.warning("power trace", file=str(self._path), why=why)
            return Trace("", orderly=False)  # the careful answer

    def _keep(self, *, orderly: bool) -> None:
        if not self._boot:
            return
        try:
            replace_file(self._path, json.dumps({"boot": self._boot, "orderly": orderly}))
        except OSError as error:
            why = error.strerror or str(error)
            self._log.error("power trace is not kept", file=str(self._path), why=why)


def _first_word(path: Path) -> str:
    try:
        return os.fsdecode(path.read_bytes()[:LARGEST]).partition("\n")[0].split(" ")[0]
    except OSError:
        return ""
