"""Open a capture, compressed or not, and read its packets: the one place that opens files here.

Own code for formats that libraries read too: they stop, or make up a packet, where a file is
damaged, and recordings from the field often are.
"""

from __future__ import annotations

import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Protocol

from seccstack.capture import pcap, pcapng
from seccstack.capture.packets import Lost, Packet, Record, Window
from seccstack.errors import UsageError

PIECE = 512  # octets unpacked at once: so little is lost where the packing is damaged
GZIP_FORMAT = 31  # for zlib: a gzip header and trailer around the greatest window
# What is not unpacked here, or not twice, by how it begins.
PACKED = (
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"\xfd7zX", "xz"),
    (b"\x04\x22\x4d\x18", "lz4"),
)


class Unpacker(Protocol):
    """What zlib and lzma have in common."""

    @property
    def eof(self) -> bool:
        """Whether the end of the packed stream was seen."""

    @property
    def unused_data(self) -> bytes:
        """What follows that end."""

    def decompress(self, data: bytes, /) -> bytes:
        """Unpack the next piece."""


MOST_MEMORY = 1 << 27  # octets for xz to unpack with; its highest preset needs half of it
MAX_TROUBLES = 100  # places of a packed file that are told; one with more is worth no list
# What the beginning of a packed stream looks like, with what must be zero in it.
BEGINNINGS = {
    b"\x1f\x8b": re.compile(rb"\x1f\x8b\x08[\x00-\x1f]"),
    b"\xfd7zXZ\x00": re.compile(rb"\xfd7zXZ\x00\x00[\x00-\x0f]"),
}
LONGEST_BEGINNING = 8

UNPACKERS: dict[bytes, Callable[[], Unpacker]] = {
    b"\x1f\x8b": lambda: zlib.decompressobj(GZIP_FORMAT),
    b"\xfd7zXZ\x00": lambda: lzma.LZMADecompressor(memlimit=MOST_MEMORY),
}


class Readable(Protocol):
    """A file, also one that can't go back."""

    def read(self, count: int, /) -> bytes:
        """Return some octets, none at the end."""


class _Whole:
    """A file from its beginning, of which the first octets have been read."""

    def __init__(self, first: bytes, file: BinaryIO) -> None:
        self._first = first
        self._file = file

    def read(self, count: int, /) -> bytes:
        first, self._first = self._first, b""
        return first or self._file.read(count)


