"""Attacks on one's own charger: played, judged, and told; and how each one is held."""
