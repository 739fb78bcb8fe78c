"""Turn the V2G schemas into message classes, grammar tables and codec functions."""
