"""The bounds of what a peer can make us read, and the numbers that EXI fixes."""

from __future__ import annotations

HEADER = 0x80  # version 1, no options: ISO 15118 and DIN SPEC 70121 fix them all
COUNTED = 4096  # largest range of integers that is written in a fixed number of bits
VALUE_MISS = 2  # a string's length is written with 2 added: 0 and 1 would be table hits

MAX_LENGTH = 0x3FFF - VALUE_MISS  # of a value without maxLength: what two octets can say
MAX_INTEGER_OCTETS = 29  # of an integer without bounds: X509SerialNumber has 160 bits
MAX_UNBOUNDED = 1024  # of an element without maxOccurs: what -2 gives the same DIN lists
