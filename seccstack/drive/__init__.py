"""Recorded cars, made to talk to our charger."""
