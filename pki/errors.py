"""What goes wrong here, in a line that says what to do."""

from __future__ import annotations


class PkiError(Exception):
    """The operator's input cannot be used, or its place cannot be written."""
