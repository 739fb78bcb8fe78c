"""Scenario cards: a capture, what came of driving its cars, accepted by a person and kept.

``NAME.toml`` says what the capture is and where to look for it, ``NAME.json`` what came of it.
The capture itself lies beside them only if its licence allows that; else it is known by its
name and its digest.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from seccstack.cli_names import named
from seccstack.errors import UsageError

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
FOLDERS = "SECCSTACK_CAPTURES"  # the environment's: folders like those of PATH
NEIGHBOUR = Path("..", "shared", "captures")  # of the project
SUFFIXES = (".pcapng", ".pcap")
PACKINGS = (".xz", ".gz", "")
DRIVE = "drive"  # the part of NAME.json that says what came of the drive

TEMPLATE = """\
what = {what}
origin = {origin}
licence = {licence}

[capture]
file = {file}
sha256 = {digest}
"""


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it was read; ``path`` is where."""

    path: Path
    what: str
    origin: str
    licence: str
    file: str
    digest: str

    @property
    def name(self) -> str:
        """What the scenario is called."""
        return self.path.stem

    @property
    def results(self) -> Path:
        """Where its accepted results are."""
        return self.path.with_suffix(".json")

    def encode(self) -> str:
        """Return the text of the card's file."""
        told = (self.what, self.origin, self.licence, self.file, self.digest)
        texts = (msgspec.json.encode(text).decode() for text in told)
        names = ("what", "origin", "licence", "file", "digest")
        return TEMPLATE.format(**dict(zip(names, texts, strict=True)))

    def find(self, *more: Path) -> Path:
        """Return where its capture is; UsageError if it is nowhere."""
        others = []
        for folder in (self.path.parent, *more, *_folders(self.path)):
            path = folder / self.file
            if path.is_file():
                if digest_of(path) == self.digest:
                    return path
                others.append(str(path))
        if others:
            raise UsageError(f"{', '.join(others)}: not the capture meant, by its sha256")
        raise UsageError(f"no {self.file} beside the card, nor in a folder of ${FOLDERS}")

    def load(self) -> dict[str, Any]:
        """Return its accepted results; UsageError if they can't be read."""
        try:
            results = msgspec.json.decode(self.results.read_bytes(), type=dict[str, Any])
        except FileNotFoundError:
            return {}
        except msgspec.DecodeError as error:
            raise UsageError(f"{self.results}: {error}") from error
        return results

    def keep(self, **results: Any) -> None:
        """Put these among the accepted results; the file is whole at every moment."""
        text = encode_results({**self.load(), **results})
        fresh = self.results.with_suffix(".json.new")
        fresh.write_bytes(text)
        fresh.replace(self.results)


def encode_results(results: dict[str, Any]) -> bytes:
    """Return the text of a file of results, made to be read and compared by people."""
    return msgspec.json.format(msgspec.json.encode(results), indent=1) + b"\n"


def digest_of(path: Path) -> str:
    """Return a file's SHA-256, in hexadecimal."""
    with path.open("rb") as file:
        digest = sha256()
        while octets := file.read(1 << 20):
            digest.update(octets)
    return digest.hexdigest()


def read_card(path: Path) -> Card:
    """Read a card; OSError, or UsageError that says what is wrong with it."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"no card: {error}") from error
    capture = told.get("capture")
    if not isinstance(capture, dict):
        raise UsageError("no card: it has no [capture]")
    where = {"what": told, "origin": told, "licence": told, "file": capture, "sha256": capture}
    values: dict[str, str] = {}
    for key, table in where.items():
        value = table.get(key)
        if not isinstance(value, str) or not value:
            raise UsageError(f"{key}: a text must be here")
        values[key] = value
    if Path(values["file"]).name != values["file"]:
        raise UsageError(f"file: {values['file']!r} is not the mere name of a file")
    return Card(path, *values.values())


@dataclass(frozen=True, slots=True)
class Order:
    """What a new card is to be called, and what is to be said on it."""

    name: str
    folder: Path
    copy: bool
    what: str
    origin: str
    licence: str

    def check(self) -> None:
        """Make sure that it can be carried out, before there is any work."""
        if not NAME.fullmatch(self.name):
            raise UsageError(
                f"--record {self.name!r}: a name is 1 to 64 of a-z, 0-9 and '-', of which the "
                "first is no '-'"
            )
        if not self.folder.is_dir():
            raise UsageError(
                f"{self.folder}: no such folder; go to the project's root, or say --into FOLDER"
            )
        taken = [path for path in self._paths() if path.exists()]
        if taken:
            card = self.folder / f"{self.name}.toml"
            raise UsageError(
                f"{taken[0]} is there already; to accept what comes of it now: "
                f"seccstack drive {card} --accept"
            )
        for option in ("what", "origin", "licence"):
            if not getattr(self, option).isprintable():
                raise UsageError(f"--{option}: it must be a line of printable text")
        if self.copy and not self.licence:
            raise UsageError("--copy: say by --licence which licence allows it")

    def _paths(self) -> Iterator[Path]:
        for suffix in (".toml", ".json", *(s + p for s in SUFFIXES for p in PACKINGS)):
            yield self.folder / f"{self.name}{suffix}"


def record(order: Order, capture: Path, drive: list[Any]) -> Card:
    """Write a card, its results and, if that is ordered, a copy of the capture."""
    order.check()
    octets = capture.read_bytes()
    name = named(capture.name)
    file = f"{order.name}{_ending(capture)}" if order.copy else name
    card = Card(
        order.folder / f"{order.name}.toml",
        order.what or f"the cars of {name}",
        order.origin or name,
        order.licence or "not known: so by reference only",
        file,
        sha256(octets).hexdigest(),
    )
    parts = {card.results: encode_results({DRIVE: drive}), card.path: card.encode().encode()}
    if order.copy:
        parts = {order.folder / file: octets, **parts}
    made: list[Path] = []
    try:
        for path, content in parts.items():
            with path.open("xb") as new:  # never over a file that is there
                made.append(path)
                new.write(content)
    except BaseException:
        for path in made:
            with suppress(OSError):
                path.unlink()
        raise
    return card


def _ending(capture: Path) -> str:
    packing = capture.suffix if capture.suffix in PACKINGS else ""
    plain = Path(capture.name.removesuffix(packing)).suffix
    return (plain if plain in SUFFIXES else SUFFIXES[0]) + packing


def _folders(card: Path) -> Iterator[Path]:
    for folder in os.environ.get(FOLDERS, "").split(os.pathsep):
        if folder:
            yield Path(folder)
    yield card.absolute().parent.parent / NEIGHBOUR
