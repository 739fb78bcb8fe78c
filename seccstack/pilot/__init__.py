"""The control pilot (IEC 61851-1)."""
