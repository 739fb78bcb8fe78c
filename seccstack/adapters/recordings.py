"""The folder of recordings: a pcapng and a sidecar per plug-in, and parts of unfinished ones.

`20260503T161500Z-0007-EC65CC010203.pcapng` is of plug-in 7 since the process began, plugged in
at that time (UTC), by the vehicle of that address if it named one; the `.jsonl` beside it is
its sidecar. While it is recorded there are parts, `….part0.pcapng` and so on, each readable on
its own; in the end they are joined. Whatever is still in parts when a charger starts is of one
that was killed, and is joined then. Files of other names are left alone.

Every write reaches the operating system at once, so a process that is killed loses nothing that
was written. A power cut may lose what the kernel had not put on the disk: with Linux' defaults
the last half minute. To fsync each packet would wear out flash memory, and save seconds.
"""

from __future__ import annotations

import calendar
import fcntl
import itertools
import os
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from seccstack.recording.blocks import whole

SIDECAR, PACKETS = ".jsonl", ".pcapng"
KINDS = (SIDECAR, PACKETS)
JOINING = ".joining"
NAME = re.compile(
    r"(?P<stem>(?P<time>\d{8}T\d{6}Z)-\d{4,}(~\d+)?)(-[0-9A-F]{12})?"
    r"(\.part(?P<part>\d+)|(?P<joining>\.joining))?(\.jsonl|\.pcapng)"
)
TIME = "%Y%m%dT%H%M%SZ"
VEHICLE = re.compile(rb'"slac_mac":"([0-9A-F]{12})"')
PIECE = 1 << 20  # octets read at once
DAY = 86400.0
PRIVATE = 0o600  # who charged when is nobody else's business


