"""Open a capture, compressed or not, and read its packets: the one place that opens files here.

Own code for a format that libraries read: they stop, or make up a packet, where a file is
damaged, and recordings from the field often are. See README, "Decisions".
"""

from __future__ import annotations

import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, cast

from seccstack.capture import pcap, pcapng
from seccstack.capture.packets import Lost, Packet, Record, Window
from seccstack.errors import UsageError

GZIP, XZ = b"\x1f\x8b", b"\xfd7zXZ\x00"


class Octets:
    """A file's octets, unpacked if need be; damage to the packing ends them, with a word."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.trouble = ""

    def read(self, count: int) -> bytes:
        """Return up to that many octets; none at the end."""
        try:
            return self._file.read(count)
        except (EOFError, gzip.BadGzipFile, lzma.LZMAError, zlib.error) as error:
            self.trouble = f"the compressed file is damaged: {error}"
            return b""


def read_capture(path: Path) -> Iterator[Record]:
    """Yield what a capture file holds; OSError, or UsageError if it is none."""
    with _opened(path) as file:
        octets = Octets(file)
        try:
            records = read_packets(octets.read)
        except UsageError as error:
            raise UsageError(octets.trouble or str(error)) from None
        number = 0
        for record in records:
            number = record.number if isinstance(record, Packet) else number
            yield record
        if octets.trouble:
            yield Lost(number, octets.trouble)


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        start = file.read(len(XZ))
    if start.startswith(GZIP):
        return cast(IO[bytes], gzip.open(path, "rb"))
    return lzma.open(path, "rb") if start == XZ else path.open("rb")


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
