"""What of vehicles, cards and contracts is written where others may read along: names for them.

The key of these names is drawn once for a box and kept in a file of its own, which only its
user may read; with it, and with nothing else, a name can be compared with a vehicle.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from seccstack.auth.pseudonyms import KEY_OCTETS, Pseudonyms
from seccstack.config import Config
from seccstack.errors import UsageError

UNTOUCHED = frozenset({"event", "level", "timestamp", "control_socket"})


def key_path(registry: Path) -> Path:
    """Return where the key is: beside the registry's file."""
    return registry.with_suffix(".key")


def key_of(path: Path) -> bytes:
    """Read the key, or draw one; UsageError says why neither can be."""
    try:
        with suppress(FileExistsError):
            _draw(path)
        key = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no key"
        raise UsageError(f"{path}, the key of names in logs, cannot be read: {why}") from error
    if len(key) != KEY_OCTETS:
        raise UsageError(f"{path}, the key of names in logs, has {len(key)} octets; remove it")
    return key


def _draw(path: Path) -> None:
    """Make a key where there is none, whole or not at all."""
    if path.exists():
        return
    new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secrets.token_hex(KEY_OCTETS) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(new, path)  # unlike a rename, never in the place of another's
    finally:
        new.unlink()


class Hiding:
    """A processor of log lines that replaces all that names somebody."""

    def __init__(self, names: Pseudonyms) -> None:
        self._names = names

    def __call__(
        self, logger: Any, method: str, line: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Take a line."""
        for key, value in line.items():
            if key not in UNTOUCHED:
                line[key] = self._names.hide(value, key)
        return line


def hiding_of(config: Config) -> tuple[list[Hiding], str | None]:
    """Return what hides, as the owner wants it; and what is wrong with the key, if anything.

    Without a key that lasts, names are as of this run: nothing is plain for want of it.
    """
    if config.privacy.macs == "plain":
        return [], None
    try:
        key, trouble = key_of(key_path(Path(config.registry.path))), None
    except UsageError as error:
        key, trouble = secrets.token_bytes(KEY_OCTETS), str(error)
    return [Hiding(Pseudonyms(key))], trouble
