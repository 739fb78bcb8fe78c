"""ISO 15118-20, the charger's side."""
