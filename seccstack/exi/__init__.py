"""Efficient XML Interchange, as far as ISO 15118 uses it."""