class Recordings:
    """One folder, held by one charger at a time; raises OSError."""

    def __init__(self, folder: Path, *, most_octets: int, most_days: float) -> None:
        self._folder = folder
        self._most_octets, self._most_days = most_octets, most_days
        self._lock: int | None = None
        self._stem = ""
        self._files: dict[tuple[int, str], int] = {}

    def open(self) -> None:
        """Make the folder, hold it, and finish what a killed charger left."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._lock is None:
            self._lock = _held(self._folder)
        for stem in sorted({name["stem"] for name in self._names() if name["part"]}):
            self._join(stem, None)
        for name in self._names():
            if name["joining"]:
                (self._folder / name[0]).unlink()

    def close(self) -> None:
        """Let go of the folder."""
        self._close_files()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def begin(self, plug_in: int, nanoseconds: int) -> None:
        """Begin a recording, and make room for it."""
        self._close_files()
        moment = time.strftime(TIME, time.gmtime(nanoseconds / 1e9))
        taken = {name["stem"] for name in self._names()}
        names = itertools.chain([""], (f"~{n}" for n in itertools.count(2)))
        stems = (f"{moment}-{plug_in:04d}{name}" for name in names)
        self._stem = next(stem for stem in stems if stem not in taken)

    def write(self, part: int, sidecar: bytes, packets: bytes) -> None:
        """Append to a part."""
        for kind, octets in ((PACKETS, packets), (SIDECAR, sidecar)):
            if octets:
                _write_all(self._file(part, kind), octets)

    def discard(self, part: int) -> None:
        """Delete a part."""
        for kind in KINDS:
            file = self._files.pop((part, kind), None)
            if file is not None:
                os.close(file)
            self._path(part, kind).unlink(missing_ok=True)

    def end(self, vehicle: str | None) -> None:
        """Complete the recording; ``vehicle`` is None if it broke off, as after a kill."""
        for file in self._files.values():
            os.fsync(file)
        self._close_files()
        self._join(self._stem, vehicle)

    def prune(self, room: int, now: float) -> list[str]:
        """Delete the oldest recordings until they keep their bounds with so much to come."""
        complete: dict[str, list[re.Match[str]]] = {}
        for name in sorted(self._names(), key=lambda name: name["stem"]):
            complete.setdefault(name["stem"], []).append(name)
        complete.pop(self._stem if self._files else "", None)
        sizes = {stem: sum(map(self._size, names)) for stem, names in complete.items()}
        gone = []
        for stem, names in complete.items():
            too_much = sum(sizes.values()) + room > self._most_octets
            if not too_much and now - _time_of(names[0]) <= self._most_days * DAY:
                continue
            for name in names:
                (self._folder / name[0]).unlink(missing_ok=True)
            del sizes[stem]
            gone.append(stem)
        return gone

    # Files.

    def _names(self) -> list[re.Match[str]]:
        found = (NAME.fullmatch(path.name) for path in self._folder.iterdir())
        return [name for name in found if name is not None]

    def _size(self, name: re.Match[str]) -> int:
        return (self._folder / name[0]).stat().st_size

    def _path(self, part: int, kind: str) -> Path:
        return self._folder / f"{self._stem}.part{part}{kind}"

    def _file(self, part: int, kind: str) -> int:
        if (part, kind) not in self._files:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._files[part, kind] = os.open(self._path(part, kind), flags, PRIVATE)
        return self._files[part, kind]

    def _close_files(self) -> None:
        for file in self._files.values():
            os.close(file)
        self._files.clear()

    # Joining.

    def _join(self, stem: str, vehicle: str | None) -> None:
        """Make one pair of a recording's parts; it may be interrupted, and done again.

        ``vehicle`` is None where nobody is left to say; an end may be torn then.
        """
        ours = [name for name in self._names() if name["stem"] == stem]
        final = {
            Path(name[0]).suffix: Path(name[0]).stem
            for name in ours
            if name["part"] is None and name["joining"] is None
        }
        parts = sorted((int(n["part"]), self._folder / n[0]) for n in ours if n["part"])
        sidecars = [path for _, path in parts if path.suffix == SIDECAR]
        known = _vehicle_in(sidecars) if vehicle is None else vehicle
        named = next(iter(final.values()), f"{stem}-{known}" if known else stem)
        for kind in KINDS:
            of_kind = [path for _, path in parts if path.suffix == kind]
            if kind not in final and of_kind:
                joined = self._folder / f"{stem}{JOINING}{kind}"
                if vehicle is not None and len(of_kind) == 1:
                    joined = of_kind.pop()  # it was written to its end, and is all there is
                else:
                    _put_together(of_kind, joined)
                joined.replace(self._folder / (named + kind))
            for path in of_kind:
                path.unlink()


def _held(folder: Path) -> int:
    """Return an open folder that no other process can hold now."""
    file = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise
    return file


def _write_all(file: int, octets: bytes) -> None:
    left = memoryview(octets)
    while left:
        left = left[os.write(file, left) :]


def _time_of(name: re.Match[str]) -> float:
    try:
        return float(calendar.timegm(time.strptime(name["time"], TIME)))
    except ValueError:  # digits that are no time: as old as can be
        return 0.0


def _vehicle_in(sidecars: Iterable[Path]) -> str:
    """Return the address that a vehicle named last, from sidecars that may be torn."""
    named = ""
    for sidecar in sidecars:
        with sidecar.open("rb") as lines:
            for line in lines:
                for found in VEHICLE.finditer(line):
                    named = found[1].decode()
    return named


def _put_together(parts: Iterable[Path], joined: Path) -> None:
    """Copy the parts, each without the torn end that a kill may have left."""
    file = os.open(joined, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
    try:
        for part in parts:
            with part.open("rb") as source:
                for octets in _whole_pieces(source, part.suffix):
                    _write_all(file, octets)
        os.fsync(file)
    finally:
        os.close(file)


def _whole_pieces(source: BinaryIO, kind: str) -> Iterator[bytes]:
    """Yield a file in pieces that end with a whole line or block; what is torn is left out."""
    waiting = b""
    while piece := source.read(PIECE):
        waiting += piece
        end = waiting.rfind(b"\n") + 1 if kind == SIDECAR else whole(waiting)
        yield waiting[:end]
        waiting = waiting[end:]
