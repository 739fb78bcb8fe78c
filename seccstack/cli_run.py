"""`seccstack run`: from a configuration file to a charger, and its exit code.

Nothing here loads what reads command lines: `seccstack.__main__` comes straight here, so that a
charger starts in half the time and without memory that it never needs again.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seccstack.config import Config, parse
from seccstack.errors import ConfigError, UsageError

FAILED, MISUSED = 1, 2  # exit codes


def read(path: Path | None) -> Config:
    """Read the configuration; UsageError says in one line what is wrong with it."""
    if path is None:
        return Config()
    try:
        return parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        why = f"{error.reason} at byte {error.start}"
        raise UsageError(f"{path} is not a text file in UTF-8: {why}") from error
    except ConfigError as error:
        one_line = " ".join(str(error).split())  # a key may have any characters
        raise UsageError(f"{path}: {one_line}") from error


def run(path: Path | None) -> int:
    """Be the charger, until Ctrl-C."""
    try:
        config = read(path)
    except UsageError as error:
        return _fail(error, MISUSED)
    with without_colours():
        from seccstack.adapters.app import serve  # not for a configuration that cannot be used

    try:
        asyncio.run(serve(config))
    except UsageError as error:
        return _fail(error, MISUSED if isinstance(error, ConfigError) else FAILED)
    return 0


@contextmanager
def without_colours() -> Iterator[None]:
    """Load no rich meanwhile, where nobody sees colours.

    structlog would, for tracebacks in them: a tenth of the time that a charger takes to start,
    and of its memory.
    """
    if sys.stderr.isatty() or "rich" in sys.modules:
        yield
        return
    sys.modules["rich"] = None  # type: ignore[assignment]  # how an import is made to fail
    try:
        yield
    finally:
        del sys.modules["rich"]


def _fail(error: UsageError, code: int) -> int:
    print(f"seccstack: {error}", file=sys.stderr)
    return code
