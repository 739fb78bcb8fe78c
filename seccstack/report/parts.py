"""A message as a tree over its octets: of every part its name, its bits and its value.

A list of parts is the tree in the order of its first bits; ``depth`` says what is inside what.
"""

from __future__ import annotations

from typing import NamedTuple

Shown = bool | int | str

MANY = 1  # there may be more than one of it: an array in JSON
BROKEN = 2  # the message broke off inside of it
ATTRIBUTED = 4  # its value stands beside attributes, under ``value`` in JSON
SECRET = 8  # left out: who is shown a page need not come into the network

NUMBER, TEXT, HEX, BASE64 = "number", "text", "hex", "base64"
LEFT_OUT = "left out"


class Form(NamedTuple):
    """What a value is in JSON, and in words how it travels."""

    kind: str
    how: str


class Part(NamedTuple):
    """One part; bits are half-open ranges, ``value_*`` those of the value alone."""

    depth: int
    name: str
    first: int
    end: int
    form: Form | None = None
    value: Shown = ""
    value_first: int = 0
    value_end: int = 0
    flags: int = 0
