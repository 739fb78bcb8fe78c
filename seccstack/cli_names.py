"""The names of files as text: a name is octets, and not all of them are UTF-8."""

from __future__ import annotations

import os


def named(path: str | os.PathLike[str]) -> str:
    """Return a name that can be written: octets that are no UTF-8 are escaped."""
    return os.fsencode(path).decode(errors="backslashreplace")
