"""Structured lines on standard error, and a tally of what a peer can make happen often."""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import Callable

import structlog

MOST_KINDS = 256  # different things ignored; a peer must not make the tally grow without bound
QUIET_SECONDS = 1.0  # one line per kind in this time
OTHERS = "everything else"


def start(level: str) -> structlog.typing.FilteringBoundLogger:
    """Set up logging for this process and return the logger."""
    human: list[structlog.typing.Processor] = [structlog.dev.ConsoleRenderer()]
    machine: list[structlog.typing.Processor] = [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(human if sys.stderr.isatty() else machine),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return log


class Tally:
    """Counts what was ignored by kind, and lets one line per kind and second through."""

    def __init__(
        self, log: structlog.typing.FilteringBoundLogger, clock: Callable[[], float]
    ) -> None:
        self._log = log
        self._clock = clock
        self._said: dict[str, float] = {}
        self.counts: Counter[str] = Counter()

    def ignored(self, what: str, why: str) -> None:
        """Count something that was not believed; log it, if its kind was quiet for a second."""
        kind = what if what in self.counts or len(self.counts) < MOST_KINDS else OTHERS
        self.counts[kind] += 1
        now = self._clock()
        if now - self._said.get(kind, -QUIET_SECONDS) >= QUIET_SECONDS:
            self._said[kind] = now
            self._log.warning("ignored", what=kind, why=why, times=self.counts[kind])
