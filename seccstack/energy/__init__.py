"""How much current may be drawn, and who said so."""
