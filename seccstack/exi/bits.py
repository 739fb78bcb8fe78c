"""Bits, most significant first, as EXI packs them."""

from __future__ import annotations

BLOCK = 512  # bits a writer collects before it moves them out: keeps writing linear


class OutOfBitsError(Exception):
    """The bits end before the value does."""


class BitReader:
    """Reads bits from octets; a read costs what it reads, wherever in the octets it is."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self.position = 0
        self.size = 8 * len(octets)

    @property
    def left(self) -> int:
        """How many bits are left."""
        return self.size - self.position

    def read(self, count: int) -> int:
        """The next bits, as an unsigned integer."""
        end = self.position + count
        if end > self.size:
            raise OutOfBitsError
        octets = self._octets[self.position >> 3 : (end + 7) >> 3]
        self.position = end
        return int.from_bytes(octets, "big") >> (-end & 7) & ((1 << count) - 1)


class BitWriter:
    """Collects bits and gives them back as octets, the last one padded with zeros."""

    def __init__(self) -> None:
        self._octets = bytearray()
        self._bits = 1  # a leading one marks where the bits begin

    def write(self, value: int, count: int) -> None:
        """Append the lowest ``count`` bits of a value."""
        self._bits = self._bits << count | value
        held = self._bits.bit_length() - 1
        if held >= BLOCK:
            rest = held & 7
            whole = (self._bits >> rest) ^ (1 << (held - rest))
            self._octets += whole.to_bytes((held - rest) >> 3, "big")
            self._bits = self._bits & ((1 << rest) - 1) | 1 << rest

    def octets(self) -> bytes:
        """All that was written."""
        held = self._bits.bit_length() - 1
        padding = -held & 7
        last = (self._bits << padding) ^ (1 << (held + padding))
        return bytes(self._octets) + last.to_bytes((held + padding) >> 3, "big")
