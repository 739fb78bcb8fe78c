"""Card numbers out of what a serial reader sends, octet by octet.

Two forms, both in ASCII, are common for readers of 13.56 MHz cards:

- ``line``: the number's hexadecimal digits, bare or in pairs with a separator, and CR, LF or
  both. Readers that are keyboards with a cable do that.
- ``frame``: STX, the digits, two digits of checksum (the exclusive or of the number's octets),
  perhaps CR and LF, ETX.

Whatever else comes is noise: it is dropped up to the next beginning, and counted.
"""

from __future__ import annotations

from enum import Enum

from seccstack.auth.addresses import parse_uid
from seccstack.errors import UsageError

STX, ETX = 0x02, 0x03
ENDS = b"\r\n"
LONGEST = 40  # octets between two ends: the longest number, with separators, has 29


class Form(Enum):
    """How a reader writes."""

    LINE = "line"
    FRAME = "frame"


class CardLines:
    """Takes octets as they come, in pieces of any size; ``noise`` counts what was no number."""

    def __init__(self, form: Form) -> None:
        self._form = form
        self._begun: bytearray | None = self._fresh()
        self.noise = 0

    def receive(self, octets: bytes) -> list[str]:
        """Return the numbers that are complete now, in upper-case hexadecimal."""
        numbers = []
        for octet in octets:
            text = self._take(octet)
            if text is None:
                continue
            number = number_of(text, self._form)
            if number is None:
                self.noise += 1
            else:
                numbers.append(number)
        return numbers

    def _fresh(self) -> bytearray | None:
        return bytearray() if self._form is Form.LINE else None

    def _take(self, octet: int) -> bytes | None:
        """Return what stands between a beginning and an end, if this octet ends it."""
        if self._form is Form.FRAME and octet == STX:
            self.noise += self._begun is not None
            self._begun = bytearray()
            return None
        if self._begun is None:  # until the next beginning
            if self._form is Form.LINE and octet in ENDS:
                self._begun = bytearray()
            return None
        if octet in ENDS if self._form is Form.LINE else octet == ETX:
            text, self._begun = bytes(self._begun), self._fresh()
            return text or None
        if len(self._begun) == LONGEST:
            self._begun = None
            self.noise += 1
        else:
            self._begun.append(octet)
        return None


def number_of(text: bytes, form: Form) -> str | None:
    """Read what stands between a beginning and an end; None if it is no card's number."""
    try:
        said = text.decode("ascii")
        if form is Form.LINE:
            return parse_uid(said.strip())
        digits = said.rstrip("\r\n")
        number, checksum = parse_uid(digits[:-2]), digits[-2:]
    except (UnicodeDecodeError, UsageError):
        return None
    sum_ = 0
    for octet in bytes.fromhex(number):
        sum_ ^= octet
    return number if checksum.upper() == f"{sum_:02X}" else None
