"""The base of the messages' enumerations."""

from __future__ import annotations

from enum import Enum


class Enumerated(Enum):
    """An enumeration of the schema; its members stand in the schema's order."""

    # Enum hashes names, in Python code; members are singletons, so identity does, six times
    # faster, and codecs look members up in dictionaries.
    __hash__ = object.__hash__
