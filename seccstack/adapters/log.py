"""Structured lines on standard error, and a tally of what a peer can make happen often."""

from __future__ import annotations

import logging
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

import structlog

MOST_KINDS = 256  # different things ignored; a peer must not make the tally grow without bound
QUIET_SECONDS = 1.0  # one line per kind in this time
OTHERS = "everything else"
# What a peer can make happen at will, and how many lines of it there are in that time; an
# identity is noted once for each of its claims.
OFTEN = {
    "SDP answered": 1,
    "stream opened": 1,
    "handshake failed": 1,
    "session ended": 2,  # one that breaks right after one that was stopped
    "identity": 6,
}


def start(
    level: str, *also: structlog.typing.Processor
) -> structlog.typing.FilteringBoundLogger:
    """Set up logging for this process, each line through ``also``; return the logger."""
    human: list[structlog.typing.Processor] = [structlog.dev.ConsoleRenderer()]
    machine: list[structlog.typing.Processor] = [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *also,
            *(human if sys.stderr.isatty() else machine),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return log


class Tally:
    """Counts what peers can make happen often, and lets few lines per kind and second through.

    Of what was ignored that is one; of what was noted, as many as `OFTEN` says.
    """

    def __init__(
        self, log: structlog.typing.FilteringBoundLogger, clock: Callable[[], float]
    ) -> None:
        self._log = log
        self._clock = clock
        self._said: dict[str, float] = {}
        self._noted: Counter[str] = Counter()
        self._recent: dict[str, tuple[float, int]] = {}  # since when, how many
        self.counts: Counter[str] = Counter()

    def ignored(self, what: str, why: str) -> None:
        """Count something that was not believed; log it, if its kind was quiet for a second."""
        kind = what if what in self.counts or len(self.counts) < MOST_KINDS else OTHERS
        self.counts[kind] += 1
        now = self._clock()
        if now - self._said.get(kind, -QUIET_SECONDS) >= QUIET_SECONDS:
            self._said[kind] = now
            self._log.warning("ignored", what=kind, why=why, times=self.counts[kind])

    def noted(self, event: str, details: dict[str, Any]) -> None:
        """Log what happened; count what is of a kind that may happen often."""
        if event not in OFTEN:
            self._log.info(event, **details)
            return
        self._noted[event] += 1
        now = self._clock()
        since, lines = self._recent.get(event, (now, 0))
        if now - since >= QUIET_SECONDS:
            since, lines = now, 0
        self._recent[event] = since, lines + 1
        if lines < OFTEN[event]:
            self._log.info(event, **details, times=self._noted[event])
