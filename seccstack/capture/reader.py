"""Open a capture, compressed or not, and read its packets: the one place that opens files here.

Own code for formats that libraries read too: they stop, or make up a packet, where a file is
damaged, and recordings from the field often are.
"""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from seccstack.capture import pcap, pcapng
from seccstack.capture.packets import Lost, Packet, Record, Window
from seccstack.errors import UsageError

PIECE = 512  # octets unpacked at once: so little is lost where the packing is damaged
GZIP_FORMAT = 31  # for zlib: a gzip header and trailer around the greatest window


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


UNPACKERS: dict[bytes, Callable[[], Unpacker]] = {
    b"\x1f\x8b": lambda: zlib.decompressobj(GZIP_FORMAT),
    b"\xfd7zXZ\x00": lzma.LZMADecompressor,
}


class Unpacked:
    """The octets of a packed file; damage to the packing ends them, and `trouble` says so."""

    def __init__(self, file: BinaryIO, make: Callable[[], Unpacker]) -> None:
        self._file = file
        self._make = make
        self._unpacker = make()
        self.trouble = ""

    def read(self, count: int) -> bytes:
        """Return some octets, in whatever number comes easily; none at the end."""
        while not self.trouble and (packed := self._file.read(PIECE)):
            if self._unpacker.eof:
                packed, self._unpacker = self._unpacker.unused_data + packed, self._make()
            try:
                octets = self._unpacker.decompress(packed)
            except (zlib.error, lzma.LZMAError) as error:
                self.trouble = f"the compressed file is damaged: {error}"
                return b""
            if octets:
                return octets
        if not self._unpacker.eof and not self.trouble:
            self.trouble = "the compressed file is cut short"
        return b""


def read_capture(path: Path) -> Iterator[Record]:
    """Yield what a capture file holds; OSError, or UsageError if it is none."""
    with path.open("rb") as file:
        start = file.read(max(map(len, UNPACKERS)))
        file.seek(0)
        packed = [make for magic, make in UNPACKERS.items() if start.startswith(magic)]
        if packed:
            yield from _read_unpacked(Unpacked(file, packed[0]))
        else:
            yield from read_packets(file.read)


def _read_unpacked(octets: Unpacked) -> Iterator[Record]:
    number = 0
    try:
        for record in read_packets(octets.read):
            number = record.number if isinstance(record, Packet) else number
            yield record
    except UsageError as error:
        raise UsageError(octets.trouble or str(error)) from None
    if octets.trouble:
        yield Lost(number, octets.trouble)


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
    raise UsageError(f"neither pcap nor pcapng: it begins with {magic.hex(' ').upper()}")