class Unpacked:
    """The octets of a packed file; after damage, those of the next packed stream in it.

    Nothing can be unpacked behind a damaged place of a stream. But recordings are often put
    together of several, and then the next one begins a little later.
    """

    def __init__(self, file: Readable, magic: bytes) -> None:
        self._file = file
        self._make = UNPACKERS[magic]
        self._begins = BEGINNINGS[magic]
        self._unpacker = self._make()
        self._behind = b""  # may be the first octets of a stream's beginning
        self._read = 0  # octets of the file, in all
        self._lost: int | None = None  # where the present damaged place begins
        self._resumed = False  # behind a damaged place, and nothing of that unpacked yet
        self._ahead = b""  # the first octets of another capture, behind a damaged place
        self._first = b""  # the same, when it is the one that is read
        self.troubles: list[str] = []

    def proceed(self) -> bool:
        """Go on to the capture behind a damaged place, where `read` gave nothing, if any."""
        self._first, self._ahead = self._ahead, b""
        return bool(self._first)

    def read(self, count: int) -> bytes:
        """Return some octets, in whatever number comes easily; none at a capture's end."""
        if self._ahead:
            return b""
        if self._first:
            octets, self._first = self._first, b""
            return octets
        while packed := self._next():
            octets = self._unpack(packed)
            if octets and self._resumed and _begins_capture(octets):
                self._resumed, self._ahead = False, octets
                return b""
            if octets:
                self._resumed = False
                return octets
        if self._lost is not None:
            lost = self._read - self._lost
            self._tell(f"{lost} octets of it at {self._lost} to the end are lost")
            self._lost = None
        elif not self._unpacker.eof and not self.troubles:
            self._tell("the compressed file is cut short")
        return b""

    def _next(self) -> bytes:
        """Return the next octets of the file, with what was left over before them."""
        more = self._file.read(PIECE)
        self._read += len(more)
        if self._lost is not None:
            behind, self._behind = self._behind, b""
            return behind + more if more else b""
        if self._unpacker.eof and (more or self._unpacker.unused_data):
            more, self._unpacker = self._unpacker.unused_data + more, self._make()
        return more

    def _unpack(self, packed: bytes) -> bytes:
        while True:
            if self._lost is not None and not (packed := self._resume(packed)):
                return b""
            try:
                return self._unpacker.decompress(packed)
            except (zlib.error, lzma.LZMAError) as error:
                self._tell(f"the compressed file is damaged: {error}")
                self._lost = self._read - len(packed)
                packed = packed[1:]  # not to find the same beginning again
                self._unpacker = self._make()

    def _resume(self, packed: bytes) -> bytes:
        """Return what follows from the next beginning of a stream on; nothing if none does."""
        found = self._begins.search(packed)
        if found is None:
            self._behind = packed[1 - LONGEST_BEGINNING :]
            return b""
        begins = self._read - len(packed) + found.start()
        self._tell(f"{begins - (self._lost or 0)} octets of it at {self._lost} are lost")
        self._lost, self._resumed = None, True
        return packed[found.start() :]

    def _tell(self, trouble: str) -> None:
        if len(self.troubles) < MAX_TROUBLES:
            self.troubles.append(trouble)


def read_capture(path: Path) -> Iterator[Record]:
    """Yield what a capture file holds; OSError, or UsageError if it is none."""
    with path.open("rb") as file:
        start = file.read(max(map(len, UNPACKERS)))
        whole = _Whole(start, file)
        packed = [magic for magic in UNPACKERS if start.startswith(magic)]
        if packed:
            yield from _read_unpacked(Unpacked(whole, packed[0]))
        else:
            yield from read_packets(whole.read)


def _read_unpacked(octets: Unpacked) -> Iterator[Record]:
    """Yield the packets of all captures in a packed file, counted on."""
    number, goes_on = 0, True
    while goes_on:
        before, problem = number, ""
        try:
            for record in read_packets(octets.read):
                if isinstance(record, Packet):
                    number = before + record.number
                yield _counted_on(record, before)
        except UsageError as error:
            problem = str(error)
        goes_on = octets.proceed()
        if problem and not goes_on:
            raise UsageError("; ".join(octets.troubles[:1]) or problem)
        if problem:
            yield Lost(number, problem)
    for trouble in octets.troubles:
        yield Lost(number, trouble)


def _counted_on(record: Record, before: int) -> Record:
    if before and isinstance(record, Packet):
        return replace(record, number=before + record.number)
    if before and isinstance(record, Lost):
        return replace(record, after=before + record.after)
    return record


def _begins_capture(octets: bytes) -> bool:
    return octets[:4] in pcap.MAGIC or octets.startswith(pcapng.MAGIC)


def read_packets(read: Callable[[int], bytes]) -> Iterator[Record]:
    """Yield what a capture holds, whose octets ``read`` returns; UsageError if it is none."""
    window = Window(read)
    window.holds(4)
    magic = window.octets[:4]
    if magic in pcap.MAGIC:
        return pcap.read_pcap(window)
    if magic == pcapng.MAGIC:
        return pcapng.read_pcapng(window)
    if not magic:
        raise UsageError("the file is empty")
    packed = next((name for begins, name in PACKED if magic.startswith(begins)), "")
    remedy = f", as {packed} files do: unpack it first" if packed else ""
    begins = magic.hex(" ").upper()
    raise UsageError(f"neither pcap nor pcapng: it begins with {begins}{remedy}")
