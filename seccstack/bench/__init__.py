"""Measurements of this very installation, beside the peer's where it is installed."""
