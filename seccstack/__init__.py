"""The charge-point side of ISO 15118."""

__version__ = "0.1.0"
