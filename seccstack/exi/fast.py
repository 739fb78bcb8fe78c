"""What the generated codecs are made of.

A decoder holds the coming octets of a message in one integer ``w`` and the number of its bits
that are still to be read in ``p``: a field is a shift and a mask. Reading past the end is a
negative shift, which Python refuses with a ValueError. A long message is read through a
window: ``r`` fetches more octets into ``w``, so that a shift never moves more than a few
hundred octets; it is None when ``w`` holds the whole message.

An encoder appends to an integer ``acc``; its highest bit is the first one of the EXI header.

Whatever isn't the one legal form of a legal value makes these raise ``DeviationError``, or an
error of Python's, and is left to ``decoder`` and ``encoder``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from seccstack.exi.limits import HEADER, MAX_INTEGER_OCTETS

LARGEST = (1 << 7 * MAX_INTEGER_OCTETS) - 1  # of an integer without bounds
WINDOW = 1024  # octets: up to here a message is one integer
MARGIN = 4096  # bits a window holds at least where a decoder looks after it; see `generator`
BLOCK = 1024  # bits after which an encoder starts another integer: keeps encoding linear
BIT = {False: 0, True: 1}

Decoder = Callable[[int, int, "Window | None"], tuple[Any, int, int]]
Encoder = Callable[[int, Any], int]


T = TypeVar("T")


class DeviationError(Exception):
    """The message, or its octets, are not of the one form that is dealt with here."""


class Window:
    """The octets of a long message that are not yet in ``w``."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._next = WINDOW

    @property
    def left(self) -> int:
        """How many bits are still outside."""
        return 8 * (len(self._octets) - self._next)

    def more(self, w: int, p: int, need: int) -> tuple[int, int]:
        """Fetch octets, until at least ``need`` bits can be read or none are left."""
        count = ((need - p) >> 3) + WINDOW // 2
        chunk = self._octets[self._next : self._next + count]
        self._next += len(chunk)
        bits = 8 * len(chunk)
        return (w & ((1 << p) - 1)) << bits | int.from_bytes(chunk, "big"), p + bits


def decode_document(
    octets: bytes, code_bits: int, documents: Mapping[int, tuple[str, Decoder]]
) -> tuple[str, Any]:
    """The root element's name and the message."""
    r = None if len(octets) <= WINDOW else Window(octets)
    head = octets[:WINDOW]
    w = int.from_bytes(head, "big")
    p = 8 * len(head) - 8 - code_bits
    start = w >> p
    if start >> code_bits != HEADER:
        raise DeviationError
    name, decode = documents[start & ((1 << code_bits) - 1)]
    message, w, p = decode(w, p, r)
    if p > 7 or w & ((1 << p) - 1) or (r is not None and r.left):
        raise DeviationError
    return name, message


def encode_document(message: object, documents: Mapping[type, tuple[int, Encoder]]) -> bytes:
    """The octets of a message; ``documents`` has the header and event code of each class."""
    start, encode = documents[type(message)]
    acc = encode(start, message)
    bits = acc.bit_length()
    return (acc << (-bits & 7)).to_bytes((bits + 7) >> 3, "big")


def with_window(
    decode: Callable[[int, int], tuple[T, int]],
) -> Callable[[int, int, Window | None], tuple[T, int, int]]:
    """A decoder that needs no window, as one that is given one."""

    def decode_with_window(w: int, p: int, _: Window | None) -> tuple[T, int, int]:
        value, p = decode(w, p)
        return value, w, p

    return decode_with_window


def refuse(_w: int, _p: int, _r: Window | None) -> tuple[Any, int, int]:
    """The decoder of what no conforming encoder writes."""
    raise DeviationError


def read_unsigned(w: int, p: int, value: int, high: int) -> tuple[int, int]:
    """The rest of an Unsigned Integer whose first octet says that there is more."""
    value &= 0x7F
    shift = 7
    while True:
        p -= 8
        octet = w >> p & 0xFF
        value |= (octet & 0x7F) << shift
        if value > high:
            raise DeviationError
        if octet < 0x80:
            if not octet:
                raise DeviationError  # longer than it must be
            return value, p
        shift += 7


def read_text(w: int, p: int, r: Window | None, low: int, high: int) -> tuple[str, int, int]:
    """A string of ASCII characters."""
    p -= 8
    length = w >> p & 0xFF
    if length > 0x7F:
        length, p = read_unsigned(w, p, length, high + 2)
    length -= 2
    if not low <= length <= high:
        raise DeviationError
    octets, w, p = _read_octets(w, p, r, length)
    text = octets.decode("ascii")
    if not text.isprintable():
        raise DeviationError
    return text, w, p


def read_binary(
    w: int, p: int, r: Window | None, low: int, high: int
) -> tuple[bytes, int, int]:
    """Octets, with their number in front."""
    p -= 8
    length = w >> p & 0xFF
    if length > 0x7F:
        length, p = read_unsigned(w, p, length, high)
    if not low <= length <= high:
        raise DeviationError
    return _read_octets(w, p, r, length)


def _read_octets(w: int, p: int, r: Window | None, length: int) -> tuple[bytes, int, int]:
    bits = 8 * length
    if r is not None and p < bits + MARGIN:
        w, p = r.more(w, p, bits + MARGIN)
    p -= bits
    return (w >> p & ((1 << bits) - 1)).to_bytes(length, "big"), w, p


def write_unsigned(acc: int, value: int) -> int:
    """Append an Unsigned Integer."""
    while value > 0x7F:
        acc = acc << 8 | value & 0x7F | 0x80
        value >>= 7
    return acc << 8 | value


def write_text(acc: int, text: str, low: int, high: int) -> int:
    """Append a string of printable ASCII characters."""
    length = len(text)
    if not low <= length <= high or not text.isascii() or not text.isprintable():
        raise DeviationError
    acc = write_unsigned(acc, length + 2)
    return acc << 8 * length | int.from_bytes(text.encode(), "big")


def write_binary(acc: int, octets: bytes, low: int, high: int) -> int:
    """Append octets, with their number in front."""
    length = len(octets)
    if not low <= length <= high or type(octets) is not bytes:
        raise DeviationError
    acc = write_unsigned(acc, length)
    return acc << 8 * length | int.from_bytes(octets, "big")


def join(parts: list[int]) -> int:
    """Append integers to the first; each of the others has a one in front of its bits."""
    while len(parts) > 1:
        pairs = zip(parts[::2], parts[1::2], strict=False)
        joined = [_append(front, back) for front, back in pairs]
        parts = joined + parts[2 * len(joined) :]
    return parts[0]


def _append(front: int, back: int) -> int:
    bits = back.bit_length() - 1
    return front << bits | back ^ 1 << bits
