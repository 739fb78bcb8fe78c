"""ISO 15118-2, the charger's side."""
