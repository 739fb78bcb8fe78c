"""Packet captures read, explained and replayed."""
